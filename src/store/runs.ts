import type { SelectQueryBuilder } from 'kysely'
import { TICKS } from './columns.ts'
import { mergeLogs } from './log-merge.ts'
import { readLog } from './log-reading.ts'
import { linesOf, type PackableRun, writeLog } from './logs.ts'
import { quickRun, type Value } from './quick.ts'
import { RUN_COLUMNS, valuesOfRun } from './run-values.ts'
import type { Db, NewRun, RunRow, Schema } from './schema.ts'

/** Only backups that were neither interrupted nor a dry run count for a job's health, unless they were set aside. */
export function isCounting(run: Pick<NewRun, 'operation' | 'interrupted' | 'dry_run' | 'set_aside'>): boolean {
  return run.operation === 'Backup' && !run.interrupted && !run.dry_run && (run.set_aside ?? null) === null
}

/** What a run's arrival adds to what it says of itself. */
export interface Receipt {
  receivedAt: number
  /** The time of receipt stands for the begin. */
  doubted?: boolean
  /** Why it changes no job's health. */
  setAside?: string | null
  /** The next start that the report told with it, in milliseconds. */
  nextAt?: number | null
}

export function toRow(
  jobId: number,
  run: PackableRun,
  { receivedAt, doubted, setAside = null, nextAt = null }: Receipt,
): NewRun {
  const row: NewRun = {
    job_id: jobId,
    operation: run.operation,
    status: run.status,
    counting: 0,
    began_at: Date.parse(run.beganAt),
    began_ticks: run.beganTicks,
    ended_at: run.endedAt === null ? null : Date.parse(run.endedAt),
    duration_ticks: run.durationSeconds === null ? null : Math.round(run.durationSeconds * TICKS),
    partial: run.partial ? 1 : 0,
    interrupted: run.interrupted ? 1 : 0,
    dry_run: run.dryRun ? 1 : 0,
    examined_files: run.examinedFiles,
    opened_files: run.openedFiles,
    added_files: run.addedFiles,
    modified_files: run.modifiedFiles,
    deleted_files: run.deletedFiles,
    examined_bytes: run.examinedBytes,
    added_bytes: run.addedBytes,
    modified_bytes: run.modifiedBytes,
    uploaded_bytes: run.uploadedBytes,
    downloaded_bytes: run.downloadedBytes,
    storage_bytes: run.storageBytes,
    free_bytes: run.freeBytes,
    total_bytes: run.totalBytes,
    versions: run.versions,
    messages: run.messages,
    warnings: run.warnings,
    errors: run.errors,
    exception: run.exception,
    duplicati_version: run.duplicatiVersion,
    received_at: receivedAt,
    set_aside: setAside,
    doubted: doubted ? 1 : 0,
    next_at: nextAt,
  }
  row.counting = isCounting(row) ? 1 : 0
  return row
}

const INSERT = `INSERT INTO run (${RUN_COLUMNS.join(', ')}) VALUES (${RUN_COLUMNS.map(() => '?').join(', ')})`

/** Stores a run that is new; returns its id. */
export function insertRun(db: Db, run: NewRun): number {
  return insertValues(db, valuesOfRun(run))
}

/** @param values of the run, in the order of its columns */
export function insertValues(db: Db, values: Value[]): number {
  return quickRun(db, INSERT, ...values).id
}

/**
 * Whether two runs of one job are the same execution (identity.md, rule 1): operation, begin as exactly as both tell it, and
 * duration to its seven digits.
 */
export function isSameRun(
  a: Pick<NewRun, 'operation' | 'began_at' | 'began_ticks' | 'duration_ticks'>,
  b: Pick<NewRun, 'operation' | 'began_at' | 'began_ticks' | 'duration_ticks'>,
): boolean {
  if (a.operation !== b.operation) return false
  if (a.duration_ticks != null && b.duration_ticks != null && a.duration_ticks !== b.duration_ticks) return false
  const exact = a.began_ticks != null && b.began_ticks != null
  if (exact) return a.began_at === b.began_at && a.began_ticks === b.began_ticks
  return startOfSecond(a.began_at) === startOfSecond(b.began_at)
}

/** The second in which some tellings of a run put its begin. All in epoch milliseconds. */
export function startOfSecond(at: number): number {
  return Math.floor(at / 1_000) * 1_000
}

/**
 * The order of runs everywhere: by their begin to 100 ns, of two that began together (T6) the one that ended last, whatever the
 * order in which they came.
 */
export function newestFirst<Row>(
  query: SelectQueryBuilder<Schema, 'run', Row>,
): SelectQueryBuilder<Schema, 'run', Row> {
  return query
    .orderBy('began_at', 'desc')
    .orderBy('began_ticks', 'desc')
    .orderBy('ended_at', 'desc')
    .orderBy('id', 'desc')
}

