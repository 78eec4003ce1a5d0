/**
 * A schedule learnt from when a job usually starts: for jobs that only report, and do not say what is planned next. Never from a
 * single run: a first test by hand at 14:00 says nothing of a job that is planned for 05:30. Times in milliseconds.
 */
import { zoneOffsets } from '../../duplicati/offsets.ts'
import type { Habit } from './habits.ts'
import { type Clock, dailyPattern } from './learn-days.ts'
import { intervalPattern } from './learn-interval.ts'
import type { Rule } from './starts.ts'

/** As many runs must agree before anything is expected of them. */
export const ENOUGH = 5
/** The newest runs are believed before older ones, so that a changed schedule is soon learnt anew. */
const WINDOWS = [10, 30]

/** Starts that agree, and what follows from them. */
export interface Pattern {
  /** How starts repeat, but for the zone. */
  repeat: string
  allowedDays: string[]
  /** The planned start that the newest agreeing run kept. */
  anchorAt: number
  agreeing: number
  /** How much earlier than planned a run may begin and still be meant for that start. */
  slack: number
  /** The most that agreeing runs began after their planned start. */
  lateness: number
  /** Whether the newest runs no longer keep to it. */
  isBroken: boolean
}

export interface Learnt extends Omit<Pattern, 'repeat' | 'allowedDays' | 'isBroken'> {
  rule: Rule
  /** How many runs were looked at: `agreeing` of them agree. */
  of: number
}

/**
 * What a job's newest runs have in common: a clock time on every day or on some days of the week, every so many days, every
 * month, or an interval of hours and minutes. Null where fewer than five agree, most do not, or the newest went another way.
 * @param habits newest first
 * @param zone where clock times are kept; null for a zone that nobody knows
 */
export function learn(habits: readonly Habit[], zone: string): Learnt | null {
  const offsetAt = zoneOffsets(zone)
  if (!offsetAt) return null
  const starts = habits.map(({ beganAt }) => beganAt)
  for (const window of WINDOWS) {
    const learnt = patternOf(starts, window, { zone, offsetAt })
    if (learnt) return learnt
  }
  return null
}

function patternOf(starts: number[], window: number, clock: Clock & { zone: string }): Learnt | null {
  if (starts.length < ENOUGH) return null
  const newest = starts.slice(0, window)
  const found = [dailyPattern(starts, clock, window), intervalPattern(newest)].filter((pattern) => pattern !== null)
  const best = found.sort((a, b) => b.agreeing - a.agreeing)[0]
  if (!best || best.isBroken || best.agreeing < ENOUGH || best.agreeing * 2 < newest.length) return null
  const { repeat, allowedDays, isBroken: _, ...rest } = best
  return { ...rest, of: newest.length, rule: { repeat, allowedDays, timeZone: clock.zone, keepClockTime: true } }
}
