/**
 * Weekdays that move. Duplicati 2.1 keeps the UTC time of its starts, but allows weekdays by the clock of its machine; every version
 * does so for a repeat in hours (recordings/scheduler). Where that clock is near midnight when it changes, each start falls on the
 * weekday before or after, and so do the days on which nothing is planned. Reports tell neither zone nor schedule: only that
 * somewhere the clocks changed at a time that would do this. Times in milliseconds since the epoch.
 */
import { zoneOffsets } from '../../duplicati/offsets.ts'
import type { Learnt } from './learn.ts'
import { WEEKDAYS } from './learn-days.ts'
import { firstStartAfter, startBefore } from './starts.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const WEEK = 7 * DAY
/** Runs that waited in the queue began after midnight although they were planned before it; no change of clocks is shorter. */
const STEP = 30 * MINUTE
/** So far from its clock time a run still shows that its weekday is planned: a queue, and another zone's change of clocks. */
const NEAR = 30 * MINUTE + HOUR

/** One zone for each way in which clocks change anywhere: a test holds them against all zones that the engine knows. */
export const CHANGING_ZONES = [
  ...['Atlantic/Azores', 'Europe/London', 'Europe/Berlin', 'Europe/Athens'],
  ...['Antarctica/Troll', 'America/Nuuk', 'America/St_Johns', 'America/Halifax'],
  ...['America/New_York', 'America/Chicago', 'America/Denver', 'America/Los_Angeles'],
  ...['America/Anchorage', 'America/Adak', 'America/Miquelon', 'America/Havana'],
  ...['America/Santiago', 'Pacific/Easter', 'Africa/Cairo', 'Africa/Casablanca'],
  ...['Asia/Beirut', 'Asia/Gaza', 'Asia/Jerusalem', 'Australia/Adelaide'],
  ...['Australia/Lord_Howe', 'Australia/Sydney', 'Pacific/Auckland', 'Pacific/Chatham'],
  ...['Pacific/Norfolk'],
]

/** Clocks that changed, and on which day, as seen from UTC, a start is since then that was planned for another. */
interface DayMove {
  changedAt: number
  by: 1 | -1
}

/**
 * The first start that is certain: `at`, or a later one where clocks may have changed since a run was last seen on its weekday, and
 * the start with them to another day.
 * @param starts when the job began, newest first
 * @param after the last run, whose start is not waited for again
 * @param at the first start after it by the usual weekdays
 */
export function startOnAnyDay(
  { rule, anchorAt }: Pick<Learnt, 'rule' | 'anchorAt'>,
  starts: readonly number[],
  after: number,
  at: number,
): number {
  if (!isWeekly(rule.repeat, rule.allowedDays)) return at
  const seen = starts.find((start) => Math.abs(beside(start - at)) <= NEAR)
  if (seen === undefined) return at
  // Not the anchor itself: it need not be on one of the days.
  const base = startBefore(rule, anchorAt, anchorAt - DAY)
  const moved = dayMoves(seen, at).map(({ changedAt, by }) => {
    const allowedDays = rule.allowedDays.map((name) => WEEKDAYS[(WEEKDAYS.indexOf(name) + by + 7) % 7] ?? name)
    return firstStartAfter({ ...rule, allowedDays }, base + by * DAY, Math.max(after, changedAt)) ?? at
  })
  return Math.max(at, ...moved)
}

/** Whether starts hang on the weekday. */
function isWeekly(repeat: string, allowedDays: readonly string[]): boolean {
  return allowedDays.length > 0 || (repeat.endsWith('D') && Number.parseInt(repeat, 10) % 7 === 0)
}

/** The remainder by weeks, at most half a week either way. */
function beside(difference: number): number {
  return difference - Math.round(difference / WEEK) * WEEK
}

/** All changes of clocks from one start to another of the same weekday and UTC time that put the second on another local weekday. */
function dayMoves(from: number, to: number): DayMove[] {
  return CHANGING_ZONES.flatMap((zone): DayMove[] => {
    const offsetAt = zoneOffsets(zone)
    if (!offsetAt) return []
    const [before, since] = [offsetAt(from), offsetAt(to)]
    const isMoved = (start: number) => Math.floor((start + before) / DAY) !== Math.floor((start + since) / DAY)
    if (before === since || !(isMoved(to) || isMoved(to - STEP))) return []
    return [{ changedAt: changeOf(offsetAt, from, to), by: since < before ? 1 : -1 }]
  })
}

/** To the minute. */
function changeOf(offsetAt: (at: number) => number, from: number, to: number): number {
  const before = offsetAt(from)
  let [low, high] = [from, to]
  while (high - low > MINUTE) {
    const middle = (low + high) / 2
    if (offsetAt(middle) === before) low = middle
    else high = middle
  }
  return high
}
