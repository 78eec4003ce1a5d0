import * as Flags from '@oclif/core/flags'
import { BaseCommand } from '../../src/cli/base-command.ts'
import { formatOf, lookOf } from '../../src/cli/screen.ts'
import { renderOutbox } from '../../src/output/outbox-table.ts'
import { MESSAGE_STATES, type MessageState } from '../../src/store/outbox-reading.ts'

const MOST_SHOWN = 50

export default class NotifyOutbox extends BaseCommand {
  static override summary = 'List messages that wait, were sent, or failed'
  static override description =
    `Newest first. A message that waits is tried again by itself, after three days it counts as failed: "notify retry" tries it once more.`
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --state failed',
    '<%= config.bin %> <%= command.id %> --state waiting --json',
  ]
  static override flags = {
    state: Flags.option({ options: MESSAGE_STATES, description: 'only those in this state', helpValue: 'STATE' })(),
    limit: Flags.integer({
      description: `the newest so many (${MOST_SHOWN}; with --json all)`,
      helpValue: 'COUNT',
      min: 1,
    }),
  }

  async execute(): Promise<void> {
    const { flags } = await this.parse(NotifyOutbox)
    const { context } = this
    const store = await this.openStore('read')
    const limit = flags.limit ?? (context.json ? null : MOST_SHOWN)
    const messages = await store.outbox.list({ state: (flags.state as MessageState | undefined) ?? null, limit })
    if (context.json) return this.emit({ schemaVersion: 1, messages })
    if (messages.length === 0) return this.note('No messages.')
    const lines = await renderOutbox(messages, {
      look: lookOf(context),
      format: formatOf(context),
      width: context.width,
    })
    this.print(lines.join('\n'))
    if (messages.length === limit) this.note(`The newest ${limit} are shown: --limit shows more.`)
  }
}
