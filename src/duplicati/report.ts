/**
 * Reports: what Duplicati posts when an operation ends. JSON reports are `{Data, Extra, LogLines, Exception}`, where `Data` is the
 * result that the job's log holds too (`result.ts`). Nothing in here trusts its input.
 */
import { UserError } from '../errors.ts'
import { isoDate } from './instant.ts'
import { isCount, isObject } from './json.ts'
import type { LineCounts, LogSink } from './log-lines.ts'
import type { RunFacts } from './model.ts'
import { type ResultContext, resultFacts, Unreadable } from './result.ts'

const MAX_NAME = 512
const MAX_ID = 128

type JsonObject = Record<string, unknown>

/** A body that is no report that can be understood: `reason` is the end of a sentence, such as `it names no machine`. */
export class UnreadableReport extends UserError {
  override name = 'UnreadableReport'
  readonly reason: string

  constructor(reason: string, options: { cause?: unknown } = {}) {
    super(`The report cannot be read: ${reason}`, { ...options, code: 'unreadable_report' })
    this.reason = reason
  }
}

/** Who reports; empty ids count for nothing (identity). */
export interface ReportSource {
  /** Empty where the report has none. */
  machineId: string
  machineName: string
}

/** What a report says of its run, with how and when it came, as `--json` has it (docs/json.md). */
export interface ReportedFacts extends RunFacts {
  sources: ['report']
  /** ISO 8601. */
  receivedAt: string
  /** When the scheduler will start the job again: told only by scheduled runs, from 2.2 on. */
  nextScheduledRun: string | null
}

export interface Report extends Reporter {
  run: ReportedFacts
  nextScheduledRun: string | null
  /** The time of receipt stands for a begin time that is missing or cannot be believed; the last line of the log says so. */
  timeDoubted: boolean
  /** How often the destination was called; texts do not tell. */
  remoteCalls: number | null
  /** What took the lines of the log, where that was asked for; null: they stand in the run. */
  sink: LogSink | null
}

/** How a report is read, where it is not read whole into objects. */
export interface ReportReading {
  /** How many of its log lines were left out before it was parsed. */
  dropped?: LineCounts
  /** Makes what takes the lines of its log. */
  sink?: (() => LogSink) | undefined
}

/** Names as they came, in any form of report; all of them may be missing. */
export interface ToldNames {
  machineId?: unknown
  machineName?: unknown
  backupId?: unknown
  backupName?: unknown
}

/**
 * A JSON report, already parsed.
 *
 * @param receivedAt stands for a begin time before 2000 or more than a day later (and then the run says so)
 * @throws UnreadableReport when it names no machine or no job, or holds neither a result nor an exception
 */
export function parseReport(body: unknown, receivedAt: Date, { dropped, sink }: ReportReading = {}): Report {
  if (!isObject(body)) throw new UnreadableReport('it is not a JSON object')
  // Own senders put everything at the top; Duplicati's own reports have these four members.
  const extra = isObject(body.Extra) ? body.Extra : body
  const data = 'Data' in body ? body.Data : body
  const result = resultOf(data, body.Exception, extra)
  const reporter = reporterOf({
    machineId: extra['machine-id'],
    machineName: extra['machine-name'],
    backupId: extra['backup-id'],
    backupName: extra['backup-name'],
  })
  const lines = Array.isArray(body.LogLines) && body.LogLines.length > 0 ? body.LogLines : undefined
  const context = { endedBy: receivedAt.getTime(), lines, dropped, isReport: true, sink: sink?.() }
  return makeReport(reporter, result, context, extra['next-scheduled-run'])
}

/** The result, completed in its place, or what stands for one where an operation failed with an exception in its place (before 2024-04). */
function resultOf(data: unknown, exception: unknown, extra: JsonObject): JsonObject {
  const operation = typeof extra.OperationName === 'string' ? extra.OperationName : undefined
  const told = textOf(exception)
  if (isObject(data) && (typeof data.MainOperation === 'string' || (operation && data.ParsedResult !== undefined))) {
    data.MainOperation ??= operation
    data.Exception = told ?? data.Exception
    return data
  }
  const thrown = told ?? thrownText(data)
  if (thrown === null) throw new UnreadableReport('it holds neither a result nor an exception')
  return failedResult(operation, thrown)
}

