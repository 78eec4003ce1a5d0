/**
 * Duplicati's interval texts (`1D`, `2h30m`, `3600`). Duplicati reads them twice, by parsers that disagree: one measures a
 * length, the other steps. Source: recordings/scheduler/README.md, "One step" and "Parsing and errors" (Timeparser.cs).
 */
import { UserError } from '../errors.ts'

/** Letters of an interval; case matters (`m` minute, `M` month). */
export type IntervalUnit = 's' | 'm' | 'h' | 'D' | 'W' | 'M' | 'Y'

/** One segment of an interval text, such as `90m`. */
export interface IntervalPart {
  /** Whole, 0 to 2,147,483,647. */
  value: number
  unit: IntervalUnit
}

const INT32_MAX = 2_147_483_647
const INT32_MIN = -2_147_483_648
const MINUTE = 60
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
/** .NET's TimeSpan counts 100 ns in 64 bits. */
const LONGEST = 922_337_203_685
/** Longer texts are nobody's interval; what comes from a server is not read without bound. */
const MAX_LENGTH = 200

/** .NET's `Trim()`, which takes other characters than JavaScript's. */
const NET_SPACE = '[\\t-\\r \\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]'
const EDGE_SPACE = new RegExp(`^${NET_SPACE}+|${NET_SPACE}+$`, 'g')
/** What .NET's integer parsers take: ASCII digits, one sign, ASCII white space around. */
const INTEGER = /^[\t-\r ]*([+-]?\d+)[\t-\r ]*$/

/**
 * The segments that Duplicati steps by, left to right; a bare number is seconds, an empty text has none.
 *
 * @throws {UserError} `bad_interval` for everything that Duplicati cannot step by, also where it has a length (` 1D`, `-1D`)
 */
export function parseInterval(text: string): IntervalPart[] {
  const parts = readInterval(text)
  if (parts) return parts
  throw new UserError(`Duplicati cannot repeat by ${JSON.stringify(text.slice(0, MAX_LENGTH))}`, {
    code: 'bad_interval',
    hint: 'Use digits with s, m, h, D, W, M or Y, such as 1D, 12h or 1W2D.',
  })
}

/** `parseInterval` for those who only need to know that it cannot be stepped: null. */
export function readInterval(text: string): IntervalPart[] | null {
  if (text === '') return []
  if (text.length > MAX_LENGTH) return null
  const seconds = parseInt32(text)
  // Duplicati turns the number into the text "3600s": a minus sign then fits no more.
  if (seconds !== null) return seconds < 0 ? null : [{ value: Math.abs(seconds), unit: 's' }]
  // .NET's `$` lets one line feed pass at the end.
  if (!/^(?:\d+[smhDWMY])+\n?$/.test(text)) return null
  const parts: IntervalPart[] = []
  for (const [, digits, unit] of text.matchAll(/(\d+)([smhDWMY])/g)) {
    const value = Number(digits)
    if (value > INT32_MAX) return null
    parts.push({ value, unit: unit as IntervalUnit })
  }
  return parts
}

/**
 * The length of an interval text in seconds, a month as 30 and a year as 365 days, as Duplicati measures it to tell short
 * repeats from long ones (`ParseTimeSpan`). Takes signs and white space that cannot be stepped by. Null where Duplicati throws.
 */
export function intervalLength(text: string): number | null {
  if (text === '') return 0
  if (text.length > MAX_LENGTH) return null
  const whole = INTEGER.exec(text)?.[1]
  // A 64-bit number is seconds; a larger one is read on as segments, and has no unit.
  if (whole !== undefined && isInt64(whole)) return inTimeSpan(Number(whole))
  let seconds = 0
  let from = 0
  for (let at = nextUnit(text, from); at > 0; at = nextUnit(text, from)) {
    const value = parseInt32(text.slice(from, at).replace(EDGE_SPACE, ''))
    const length = value === null ? null : inTimeSpan(unitLength(value, text[at] as IntervalUnit))
    const sum = length === null ? null : inTimeSpan(seconds + length)
    if (sum === null) return null
    seconds = sum
    from = at + 1
  }
  return text.slice(from).replace(EDGE_SPACE, '') === '' ? seconds : null
}

function nextUnit(text: string, from: number): number {
  const at = text.slice(from).search(/[smhDWMY]/)
  return at < 0 ? -1 : from + at
}

/** Seconds; days are multiplied in 32 bits and wrap without an error, as Duplicati's do. */
function unitLength(value: number, unit: IntervalUnit): number {
  switch (unit) {
    case 's':
      return value
    case 'm':
      return value * MINUTE
    case 'h':
      return value * HOUR
    case 'D':
      return value * DAY
    case 'W':
      return Math.imul(value, 7) * DAY
    case 'M':
      return Math.imul(value, 30) * DAY
    case 'Y':
      return Math.imul(value, 365) * DAY
  }
}

function inTimeSpan(seconds: number): number | null {
  return Math.abs(seconds) <= LONGEST ? seconds : null
}

function parseInt32(text: string): number | null {
  const digits = INTEGER.exec(text)?.[1]
  if (digits === undefined) return null
  const value = Number(digits)
  return value >= INT32_MIN && value <= INT32_MAX ? value : null
}

function isInt64(digits: string): boolean {
  return BigInt.asIntN(64, BigInt(digits.replace('+', ''))) === BigInt(digits.replace('+', ''))
}
