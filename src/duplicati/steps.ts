/**
 * One step of Duplicati's scheduler, from one run to the next. Source: recordings/scheduler/README.md, "One step"
 * (`DSTAwareParseTimeInterval`). Instants are milliseconds since the epoch; null is where .NET leaves its calendar and throws.
 */
import { type IntervalPart, readInterval } from './interval.ts'
import type { OffsetAt } from './offsets.ts'

const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
export const DAY = 24 * HOUR

/** .NET's calendar: the years 1 to 9999. */
export const FIRST_INSTANT = -62_135_596_800_000
export const LAST_INSTANT = 253_402_300_799_999

const MAX_MONTHS = 120_000
const MAX_YEARS = 10_000

/** How a repeat moves an instant on. */
export interface Stepper {
  step: (at: number) => number | null
  /** Milliseconds, where every step has the same length wherever it begins; null where the way matters. */
  fixed: number | null
}

/**
 * The steps of a repeat text in a zone; null where Duplicati cannot step by it. Without `keepClockTime` steps are plain UTC, as
 * Duplicati 2.1 makes them.
 */
export function stepper(repeat: string, offsetAt: OffsetAt, keepClockTime: boolean): Stepper | null {
  const parts = readInterval(repeat)
  if (!parts) return null
  const raw = (at: number): number | null => addAll(at, parts)
  // A text with s, m or h in it is absolute, whatever else it says ("1D0h").
  const absolute = !keepClockTime || !parts.every(isCalendar)
  if (absolute || parts.length === 0) return { step: raw, fixed: fixedLength(parts) }
  const step = (at: number): number | null => {
    const next = raw(at)
    // One correction, not looked at again where it lands: a daily 02:30 goes to 01:30 over the spring gap, and stays there.
    return next === null ? null : within(next + offsetAt(at) - offsetAt(next))
  }
  return { step, fixed: null }
}

/** Null outside of .NET's calendar. */
export function within(at: number): number | null {
  return at >= FIRST_INSTANT && at <= LAST_INSTANT ? at : null
}

function isCalendar({ unit }: IntervalPart): boolean {
  return unit === 'D' || unit === 'W' || unit === 'M' || unit === 'Y'
}

function fixedLength(parts: IntervalPart[]): number | null {
  let sum = 0
  for (const part of parts) {
    const length = exactLength(part)
    if (length === null) return null
    sum += length
  }
  return sum
}

/** Milliseconds of what has one length; null for months and years. */
function exactLength({ value, unit }: IntervalPart): number | null {
  switch (unit) {
    case 's':
      return value * SECOND
    case 'm':
      return value * MINUTE
    case 'h':
      return value * HOUR
    case 'D':
      return value * DAY
    case 'W':
      // Multiplied in 32 bits, wrapping without an error: "613566757W" is 3 days.
      return Math.imul(value, 7) * DAY
    default:
      return null
  }
}

function addAll(from: number, parts: IntervalPart[]): number | null {
  let at = from
  for (const part of parts) {
    const exact = exactLength(part)
    const next = exact === null ? addCalendar(at, part) : within(at + exact)
    if (next === null) return null
    at = next
  }
  return at
}

/** Months and years of the UTC calendar; the day is clamped to the month's last. */
function addCalendar(at: number, { value, unit }: IntervalPart): number | null {
  if (value > (unit === 'Y' ? MAX_YEARS : MAX_MONTHS)) return null
  const date = new Date(at)
  const months = date.getUTCFullYear() * 12 + date.getUTCMonth() + value * (unit === 'Y' ? 12 : 1)
  const year = Math.floor(months / 12)
  const month = months % 12
  if (year > 9999) return null
  return date.setUTCFullYear(year, month, Math.min(date.getUTCDate(), daysIn(year, month)))
}

function daysIn(year: number, month: number): number {
  const date = new Date(0)
  date.setUTCFullYear(year, month + 1, 0)
  return date.getUTCDate()
}
