import * as Flags from '@oclif/core/flags'
import { NotifyCommand } from '../../src/cli/notify-command.ts'
import { loadNotifyConfig } from '../../src/cli/notify-config.ts'
import { lookOf } from '../../src/cli/screen.ts'
import { UserError } from '../../src/errors.ts'
import { CHANNELS, type ChannelName } from '../../src/fleet/rules.ts'
import { TEMPLATE_KINDS, type TemplateKind } from '../../src/i18n/types.ts'
import type { NotifyConfig } from '../../src/notify/config.ts'
import type { TestResult } from '../../src/notify/test-send.ts'
import { clean } from '../../src/output/escape.ts'

export default class NotifyTest extends NotifyCommand {
  static override summary = 'Send a test message to the standard topic and recipients'
  static override description =
    'It goes out at once, past the queue. A channel that was paused because it failed is tried again by the next delivery when its test succeeds.'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --channel email --template overdue',
  ]
  static override flags = {
    channel: Flags.option({ options: CHANNELS, description: 'only this channel', helpValue: 'CHANNEL' })(),
    template: Flags.option({
      options: TEMPLATE_KINDS,
      description: 'with a template and made-up values in place of the test text',
      helpValue: 'KIND',
    })(),
  }

  async execute(): Promise<number> {
    const { flags } = await this.parse(NotifyTest)
    const channel = (flags.channel as ChannelName | undefined) ?? null
    const config = await this.#config(channel)
    const destinations = this.standardDestinations(config, channel === null ? CHANNELS : [channel])
    if (destinations.length === 0) throw nowhere(config, channel)
    const { sendTests } = await import('../../src/notify/test-send.ts')
    const store = await this.openStore('write')
    const results = await sendTests({
      db: store.db,
      config,
      destinations,
      template: (flags.template as TemplateKind | undefined) ?? null,
      now: this.context.now.getTime(),
      env: this.context.env,
    })
    if (this.context.json) this.emit({ schemaVersion: 1, results })
    else this.#show(results)
    return results.every(({ ok }) => ok) ? 0 : 1
  }

  /** A topic is made only for who asks for ntfy: to publish on a public server is nobody's default. */
  async #config(channel: ChannelName | null): Promise<NotifyConfig> {
    const config = loadNotifyConfig(this.context)
    return channel === 'ntfy' ? (await this.configWithTopic(config)).config : config
  }

  #show(results: TestResult[]): void {
    const { palette, symbols } = lookOf(this.context)
    for (const { channel, destination, ok, error } of results) {
      const mark = ok ? palette.green(symbols.ok) : palette.red(symbols.bad)
      const what = ok ? 'sent' : clean(error?.message ?? '')
      this.print(`${mark} ${channel} to ${clean(destination)}: ${what}`)
      if (error?.hint) this.print(`  Try: ${clean(error.hint)}`)
    }
  }
}

function nowhere(config: NotifyConfig, channel: ChannelName | null): UserError {
  if (channel === 'email' && config.email === null) {
    return new UserError('E-mail is not set up: smtp.host is not set', {
      code: 'not_set_up',
      hint: 'duplistatus config set smtp.host mail.example, then smtp.user, smtp.password, smtp.to',
    })
  }
  if (channel === 'email') {
    return new UserError('Nobody gets e-mail: smtp.to is not set', {
      code: 'not_set_up',
      hint: 'duplistatus config set smtp.to me@mail.example',
    })
  }
  return new UserError('No channel has a destination: neither ntfy.topic nor smtp.to is set', {
    code: 'not_set_up',
    hint: 'duplistatus notify qr makes a topic for ntfy and shows how to subscribe to it.',
  })
}