/** An operation that left nothing but its exception: failed. Reports of other operations than backups must be asked for. */
export function failedResult(operation: string | undefined, exception: string): JsonObject {
  return { MainOperation: operation || 'Backup', ParsedResult: 'Fatal', Exception: exception }
}

/** The text of a serialised exception: `{ClassName, Message, StackTraceString, …}`, or a plain text. */
function thrownText(data: unknown): string | null {
  if (!isObject(data)) return textOf(data)
  const message = textOf(data.Message)
  if (message === null) return null
  const name = textOf(data.ClassName)
  const trace = textOf(data.StackTraceString)
  return `${name === null ? '' : `${name}: `}${message}${trace === null ? '' : `\n${trace}`}`
}

function textOf(value: unknown): string | null {
  const text = isObject(value) ? (value.Message ?? null) : value
  return typeof text === 'string' && text.trim() !== '' ? text : null
}

/** Who reports of what, checked and bounded. */
export interface Reporter {
  source: ReportSource
  /** As Duplicati writes it: `DB-2`, or a hash for runs of the command line; null where an own template leaves it out. */
  backupId: string | null
  backupName: string
}

/**
 * Names as they are kept; a name and an id stand for each other where one is missing.
 *
 * @throws UnreadableReport when they name no machine or no job
 */
export function reporterOf(names: ToldNames): Reporter {
  const machineId = bounded(names.machineId, MAX_ID)
  const machineName = bounded(names.machineName, MAX_NAME) || machineId
  const backupId = bounded(names.backupId, MAX_ID)
  const backupName = bounded(names.backupName, MAX_NAME) || backupId
  if (machineName === '') throw new UnreadableReport('it names no machine')
  if (backupName === '') throw new UnreadableReport('it names no job')
  return { source: { machineId, machineName }, backupId: backupId || null, backupName }
}

/**
 * A report of what was told, in any form.
 *
 * @param next `next-scheduled-run`, as it was told
 * @throws UnreadableReport
 */
export function makeReport(reporter: Reporter, data: JsonObject, context: ResultContext, next: unknown): Report {
  const run = factsOf(data, context)
  // A begin that is believed is known to its ticks.
  const timeDoubted = run.beganTicks === null
  if (timeDoubted) noteDoubt(run, data.BeginTime, context)
  const nextScheduledRun = isoDate(next)
  const remoteCalls = remoteCallsOf(data)
  const receivedAt = new Date(context.endedBy).toISOString()
  const facts: ReportedFacts = Object.assign(run, { sources: ['report'] as ['report'], receivedAt, nextScheduledRun })
  return { ...reporter, run: facts, nextScheduledRun, timeDoubted, remoteCalls, sink: context.sink ?? null }
}

function remoteCallsOf({ BackendStatistics: statistics }: JsonObject): number | null {
  const calls = isObject(statistics) ? statistics.RemoteCalls : null
  return isCount(calls) ? calls : null
}

function factsOf(data: JsonObject, context: ResultContext): RunFacts {
  try {
    return resultFacts(data, context)
  } catch (error) {
    if (error instanceof Unreadable) throw new UnreadableReport(error.message)
    throw error
  }
}

function noteDoubt(run: RunFacts, told: unknown, { endedBy, sink }: ResultContext): void {
  const which =
    typeof told === 'string' ? `the begin time ${bounded(told, 40)}, which is not believed` : 'no begin time'
  const text = `The report told ${which}: the time of receipt stands in its place.`
  if (sink) sink.add('message', endedBy, null, text)
  else run.log.push({ level: 'message', at: new Date(endedBy).toISOString(), tag: null, text })
}

/** A text of at most `limit` UTF-16 units, never cut within a character; empty for other types. */
export function bounded(value: unknown, limit: number): string {
  if (typeof value !== 'string') return ''
  const cut = value.length > limit ? value.slice(0, limit).replace(/[\ud800-\udbff]$/, '') : value
  return cut.toWellFormed().trim()
}
