/**
 * The planned starts of a job, one after the other, as Duplicati's scheduler makes them: each is the base of the next, one second
 * on. Times in milliseconds since the epoch.
 */
import { zoneOffsets } from '../../duplicati/offsets.ts'
import { type Scheduler, scheduler } from '../../duplicati/schedule.ts'

/** How starts follow on each other. */
export interface Rule {
  repeat: string
  allowedDays: readonly string[]
  timeZone: string
  keepClockTime: boolean
}

const SECOND = 1000
const DAY = 86_400_000
/** As many steps as Duplicati itself takes. */
const MAX_STEPS = 50_000
/** Rules come from servers: a hostile fleet must not grow the cache without end. */
const MAX_RULES = 1000

const prepared = new Map<string, Scheduler | null>()

/** The jobs of a fleet share a handful of rules. */
function schedulerOf(rule: Rule): Scheduler | null {
  const key = `${rule.repeat} ${rule.allowedDays.join()} ${rule.timeZone} ${rule.keepClockTime}`
  const known = prepared.get(key)
  if (known !== undefined) return known
  if (prepared.size >= MAX_RULES) prepared.clear()
  const made = scheduler({ ...rule, allowedDays: [...rule.allowedDays] })
  prepared.set(key, made)
  return made
}

/**
 * The first planned start after a moment, in the chain that begins at `base`, which is a planned start itself. Null where
 * Duplicati finds none.
 */
export function firstStartAfter(rule: Rule, base: number, after: number): number | null {
  if (base > after) return base
  const made = schedulerOf(rule)
  if (!made) return null
  if (made.isPathless) return made.next(base, Math.max(after + 1, base + SECOND))
  let at = base
  for (let steps = 0; at <= after; steps++) {
    const next = steps < MAX_STEPS ? made.next(at, at + SECOND) : null
    if (next === null) return null
    at = next
  }
  return at
}

/** How many planned starts lie between two moments, both included; the chain begins at `base`. */
export function countStarts(rule: Rule, base: number, from: number, to: number): number {
  const first = firstStartAfter(rule, base, from - 1)
  if (first === null || first > to) return 0
  const made = schedulerOf(rule)
  if (made?.fixed) return Math.floor((to - first) / made.fixed) + 1
  let count = 0
  for (let at: number | null = first; at !== null && at <= to && count < MAX_STEPS; count++) {
    at = firstStartAfter(rule, at, at)
  }
  return count
}

/**
 * A moment on the way that leads to `base` that is not after `at`: as many repeats back, with the clock time of the zone. Months and
 * years go back in days of their usual length.
 */
export function startBefore(rule: Rule, base: number, at: number): number {
  const made = schedulerOf(rule)
  if (!made || made.length <= 0 || base <= at) return base
  const back = base - Math.ceil((base - at) / made.length) * made.length
  if (made.fixed !== null || !rule.keepClockTime) return back
  const offsetAt = zoneOffsets(rule.timeZone)
  const moved = offsetAt ? back + offsetAt(base) - offsetAt(back) : back
  return moved <= at ? moved : moved - made.length
}

/** The longest time between two planned starts, in milliseconds; null for a rule that nothing can be planned by. */
export function longestGap(rule: Rule): number | null {
  const made = schedulerOf(rule)
  if (!made || made.length <= 0) return null
  return made.fixed ?? made.length + (rule.allowedDays.length === 0 ? 0 : (daysWithout(rule.allowedDays) + 1) * DAY)
}

const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']

/** The most days in a row on which nothing is allowed. */
function daysWithout(allowed: readonly string[]): number {
  const days = DAYS.map((day) => allowed.some((name) => name.trim().toLowerCase().startsWith(day)))
  let most = 0
  let row = 0
  for (const isAllowed of [...days, ...days]) {
    row = isAllowed ? 0 : row + 1
    most = Math.max(most, Math.min(row, DAYS.length))
  }
  return most
}
