import { UserError } from '../errors.ts'
import { type SettingView, settingView } from '../output/config-view.ts'
import { lookUp, readSettingsFile } from '../settings/reader.ts'
import { definitionOf, isSecret, isSettingKey, SETTING_KEYS, type SettingKey } from '../settings/schema.ts'
import { BaseCommand } from './base-command.ts'

/** What the commands about settings share. They work on a settings file that is broken too: that is what they are for. */
export abstract class ConfigCommand extends BaseCommand {
  static override readsSettings = false

  /** Settings as they stand; what is wrong with them, or cannot be opened, is said on stderr. @param whole private addresses too */
  protected async settings(
    keys: readonly SettingKey[] = SETTING_KEYS,
    { whole = false }: { whole?: boolean } = {},
  ): Promise<SettingView[]> {
    const { stateOf } = await import('../settings/config.ts')
    const { fullProblemOf } = await import('../settings/check.ts')
    const raw = readSettingsFile(this.context.configFile)
    const views = keys.map(async (key) => {
      const own = lookUp(raw, key) ?? null
      const problem = own === null ? null : ((await fullProblemOf(key, own)) ?? (await this.#unopened(key, own)))
      const definition = definitionOf(key)
      const about = whole ? { ...definition, private: false } : definition
      return settingView({ ...stateOf(raw, key, this.context.env), problem }, about)
    })
    const settled = await Promise.all(views)
    for (const { problem } of settled) if (problem !== null) this.warning(problem)
    return settled
  }

  /** Keys of the file that are no settings, such as misspelt ones. */
  protected unknownKeys(raw: Record<string, unknown>): string[] {
    const groups = new Set(SETTING_KEYS.filter((key) => key.includes('.')).map((key) => key.split('.')[0]))
    return Object.entries(raw).flatMap(([name, value]) => {
      if (isSettingKey(name)) return []
      if (!groups.has(name) || typeof value !== 'object' || value === null) return [name]
      return Object.keys(value)
        .map((key) => `${name}.${key}`)
        .filter((key) => !isSettingKey(key))
    })
  }

  /** A lost key costs the secrets only, and each command says so. */
  async #unopened(key: SettingKey, sealed: unknown): Promise<string | null> {
    if (!isSecret(key)) return null
    const { openSetting } = await import('../settings/config.ts')
    try {
      openSetting(sealed, key, this.context)
      return null
    } catch (error) {
      if (error instanceof UserError) return `${error.message}. ${error.hint ?? ''}`.trim()
      throw error
    }
  }
}
