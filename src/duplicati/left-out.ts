/** What stands in a log in place of lines that are not in it. */
import type { LineCounts } from './log-lines.ts'
import type { LogLine } from './model.ts'

/** Duplicati's own words at the end of a list that it cut. */
export const MORE = /^\.\.\. and \d{1,9} more$/
const NOTE = /^… \d+ more lines were not kept$/

/** What is said in place of lines that were left out. */
export function leftOutNotes(left: LineCounts): LogLine[] {
  return (['message', 'warning', 'error'] as const).flatMap((level) =>
    left[level] > 0 ? [{ level, at: null, tag: null, text: `… ${left[level]} more lines were not kept` }] : [],
  )
}

/** Whether a line only tells how many others are missing: it is none that is counted. */
export function isLeftOutNote(text: string): boolean {
  return MORE.test(text) || NOTE.test(text)
}
