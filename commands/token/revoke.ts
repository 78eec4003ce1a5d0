import * as Args from '@oclif/core/args'
import { BaseCommand } from '../../src/cli/base-command.ts'
import { clean } from '../../src/output/escape.ts'

export default class TokenRevoke extends BaseCommand {
  static override summary = 'Take an access token back: it is refused from now on'
  static override examples = ['<%= config.bin %> <%= command.id %> t3', '<%= config.bin %> <%= command.id %> homepage']
  static override args = {
    token: Args.string({ description: 'id or name', required: true, ignoreStdin: true }),
  }

  async execute(): Promise<void> {
    const { args } = await this.parse(TokenRevoke)
    const store = await this.openStore('write')
    const { revokeTokens } = await import('../../src/store/tokens.ts')
    const tokens = await revokeTokens(store, args.token, this.context.now.getTime())
    if (this.context.json) return this.emit({ schemaVersion: 1, tokens })
    for (const { id, name, role } of tokens) this.print(`Revoked ${id} ${clean(name)} (${role})`)
  }
}
