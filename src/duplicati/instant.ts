/** Moments as Duplicati writes them in results: ISO 8601 with up to seven digits behind the second. */

const INSTANT = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,7}))?(Z|[+-]\d\d:\d\d)?$/
const COMPACT = /^\d{8}T\d{6}Z$/
/** .NET's unset date: every job has some. */
const UNSET = '0001-01-01T'
/** No run of a Duplicati that has an HTTP API of today is older; .NET's unset date is the year 1. */
const EARLIEST = Date.UTC(2000, 0, 1)
const LATEST = Date.UTC(9000, 0, 1)

/** A moment: epoch milliseconds, and the 100-ns ticks below them (0…9999). */
export interface Instant {
  ms: number
  ticks: number
}

/**
 * Reads `2026-11-23T18:36:50.6981235Z`; trailing zeros may be dropped, a date without a zone is UTC. Null for other texts,
 * impossible dates, and dates before 2000, .NET's unset `0001-01-01T00:00:00` first of all.
 */
export function parseInstant(text: unknown): Instant | null {
  const parts = typeof text === 'string' ? INSTANT.exec(text) : null
  if (!parts) return null
  const digits = (parts[2] ?? '').padEnd(7, '0')
  const ms = believed(Date.parse(`${parts[1]}.${digits.slice(0, 3)}${parts[3] ?? 'Z'}`))
  return ms === null ? null : { ms, ticks: Number(digits.slice(3)) }
}

function believed(ms: number): number | null {
  return ms >= EARLIEST && ms < LATEST ? ms : null
}

/**
 * A date in ISO form or compact (`20261123T184345Z`) as ISO 8601 UTC with milliseconds; null for .NET's year 1, other impossible
 * dates, and what is no date.
 */
export function isoDate(value: unknown): string | null {
  if (typeof value !== 'string' || value.length > 40 || value.startsWith(UNSET)) return null
  const ms = COMPACT.test(value) ? believed(Date.parse(expanded(value))) : (parseInstant(value)?.ms ?? null)
  return ms === null ? null : new Date(ms).toISOString()
}

function expanded(compact: string): string {
  const at = (from: number, to: number) => compact.slice(from, to)
  return `${at(0, 4)}-${at(4, 6)}-${at(6, 8)}T${at(9, 11)}:${at(11, 13)}:${at(13, 15)}.000Z`
}
