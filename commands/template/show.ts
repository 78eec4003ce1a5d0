import { TemplateCommand } from '../../src/cli/template-command.ts'
import { writeTemplate } from '../../src/notify/template-text.ts'
import { VARIABLES } from '../../src/notify/variables.ts'
import { clean } from '../../src/output/escape.ts'

export default class TemplateShow extends TemplateCommand {
  static override summary = 'Print one text, as "template edit --file" takes it'
  static override description = 'With --json it comes with the variables that it may name.'
  static override examples = [
    '<%= config.bin %> <%= command.id %> warning',
    '<%= config.bin %> <%= command.id %> overdue --language fr > overdue.txt',
  ]
  static override args = { kind: TemplateCommand.kindArg }
  static override flags = { language: TemplateCommand.languageFlag }

  async execute(): Promise<void> {
    const { args, flags } = await this.parse(TemplateShow)
    const store = await this.openStore('read')
    const template = await this.template(store, args.kind, this.languageOf(flags.language))
    if (!this.context.json) return this.print(clean(writeTemplate(template), { newlines: true }))
    this.emit({ schemaVersion: 1, template: { ...template, variables: VARIABLES[template.kind] } })
  }
}
