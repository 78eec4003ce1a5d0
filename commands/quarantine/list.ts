import { BaseCommand } from '../../src/cli/base-command.ts'
import { formatOf, lookOf } from '../../src/cli/screen.ts'
import { renderQuarantine } from '../../src/output/quarantine-table.ts'

export default class QuarantineList extends BaseCommand {
  static override summary = 'List what was posted and not understood'
  static override description = `Newest first. Up to 1,000 bodies are kept for 90 days.`
  static override examples = ['<%= config.bin %> <%= command.id %>', '<%= config.bin %> <%= command.id %> --json']

  async execute(): Promise<void> {
    await this.parse(QuarantineList)
    const { context } = this
    const store = await this.openStore('read')
    const items = await store.quarantine.list()
    if (context.json) return this.emit({ schemaVersion: 1, items })
    if (items.length === 0) return this.note('Everything that was posted was understood.')
    const format = formatOf(context, context.now.getTime())
    this.print((await renderQuarantine(items, { look: lookOf(context), format, width: context.width })).join('\n'))
  }
}
