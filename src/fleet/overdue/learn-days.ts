import type { OffsetAt } from '../../duplicati/offsets.ts'
import type { Pattern } from './learn.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 86_400_000
/** Runs that wait for others in the queue begin later than planned; so far apart they still mean one clock time. */
const WINDOW = 30 * MINUTE
/** The share of planned days on which there was a run. */
const KEPT = 0.75
/** Days that are looked back at most. */
const LONGEST_SPAN = 400
/** On a weekday that is planned there was a run at least every other time. */
const USUAL = 0.5
/** 1 January 1970 was one; Sunday is 0. */
const THURSDAY = 4
export const WEEKDAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat']

export interface Clock {
  offsetAt: OffsetAt
}

/** A start in local time too. */
interface Start {
  at: number
  local: number
}

/**
 * The clock time at which most of the newest runs begin, and the days on which they do: by all runs at that time, since one by
 * chance on a Sunday is no habit; where that makes none, by the newest.
 * @param starts newest first
 * @param window how many of them are the newest
 */
export function dailyPattern(starts: readonly number[], { offsetAt }: Clock, window: number): Pattern | null {
  const local = starts.map((at) => ({ at, local: at + offsetAt(at) }))
  const newest = local.slice(0, window)
  const members = mostTogether(newest)
  const [first] = members
  if (!first) return null
  const clock = usualClock(members)
  const days = daysOf(members, clock)
  const older = local.filter((start) => Math.abs(apart(start.local, clock)) <= WINDOW)
  const rhythm = rhythmOf(daysOf(older, clock)) ?? rhythmOf(days)
  if (!rhythm) return null
  const late = (start: Start) => apart(start.local, clock)
  return {
    ...rhythm,
    anchorAt: first.at - late(first),
    agreeing: days.length,
    slack: WINDOW,
    lateness: Math.max(0, ...members.map(late)),
    isBroken: isBroken(newest, members),
  }
}

/** Local days since 1970 whose planned start was kept, newest first, each once. */
function daysOf(starts: readonly Start[], clock: number): number[] {
  return [...new Set(starts.map(({ local }) => Math.round((local - clock) / DAY)))]
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
  return mod(base + usual * MINUTE, DAY)
}

/** From the second clock time to the first, at most half a day either way. */
function apart(a: number, b: number): number {
  const difference = mod(a - b, DAY)
  return difference > DAY / 2 ? difference - DAY : difference
}

/** @param days newest first, each once */
function rhythmOf(days: readonly number[]): Pick<Pattern, 'repeat' | 'allowedDays'> | null {
  return everyFewDays(days) ?? weekdaysOf(days) ?? everyMonth(days)
}

/** A weekday that was not met yet is not planned: five runs from Monday to Friday say nothing of Saturday. */
function weekdaysOf(days: readonly number[]): Pick<Pattern, 'repeat' | 'allowedDays'> | null {
  const newest = days[0] ?? 0
  const oldest = Math.max(days.at(-1) ?? 0, newest - LONGEST_SPAN)
  const hits = new Set(days)
  // Met once a weekday may be planned or chance, unless there was a run on nearly every day: three a week are not yet a habit.
  const least = hits.size >= (newest - oldest + 1) * KEPT ? 1 : 2
  const weekdays = WEEKDAYS.map((name, weekday) => {
    const chances: number[] = []
    for (let day = newest - mod(newest + THURSDAY - weekday, 7); day >= oldest; day -= 7) chances.push(day)
    const kept = chances.filter((day) => hits.has(day)).length
    const isUsual = kept >= least && kept >= chances.length * USUAL
    // Taken out of the schedule: the last two times there was no run, though there was on other days.
    const isOver = chances.length > 2 && !chances.slice(0, 2).some((day) => hits.has(day))
    return { name, kept, chances: chances.length, isPlanned: isUsual && !isOver }
  })
  const planned = weekdays.filter(({ isPlanned }) => isPlanned)
  const sum = (count: (of: (typeof planned)[number]) => number) => planned.reduce((total, of) => total + count(of), 0)
  if (planned.length === 0 || sum(({ kept }) => kept) < sum(({ chances }) => chances) * KEPT) return null
  return { repeat: '1D', allowedDays: planned.length === WEEKDAYS.length ? [] : planned.map(({ name }) => name) }
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

/** The remainder as a clock has it, never below zero. */
function mod(value: number, by: number): number {
  return ((value % by) + by) % by
}
