import { BaseCommand } from '../../src/cli/base-command.ts'
import { formatOf, lookOf } from '../../src/cli/screen.ts'
import { renderTokens } from '../../src/output/token-table.ts'

export default class TokenList extends BaseCommand {
  static override summary = 'List the access tokens of the HTTP interface'
  static override description = 'Tokens themselves are not kept and can never be shown again.'
  static override examples = ['<%= config.bin %> <%= command.id %>', '<%= config.bin %> <%= command.id %> --json']

  async execute(): Promise<void> {
    await this.parse(TokenList)
    const { context } = this
    const store = await this.openStore('read')
    const tokens = await store.tokens.list()
    if (context.json) return this.emit({ schemaVersion: 1, tokens })
    if (tokens.length === 0) return this.note('No tokens yet: duplistatus token create NAME --role report makes one.')
    const now = context.now.getTime()
    const format = formatOf(context, now)
    this.print((await renderTokens(tokens, { look: lookOf(context), format, now, width: context.width })).join('\n'))
  }
}
