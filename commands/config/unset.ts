import * as Args from '@oclif/core/args'
import { ConfigCommand } from '../../src/cli/config-command.ts'
import { defaultWords, definitionOf } from '../../src/settings/schema.ts'

export default class ConfigUnset extends ConfigCommand {
  static override summary = 'Take a setting away, so that its default holds again'
  static override examples = ['<%= config.bin %> <%= command.id %> smtp.host']
  static override args = {
    key: Args.string({ description: 'setting, as config list names it', required: true, ignoreStdin: true }),
  }

  async execute(): Promise<void> {
    const { args } = await this.parse(ConfigUnset)
    const { requireKey } = await import('../../src/settings/check.ts')
    const { unsetSetting } = await import('../../src/settings/config-write.ts')
    const key = requireKey(args.key)
    const wasSet = await unsetSetting(this.context.configFile, key)
    const [setting] = await this.settings([key])
    if (this.context.json) return this.emit({ schemaVersion: 1, setting })
    const otherwise = `default: ${defaultWords(definitionOf(key))}`
    this.print(wasSet ? `Unset ${key} (${otherwise})` : `${key} was not set (${otherwise})`)
  }
}
