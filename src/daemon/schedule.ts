import { setTimeout as pause } from 'node:timers/promises'
import { CronExpressionParser } from 'cron-parser'

/** Clocks are set and machines sleep: no timer is trusted for longer, in milliseconds. */
const LONGEST_WAIT = 60_000

/**
 * The next time that a cron expression means after a moment, both in milliseconds.
 * @param zone IANA name
 */
export function nextTime(cron: string, zone: string, after: number): number {
  return CronExpressionParser.parse(cron, { tz: zone, currentDate: new Date(after) })
    .next()
    .getTime()
}

/** Resolves after so many milliseconds, or when the signal is aborted. */
export async function wait(milliseconds: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return
  await pause(Math.max(0, milliseconds), undefined, { signal }).catch(() => {})
}

/** Resolves when it is time or the signal is aborted; `at` is asked again now and then, as settings change. */
export async function waitUntil(at: () => number | null, now: () => Date, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const left = (at() ?? Number.POSITIVE_INFINITY) - now().getTime()
    if (left <= 0) return
    await wait(Math.min(left, LONGEST_WAIT), signal)
  }
}
