/**
 * Lines of an operation's log as Duplicati writes them (`LogEntry.AsString`):
 * `2026-11-23 19:36:54 +01 - [Information-TAG]: text`, with an exception on the lines that follow.
 */
import { MORE } from './left-out.ts'
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

/** What the head of a line says: its level and tag, and the text behind it. */
export interface LineHead {
  level: LogLine['level']
  tag: string | null
  text: string
  /** Minutes to add to UTC for the clock time of the line; null where its date is of another calendar. */
  offsetMinutes: number | null
}

/** A minute that lines were written in; offsets are whole minutes, so that seconds are the same in every zone. */
interface Minute {
  /** Epoch milliseconds. */
  start: number
  offsetMinutes: number
  /** ISO 8601 UTC up to the seconds, written when it is first asked for. */
  text: string | null
}

/** What lines begin with, but for their second. */
interface KnownHead {
  /** `2026-11-23 19:36:`, and what stands behind the second: ` +01 - [Information-TAG]: `. */
  before: string
  behind: string
  /** ` +01` */
  zone: string
  minute: Minute | null
  level: LogLine['level']
  tag: string | null
}

/** Heads that are compared with a line before it is taken apart. */
const MOST_KNOWN = 4
const SECOND = 17
const BEHIND = 19

/**
 * Reads the heads of one log's lines, one after the other. Most lines share all of theirs but the second with one of the last few,
 * and a report has dozens: what was read stands in fields, so that a line costs no objects.
 */
class HeadReader {
  readonly #span: Span | undefined
  readonly #minutes = new Map<string, Minute | null>()
  #known: KnownHead[] = []
  #head: KnownHead | null = null
  #line = ''

  /** @param span when the operation ran: tells +05:30 from +05:00, which are written alike */
  constructor(span: Span | undefined) {
    this.#span = span
  }

  /** Reads the head of a line; false when it has none. */
  read(line: string): boolean {
    this.#line = line
    this.#head = this.#knownHead(line) ?? this.#newHead(line)
    return this.#head !== null
  }

  get level(): LogLine['level'] | null {
    return this.#head?.level ?? null
  }

  get tag(): string | null {
    return this.#head?.tag ?? null
  }

  /** What stands behind the head; the whole line where it has none. */
  get text(): string {
    return this.#head === null ? this.#line : this.#line.slice(BEHIND + this.#head.behind.length)
  }

  /** Epoch milliseconds; null where the time cannot be told. */
  get at(): number | null {
    const second = this.#second()
    return second < 0 ? null : (this.#head?.minute?.start ?? 0) + second * 1_000
  }

  /** The same as ISO 8601 UTC. */
  get isoAt(): string | null {
    const minute = this.#head?.minute
    if (!minute || this.#second() < 0) return null
    minute.text ??= new Date(minute.start).toISOString().slice(0, SECOND)
    return `${minute.text}${this.#line.slice(SECOND, BEHIND)}.000Z`
  }

  get offsetMinutes(): number | null {
    return this.#head?.minute?.offsetMinutes ?? null
  }

  /** Of the minute; -1 where there is none. */
  #second(): number {
    const second = this.#head?.minute ? digits(this.#line, SECOND, 2) : -1
    return second < 60 ? second : -1
  }

  #knownHead(line: string): KnownHead | null {
    for (const head of this.#known) {
      if (startsWith(line, head.behind, BEHIND) && this.#isMinuteOf(line, head)) return head
    }
    return null
  }

  /** Whether the line begins with a time, which is brought up to date in what is known. */
  #isMinuteOf(line: string, head: KnownHead): boolean {
    if (startsWith(line, head.before, 0)) return isDigit(line, SECOND) && isDigit(line, SECOND + 1)
    if (!TIME.test(line)) return false
    head.before = line.slice(0, SECOND)
    head.minute = this.#minuteOf(line, head.zone)
    return true
  }

  #newHead(line: string): KnownHead | null {
    const parts = HEAD.exec(line)
    if (!parts) return null
    const [whole, written = '', word = '', rawTag] = parts
    const zone = written.slice(BEHIND)
    const head = {
      before: line.slice(0, SECOND),
      behind: whole.slice(BEHIND),
      zone,
      minute: this.#minuteOf(line, zone),
      level: levelOf(word),
      tag: rawTag ? rawTag.slice(0, MAX_TAG_LENGTH) : null,
    }
    this.#known = [head, ...this.#known.slice(0, MOST_KNOWN - 1)]
    return head
  }

  #minuteOf(line: string, zone: string): Minute | null {
    const key = line.slice(0, SECOND) + zone
    let minute = this.#minutes.get(key)
    if (minute === undefined) {
      minute = parseMinute(line, zone, this.#span)
      this.#minutes.set(key, minute)
    }
    return minute
  }
}

