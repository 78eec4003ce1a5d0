/** By what lateness is judged in a command: the settings, the zone, and when the monitor itself was away. */
import type { AssessOptions } from '../fleet/overdue/assess.ts'
import { isListening } from '../fleet/overdue/listening.ts'
import type { MonitorRow } from '../store/types.ts'
import type { Context } from './context.ts'
import { toleranceOf } from './screen.ts'

/** @param now epoch milliseconds; the context's own moment unless told */
export function judging(context: Context, monitor: MonitorRow, now: number = context.now.getTime()): AssessOptions {
  const { listeningAt, downtimes } = monitor
  // Of a moment to come it is taken for granted that who listens now does so then.
  const actually = Math.min(now, context.now.getTime())
  const away = isListening(monitor, actually) ? [] : [{ from: listeningAt ?? 0, to: now }]
  return {
    now,
    toleranceSeconds: toleranceOf(context),
    zone: () => context.timeZone ?? Intl.DateTimeFormat().resolvedOptions().timeZone,
    downtimes: [...downtimes, ...away],
  }
}