/** The same order, for fixed statements. */
export const NEWEST_FIRST = 'began_at DESC, began_ticks DESC, ended_at DESC, id DESC'

/** Of runs in one second the one that is the same execution: one that tells its begin exactly before one that may be it. */
export function sameAmong<T extends Parameters<typeof isSameRun>[0]>(
  candidates: T[],
  run: Parameters<typeof isSameRun>[0],
): T | undefined {
  const same = candidates.filter((candidate) => isSameRun(candidate, run))
  return same.find((candidate) => candidate.began_ticks === run.began_ticks) ?? same[0]
}

/** The stored run of this job that is the same execution, or undefined. */
export async function findSame(db: Db, run: NewRun): Promise<RunRow | undefined> {
  const second = startOfSecond(run.began_at)
  const near = await db
    .selectFrom('run')
    .selectAll()
    .where('job_id', '=', run.job_id)
    .where('began_at', '>=', second)
    .where('began_at', '<', second + 1_000)
    .orderBy('id')
    .execute()
  return sameAmong(near, run)
}

/** Figures that one source tells and another may not. */
const FIGURES = [
  'ended_at',
  'duration_ticks',
  'examined_files',
  'opened_files',
  'added_files',
  'modified_files',
  'deleted_files',
  'examined_bytes',
  'added_bytes',
  'modified_bytes',
  'uploaded_bytes',
  'downloaded_bytes',
  'storage_bytes',
  'free_bytes',
  'total_bytes',
  'versions',
  'duplicati_version',
  'next_at',
] as const
/** A form that lacks one of these says no where another says yes. */
const FLAGS = ['partial', 'interrupted', 'dry_run'] as const
/** From what says least to what says worst: an own template may leave out the counts that make a Success a Warning. */
const STATUSES = ['Unknown', 'Success', 'Warning', 'Error', 'Fatal']

/**
 * Lets a known run learn from another telling of it: figures that were unknown, the exact begin, the higher of two counts (a
 * text form cuts its lists), the richer texts. Nothing that is stored gets poorer, and the order in which two tellings come makes
 * no difference. Returns the run as it is stored now; `changed` tells whether anything did.
 * @param isProof the other telling proves that the run is this job's: one that was set aside counts from now on
 */
export async function enrich(
  db: Db,
  known: RunRow,
  other: NewRun,
  texts: () => Promise<Texts> | Texts,
  isProof = false,
): Promise<{ run: RunRow; changed: boolean }> {
  const changes = lessons(known, other, isProof)
  const learnt = Object.keys(changes).length > 0
  if (learnt) await db.updateTable('run').set(changes).where('id', '=', known.id).execute()
  const richer = await enrichLog(db, known.id, await texts())
  return { run: { ...known, ...changes } as RunRow, changed: learnt || richer }
}

type Texts = Pick<PackableRun, 'log' | 'versionDates'>

function lessons(known: RunRow, other: NewRun, isProof: boolean): Partial<NewRun> {
  const changes: Partial<NewRun> = {}
  for (const figure of FIGURES) {
    if (known[figure] === null && other[figure] != null) Object.assign(changes, { [figure]: other[figure] })
  }
  for (const count of ['messages', 'warnings', 'errors'] as const) {
    if (other[count] > known[count]) changes[count] = other[count]
  }
  for (const flag of FLAGS) if (other[flag] && !known[flag]) changes[flag] = 1
  if (STATUSES.indexOf(other.status) > STATUSES.indexOf(known.status)) changes.status = other.status
  if (isFuller(other.exception ?? null, known.exception)) changes.exception = other.exception ?? null
  if (known.began_ticks === null && other.began_ticks != null) {
    changes.began_at = other.began_at
    changes.began_ticks = other.began_ticks
    if (other.ended_at != null) changes.ended_at = other.ended_at
  }
  if (isProof && known.set_aside !== null) changes.set_aside = null
  const counting = isCounting({ ...known, ...changes }) ? 1 : 0
  if (counting !== known.counting) changes.counting = counting
  return changes
}

function isFuller(a: string | null, b: string | null): boolean {
  if (a === null || b === null) return a !== null
  return a.length === b.length ? a > b : a.length > b.length
}

async function enrichLog(db: Db, runId: number, other: Texts): Promise<boolean> {
  const { versionDates } = other
  const lines = linesOf(other)
  if (lines.length === 0 && versionDates === null) return false
  const merged = mergeLogs(await readLog(db, runId), { lines, versionDates })
  if (merged) await writeLog(db, runId, merged.lines, merged.versionDates)
  return merged !== null
}

/** Notes by which source and way a run came; once each. */
export function addSource(db: Db, runId: number, evidenceId: number, way: number): void {
  quickRun(
    db,
    'INSERT INTO run_source (run_id, evidence_id, way) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
    runId,
    evidenceId,
    way,
  )
}
