import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import { BaseCommand } from '../../src/cli/base-command.ts'
import { formatOf } from '../../src/cli/screen.ts'
import { redactText } from '../../src/duplicati/redact.ts'
import { clean } from '../../src/output/escape.ts'

/** More than this nobody reads; --raw writes all of it. */
const MOST_CHARACTERS = 20_000

export default class QuarantineShow extends BaseCommand {
  static override summary = 'Show a body that was not understood, and why'
  static override description =
    'The text is made harmless for a terminal, logins in it are hidden, and a long one is cut. --raw writes the bytes as they came.'
  static override examples = [
    '<%= config.bin %> <%= command.id %> q3',
    '<%= config.bin %> <%= command.id %> q3 --raw > body.txt',
  ]
  static override args = {
    id: Args.string({ description: 'id from the list', required: true, ignoreStdin: true }),
  }
  static override flags = {
    raw: Flags.boolean({ description: 'the bytes as they came, not for a terminal' }),
  }

  async execute(): Promise<void> {
    const { args, flags } = await this.parse(QuarantineShow)
    const store = await this.openStore('read')
    const { body, query, address, ...item } = await store.quarantine.read(args.id)
    if (flags.raw && !this.context.json) {
      this.context.stdout.write(body)
      return
    }
    const text = redactText(Buffer.from(body).toString('utf8'))
    if (this.context.json) return this.emit({ schemaVersion: 1, item, query, text })
    const from = address === null ? '' : ` from ${clean(address)}`
    const format = formatOf(this.context)
    this.note(`${item.id}: ${format.bytes(item.bytes)}${from}, ${format.dateTime(item.receivedAt)}`)
    this.note(`Not understood: ${item.reason}`)
    const left = text.length - MOST_CHARACTERS
    this.print(clean(text.slice(0, MOST_CHARACTERS), { newlines: true }))
    if (left > 0) this.note(`… and ${left} more characters: --raw writes them all`)
  }
}
