import { setTimeout as pause } from 'node:timers/promises'
import { CHANNELS, type ChannelName } from '../fleet/rules.ts'
import { deliverDue } from '../notify/deliver.ts'
import type { Room } from './tasks.ts'

/** Other processes write messages too, and nobody wakes this one for them: looked for so often, in milliseconds. */
const POLL = 15_000
/** Those who write wake first and commit then; several that come together are delivered in one round. */
const GATHER = 50
/** Between two rounds that nobody asked for. */
const LEAST = 1_000

interface Loop {
  wake(): void
  ended: Promise<void>
}

/** Delivers what is due, again and again, until the signal. A channel that waits for its time-outs keeps the other from nothing. */
export function deliveryLoop(room: Room): Loop {
  const loops = CHANNELS.map((channel) => channelLoop(room, channel))
  return {
    wake: () => {
      for (const loop of loops) loop.wake()
    },
    ended: Promise.all(loops.map(({ ended }) => ended)).then(() => {}),
  }
}

function channelLoop({ store, settings, now, signal, log }: Room, channel: ChannelName): Loop {
  let waking = new AbortController()
  const round = async (): Promise<number> => {
    const { notify: config, env } = settings()
    const { sent, failed, deferred, nextAt } = await deliverDue({ store, config, now, signal, env, only: [channel] })
    if (sent + failed > 0)
      log.info(`Messages by ${channel}: ${sent} sent, ${failed} given up, ${deferred} to be tried again`)
    return nextAt === null ? POLL : Math.min(POLL, Math.max(0, nextAt - now().getTime()))
  }
  const run = async () => {
    while (!signal.aborted) {
      let left = POLL
      try {
        left = await round()
      } catch (error) {
        if (!signal.aborted) log.error('The delivery failed', error)
      }
      await pause(Math.max(left, LEAST), undefined, { signal: AbortSignal.any([signal, waking.signal]) }).catch(
        () => {},
      )
      if (waking.signal.aborted) {
        waking = new AbortController()
        await pause(GATHER, undefined, { signal }).catch(() => {})
      }
    }
  }
  return { wake: () => waking.abort(), ended: run() }
}
