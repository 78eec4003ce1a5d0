/**
 * Lines of an operation's log as Duplicati writes them (`LogEntry.AsString`):
 * `2026-11-23 19:36:54 +01 - [Information-TAG]: text`, with an exception on the lines that follow.
 */
import type { LogLine } from './model.ts'
import { redactText } from './redact.ts'

/** Longest text of one line that is kept, in UTF-16 units. */
export const MAX_LINE_LENGTH = 64 * 1024
/** Most lines of one level that are kept. */
export const MAX_LINES_PER_LEVEL = 2000
/** Most text of one log that is kept, in UTF-16 units. */
const MAX_LOG_LENGTH = 12 * 1024 * 1024

const MAX_TAG_LENGTH = 200
const HEAD =
  /^(\d{4}-\d\d-\d\d \d\d[:.]\d\d[:.]\d\d (?:[+-]\d\d(?::?\d\d)?|Z)) - \[([A-Za-z]{1,20})(?:-([^\]\n]*))?\]: ?/
const TIME = /^\d{4}-\d\d-\d\d \d\d[:.]\d\d[:.]\d\d/
const MORE = /^\.\.\. and \d{1,9} more$/
/** .NET's `zz` leaves the minutes of an offset out: `+05` is written for +05:30 and +05:45 too. */
const HIDDEN_MINUTES = [0, 30, 45, 15]
const MINUTE = 60_000
/** Lines are written with whole seconds, and some just before the operation's clock starts or after it ends. */
const SLACK = 5_000

/** When the operation ran, in epoch milliseconds. */
export interface Span {
  from: number
  to: number
}

/** When a line was written. */
export interface Stamp {
  /** ISO 8601 UTC. */
  at: string
  /** Minutes to add to UTC for the clock time of that line. */
  offsetMinutes: number
}

/** What the head of a line says: its time (null where the date is of another calendar), level and tag. */
export interface LineHead {
  stamp: Stamp | null
  level: LogLine['level']
  tag: string | null
  text: string
}

/** What was read before: most lines of a log share all of their heads but the second with one of the last few. */
export interface KnownHeads {
  /** By what is written without the seconds. */
  minutes: Map<string, Minute | null>
  last: KnownHead[]
}

interface KnownHead extends Omit<LineHead, 'stamp' | 'text'> {
  /** `2026-11-23 19:36:`, and what stands behind the second: ` +01 - [Information-TAG]: `. */
  before: string
  behind: string
  /** ` +01` */
  zone: string
  minute: Minute | null
}

/** Heads that are compared with a line before it is taken apart. */
const MOST_KNOWN = 4
const SECOND = 17
const BEHIND = 19

/** Offsets are whole minutes: seconds are the same in every zone. */
interface Minute {
  /** ISO 8601 UTC, up to the seconds. */
  start: string
  offsetMinutes: number
}

/**
 * The head of a line and the text behind it; null when the line has no head.
 *
 * @param span when the operation ran: tells +05:30 from +05:00, which are written alike
 */
export function parseHead(line: string, span?: Span, known: KnownHeads = noHeads()): LineHead | null {
  for (const head of known.last) {
    if (line.startsWith(head.behind, BEHIND) && isMinuteOf(line, head, span, known)) return asKnown(line, head)
  }
  const parts = HEAD.exec(line)
  if (!parts) return null
  const [whole, written = '', word = '', rawTag] = parts
  const head = {
    before: line.slice(0, SECOND),
    behind: whole.slice(BEHIND),
    zone: written.slice(BEHIND),
    minute: minuteOf(written, span, known.minutes),
    level: levelOf(word),
    tag: rawTag ? rawTag.slice(0, MAX_TAG_LENGTH) : null,
  }
  known.last.unshift(head)
  if (known.last.length > MOST_KNOWN) known.last.pop()
  return asKnown(line, head)
}

/** Whether the line begins with a time, which is brought up to date in what is known. */
function isMinuteOf(line: string, head: KnownHead, span: Span | undefined, known: KnownHeads): boolean {
  if (line.startsWith(head.before)) return isDigit(line, SECOND) && isDigit(line, SECOND + 1)
  if (!TIME.test(line)) return false
  head.before = line.slice(0, SECOND)
  head.minute = minuteOf(line.slice(0, BEHIND) + head.zone, span, known.minutes)
  return true
}

function noHeads(): KnownHeads {
  return { minutes: new Map(), last: [] }
}

function isDigit(text: string, at: number): boolean {
  const code = text.charCodeAt(at)
  return code >= 0x30 && code <= 0x39
}

function asKnown(line: string, { behind, minute, level, tag }: KnownHead): LineHead {
  const second = line.slice(SECOND, BEHIND)
  const stamp =
    minute && second < '60' ? { at: `${minute.start}${second}.000Z`, offsetMinutes: minute.offsetMinutes } : null
  return { stamp, level, tag, text: line.slice(BEHIND + behind.length) }
}

