import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as Flags from '@oclif/core/flags'
import { openInEditor } from '../../src/cli/editor.ts'
import { TemplateCommand, type TemplateView } from '../../src/cli/template-command.ts'
import { readTextInput } from '../../src/cli/text-input.ts'
import { UsageError, UserError } from '../../src/errors.ts'
import type { Template } from '../../src/i18n/types.ts'
import { draftOf, readTemplate, writeTemplate } from '../../src/notify/template-text.ts'
import { checkTemplate } from '../../src/notify/templates.ts'

export default class TemplateEdit extends TemplateCommand {
  static override summary = 'Change one text'
  static override description =
    `Opens it in $VISUAL or $EDITOR, or takes it from a file or from stdin (--file -). It is checked first: a variable in braces that the template
does not have is an error, and nothing is changed.`
  static override examples = [
    '<%= config.bin %> <%= command.id %> warning',
    '<%= config.bin %> <%= command.id %> overdue --language de --file overdue.txt',
    'generate-text | <%= config.bin %> <%= command.id %> success --file -',
  ]
  static override args = { kind: TemplateCommand.kindArg }
  static override flags = {
    language: TemplateCommand.languageFlag,
    file: Flags.string({ description: 'take the text from there; - is stdin', helpValue: 'FILE' }),
  }

  async execute(): Promise<void> {
    const { args, flags } = await this.parse(TemplateEdit)
    const store = await this.openStore('write')
    const before = await this.template(store, args.kind, this.languageOf(flags.language))
    const after = flags.file === undefined ? await this.#edited(before) : await this.#given(before, flags.file)
    const changed = writeTemplate(after) !== writeTemplate(before)
    if (changed) {
      const { changeTemplate } = await import('../../src/store/templates.ts')
      const now = this.context.now.getTime()
      await store.transaction((tx) => changeTemplate(tx, before, after, now))
    }
    const { kind, language } = before
    if (this.context.json) {
      const view = { kind, language, edited: before.edited || changed, ...after }
      return this.emit({ schemaVersion: 1, changed, template: view })
    }
    this.print(changed ? `Changed the ${kind} template (${language})` : 'Nothing was changed')
  }

  async #given({ kind }: TemplateView, file: string): Promise<Template> {
    return checkTemplate(kind, readTemplate(await readTextInput(file, this.context.stdin)))
  }

  /** What was written and is not right is kept, so that nobody writes it twice. */
  async #edited(before: TemplateView): Promise<Template> {
    const folder = mkdtempSync(join(tmpdir(), 'duplistatus-'))
    const draft = join(folder, `${before.kind}.${before.language}.txt`)
    writeFileSync(draft, draftOf(before.kind, before), { mode: 0o600 })
    let isKept = false
    try {
      await openInEditor(draft, this.context, 'Give the text by --file FILE, or --file - for stdin.')
      return checkTemplate(before.kind, readTemplate(readFileSync(draft, 'utf8')))
    } catch (error) {
      if (!(error instanceof UserError) || error.code === 'editor_failed' || error instanceof UsageError) throw error
      isKept = true
      throw new UserError(error.message, {
        code: error.code,
        hint: `${error.hint ?? ''} Your text is kept in ${draft}: mend it, then give it by --file.`.trim(),
      })
    } finally {
      if (!isKept) rmSync(folder, { recursive: true, force: true })
    }
  }
}
