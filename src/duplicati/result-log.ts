/** The log of a result: its texts, what was left out of them, and the true counts of its lines. */
import { isCount } from './json.ts'
import { leftOutNotes } from './left-out.ts'
import { type LineCounts, type LogSink, noLines, type ReadLines, readLogLines, type Span } from './log-lines.ts'
import type { LogLine, RunFacts } from './model.ts'

type JsonObject = Record<string, unknown>
type Counts = Pick<RunFacts, 'messages' | 'warnings' | 'errors'>

/** Log lines that came beside a result. */
export interface LinesBeside {
  /** Reports carry their lines beside the result (`LogLines`, levels in the text); else those of the result itself are read. */
  lines?: unknown
  /** Lines that were left out before, of each level. */
  dropped?: LineCounts | undefined
  /** Takes the lines; then the log is empty. */
  sink?: LogSink | undefined
}

/**
 * The log with what was left out said in its place, and the true counts: the lists are cut at 20 lines (reports at a number that
 * users choose), `…ActualLength` is not.
 */
export function logAndCounts(
  data: JsonObject,
  { lines, dropped, sink }: LinesBeside,
  span: Span,
): { log: LogLine[]; counts: Counts } {
  const read = lines === undefined ? ownLog(data, span, sink) : readLogLines(lines, null, span, sink)
  const { seen, kept, left } = read
  const all = dropped ? plus(seen, dropped) : seen
  const counts = {
    messages: count(data.MessagesActualLength) ?? all.message,
    warnings: count(data.WarningsActualLength) ?? all.warning,
    errors: count(data.ErrorsActualLength) ?? all.error,
  }
  const cut = dropped ? plus(left, dropped) : left
  const notes = leftOutNotes(missing(cut, counts, kept))
  if (!sink) return { log: [...read.lines, ...notes], counts }
  for (const { level, tag, text } of notes) sink.add(level, null, tag, text)
  return { log: [], counts }
}

function ownLog(data: JsonObject, span: Span, sink: LogSink | undefined): ReadLines {
  const own: ReadLines = { lines: [], seen: noLines(), kept: noLines(), left: noLines() }
  for (const [level, list] of [
    ['message', data.Messages],
    ['warning', data.Warnings],
    ['error', data.Errors],
  ] as const) {
    const { lines, seen, kept, left } = readLogLines(list, level, span, sink)
    own.lines.push(...lines)
    own.seen[level] = seen[level]
    own.kept[level] = kept[level]
    own.left[level] = left[level]
  }
  return own
}

/** How many lines of the levels that were cut are not kept: more than were read, where the report itself was cut. */
function missing(
  cut: LineCounts,
  counts: Pick<RunFacts, 'messages' | 'warnings' | 'errors'>,
  kept: LineCounts,
): LineCounts {
  const of = (level: LogLine['level'], all: number) => (cut[level] === 0 ? 0 : Math.max(cut[level], all - kept[level]))
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
