import type { LogLine } from '../duplicati/model.ts'
import type { RunLog } from './types.ts'

const LEVELS = ['message', 'warning', 'error'] as const
type Level = (typeof LEVELS)[number]

/**
 * The texts of two tellings of one run: of each level those of the richer one, whichever came first, so that any order of arrival
 * leaves the same. Duplicati's forms cut differently: a log row keeps 20 of each level, a text report 10, a JSON report what its
 * options allow. Null where `other` adds nothing to what is stored.
 */
export function mergeLogs(stored: RunLog, other: RunLog): RunLog | null {
  const [own, theirs] = [byLevel(stored.lines), byLevel(other.lines)]
  const chosen = LEVELS.map((level) => (isRicher(theirs[level], own[level]) ? theirs[level] : own[level]))
  const versionDates = isRicher(other.versionDates ?? [], stored.versionDates ?? [])
    ? other.versionDates
    : (stored.versionDates ?? other.versionDates)
  const isStored = LEVELS.every((level, i) => chosen[i] === own[level])
  if (isStored && versionDates === stored.versionDates) return null
  if (isStored) return { lines: stored.lines, versionDates }
  const isOther = LEVELS.every((level, i) => chosen[i] === theirs[level] || isSame(own[level], theirs[level]))
  return { lines: isOther ? other.lines : inOrder(chosen), versionDates }
}

function byLevel(lines: LogLine[]): Record<Level, LogLine[]> {
  const of = (level: Level) => lines.filter((line) => line.level === level)
  return { message: of('message'), warning: of('warning'), error: of('error') }
}

/** More lines, of as many the longer text, of as long the one that sorts later. */
function isRicher(a: unknown[], b: unknown[]): boolean {
  if (a.length !== b.length) return a.length > b.length
  const [one, other] = [JSON.stringify(a), JSON.stringify(b)]
  return one.length === other.length ? one > other : one.length > other.length
}

function isSame(a: LogLine[], b: LogLine[]): boolean {
  return a.length === b.length && JSON.stringify(a) === JSON.stringify(b)
}

/** Lines of several tellings in the order of their times; one without stands behind the one before it. */
function inOrder(levels: LogLine[][]): LogLine[] {
  const timed = levels.flatMap((lines) => {
    let last = ''
    return lines.map((line) => {
      last = line.at ?? last
      return { line, at: last }
    })
  })
  return timed.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0)).map(({ line }) => line)
}
