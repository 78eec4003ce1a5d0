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
export function tellingsOf({ run, at, nextAt }: Told): { set: string; values: Value[] } {
  const endedAt = run.endedAt ?? run.beganAt
  const over = [at, at, endedAt, at, endedAt]
  if (nextAt === null) return { set: SET_REPORTED, values: over }
  if (run.operation !== 'Backup' || run.interrupted || run.dryRun)
    return { set: SET_FIRST_NEXT, values: [...over, nextAt, at] }
  return { set: SET_NEXT, values: [...over, at, nextAt, at, at] }
}

/** Notes this alone. */
export function noteJob(tx: Db, jobId: number, told: Told): void {
  const { set, values } = tellingsOf(told)
  quickRun(tx, `UPDATE job SET ${set} WHERE id = ?`, ...values, jobId)
}
