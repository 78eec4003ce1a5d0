import * as Args from '@oclif/core/args'
import { ConfigCommand } from '../../src/cli/config-command.ts'
import { clean } from '../../src/output/escape.ts'
import { defaultWords, definitionOf } from '../../src/settings/schema.ts'

export default class ConfigGet extends ConfigCommand {
  static override summary = 'Print what a setting is'
  static override description =
    'The value alone, as it holds: what was set, else the default. A secret is only said to be set or unset.'
  static override examples = [
    '<%= config.bin %> <%= command.id %> ntfy.topic',
    '<%= config.bin %> <%= command.id %> smtp.password',
  ]
  static override args = {
    key: Args.string({ description: 'setting, as config list names it', required: true, ignoreStdin: true }),
  }

  async execute(): Promise<void> {
    const { args } = await this.parse(ConfigGet)
    const { requireKey } = await import('../../src/settings/check.ts')
    const key = requireKey(args.key)
    const [setting] = await this.settings([key], { whole: true })
    if (!setting) return
    if (this.context.json) return this.emit({ schemaVersion: 1, setting })
    if (setting.secret) return this.print(setting.isSet ? 'set' : 'unset')
    const { loadValue } = await import('../../src/settings/config.ts')
    const value = loadValue(key, this.context)
    if (value !== null) return this.print(clean(String(value)))
    this.note(`${key} is not set (default: ${defaultWords(definitionOf(key))})`)
  }
}
