import { existsSync } from 'node:fs'
import { ConfigCommand } from '../../src/cli/config-command.ts'
import { clean } from '../../src/output/escape.ts'

export default class ConfigPath extends ConfigCommand {
  static override summary = 'Print where the settings file is'
  static override examples = ['<%= config.bin %> <%= command.id %>']

  async execute(): Promise<void> {
    await this.parse(ConfigPath)
    const { configFile: file, json } = this.context
    const exists = existsSync(file)
    if (json) return this.emit({ schemaVersion: 1, file, exists })
    this.print(clean(file))
    if (!exists) this.note('It does not exist yet: `duplistatus config set` makes it.')
  }
}
