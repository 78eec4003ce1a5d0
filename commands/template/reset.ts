import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import { TemplateCommand } from '../../src/cli/template-command.ts'
import { UsageError } from '../../src/errors.ts'
import { TEMPLATE_KINDS, type TemplateKind } from '../../src/i18n/types.ts'

export default class TemplateReset extends TemplateCommand {
  static override summary = 'Return to the built-in text'
  static override description = 'For one template or, with --all, for all of the language.'
  static override examples = [
    '<%= config.bin %> <%= command.id %> warning',
    '<%= config.bin %> <%= command.id %> --all --language de',
  ]
  static override args = {
    kind: Args.string({
      description: TEMPLATE_KINDS.join(', '),
      options: [...TEMPLATE_KINDS],
      ignoreStdin: true,
    }),
  }
  static override flags = {
    language: TemplateCommand.languageFlag,
    all: Flags.boolean({ description: 'all templates of the language' }),
  }

  async execute(): Promise<void> {
    const { args, flags } = await this.parse(TemplateReset)
    if ((args.kind === undefined) !== (flags.all === true)) {
      throw new UsageError('Give one template, or --all', { hint: `Templates: ${TEMPLATE_KINDS.join(', ')}` })
    }
    const kinds = flags.all ? TEMPLATE_KINDS : [args.kind as TemplateKind]
    const language = this.languageOf(flags.language)
    const store = await this.openStore('write')
    const { resetTemplate } = await import('../../src/store/templates.ts')
    const now = this.context.now.getTime()
    const reset: TemplateKind[] = []
    for (const kind of kinds) {
      if (await store.transaction((tx) => resetTemplate(tx, { kind, language }, now))) reset.push(kind)
    }
    if (this.context.json) return this.emit({ schemaVersion: 1, language, reset })
    this.print(reset.length === 0 ? `Nothing to reset in ${language}` : `Reset: ${reset.join(', ')} (${language})`)
  }
}
