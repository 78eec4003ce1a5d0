import { lookOf } from '../../src/cli/screen.ts'
import { TemplateCommand } from '../../src/cli/template-command.ts'
import { renderTemplates } from '../../src/output/template-table.ts'

export default class TemplateList extends TemplateCommand {
  static override summary = 'List the texts of messages'
  static override description =
    'success: a run that went well; warning: every other run; overdue: a backup that did not come; recovery: the end of a problem; digest: the summary.'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --language de',
  ]
  static override flags = { language: TemplateCommand.languageFlag }

  async execute(): Promise<void> {
    const { flags } = await this.parse(TemplateList)
    const language = this.languageOf(flags.language)
    const store = await this.openStore('read')
    const templates = Object.values(await this.templates(store, language))
    if (this.context.json) return this.emit({ schemaVersion: 1, language, templates })
    this.print((await renderTemplates(templates, { look: lookOf(this.context), width: this.context.width })).join('\n'))
    const others = (await store.templates.edited()).filter((one) => one.language !== language)
    const names = [...new Set(others.map((one) => one.language))]
    if (names.length > 0) this.note(`Edited in other languages too: ${names.join(', ')} (--language).`)
  }
}