/** One line of a log. The level is that of the list which the line came in, else the one that the line names. */
export function parseLogLine(line: string, level: LogLine['level'] | null, span?: Span, known?: KnownHeads): LogLine {
  const whole = withoutReturns(line)
  return toLine(whole, parseHead(whole, span, known), level)
}

function toLine(whole: string, head: LineHead | null, level: LogLine['level'] | null): LogLine {
  return {
    level: level ?? head?.level ?? 'message',
    at: head?.stamp?.at ?? null,
    tag: head?.tag ?? null,
    text: redactText(cutText(head?.text ?? whole)),
  }
}

function withoutReturns(line: string): string {
  return line.includes('\r') ? line.replaceAll('\r\n', '\n') : line
}

export type LineCounts = Record<LogLine['level'], number>

/** What is kept of a list of lines, how many of each level came, and how many of these were left out. */
export interface ReadLines {
  kept: LogLine[]
  seen: LineCounts
  left: LineCounts
}

/**
 * A list of lines as Duplicati gives it (`Messages`, `Warnings`, `Errors`, `LogLines`: null when empty). Entries that are no text
 * are left out. At most 2,000 lines of 64 KB of a level and 12 MB together are kept. The line `... and N more` that ends a
 * report's list is kept, and not counted.
 */
export function readLogLines(lines: unknown, level: LogLine['level'] | null, span?: Span): ReadLines {
  const kept: LogLine[] = []
  const [seen, left] = [noLines(), noLines()]
  let room = MAX_LOG_LENGTH
  const known = noHeads()
  for (const line of Array.isArray(lines) ? lines : []) {
    if (typeof line !== 'string') continue
    const whole = withoutReturns(line)
    const head = parseHead(whole, span, known)
    const own = level ?? head?.level ?? 'message'
    if (head !== null || !MORE.test(whole)) seen[own]++
    if (seen[own] > MAX_LINES_PER_LEVEL || room <= 0) left[own]++
    else {
      const parsed = toLine(whole, head, level)
      room -= parsed.text.length
      kept.push(parsed)
    }
  }
  return { kept, seen, left }
}

export function noLines(): LineCounts {
  return { message: 0, warning: 0, error: 0 }
}

/** What is said in place of lines that were left out. */
export function leftOutNotes(left: LineCounts): LogLine[] {
  return (['message', 'warning', 'error'] as const).flatMap((level) =>
    left[level] > 0 ? [{ level, at: null, tag: null, text: `… ${left[level]} more lines were not kept` }] : [],
  )
}

/** Duplicati's log levels: only these two are above information. */
function levelOf(word: string): LogLine['level'] {
  if (word === 'Error') return 'error'
  return word === 'Warning' ? 'warning' : 'message'
}

/** Null for a date that does not exist or belongs to another calendar. */
function minuteOf(written: string, span: Span | undefined, known: KnownHeads['minutes']): Minute | null {
  const key = written.slice(0, SECOND) + written.slice(BEHIND)
  let minute = known.get(key)
  if (minute === undefined) {
    minute = parseMinute(written, span)
    known.set(key, minute)
  }
  return minute
}

function parseMinute(written: string, span?: Span): Minute | null {
  const [year, month, day] = [digits(written, 0, 4), digits(written, 5, 2), digits(written, 8, 2)]
  const [hour, minute, second] = [digits(written, 11, 2), digits(written, 14, 2), digits(written, 17, 2)]
  if (!(year >= 2000 && year <= 2199 && month >= 1 && month <= 12 && hour <= 23 && minute <= 59)) return null
  const clock = Date.UTC(year, month - 1, day, hour, minute, Math.min(second, 59))
  if (new Date(clock).getUTCDate() !== day) return null
  const offsetMinutes = offsetOf(written.slice(BEHIND + 1), clock, span)
  return { start: new Date(clock - offsetMinutes * MINUTE).toISOString().slice(0, SECOND), offsetMinutes }
}

/** What these digits are; they are digits already. */
function digits(text: string, from: number, count: number): number {
  let value = 0
  for (let at = from; at < from + count; at++) value = value * 10 + text.charCodeAt(at) - 0x30
  return value
}

/** @param zone `+01`, `+0530`, `+05:30` or `Z` */
function offsetOf(zone: string, clock: number, span?: Span): number {
  if (zone.length < 3) return 0
  const sign = zone.startsWith('-') ? -1 : 1
  const hours = digits(zone, 1, 2) * 60
  if (zone.length > 3) return sign * (hours + digits(zone, zone.length - 2, 2))
  if (!span) return sign * hours
  const fits = (minutes: number) => {
    const at = clock - sign * (hours + minutes) * MINUTE
    return at >= span.from - SLACK && at <= span.to + SLACK
  }
  return sign * (hours + (HIDDEN_MINUTES.find(fits) ?? 0))
}

function cutText(text: string): string {
  if (text.length <= MAX_LINE_LENGTH) return text.toWellFormed()
  const kept = text.slice(0, MAX_LINE_LENGTH).toWellFormed()
  return `${kept}… (${text.length - MAX_LINE_LENGTH} more characters were not kept)`
}
