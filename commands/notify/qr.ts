import * as Flags from '@oclif/core/flags'
import { NotifyCommand } from '../../src/cli/notify-command.ts'
import { loadNotifyConfig } from '../../src/cli/notify-config.ts'
import { subscribeUrl, topicUrl } from '../../src/notify/channels/ntfy/config.ts'
import { validateNtfy } from '../../src/notify/channels/ntfy/validate.ts'

export default class NotifyQr extends NotifyCommand {
  static override summary = 'Show the ntfy topic as a QR code to subscribe with'
  static override description =
    `Scan it with a phone: it leads to the topic's page, where one can subscribe. Where no topic is set, one that nobody guesses is made and kept.`
  static override examples = ['<%= config.bin %> <%= command.id %>', '<%= config.bin %> <%= command.id %> --app']
  static override flags = {
    app: Flags.boolean({ description: "a code that opens ntfy's Android app itself" }),
  }

  async execute(): Promise<void> {
    const { flags } = await this.parse(NotifyQr)
    const { config, topic } = await this.configWithTopic(loadNotifyConfig(this.context))
    validateNtfy(config.ntfy)
    const [url, link] = [topicUrl(config.ntfy, topic), subscribeUrl(config.ntfy, topic)]
    if (this.context.json) return this.emit({ schemaVersion: 1, topic, url, subscribeUrl: link })
    const { default: qrcode } = await import('qrcode')
    // With colours the code is dark on light on any terminal; without them a scanner has to take it as the terminal is.
    const { color, unicode } = this.context
    const text = flags.app ? link : url
    if (!color && !unicode) this.print(plainCode(qrcode.create(text).modules))
    else this.print(await qrcode.toString(text, { type: color ? 'terminal' : 'utf8', small: unicode }))
    this.print(`Topic: ${url}\nIn the Android app: ${link}`)
  }
}

/** Two characters a module, for a terminal that speaks nothing but ASCII. */
function plainCode({ size, data }: { size: number; data: ArrayLike<number | boolean> }): string {
  const row = (y: number) => Array.from({ length: size }, (_, x) => (data[y * size + x] ? '##' : '  ')).join('')
  return `\n${Array.from({ length: size }, (_, y) => `    ${row(y)}`.trimEnd()).join('\n')}\n`
}
