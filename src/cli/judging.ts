/** By what lateness is judged in a command: the settings, the zone, and when the monitor itself was away. */
import type { AssessOptions } from '../fleet/overdue/assess.ts'
import type { MonitorRow } from '../store/types.ts'
import type { Context } from './context.ts'
import { toleranceOf } from './screen.ts'

/** A daemon says at every check that it listens: one that has been silent so long, in milliseconds, does not. */
const SILENT = 15 * 60_000

/** @param now epoch milliseconds; the context's own moment unless told */
export function judging(context: Context, monitor: MonitorRow, now: number = context.now.getTime()): AssessOptions {
  const { listeningAt, downtimes } = monitor
  const away = listeningAt === null || now - listeningAt > SILENT ? [{ from: listeningAt ?? 0, to: now }] : []
  return {
    now,
    toleranceSeconds: toleranceOf(context),
    zone: () => context.timeZone ?? Intl.DateTimeFormat().resolvedOptions().timeZone,
    downtimes: [...downtimes, ...away],
  }
}
