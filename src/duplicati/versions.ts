/**
 * Dates of the versions at the destination, from the lines that a retention policy leaves in the log of a backup:
 * `Backups to consider: …` (all versions but the newest) and `All backups to delete: …`, both in the server's locale and in
 * its local time. Measured on 2.1.0.5, 2.2.0.3 and 2.3.0.4: newest + considered − deleted are exactly `BackupListCount`.
 */
import { parseHead, type Span } from './log-lines.ts'

const CONSIDERED = 'Backups to consider: '
const DELETED = 'All backups to delete: '
const MAX_LIST_LENGTH = 64 * 1024
const MINUTE = 60_000
const DAY = 86_400_000

/** Invisible marks of direction that some locales put between the digits. */
const DIRECTION_MARKS = /[\u200e\u200f\u061c]/g
const DATE_TIME = /^(\d{1,4})[-/.]\s?(\d{1,2})[-/.]\s?(\d{1,4})\.?\s(.*)$/
const CLOCK = /(\d{1,2})[:.](\d\d)[:.](\d\d)/
const BEFORE_NOON = ['am', '上午', '午前', '오전', 'πμ', 'sa']
const AFTER_NOON = ['pm', '下午', '午後', '오후', 'μμ', 'ch']
/** Words for "year" that stand between date and time in Bulgarian and Ukrainian. */
const YEAR_WORDS = ['', 'г', 'р']

/** What else a run says of its versions. */
export interface VersionEvidence {
  /** When the run took place, in epoch milliseconds. */
  span: Span
  /** `LastBackupDate`, the newest version, in epoch milliseconds. */
  newest: number | null
  /** `BackupListCount`. */
  count: number | null
}

/** A date and time as a locale wrote it, before the order of day and month is known. */
interface Parts {
  first: number
  second: number
  year: number
  order: 'ymd' | 'dmy' | 'either'
  /** Milliseconds since midnight. */
  clock: number
}

/**
 * Dates of the versions (ISO 8601 UTC, newest first), or null where the lines are missing, their format leaves open which
 * number is the day, or their number is not the run's own count. Times are taken with the zone offset of their line.
 *
 * @param lines the texts of a log as Duplicati gives them (`Messages`, or `LogLines` of a report)
 */
export function versionDates(lines: unknown, evidence: VersionEvidence): string[] | null {
  if (!Array.isArray(lines)) return null
  const considered = findList(lines, CONSIDERED, evidence.span)
  if (!considered) return null
  const deleted = findList(lines, DELETED, evidence.span)
  const read = reader([...considered.dates, ...(deleted?.dates ?? [])], evidence)
  if (!read) return null
  const gone = new Set(deleted?.dates.map((date) => read(date, considered.offset)))
  const kept = considered.dates.map((date) => read(date, considered.offset)).filter((at) => !gone.has(at))
  const all = complete(kept, gone, evidence)
  return all?.map((at) => new Date(at).toISOString()) ?? null
}

/** Adds the newest version, which the list leaves out, and holds the sum against the run's own count. */
function complete(kept: number[], gone: Set<number>, { newest, count }: VersionEvidence): number[] | null {
  const dates = new Set(newest === null || gone.has(newest) ? kept : [newest, ...kept])
  return dates.size === (count ?? dates.size) ? [...dates].sort((a, b) => b - a) : null
}

/** The dates of one of the two lines, and the zone offset of the line in minutes. */
function findList(lines: unknown[], start: string, span: Span): { dates: Parts[]; offset: number } | null {
  const line = lines.find((text): text is string => typeof text === 'string' && text.includes(`]: ${start}`))
  if (!line || line.length > MAX_LIST_LENGTH) return null
  const head = parseHead(line, span)
  if (head?.offsetMinutes == null || !head.text.startsWith(start)) return null
  const list = head.text.slice(start.length).replace(DIRECTION_MARKS, '').trim()
  const dates = list === '' ? [] : list.split(/,\s+/).map(parseParts)
  return dates.includes(null) ? null : { dates: dates as Parts[], offset: head.offsetMinutes }
}

/** Digits of one date: `11/24/2026 1:42:50 AM`, `24.11.2026 6.13.53`, `2026-11-24 上午 1:42:50`. Null when it is none. */
function parseParts(text: string): Parts | null {
  const parts = DATE_TIME.exec(text)
  const clock = CLOCK.exec(parts?.[4] ?? '')
  if (!parts || !clock) return null
  const milliseconds = clockOf(clock, designator((parts[4] ?? '').replace(clock[0], '')))
  if (milliseconds === null) return null
  const [a = '', b = '', c = ''] = parts.slice(1, 4)
  const shared = { clock: milliseconds }
  if (a.length === 4) return { ...shared, order: 'ymd', year: Number(a), first: Number(b), second: Number(c) }
  if (c.length !== 4 || a.length > 2) return null
  const order = text.charAt(a.length) === '.' ? 'dmy' : 'either'
  return { ...shared, order, year: Number(c), first: Number(a), second: Number(b) }
}

/** What stands beside the clock time: a half of the day, nothing that matters, or something unknown (undefined). */
function designator(text: string): 'am' | 'pm' | null | undefined {
  const word = text.replace(/[\s.]/g, '').toLowerCase()
  if (BEFORE_NOON.includes(word)) return 'am'
  if (AFTER_NOON.includes(word)) return 'pm'
  return YEAR_WORDS.includes(word) ? null : undefined
}

function clockOf(parts: RegExpExecArray, half: 'am' | 'pm' | null | undefined): number | null {
  const [hour = 0, minute = 0, second = 0] = parts.slice(1).map(Number)
  if (half === undefined || hour > 23 || minute > 59 || second > 59) return null
  if (half !== null && (hour < 1 || hour > 12)) return null
  const hours = half === null ? hour : (hour % 12) + (half === 'pm' ? 12 : 0)
  return ((hours * 60 + minute) * 60 + second) * 1000
}

/**
 * How to read the dates: day and month are told apart by the format, by a number above 12 anywhere in the list, or because
 * only one reading lies in the past and falls from newest to oldest as Duplicati lists them. Null where both do.
 */
function reader(dates: Parts[], { span }: VersionEvidence): ((date: Parts, offset: number) => number) | null {
  const readings = [monthFirst, dayFirst].filter((reading) => {
    const days = dates.map(reading)
    return days.every((day) => day !== null && day <= span.to + DAY) && fallsWithinLists(days as number[])
  })
  const same = readings.length === 2 && dates.every((date) => monthFirst(date) === dayFirst(date))
  const reading = readings.length === 1 || same ? readings[0] : undefined
  return reading ? (date, offset) => (reading(date) ?? 0) + date.clock - offset * MINUTE : null
}

/** The considered and the deleted dates follow each other, each falling: one rise at most. */
function fallsWithinLists(days: number[]): boolean {
  return days.filter((day, index) => index > 0 && day > (days[index - 1] ?? day)).length <= 1
}

function monthFirst(date: Parts): number | null {
  return date.order === 'dmy' ? null : utcDay(date.year, date.first, date.second)
}

function dayFirst(date: Parts): number | null {
  if (date.order === 'ymd') return utcDay(date.year, date.first, date.second)
  return utcDay(date.year, date.second, date.first)
}

function utcDay(year: number, month: number, day: number): number | null {
  if (year < 2000 || year > 2199 || month < 1 || month > 12) return null
  const at = Date.UTC(year, month - 1, day)
  return new Date(at).getUTCDate() === day ? at : null
}
