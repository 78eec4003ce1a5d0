import { openInBrowser } from '../../src/cli/browser.ts'
import { NotifyCommand } from '../../src/cli/notify-command.ts'
import { loadNotifyConfig } from '../../src/cli/notify-config.ts'
import { topicUrl } from '../../src/notify/channels/ntfy/config.ts'
import { validateNtfy } from '../../src/notify/channels/ntfy/validate.ts'

export default class NotifyOpen extends NotifyCommand {
  static override summary = "Open the ntfy topic's page in the browser"
  static override description = 'The address is printed too, for machines without a browser.'
  static override examples = ['<%= config.bin %> <%= command.id %>', '<%= config.bin %> <%= command.id %> --json']

  async execute(): Promise<void> {
    await this.parse(NotifyOpen)
    const { config, topic } = await this.configWithTopic(loadNotifyConfig(this.context))
    validateNtfy(config.ntfy)
    const url = topicUrl(config.ntfy, topic)
    if (this.context.json) return this.emit({ schemaVersion: 1, topic, url })
    this.print(url)
    if (this.context.isTTY.stdout) await openInBrowser(url, this.context.env)
  }
}
