/** How people write durations and points in time on the command line (docs/json.md, "Naming things"). */
import { UsageError } from '../errors.ts'

const MINUTE = 60
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** Seconds; a month counts 30 days and a year 365 where no calendar is at hand. */
const UNITS: Readonly<Record<string, number>> = {
  s: 1,
  min: MINUTE,
  h: HOUR,
  d: DAY,
  w: 7 * DAY,
  mo: 30 * DAY,
  y: 365 * DAY,
}
const LONGEST_YEARS = 1000
const DURATION_HINT = 'Write a whole number and a unit: 90s, 15min, 2h, 3d, 2w, 6mo or 1y.'
const TIME_HINT = 'Write how long ago (2h, 3d, 6mo), a date (2026-11-01) or a time (2026-11-01T14:30, with Z for UTC).'

interface Part {
  value: number
  unit: string
}

/** Minutes east of UTC at an instant (milliseconds since the epoch) in the zone that a person reads times in. */
export type OffsetMinutes = (at: number) => number
const utc: OffsetMinutes = () => 0

/**
 * Seconds of a duration as people write it: `90s 15min 2h 3d 2w 6mo 1y`, also put together (`1h30min`). More than 0.
 *
 * @throws {UsageError} `bad_duration`; `m` alone is refused, since it could be minutes or months
 */
export function parseDuration(text: string): number {
  return readDuration(text).reduce((sum, { value, unit }) => sum + value * (UNITS[unit] ?? 0), 0)
}

/**
 * The instant (milliseconds since the epoch) that `--since` means at `now`: a duration is that long ago, months and years by the
 * calendar; a date begins at its local midnight; a time without an offset is local. Local is what `offsetAt` says, else UTC.
 *
 * @throws {UsageError} `bad_time`, or `bad_duration` for what begins as a duration
 */
export function sinceDate(text: string, now: number, offsetAt: OffsetMinutes = utc): number {
  return timeOrDate(text, now, offsetAt).from
}

/** As `sinceDate`, but null for what is no time: for those who have a hint of their own. */
export function dateOrNull(text: string, now: number, offsetAt: OffsetMinutes): number | null {
  try {
    return sinceDate(text, now, offsetAt)
  } catch (error) {
    if (error instanceof UsageError) return null
    throw error
  }
}

/** As `sinceDate` for `--until`: a date means its last millisecond, so that the whole day is included. */
export function untilDate(text: string, now: number, offsetAt: OffsetMinutes = utc): number {
  return timeOrDate(text, now, offsetAt).to
}

function timeOrDate(text: string, now: number, offsetAt: OffsetMinutes): { from: number; to: number } {
  const trimmed = text.trim()
  const stamp = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?)(Z|[+-]\d\d:?\d\d)?)?$/i.exec(trimmed)
  if (!stamp) {
    if (!/^\d+\s*[a-z]/i.test(trimmed)) throw badTime(text)
    const at = ago(readDuration(trimmed), now, offsetAt)
    return { from: at, to: at }
  }
  const [, date = '', time, zone] = stamp
  const wall = Date.parse(`${date}T${time ?? '00:00'}Z`)
  // Date.parse takes 30 February as 1 March.
  if (Number.isNaN(wall) || new Date(Date.parse(`${date}T00:00Z`)).toISOString().slice(0, 10) !== date)
    throw badTime(text)
  if (zone) {
    const at = Date.parse(`${date}T${time}${zone.toUpperCase().replace(/(\d\d)(\d\d)$/, '$1:$2')}`)
    if (Number.isNaN(at)) throw badTime(text)
    return { from: at, to: at }
  }
  const from = fromLocal(wall, offsetAt)
  return { from, to: time === undefined ? fromLocal(wall + DAY * 1000, offsetAt) - 1 : from }
}

function ago(parts: Part[], now: number, offsetAt: OffsetMinutes): number {
  const months = parts.reduce(
    (sum, { value, unit }) => sum + (unit === 'mo' ? value : unit === 'y' ? value * 12 : 0),
    0,
  )
  const rest = parts.filter(({ unit }) => unit !== 'mo' && unit !== 'y')
  const seconds = rest.reduce((sum, { value, unit }) => sum + value * (UNITS[unit] ?? 0), 0)
  if (months === 0) return now - seconds * 1000
  const date = new Date(now + offsetAt(now) * 60_000)
  const day = date.getUTCDate()
  date.setUTCMonth(date.getUTCMonth() - months, 1)
  const lastDay = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate()
  date.setUTCDate(Math.min(day, lastDay))
  return fromLocal(date.getTime(), offsetAt) - seconds * 1000
}

/** A wall clock reading as an instant; one that a changeover leaves out is read by the offset before. */
function fromLocal(wall: number, offsetAt: OffsetMinutes): number {
  const first = wall - offsetAt(wall) * 60_000
  const second = wall - offsetAt(first) * 60_000
  return second + offsetAt(second) * 60_000 === wall ? second : Math.max(first, second)
}

function readDuration(text: string): Part[] {
  const trimmed = text.trim()
  if (!/^(?:\d{1,9}(?:s|min|h|d|w|mo|y))+$/.test(trimmed)) throw badDuration(text)
  const parts = [...trimmed.matchAll(/(\d+)([a-z]+)/g)].map(([, digits, unit = '']) => ({
    value: Number(digits),
    unit,
  }))
  const seconds = parts.reduce((sum, { value, unit }) => sum + value * (UNITS[unit] ?? 0), 0)
  if (seconds === 0) throw badDuration(text, 'It must be more than nothing.')
  if (seconds > LONGEST_YEARS * (UNITS.y ?? 0)) throw badDuration(text, `At most ${LONGEST_YEARS}y.`)
  return parts
}

function badDuration(text: string, why?: string): UsageError {
  const minutesOrMonths = /^\s*(\d{1,9})\s*m\s*$/i.exec(text)
  return new UsageError(`${quote(text)} is no duration`, {
    code: 'bad_duration',
    hint: minutesOrMonths
      ? `"m" could be minutes or months: write ${minutesOrMonths[1]}min or ${minutesOrMonths[1]}mo.`
      : (why ?? DURATION_HINT),
  })
}

function badTime(text: string): UsageError {
  return new UsageError(`${quote(text)} is no time`, { code: 'bad_time', hint: TIME_HINT })
}

function quote(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text)
}
