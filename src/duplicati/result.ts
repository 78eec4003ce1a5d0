/**
 * Results of operations: rows of a job's log (`GET /backup/{id}/log`), and the object that they share with JSON reports.
 * Nothing in here trusts its input: what cannot be understood becomes null, or the row says why it cannot be read.
 */
import { hash } from 'node:crypto'
import { parseInstant } from './instant.ts'
import { isCount, isObject } from './json.ts'
import type { Span } from './log-lines.ts'
import type { LogRow, RunFacts, RunStatus } from './model.ts'
import { redactText } from './redact.ts'
import { type LinesBeside, logAndCounts } from './result-log.ts'
import { resultTimes } from './result-times.ts'
import { versionDates } from './versions.ts'

type JsonObject = Record<string, unknown>

const MAX_EXCEPTION_LENGTH = 64 * 1024
const OPERATION = /^[A-Za-z][A-Za-z0-9]{0,63}$/
const STATUSES: readonly string[] = ['Success', 'Warning', 'Error', 'Fatal']

/** A log page holds something that is no row at all: whoever answered is not (a sound) Duplicati. */
export class MalformedLogRow extends Error {
  override name = 'MalformedLogRow'
}

/** What surrounds a result: when it was told, and the log lines that came with it. */
export interface ResultContext extends LinesBeside {
  /** Epoch milliseconds by which the run had ended: the row's timestamp, or the time of receipt. */
  endedBy: number
  /** A report whose begin time is not believed began when it was received; a row ended then. */
  isReport?: boolean
}

/**
 * One row of a job's log: `{ID, OperationID, Timestamp, Type, Message, Exception}`. Content that cannot be read gives
 * `run: null` and `unreadable`, so that one odd row does not stop a collection.
 *
 * @throws MalformedLogRow when it is no object with an integer `ID` and `Timestamp`
 */
export function parseLogRow(raw: unknown): LogRow {
  if (!isObject(raw)) throw new MalformedLogRow('a row of the log is not an object')
  const { ID: id, Timestamp: timestamp, Type: type, Message: message } = raw
  if (!isCount(id)) throw new MalformedLogRow('a row of the log has no integer ID')
  if (!isCount(timestamp)) throw new MalformedLogRow(`row ${id} of the log has no integer Timestamp`)
  const print = once(() => fingerprint(raw))
  const result = once(() => (type === 'Result' ? readMessage(message, raw.Exception, timestamp) : NO_RESULT))
  return {
    id,
    timestamp,
    get fingerprint() {
      return print()
    },
    get run() {
      return result().run
    },
    get unreadable() {
      return result().unreadable
    },
  }
}

const NO_RESULT = { run: null, unreadable: null }

function readMessage(message: unknown, exception: unknown, timestamp: number): Pick<LogRow, 'run' | 'unreadable'> {
  try {
    return { run: readResult(message, exception, timestamp), unreadable: null }
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error
    return { run: null, unreadable: error.message }
  }
}

/**
 * Computes when first asked. Most rows of a page are known by their ids alone (the mark of a collection): digesting and reading
 * them is by far the larger part.
 */
function once<T>(compute: () => T): () => T {
  let pending: typeof compute | null = compute
  let value: T | undefined
  return () => {
    if (pending) value = pending()
    pending = null
    return value as T
  }
}

/**
 * What a result says of its run. The object is the `Message` of a log row, or `Data` of a JSON report, in any version from
 * 2.1 on; fields that an operation does not have are null.
 *
 * A begin time before 2000, or more than a day after `endedBy`, is not believed: then the run of a row began at `endedBy` less
 * its duration, known to the second only, and that of a report at `endedBy`.
 *
 * @throws Unreadable when it names no operation, or nothing tells when it ran
 */