/** As the method of texts does, which compares letter by letter: for such long heads that takes three times as long. */
function startsWith(line: string, head: string, at: number): boolean {
  return line.slice(at, at + head.length) === head
}

function isDigit(text: string, at: number): boolean {
  const code = text.charCodeAt(at)
  return code >= 0x30 && code <= 0x39
}

/** The head of one line; null when it has none. */
export function parseHead(line: string, span?: Span): LineHead | null {
  const reader = new HeadReader(span)
  if (!reader.read(line)) return null
  const { level, tag, text, offsetMinutes } = reader
  return { level: level ?? 'message', tag, text, offsetMinutes }
}

function keptText(text: string): string {
  return redactText(cutText(text))
}

function withoutReturns(line: string): string {
  return line.includes('\r') ? line.replaceAll('\r\n', '\n') : line
}

export type LineCounts = Record<LogLine['level'], number>

/** Takes the lines of a log as they are read: who stores them needs no object of each. */
export interface LogSink {
  /** @param at epoch milliseconds */
  add(level: LogLine['level'], at: number | null, tag: string | null, text: string): void
}

/** What is kept of a list of lines, how many of each level came, and how many of these were kept and left out. */
export interface ReadLines {
  /** Empty where a sink took the lines. */
  lines: LogLine[]
  seen: LineCounts
  kept: LineCounts
  left: LineCounts
}

/**
 * A list of lines as Duplicati gives it (`Messages`, `Warnings`, `Errors`, `LogLines`: null when empty). Entries that are no text
 * are left out. At most 2,000 lines of 64 KB of a level and 12 MB together are kept. The line `... and N more` that ends a
 * report's list is kept, and not counted.
 */
export function readLogLines(lines: unknown, level: LogLine['level'] | null, span?: Span, sink?: LogSink): ReadLines {
  const read: ReadLines = { lines: [], seen: noLines(), kept: noLines(), left: noLines() }
  const { seen, kept, left } = read
  let room = MAX_LOG_LENGTH
  const reader = new HeadReader(span)
  for (const line of Array.isArray(lines) ? lines : []) {
    if (typeof line !== 'string') continue
    const whole = withoutReturns(line)
    const hasHead = reader.read(whole)
    const own = level ?? reader.level ?? 'message'
    if (hasHead || !MORE.test(whole)) seen[own]++
    if (seen[own] > MAX_LINES_PER_LEVEL || room <= 0) {
      left[own]++
      continue
    }
    const text = keptText(reader.text)
    room -= text.length
    kept[own]++
    if (sink) sink.add(own, reader.at, reader.tag, text)
    else read.lines.push({ level: own, at: reader.isoAt, tag: reader.tag, text })
  }
  return read
}

export function noLines(): LineCounts {
  return { message: 0, warning: 0, error: 0 }
}

/** Duplicati's log levels: only these two are above information. */
function levelOf(word: string): LogLine['level'] {
  if (word === 'Error') return 'error'
  return word === 'Warning' ? 'warning' : 'message'
}

/** The minute that a line names; null for a date that does not exist or belongs to another calendar. */
function parseMinute(line: string, zone: string, span?: Span): Minute | null {
  const [year, month, day] = [digits(line, 0, 4), digits(line, 5, 2), digits(line, 8, 2)]
  const [hour, minute, second] = [digits(line, 11, 2), digits(line, 14, 2), digits(line, 17, 2)]
  if (!(year >= 2000 && year <= 2199 && month >= 1 && month <= 12 && hour <= 23 && minute <= 59)) return null
  const written = Date.UTC(year, month - 1, day, hour, minute)
  if (day < 1 || day > daysIn(year, month)) return null
  const offsetMinutes = offsetOf(zone.slice(1), written + Math.min(second, 59) * 1_000, span)
  return { start: written - offsetMinutes * MINUTE, offsetMinutes, text: null }
}

function daysIn(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31
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
