/** The log of a result: its texts, what was left out of them, and the true counts of its lines. */
import { isCount } from './json.ts'
import { type LineCounts, leftOutNotes, type ReadLines, readLogLines, type Span } from './log-lines.ts'
import type { LogLine, RunFacts } from './model.ts'

type JsonObject = Record<string, unknown>
type Counts = Pick<RunFacts, 'messages' | 'warnings' | 'errors'>

/** Log lines that came beside a result. */
export interface LinesBeside {
  /** Reports carry their lines beside the result (`LogLines`, levels in the text); else those of the result itself are read. */
  lines?: unknown
  /** Lines that were left out before, of each level. */
  dropped?: LineCounts | undefined
}

/**
 * The log with what was left out said in its place, and the true counts: the lists are cut at 20 lines (reports at a number that
 * users choose), `…ActualLength` is not.
 */
export function logAndCounts(
  data: JsonObject,
  { lines, dropped }: LinesBeside,
  span: Span,
): { log: LogLine[]; counts: Counts } {
  const { kept, seen, left } = lines === undefined ? ownLog(data, span) : readLogLines(lines, null, span)
  const all = dropped ? plus(seen, dropped) : seen
  const counts = {
    messages: count(data.MessagesActualLength) ?? all.message,
    warnings: count(data.WarningsActualLength) ?? all.warning,
    errors: count(data.ErrorsActualLength) ?? all.error,
  }
  const cut = dropped ? plus(left, dropped) : left
  return { log: [...kept, ...leftOutNotes(missing(cut, counts, kept))], counts }
}

function ownLog(data: JsonObject, span: Span): ReadLines {
  const [messages, warnings, errors] = [
    readLogLines(data.Messages, 'message', span),
    readLogLines(data.Warnings, 'warning', span),
    readLogLines(data.Errors, 'error', span),
  ]
  const each = (which: 'seen' | 'left') => ({
    message: messages[which].message,
    warning: warnings[which].warning,
    error: errors[which].error,
  })
  return { kept: [...messages.kept, ...warnings.kept, ...errors.kept], seen: each('seen'), left: each('left') }
}

/** How many lines of the levels that were cut are not kept: more than were read, where the report itself was cut. */
function missing(
  cut: LineCounts,
  counts: Pick<RunFacts, 'messages' | 'warnings' | 'errors'>,
  kept: LogLine[],
): LineCounts {
  const of = (level: LogLine['level'], all: number) =>
    cut[level] === 0 ? 0 : Math.max(cut[level], all - kept.filter((line) => line.level === level).length)
  return {
    message: of('message', counts.messages),
    warning: of('warning', counts.warnings),
    error: of('error', counts.errors),
  }
}

function plus(one: LineCounts, other: LineCounts): LineCounts {
  return {
    message: one.message + other.message,
    warning: one.warning + other.warning,
    error: one.error + other.error,
  }
}

function count(value: unknown): number | null {
  return isCount(value) ? value : null
}