export function resultFacts(data: JsonObject, context: ResultContext): RunFacts {
  const operation = data.MainOperation
  if (typeof operation !== 'string' || !OPERATION.test(operation)) throw new Unreadable('it names no operation')
  const times = resultTimes(data, context.endedBy, context.isReport === true)
  if (!times) throw new Unreadable('nothing in it tells when it ran')
  const { began, ended, durationSeconds } = times
  const span = { from: began.ms, to: ended.ms }
  const { log, counts } = logAndCounts(data, context, span)
  const statistics = isObject(data.BackendStatistics) ? data.BackendStatistics : {}
  const totalBytes = count(statistics.TotalQuotaSpace) || null
  const freeBytes = count(statistics.FreeQuotaSpace)
  return {
    operation,
    status: runStatus(data.ParsedResult, counts),
    beganAt: new Date(began.ms).toISOString(),
    beganTicks: began.ticks,
    endedAt: new Date(ended.ms).toISOString(),
    durationSeconds,
    partial: data.PartialBackup === true,
    interrupted: data.Interrupted === true,
    dryRun: data.Dryrun === true,
    examinedFiles: count(data.ExaminedFiles),
    openedFiles: count(data.OpenedFiles),
    addedFiles: count(data.AddedFiles),
    modifiedFiles: count(data.ModifiedFiles),
    deletedFiles: count(data.DeletedFiles),
    examinedBytes: count(data.SizeOfExaminedFiles),
    addedBytes: count(data.SizeOfAddedFiles),
    modifiedBytes: count(data.SizeOfModifiedFiles),
    uploadedBytes: count(statistics.BytesUploaded),
    downloadedBytes: count(statistics.BytesDownloaded),
    storageBytes: count(statistics.KnownFileSize),
    // A quota that was never asked for is told as 0 of 0, an unknown one as -1.
    freeBytes: freeBytes === 0 && totalBytes === null ? null : freeBytes,
    totalBytes,
    versions: count(statistics.BackupListCount),
    messages: counts.messages,
    warnings: counts.warnings,
    errors: counts.errors,
    exception: exceptionText(data.Exception),
    duplicatiVersion: versionNumber(data.Version),
    log,
    versionDates: datesOfVersions(statistics, context.lines ?? data.Messages, span),
  }
}

/** Why a result cannot be read, as the end of a sentence. */
export class Unreadable extends Error {
  override name = 'Unreadable'
}

function readResult(message: unknown, rowException: unknown, timestamp: number): RunFacts {
  const run = resultFacts(parseMessage(message), { endedBy: timestamp * 1000 })
  return { ...run, exception: run.exception ?? exceptionText(rowException) }
}

function parseMessage(message: unknown): JsonObject {
  if (typeof message !== 'string') throw new Unreadable('its message is not a text')
  let data: unknown
  try {
    data = JSON.parse(message)
  } catch {
    throw new Unreadable('its message is not JSON')
  }
  if (!isObject(data)) throw new Unreadable('its message is not a JSON object')
  return data
}

/** A Success that counted warnings or errors is a Warning: Duplicati says Error or Fatal itself where the errors mattered. */
function runStatus(result: unknown, counts: { warnings: number; errors: number }): RunStatus {
  if (typeof result !== 'string' || !STATUSES.includes(result)) return 'Unknown'
  if (result === 'Success' && (counts.warnings > 0 || counts.errors > 0)) return 'Warning'
  return result as RunStatus
}

function datesOfVersions(statistics: JsonObject, lines: unknown, span: Span): string[] | null {
  const newest = parseInstant(statistics.LastBackupDate)?.ms ?? null
  return versionDates(lines, { span, newest, count: count(statistics.BackupListCount) })
}

/** `2.3.0.4` of `2.3.0.4 (2.3.0.4_stable_2026-07-09)`, as `systeminfo` writes it. */
function versionNumber(version: unknown): string | null {
  return typeof version === 'string' ? (/^[^\s(]{1,64}/.exec(version)?.[0] ?? null) : null
}

/** An exception is a text, null, or an empty object; objects with a message are taken too. */
function exceptionText(exception: unknown): string | null {
  const text = isObject(exception) ? exception.Message : exception
  return typeof text === 'string' && text.trim() !== ''
    ? redactText(text.slice(0, MAX_EXCEPTION_LENGTH).toWellFormed())
    : null
}

/** Row content without `Exception`, which versions render differently. */
function fingerprint(row: JsonObject): string {
  const message = typeof row.Message === 'string' ? row.Message : JSON.stringify(row.Message)
  const content = `${row.ID} ${row.OperationID} ${row.Timestamp} ${row.Type}\n${message}`
  return hash('sha256', content, 'base64url').slice(0, 22)
}

function count(value: unknown): number | null {
  return isCount(value) ? value : null
}
