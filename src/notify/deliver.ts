import { randomUUID } from 'node:crypto'
import { CHANNELS, type ChannelName } from '../fleet/rules.ts'
import type { WritableStore } from '../store/index.ts'
import { dueTimes } from '../store/outbox.ts'
import { readPauses } from '../store/pauses.ts'
import type { Db } from '../store/schema.ts'
import type { NotifyConfig } from './config.ts'
import { deliverChannel } from './deliver-channel.ts'
import type { Channels } from './types.ts'

export interface Delivery {
  /** Opened for writing. */
  store: Pick<WritableStore, 'db' | 'transaction'>
  config: NotifyConfig
  /** Asked again and again: a round may take long. */
  now: () => Date
  channels?: Channels
  /** Only what goes by these. */
  only?: readonly ChannelName[]
  /** From 0 to 1, for spreading attempts. */
  random?: () => number
  /** Ends the round after the messages that are being sent; those are never broken off, since they may have arrived. */
  signal?: AbortSignal | null
  /** Where proxies are named. */
  env?: NodeJS.ProcessEnv
  /** Names this process among those that deliver from the same database. */
  by?: string
}

export interface Delivered {
  sent: number
  /** Given up. */
  failed: number
  /** Attempts that failed and will be made again. */
  deferred: number
  /** When there is something to do again, in milliseconds; null when nothing waits. */
  nextAt: number | null
}

const ME = `${process.pid}-${randomUUID()}`

/**
 * Sends what is due, oldest first, until nothing is. Channels go side by side: one that is down never holds up the other. Safe to
 * call from several processes at once, and after being killed at any moment.
 */
export async function deliverDue(delivery: Delivery): Promise<Delivered> {
  const channels = delivery.channels ?? (await import('./channels/index.ts')).channels
  const defaults = { only: CHANNELS, random: Math.random, signal: null, by: ME, env: process.env }
  const options = { ...defaults, ...delivery, channels }
  const ended = await Promise.allSettled(options.only.map((name) => deliverChannel(options, channels[name])))
  const rounds = ended.map((one) => {
    if (one.status === 'rejected') throw one.reason
    return one.value
  })
  const sum = (of: 'sent' | 'failed' | 'deferred') => rounds.reduce((total, round) => total + round[of], 0)
  return {
    sent: sum('sent'),
    failed: sum('failed'),
    deferred: sum('deferred'),
    nextAt: await nextDeliveryAt(delivery.store.db, options.only),
  }
}

/** When the next message can be tried, pauses counted; null when none waits. */
export async function nextDeliveryAt(db: Db, channels: readonly ChannelName[] = CHANNELS): Promise<number | null> {
  const times = await Promise.all(channels.map((channel) => nextOf(db, channel)))
  const known = times.filter((at) => at !== null)
  return known.length === 0 ? null : Math.min(...known)
}

async function nextOf(db: Db, channel: ChannelName): Promise<number | null> {
  const due = await dueTimes(db, channel)
  if (due.length === 0) return null
  const { whole, byDestination } = await readPauses(db, channel)
  const times = due.map(({ destination, at }) => Math.max(at, byDestination.get(destination)?.until ?? 0))
  return Math.max(Math.min(...times), whole?.until ?? 0)
}
