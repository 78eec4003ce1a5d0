/**
 * When Duplicati starts a job next: its own algorithm, quirks included, because these are the times at which it really runs.
 * Source: recordings/scheduler/README.md, "The function f" (Scheduler.cs), measured on the scheduler of 2.3.0.4.
 */
import { intervalLength } from './interval.ts'
import { type OffsetAt, zoneOffsets } from './offsets.ts'
import { DAY, FIRST_INSTANT, LAST_INSTANT, type Stepper, stepper, within } from './steps.ts'

/** What `nextRun` needs to know of a job's schedule. */
export interface NextRunSchedule {
  /** ISO 8601: the base, which is the server's own next run too. Without an offset it is UTC. */
  time: string
  /** Interval text, such as `1D`. */
  repeat: string | null
  /** Short or full English names, any case, trimmed; null or empty: every day. */
  allowedDays: string[] | null
  /** IANA name, or a fixed offset such as `-05:00`. */
  timeZone: string
  /** False for Duplicati 2.1, which steps in plain UTC; default true. */
  keepClockTime?: boolean
}

const MAX_STEPS = 50_000
/** After these the weekday is looked at once more, so that a result eight days on is possible. */
const MAX_DAY_MOVES = 8
const DAY_NAMES = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday']

/**
 * The first run of a schedule that is not before `notBefore`: steps from `time`, each from the one before, then moves to an
 * allowed weekday of the zone. `time` itself may be the answer. For the runs after it chain: the previous result as `time`, and
 * one second later as `notBefore`; one far call can end elsewhere, as Duplicati's does.
 *
 * Null where Duplicati finds none or throws (a repeat that cannot be read, more than 50,000 steps, the end of the calendar, an
 * unknown day name), and for an unknown zone.
 */
export function nextRun(schedule: NextRunSchedule, notBefore: Date): Date | null {
  const base = parseInstant(schedule.time)
  const limit = notBefore.getTime()
  if (base === null || Number.isNaN(limit)) return null
  const result = scheduler(schedule)?.next(base, limit) ?? null
  return result === null ? null : new Date(result)
}

/** A schedule without its base, made ready for many computations. Times in milliseconds since the epoch. */
export interface Scheduler {
  /** `nextRun` from a base. */
  next: (base: number, notBefore: number) => number | null
  /** Whether one far call ends where a chain of calls does: no move to another day becomes the base of the next step. */
  isPathless: boolean
  /** Milliseconds between two starts where they are always the same; null where the calendar or the days matter. */
  fixed: number | null
  /** Milliseconds of the repeat as a plain length: months of 30 days, years of 365. */
  length: number
}

/** Null for what Duplicati refuses to read, and for an unknown zone: `nextRun` is null then wherever it begins. */
export function scheduler(schedule: Omit<NextRunSchedule, 'time'>): Scheduler | null {
  const offsetAt = zoneOffsets(schedule.timeZone)
  const days = weekdays(schedule.allowedDays)
  const repeat = schedule.repeat ?? ''
  const length = intervalLength(repeat)
  if (!offsetAt || !days || length === null) return null

  const steps = stepper(repeat, offsetAt, schedule.keepClockTime ?? true)
  const isAllowed = (at: number): boolean => days.has(localTime(at, offsetAt).weekday)
  const inDays = length >= DAY / 1000
  const everyDay = days.size === DAY_NAMES.length
  return {
    next: (base, limit) => {
      const reached = stepUntil(base, limit, steps)
      if (reached === null) return null
      const result = inDays ? moveByDays(reached, isAllowed) : stepToDay(reached, steps, isAllowed, offsetAt)
      return result === null || result < limit ? null : result
    },
    isPathless: everyDay || !inDays,
    fixed: everyDay ? (steps?.fixed ?? null) : null,
    length: length * 1000,
  }
}

/** The first step that is not before `limit`; null beyond 50,000 steps. */
function stepUntil(base: number, limit: number, steps: Stepper | null): number | null {
  if (base >= limit) return base
  if (!steps) return null
  if (steps.fixed !== null) {
    if (steps.fixed <= 0) return null
    const count = Math.ceil((limit - base) / steps.fixed)
    return count > MAX_STEPS ? null : within(base + count * steps.fixed)
  }
  let at = base
  for (let count = 0; count < MAX_STEPS && at < limit; count++) {
    const next = steps.step(at)
    if (next === null) return null
    at = next
  }
  return at < limit ? null : at
}

/** Intervals of a day and more go on by 24 absolute hours to an allowed weekday: the clock time shifts with daylight saving. */
function moveByDays(from: number, isAllowed: (at: number) => boolean): number | null {
  let at = from
  for (let moves = 0; moves < MAX_DAY_MOVES && !isAllowed(at); moves++) {
    const next = within(at + DAY)
    if (next === null) return null
    at = next
  }
  return isAllowed(at) ? at : null
}

/** Shorter intervals step on to an allowed weekday, at most 50,000 times. */
function stepToDay(
  from: number,
  steps: Stepper | null,
  isAllowed: (at: number) => boolean,
  offsetAt: OffsetAt,
): number | null {
  let at = from
  let left = MAX_STEPS
  while (!isAllowed(at)) {
    if (!steps || left <= 0) return null
    const count = stepsToMidnight(at, steps.fixed, offsetAt)
    const next = steps.fixed === null || count === 1 ? steps.step(at) : within(at + count * steps.fixed)
    if (next === null) return null
    at = next
    left -= count
  }
  // The last leap may have gone past the limit.
  return left < 0 ? null : at
}

/**
 * How many steps can be taken at once: those that end before local midnight fall on the same weekday, which is not allowed. One
 * where an offset changes in between, and where steps go backwards, stand still or depend on the way.
 */
function stepsToMidnight(at: number, fixed: number | null, offsetAt: OffsetAt): number {
  if (fixed === null || fixed <= 0) return 1
  const rest = localTime(at, offsetAt).untilMidnight
  return offsetAt(at) === offsetAt(at + rest) ? Math.ceil(rest / fixed) : 1
}

/** Weekday (0 Sunday) and milliseconds to midnight of the local day; .NET keeps local times within its calendar. */
function localTime(at: number, offsetAt: OffsetAt): { weekday: number; untilMidnight: number } {
  const local = Math.min(Math.max(at + offsetAt(at), FIRST_INSTANT), LAST_INSTANT)
  const day = Math.floor(local / DAY)
  // 1 January 1970 was a Thursday.
  return { weekday: (((day + 4) % 7) + 7) % 7, untilMidnight: (day + 1) * DAY - local }
}

/** Null for a name that Duplicati refuses. */
function weekdays(names: string[] | null): Set<number> | null {
  if (names === null || names.length === 0) return new Set(DAY_NAMES.keys())
  const days = names.map((name) => {
    const text = typeof name === 'string' ? name.trim().toLowerCase() : ''
    return DAY_NAMES.findIndex((day) => text === day || text === day.slice(0, 3))
  })
  return days.includes(-1) ? null : new Set(days)
}

function parseInstant(text: string): number | null {
  const match = /^(\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?)(Z|[+-]\d\d:\d\d)?$/.exec(text)
  if (!match) return null
  const at = Date.parse(`${match[1]}${match[2] ?? 'Z'}`)
  return Number.isNaN(at) ? null : within(at)
}
