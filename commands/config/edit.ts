import { randomBytes } from 'node:crypto'
import { readFileSync, rmSync } from 'node:fs'
import { ConfigCommand } from '../../src/cli/config-command.ts'
import { openInEditor } from '../../src/cli/editor.ts'
import { UserError } from '../../src/errors.ts'
import { lookUp, parseSettings, readText } from '../../src/settings/reader.ts'
import { SETTING_KEYS } from '../../src/settings/schema.ts'

export default class ConfigEdit extends ConfigCommand {
  static override summary = 'Edit the settings file, and put it in place only when it is right'
  static override description =
    `Opens a copy in $VISUAL or $EDITOR. When the editor ends the copy is checked; what is wrong is said, the settings stay as they were and
the copy is kept. Secrets in it are encrypted: set them with "config set".`
  static override examples = ['<%= config.bin %> <%= command.id %>', 'EDITOR=nano <%= config.bin %> <%= command.id %>']

  async execute(): Promise<void> {
    await this.parse(ConfigEdit)
    const { configFile: file, json } = this.context
    const before = readText(file)
    const draft = `${file.replace(/\.json$/, '')}.${randomBytes(4).toString('hex')}.json`
    const { writeDraft } = await import('../../src/settings/config-write.ts')
    writeDraft(file, draft, before ?? '{\n}\n')
    try {
      await openInEditor(draft, this.context, 'duplistatus config set KEY VALUE sets one setting.')
    } catch (error) {
      rmSync(draft, { force: true })
      throw error
    }
    const after = readFileSync(draft, 'utf8')
    const changed = after !== (before ?? '{\n}\n')
    if (changed) await this.#putInPlace(file, draft, before, after)
    else rmSync(draft, { force: true })
    if (json) return this.emit({ schemaVersion: 1, file, changed })
    this.print(changed ? `Changed ${file}` : 'Nothing was changed')
  }

  async #putInPlace(file: string, draft: string, before: string | null, after: string): Promise<void> {
    const problems = await this.#problems(after, draft)
    if (problems.length > 0) {
      throw new UserError(`Nothing was changed. ${problems.join('. ')}`, {
        code: 'settings_invalid',
        hint: `Your text is kept in ${draft}: mend it and put it in place of ${file}, or edit again.`,
      })
    }
    const { replaceSettings } = await import('../../src/settings/config-write.ts')
    await replaceSettings(file, draft, before)
  }

  async #problems(text: string, draft: string): Promise<string[]> {
    const { fullProblemOf } = await import('../../src/settings/check.ts')
    try {
      const raw = parseSettings(text.replace(/^\uFEFF/, ''), draft)
      const unknown = this.unknownKeys(raw)
      if (unknown.length > 0) this.warning(`These are no settings: ${unknown.join(', ')}`)
      const set = SETTING_KEYS.filter((key) => (lookUp(raw, key) ?? null) !== null)
      const problems = await Promise.all(set.map((key) => fullProblemOf(key, lookUp(raw, key))))
      return problems.filter((problem) => problem !== null)
    } catch (error) {
      if (error instanceof UserError) return [error.message]
      throw error
    }
  }
}
