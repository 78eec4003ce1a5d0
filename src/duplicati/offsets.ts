/**
 * How far a time zone is from UTC at an instant. On `Intl` alone, so that nothing heavy loads where only this is needed.
 */
const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** .NET allows offsets of at most 14 hours. */
const MAX_FIXED_OFFSET = 14 * HOUR
/** Zone names come from servers, and case does not matter in them: a hostile fleet must not grow the cache without end. */
const MAX_ZONES = 1000
/** 137 years of days: what the longest computation of the scheduler touches. */
const MAX_DAYS = 50_000

/** Milliseconds east of UTC at `at` (milliseconds since the epoch). */
export type OffsetAt = (at: number) => number

const zones = new Map<string, OffsetAt>()

/**
 * The offsets of a zone: an IANA name in any case, or a fixed offset such as `-05:00`. Null for a name that nobody knows.
 * Times before standard time was introduced have the local mean time's seconds.
 */
export function zoneOffsets(zone: string): OffsetAt | null {
  const known = zones.get(zone)
  if (known) return known
  const offsets = fixedOffset(zone) ?? namedOffsets(zone)
  if (!offsets) return null
  if (zones.size >= MAX_ZONES) zones.clear()
  zones.set(zone, offsets)
  return offsets
}

function fixedOffset(zone: string): OffsetAt | null {
  const match = /^([+-])(\d{2})(?::?([0-5]\d))?$/.exec(zone)
  if (!match) return null
  const [, sign, hours, minutes] = match
  const offset = Number(hours) * HOUR + Number(minutes ?? 0) * MINUTE
  if (offset > MAX_FIXED_OFFSET) return null
  const signed = sign === '-' ? -offset : offset
  return () => signed
}

function namedOffsets(zone: string): OffsetAt | null {
  // What most servers say: without loading ICU's data (28 ms at start).
  if (zone === 'UTC') return () => 0
  // Newer engines read bare offsets as zones too; those are settled above, in .NET's bounds.
  if (!/^[A-Za-z]/.test(zone)) return null
  let format: Intl.DateTimeFormat
  try {
    format = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' })
  } catch {
    return null
  }
  if (format.resolvedOptions().timeZone === 'UTC') return () => 0
  return byDay((at) => parseOffset(format.format(at)))
}

/**
 * Formatting takes microseconds, and a schedule is stepped day by day: a UTC day that begins and ends with one offset has that
 * offset throughout (no zone has ever changed to and fro within a day).
 */
function byDay(exact: OffsetAt): OffsetAt {
  const starts = new Map<number, number>()
  const atStart = (day: number): number => {
    let offset = starts.get(day)
    if (offset === undefined) {
      if (starts.size > MAX_DAYS) starts.clear()
      offset = exact(day * DAY)
      starts.set(day, offset)
    }
    return offset
  }
  return (at) => {
    const day = Math.floor(at / DAY)
    const offset = atStart(day)
    return offset === atStart(day + 1) ? offset : exact(at)
  }
}

/** `1/1/2024, GMT+05:45`, with seconds before standard time: `12/31/1899, GMT-00:43:08`. */
function parseOffset(text: string): number {
  const match = /GMT(?:([+-])(\d+):(\d+)(?::(\d+))?)?$/.exec(text)
  if (!match) throw new Error(`No offset in ${JSON.stringify(text)}`)
  const [, sign, hours = 0, minutes = 0, seconds = 0] = match
  const offset = Number(hours) * HOUR + Number(minutes) * MINUTE + Number(seconds) * SECOND
  return sign === '-' ? -offset : offset
}
