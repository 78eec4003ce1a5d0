import * as Flags from '@oclif/core/flags'
import { loadNotifyConfig } from '../../src/cli/notify-config.ts'
import { lookOf } from '../../src/cli/screen.ts'
import { TemplateCommand } from '../../src/cli/template-command.ts'
import { readTextInput } from '../../src/cli/text-input.ts'
import { textsOf } from '../../src/i18n/index.ts'
import type { Template, TemplateKind } from '../../src/i18n/types.ts'
import { buildMessage } from '../../src/notify/message.ts'
import { sampleEvent } from '../../src/notify/samples.ts'
import { readTemplate } from '../../src/notify/template-text.ts'
import { checkTemplate } from '../../src/notify/templates.ts'
import { clean } from '../../src/output/escape.ts'

export default class TemplatePreview extends TemplateCommand {
  static override summary = 'Show a message as it would arrive, with made-up values'
  static override description = 'A text that is not saved yet is tried by --file. "notify test --template" sends it.'
  static override examples = [
    '<%= config.bin %> <%= command.id %> overdue',
    '<%= config.bin %> <%= command.id %> warning --file draft.txt --language es',
  ]
  static override args = { kind: TemplateCommand.kindArg }
  static override flags = {
    language: TemplateCommand.languageFlag,
    file: Flags.string({ description: 'a text in place of the saved one; - is stdin', helpValue: 'FILE' }),
    html: Flags.boolean({ description: "the e-mail's HTML" }),
  }

  async execute(): Promise<void> {
    const { args, flags } = await this.parse(TemplatePreview)
    const kind = args.kind as TemplateKind
    const config = { ...loadNotifyConfig(this.context), language: this.languageOf(flags.language) }
    const store = await this.openStore('read')
    const templates: Record<TemplateKind, Template> = await this.templates(store, config.language)
    if (flags.file !== undefined) {
      templates[kind] = checkTemplate(kind, readTemplate(await readTextInput(flags.file, this.context.stdin)))
    }
    const at = this.context.now.getTime()
    const event = { key: `preview:${kind}`, at, data: sampleEvent(kind, at) }
    const { title, text, html, priority, tags, click } = buildMessage(event, {
      templates,
      texts: await textsOf(config.language),
      config,
    })
    if (this.context.json) {
      return this.emit({ schemaVersion: 1, message: { title, text, html, priority, tags, click } })
    }
    if (flags.html) return this.print(clean(html, { newlines: true }))
    const { palette } = lookOf(this.context)
    this.print(`${palette.bold(clean(title))}\n${clean(text, { newlines: true })}`)
    this.note(`Priority ${priority}, tags: ${tags.join(', ') || 'none'}`)
  }
}
