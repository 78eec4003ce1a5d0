import type { OffsetAt } from '../../duplicati/offsets.ts'
import type { Pattern } from './learn.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 86_400_000
/** Runs that wait for others in the queue begin later than planned; so far apart they still mean one clock time. */
const WINDOW = 30 * MINUTE
/** The share of planned days on which there was a run. */
const KEPT = 0.75
/** On a weekday that is planned there was a run at least every other time. */
const USUAL = 0.5
const WEEKDAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat']

export interface Clock {
  offsetAt: OffsetAt
}

/** A start in local time, and the local day whose planned start it kept. */
interface Start {
  at: number
  local: number
}
interface Kept extends Start {
  /** Days since 1970. */
  day: number
  /** After the planned clock time; below zero before it. */
  late: number
}

/**
 * The clock time at which most runs begin, and the days on which they do.
 * @param starts newest first
 */
export function dailyPattern(starts: readonly number[], { offsetAt }: Clock): Pattern | null {
  const local = starts.map((at) => ({ at, local: at + offsetAt(at) }))
  const members = mostTogether(local)
  const clock = usualClock(members)
  const kept = members.map((start): Kept => {
    const day = Math.round((start.local - clock) / DAY)
    return { ...start, day, late: start.local - clock - day * DAY }
  })
  const newest = kept[0]
  if (!newest) return null
  const days = [...new Set(kept.map(({ day }) => day))]
  const rhythm = rhythmOf(days)
  if (!rhythm) return null
  return {
    ...rhythm,
    anchorAt: newest.at - newest.late,
    agreeing: days.length,
    slack: WINDOW,
    lateness: Math.max(0, ...kept.map(({ late }) => late)),
    isBroken: isBroken(local, members),
  }
}

/** The most starts around one clock time; of two such groups the one with the newer run. */
function mostTogether(starts: readonly Start[]): Start[] {
  let most: Start[] = []
  for (const center of starts) {
    const near = starts.filter((start) => Math.abs(apart(start.local, center.local)) <= WINDOW)
    if (near.length > most.length) most = near
  }
  return most
}

/** The minute in which at least half of them begin, else the middle one. */
function usualClock(members: readonly Start[]): number {
  const first = members[0]
  if (!first) return 0
  const base = Math.floor(first.local / MINUTE) * MINUTE
  const minutes = members.map(({ local }) => Math.floor(apart(local, base) / MINUTE)).sort((a, b) => a - b)
  const counts = [...Map.groupBy(minutes, (minute) => minute)].sort(([, a], [, b]) => b.length - a.length)
  const [minute, same] = counts[0] ?? [0, []]
  const usual = same.length * 2 >= members.length ? minute : (minutes[minutes.length >> 1] ?? 0)
  return (((base + usual * MINUTE) % DAY) + DAY) % DAY
}

/** From the second clock time to the first, at most half a day either way. */
function apart(a: number, b: number): number {
  const difference = (((a - b) % DAY) + DAY) % DAY
  return difference > DAY / 2 ? difference - DAY : difference
}

/** @param days newest first, each once */
function rhythmOf(days: readonly number[]): Pick<Pattern, 'repeat' | 'allowedDays'> | null {
  return everyFewDays(days) ?? weekdaysOf(days) ?? everyMonth(days)
}

/** A weekday that was not met yet is not planned: five runs from Monday to Friday say nothing of Saturday. */
function weekdaysOf(days: readonly number[]): Pick<Pattern, 'repeat' | 'allowedDays'> | null {
  const newest = days[0] ?? 0
  const oldest = days.at(-1) ?? 0
  const hits = [0, 0, 0, 0, 0, 0, 0]
  const chances = [0, 0, 0, 0, 0, 0, 0]
  for (const day of days) count(hits, day)
  for (let day = Math.max(oldest, newest - 400); day <= newest; day++) count(chances, day)
  // Met once a weekday may be planned or chance, unless there was a run on nearly every day: three a week are not yet a habit.
  const least = days.length >= (newest - oldest + 1) * KEPT ? 1 : 2
  const allowed = WEEKDAYS.filter((_, weekday) => {
    const hit = hits[weekday] ?? 0
    return hit >= least && hit >= (chances[weekday] ?? 0) * USUAL
  })
  const sumOf = (counts: number[]) =>
    WEEKDAYS.reduce((sum, name, weekday) => sum + (allowed.includes(name) ? (counts[weekday] ?? 0) : 0), 0)
  if (allowed.length === 0 || sumOf(hits) < sumOf(chances) * KEPT) return null
  return { repeat: '1D', allowedDays: allowed.length === WEEKDAYS.length ? [] : allowed }
}

function count(counts: number[], day: number): void {
  // 1 January 1970 was a Thursday.
  const weekday = (((day + 4) % 7) + 7) % 7
  counts[weekday] = (counts[weekday] ?? 0) + 1
}

function everyFewDays(days: readonly number[]): Pick<Pattern, 'repeat' | 'allowedDays'> | null {
  const newest = days[0] ?? 0
  const gaps = days.slice(1).map((day, index) => (days[index] ?? day) - day)
  const usual = [...Map.groupBy(gaps, (gap) => gap)].sort(([, a], [, b]) => b.length - a.length)[0]?.[0]
  if (usual === undefined || usual < 2 || days.some((day) => (newest - day) % usual !== 0)) return null
  const planned = (newest - (days.at(-1) ?? newest)) / usual + 1
  return days.length < planned * KEPT ? null : { repeat: `${usual}D`, allowedDays: [] }
}

function everyMonth(days: readonly number[]): Pick<Pattern, 'repeat' | 'allowedDays'> | null {
  const dates = days.map((day) => new Date(day * DAY))
  const [newest] = dates
  if (!newest || dates.some((date) => date.getUTCDate() !== newest.getUTCDate())) return null
  const months = dates.map((date) => date.getUTCFullYear() * 12 + date.getUTCMonth())
  const planned = (months[0] ?? 0) - (months.at(-1) ?? 0) + 1
  return months.length < planned * KEPT ? null : { repeat: '1M', allowedDays: [] }
}

/** The two newest runs agree with each other on another clock time, or the usual one was long not kept. */
function isBroken(starts: readonly Start[], members: readonly Start[]): boolean {
  const [newest, second] = starts
  if (!newest || !second) return false
  if (!starts.slice(0, 5).some((start) => members.includes(start))) return true
  if (members.includes(newest) || members.includes(second)) return false
  // Clocks may have changed between them.
  return Math.abs(apart(newest.local, second.local)) <= WINDOW + HOUR && newest.local - second.local > DAY / 2
}
