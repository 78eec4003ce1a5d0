/**
 * What is kept of something that people may be told of, so that its message can be built later, in any language: the JSON in
 * `event.data`. Times are milliseconds since the epoch, durations seconds; texts are as they came and are made inert where they
 * are used.
 */
import { isLeftOutNote } from '../duplicati/left-out.ts'
import type { RunOutcome } from './rules.ts'

export interface EventServer {
  /** Machine name, else the host of the address. */
  name: string
  alias: string | null
  note: string | null
  url: string | null
}

export interface EventJob {
  name: string
}

/** A newly arrived counting run. */
export interface RunEvent {
  kind: 'run'
  server: EventServer
  job: EventJob
  status: RunOutcome['status']
  beganAt: number
  durationSeconds: number | null
  uploadedBytes: number | null
  storageBytes: number | null
  /** `examinedBytes` and `examinedFiles`. */
  sourceBytes: number | null
  files: number | null
  versions: number | null
  /** True counts. */
  messages: number
  warnings: number
  errors: number
  log: LogExcerpt
  /** End of the last good run (this one, if it is one). */
  lastSuccessAt: number | null
  failuresInARow: number
}

/** What lateness tells: overdue, or the last success older than the maximum age (then `expectedAt` is when it became so). */
export interface LateEvent {
  kind: 'overdue' | 'tooOld'
  server: EventServer
  job: EventJob
  lastRunAt: number | null
  lastSuccessAt: number | null
  expectedAt: number | null
  /** Duplicati's interval, such as `1D`. */
  interval: string | null
  toleranceSeconds: number | null
  failuresInARow: number
  /** 0 for the first message of the alert, then counting. */
  reminder: number
}

/** A failure before the run began: no run tells of it. */
export interface FailedEarlyEvent {
  kind: 'failedEarly'
  server: EventServer
  job: EventJob
  at: number
  message: string
  lastSuccessAt: number | null
  failuresInARow: number
  reminder: number
}

/** One for the server, in place of one for each of its jobs. */
export interface UnreachableEvent {
  kind: 'unreachable'
  server: EventServer
  since: number
  message: string
  jobs: number
  reminder: number
}

export type Problem = 'overdue' | 'tooOld' | 'failedEarly' | 'failed' | 'unreachable'

/** The end of an alert, or of a row of failures. */
export interface RecoveryEvent {
  kind: 'recovery'
  server: EventServer
  /** Null where the server was unreachable. */
  job: EventJob | null
  problem: Problem
  since: number
  endedAt: number
  lastRunAt: number | null
  lastSuccessAt: number | null
  /** Runs that failed before this good one. */
  failuresInARow: number
  /** Planned starts that nothing ran at; null where it cannot be told. */
  missedRuns: number | null
}

/** Many alerts of one check, or the ends of many, as one message. */
export interface StormEvent {
  kind: 'storm'
  count: number
  /** The first of them. */
  items: { server: string; job: string | null; problem: Problem }[]
  /** They have ended. */
  recovered: boolean
}

/** A summary report, already written by those who know it. */
export interface DigestEvent {
  kind: 'digest'
  period: 'day' | 'week' | 'month'
  from: number
  to: number
  servers: number
  jobs: number
  problems: number
  overdue: number
  text: string
  /** Without it the text serves. */
  html: string | null
}

export interface TestEvent {
  kind: 'test'
}

export type EventData =
  | RunEvent
  | LateEvent
  | FailedEarlyEvent
  | UnreachableEvent
  | RecoveryEvent
  | StormEvent
  | DigestEvent
  | TestEvent
export type EventKind = EventData['kind']

/** The part of a run's log that a message has room for. */
export interface LogExcerpt {
  lines: string[]
  /** How many lines of the true count are not among them. */
  omitted: number
}

/** In bytes of UTF-8. ntfy has room for 4,096 in all: a template needs some of them. */
const MOST_BYTES = 3500
/** Duplicati puts whole stack traces into a line. */
const LONGEST_LINE = 1000

interface LogSource {
  level: 'message' | 'warning' | 'error'
  text: string
}

/**
 * What broke a run off, then errors and warnings, one a line, at most 3.5 KB; messages where there are none.
 * @param counts the true ones, which may be more than the texts
 */
export function excerptOf(
  log: readonly LogSource[],
  counts: { messages: number; warnings: number; errors: number; exception: string | null },
): LogExcerpt {
  const ofLevel = (level: LogSource['level']) => log.filter((line) => line.level === level && !isLeftOutNote(line.text))
  const lost = counts.exception !== null && !ofLevel('error').some(({ text }) => says(text, counts.exception ?? ''))
  const problems = [...(lost ? [{ text: counts.exception ?? '' }] : []), ...ofLevel('error'), ...ofLevel('warning')]
  const hasProblems = problems.length > 0 || counts.warnings + counts.errors > 0
  const all = hasProblems ? problems : ofLevel('message')
  const counted = hasProblems ? counts.warnings + counts.errors + (lost ? 1 : 0) : counts.messages
  const lines: string[] = []
  let bytes = 0
  for (const { text } of all) {
    const line = oneLine(text)
    bytes += Buffer.byteLength(line) + 1
    if (bytes > MOST_BYTES) break
    lines.push(line)
  }
  return { lines, omitted: Math.max(counted, all.length) - lines.length }
}

/** Whether a line of the log tells of the exception too. */
function says(text: string, exception: string): boolean {
  return text.includes(oneLine(exception))
}

/** What a line says before its stack trace. */
function oneLine(text: string): string {
  const first = text.split(/[\r\n]+/).find((line) => line.trim() !== '') ?? ''
  const trimmed = first.trim()
  return trimmed.length > LONGEST_LINE ? `${trimmed.slice(0, LONGEST_LINE).toWellFormed()}…` : trimmed
}
