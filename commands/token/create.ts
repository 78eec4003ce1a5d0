import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import { BaseCommand } from '../../src/cli/base-command.ts'
import { UsageError } from '../../src/errors.ts'
import { parseDuration } from '../../src/fleet/durations.ts'
import { clean } from '../../src/output/escape.ts'

const MOST_CHARACTERS = 100

export default class TokenCreate extends BaseCommand {
  static override summary = 'Make an access token for the HTTP interface, and show it once'
  static override description =
    `report: may post reports and live status, and read nothing. read: may read the summaries. admin: may do both, and read everything.

The token goes into the address that Duplicati posts to, as "?token=…"; programs that can set headers send "Authorization: Bearer …" instead.`
  static override examples = [
    '<%= config.bin %> <%= command.id %> fleet --role report',
    '<%= config.bin %> <%= command.id %> homepage --role read --expires 1y',
  ]
  static override args = {
    name: Args.string({ description: 'what it is for, to know it again', required: true, ignoreStdin: true }),
  }
  static override flags = {
    role: Flags.option({
      description: 'what it allows',
      options: ['report', 'read', 'admin'] as const,
      required: true,
    })(),
    expires: Flags.string({ description: 'how long it is valid; for ever without', helpValue: 'DURATION' }),
  }

  async execute(): Promise<void> {
    const { args, flags } = await this.parse(TokenCreate)
    const name = args.name.trim()
    if (name === '' || name.length > MOST_CHARACTERS) {
      throw new UsageError(`A token's name has 1 to ${MOST_CHARACTERS} characters`, { hint: 'Say what it is for.' })
    }
    const now = this.context.now.getTime()
    const expiresAt = flags.expires === undefined ? null : now + parseDuration(flags.expires) * 1000
    const store = await this.openStore('write')
    const { createToken } = await import('../../src/store/tokens.ts')
    const { token, secret } = await createToken(store, { name, role: flags.role, expiresAt, now })
    const { id, role, createdAt, expiresAt: until } = token
    if (this.context.json) {
      return this.emit({ schemaVersion: 1, token: { id, name, role, createdAt, expiresAt: until }, secret })
    }
    this.note(`Token ${id} for ${clean(name)} (${role}); it can't be shown again:`)
    this.print(secret)
  }
}
