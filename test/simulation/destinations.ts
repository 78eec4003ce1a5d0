/** ntfy and SMTP as far as delivery sees them: they take messages, or are down. */
import type { ChannelName } from '../../src/fleet/rules.ts'
import type { Channel, Channels } from '../../src/notify/types.ts'

export interface Received {
  channel: ChannelName
  destination: string
  /** Of the event, as the message carries it. */
  key: string
  title: string
  at: number
}

export class Destinations {
  readonly received: Received[] = []
  readonly down = new Set<ChannelName>()
  readonly channels: Channels

  constructor(now: () => number) {
    const channel = (name: ChannelName): Channel => ({
      name,
      longest: 15_000,
      concurrency: 2,
      open: async () => ({
        send: async ({ key, title }, destination) => {
          if (this.down.has(name)) {
            return {
              ...{ ok: false, code: 'unreachable', message: `${name} is down`, hint: null },
              ...{ retryable: true, retryAfterMs: null, scope: 'channel' },
            }
          }
          this.received.push({ channel: name, destination, key, title, at: now() })
          return { ok: true }
        },
        close: async () => {},
      }),
    })
    this.channels = { ntfy: channel('ntfy'), email: channel('email') }
  }
}
