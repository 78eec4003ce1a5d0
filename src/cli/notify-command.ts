import type { ChannelName, Destination } from '../fleet/rules.ts'
import { globalsOf, type NotifyConfig } from '../notify/config.ts'
import { BaseCommand } from './base-command.ts'
import { withTopic } from './notify-config.ts'

/** What the commands about messages share. */
export abstract class NotifyCommand extends BaseCommand {
  /** The settings with a topic; says so when it had to be made. */
  protected async configWithTopic(config: NotifyConfig): Promise<{ config: NotifyConfig; topic: string }> {
    const { config: complete, topic, isNew } = await withTopic(config, this.context.configFile)
    if (isNew) this.note(`ntfy.topic is ${topic} from now on. Who knows it can read the messages.`)
    return { config: complete, topic }
  }

  /** A clock that goes on from the command's moment: claims on messages are held by it. */
  protected clock(): () => Date {
    const began = performance.now()
    return () => new Date(this.context.now.getTime() + performance.now() - began)
  }

  /** The standard destinations on these channels. */
  protected standardDestinations(config: NotifyConfig, channels: readonly ChannelName[]): Destination[] {
    const { ntfy, email } = globalsOf(config)
    const topic = ntfy.topic === null ? [] : [{ channel: 'ntfy' as const, destination: ntfy.topic }]
    const addresses = email.to.map((destination) => ({ channel: 'email' as const, destination }))
    return [...topic, ...addresses].filter(({ channel }) => channels.includes(channel))
  }
}
