import type { PackableRun } from '../store/logs.ts'
import { quickRun, type Value } from '../store/quick.ts'
import type { Db } from '../store/schema.ts'

/** A run that a report told, and when the scheduler goes on. */
interface Told {
  run: Pick<PackableRun, 'operation' | 'interrupted' | 'dryRun' | 'beganAt' | 'endedAt'>
  /** When it came, in milliseconds. */
  at: number
  nextAt: number | null
}

const IS_OVER = "live_at <= ? AND coalesce(running ->> 'startedAt', '') <= ?"
const SET_REPORTED = `last_report_at = max(coalesce(last_report_at, 0), ?),
  running = CASE WHEN ${IS_OVER} THEN NULL ELSE running END, live_at = CASE WHEN ${IS_OVER} THEN NULL ELSE live_at END`
const IS_NEWEST = 'WHEN coalesce(reported_next_seen_at, 0) <= ?'
const SET_NEXT = `${SET_REPORTED}, reported_next_at = CASE ${IS_NEWEST} THEN ? ELSE reported_next_at END,
  reported_next_seen_at = CASE ${IS_NEWEST} THEN ? ELSE reported_next_seen_at END`
const SET_FIRST_NEXT = `${SET_REPORTED}, reported_next_at = coalesce(reported_next_at, ?),
  reported_next_seen_at = CASE WHEN reported_next_at IS NULL THEN ? ELSE reported_next_seen_at END`

/**
 * What `job` says after a report, beside what its runs add up to: that reports come, when the scheduler goes on, and that what was
 * live is over. A report that comes late, such as one that was replayed, takes back nothing that a newer one said. The start that a
 * backup was told for is waited for until one is made: what a script skipped, or a dry run, does not move it on (T66, T70).
 */
export function tellingsOf({ run, at, nextAt }: Told): { tells: keyof typeof SETS; values: Value[] } {
  const endedAt = run.endedAt ?? run.beganAt
  const over = [at, at, endedAt, at, endedAt]
  if (nextAt === null) return { tells: 'nothing', values: over }
  if (run.operation !== 'Backup' || run.interrupted || run.dryRun)
    return { tells: 'firstNext', values: [...over, nextAt, at] }
  return { tells: 'next', values: [...over, at, nextAt, at, at] }
}

const SETS = { nothing: SET_REPORTED, next: SET_NEXT, firstNext: SET_FIRST_NEXT }

/** Statements that note this of a job, by what `tellingsOf` tells; each made once, since they are known by their text. */
export function notesOf(more = ''): typeof SETS {
  const note = (set: string) => `UPDATE job SET ${set}${more} WHERE id = ?`
  return { nothing: note(SETS.nothing), next: note(SETS.next), firstNext: note(SETS.firstNext) }
}

const NOTE = notesOf()

/** Notes this alone. */
export function noteJob(tx: Db, jobId: number, told: Told): void {
  const { tells, values } = tellingsOf(told)
  quickRun(tx, NOTE[tells], ...values, jobId)
}
