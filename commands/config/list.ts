import { ConfigCommand } from '../../src/cli/config-command.ts'
import { lookOf } from '../../src/cli/screen.ts'
import { renderSettings } from '../../src/output/config-table.ts'
import { readSettingsFile } from '../../src/settings/reader.ts'
import { defaultWords, definitionOf, isSettingKey } from '../../src/settings/schema.ts'

export default class ConfigList extends ConfigCommand {
  static override summary = 'List every setting with its value and where that comes from'
  static override description =
    'Secrets are shown as set or unset, never their value; of an address that is private only where it leads.'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    "<%= config.bin %> <%= command.id %> --json | jq -r '.settings[] | select(.isSet) | .key'",
  ]

  async execute(): Promise<void> {
    await this.parse(ConfigList)
    const { configFile: file, json, width } = this.context
    const settings = await this.settings()
    const unknown = this.unknownKeys(readSettingsFile(file))
    if (unknown.length > 0) this.warning(`${file} has keys that are no settings: ${unknown.join(', ')}`)
    if (json) return this.emit({ schemaVersion: 1, file, settings, unknown })
    const lines = settings.map((setting) => ({ ...setting, otherwise: otherwiseOf(setting.key) }))
    this.print((await renderSettings(lines, { look: lookOf(this.context), width })).join('\n'))
  }
}

function otherwiseOf(key: string): string {
  return isSettingKey(key) ? defaultWords(definitionOf(key)) : ''
}
