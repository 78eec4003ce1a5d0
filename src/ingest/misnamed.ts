import type { RunFacts } from '../duplicati/model.ts'
import { linesOf, type PackableRun } from '../store/logs.ts'
import { quickAll, quickGet, quickRun } from '../store/quick.ts'
import { rollUpAll } from '../store/rollup.ts'
import { isSameRun, startOfSecond, toRow } from '../store/runs.ts'
import { type Db, type NewRun, type RunRow, WAYS } from '../store/schema.ts'
import { moveRun } from './join.ts'

const COLLECT = WAYS.indexOf('collect')
/** Rows older than thirty days are deleted from a job's log by default: a day less, as the deletion has its own time. */
const LOG_KEPT = 29 * 86_400_000
/** SQL of a run that no row of a log tells of. */
const UNPROVEN = `duplicati_version LIKE '2.1.%' AND NOT EXISTS
  (SELECT 1 FROM run_source WHERE run_source.run_id = run.id AND run_source.way > 0)`

export const NO_ROW = "the job's log has no such run: Duplicati 2.1 names the wrong job in some reports"
export const OTHER_JOB = 'Duplicati 2.1 reports what a script stopped under the name of another job'

/** Duplicati 2.1 posts what a script stopped, and runs of jobs without a report URL, in the name of the job that ran before (T67). */
export function misnames(version: string | null): boolean {
  return version?.startsWith('2.1.') === true
}

interface Claim {
  serverId: number
  /** The job that the report names. */
  jobId: number
  run: PackableRun
  remoteCalls: number | null
}

/**
 * Whose run a report of 2.1 tells of, as far as is known yet. The log decides (identity.md): the job whose row is the same run; where
 * a complete collection of a later time has none in the job that the report names, the run is set aside. Until then only what is
 * known to be told of the wrong job is.
 */
export async function ownerOf(tx: Db, claim: Claim): Promise<{ jobId: number; setAside: string | null }> {
  const { jobId, run } = claim
  const row = toRow(jobId, run, { receivedAt: 0 })
  const proven = await provenLike(tx, claim.serverId, row)
  const owner = proven.find((other) => other.job_id === jobId) ?? proven[0]
  if (owner) return { jobId: owner.job_id, setAside: null }
  if (run.operation === 'Backup' && (await isCovered(tx, jobId, row))) return { jobId, setAside: NO_ROW }
  return { jobId, setAside: isScripted(claim) ? OTHER_JOB : null }
}

/** Rows of the server's logs that are the same run. */
async function provenLike(
  tx: Db,
  serverId: number,
  row: Pick<NewRun, 'operation' | 'began_at' | 'began_ticks' | 'duration_ticks'>,
): Promise<RunRow[]> {
  const second = startOfSecond(row.began_at)
  const near = quickAll<RunRow>(
    tx,
    `SELECT run.* FROM run JOIN job ON job.id = run.job_id
      WHERE run.began_at >= ? + 0 AND run.began_at < ? + 0 AND job.server_id = ? + 0
      AND EXISTS (SELECT 1 FROM run_source WHERE run_source.run_id = run.id AND run_source.way = ${COLLECT})`,
    second,
    second + 1_000,
    serverId,
  )
  return near.filter((other) => row.duration_ticks != null && other.duration_ticks !== null && isSameRun(row, other))
}

/** Whether the job's log was read as a whole after the run had ended, and keeps rows as old as it. */
async function isCovered(tx: Db, jobId: number, row: NewRun): Promise<boolean> {
  const job = quickGet<{ log_read_at: number | null }>(tx, 'SELECT log_read_at FROM job WHERE id = ?', jobId)
  const readAt = job?.log_read_at ?? 0
  return (row.ended_at ?? row.began_at) < readAt && row.began_at >= readAt - LOG_KEPT
}

function isScripted({ run, remoteCalls }: Claim): boolean {
  const isTagged = linesOf(run).some(({ tag }) => tag?.includes('RunScript-'))
  return (remoteCalls ?? 0) === 0 && (run.interrupted || isTagged)
}

/**
 * Takes over runs that reports of 2.1 told of other jobs of the server, and that are these rows of this job's log.
 * @param runs what was just read from the job's log
 */
export async function claimStrays(
  tx: Db,
  { serverId, jobId, receivedAt }: { serverId: number; jobId: number; receivedAt: number },
  runs: RunFacts[],
): Promise<void> {
  const rows = runs.filter(({ duplicatiVersion }) => misnames(duplicatiVersion))
  if (rows.length === 0) return
  const told = rows.map((run) => toRow(jobId, run, { receivedAt }))
  const begins = told.map(({ began_at }) => began_at)
  const strays = quickAll<RunRow>(
    tx,
    `SELECT run.* FROM job JOIN run ON run.job_id = job.id
      WHERE job.server_id = ? + 0 AND job.id <> ? + 0 AND began_at >= ? + 0 AND began_at <= ? + 0 AND ${UNPROVEN}`,
    serverId,
    jobId,
    begins.reduce((a, b) => Math.min(a, b)) - 1_000,
    begins.reduce((a, b) => Math.max(a, b)),
  )
  const left = new Set<number>()
  for (const stray of strays) {
    if (stray.duration_ticks === null || !told.some((row) => isSameRun(row, stray))) continue
    await moveRun(tx, stray, jobId)
    left.add(stray.job_id)
  }
  for (const id of left) await rollUpAll(tx, id)
  if (left.size > 0) await rollUpAll(tx, jobId)
}

/**
 * The job's log was read as a whole: reports of 2.1 that name this job, and of which it has no row, tell of another job, or of a
 * backup that was aborted (T81). What came while it was read is left for the next time: its row may not have been written yet.
 * @returns whether a run was set aside or moved
 */
export async function setStraysAside(tx: Db, job: { id: number; serverId: number }, at: number): Promise<boolean> {
  return judgeStrays(tx, job, { readAt: at, receivedBy: at })
}

/**
 * Two servers became one: what one reported in the name of another job may stand in the logs that were read of the other, which is
 * often recognised only by a later report, or while its logs are being read.
 */
export async function settleStrays(tx: Db, serverId: number): Promise<void> {
  const jobs = quickAll<{ id: number; log_read_at: number }>(
    tx,
    'SELECT id, log_read_at FROM job WHERE server_id = ? AND log_read_at IS NOT NULL',
    serverId,
  )
  for (const { id, log_read_at } of jobs) {
    await judgeStrays(tx, { id, serverId }, { readAt: log_read_at, receivedBy: Number.MAX_SAFE_INTEGER })
  }
}

/** The runs that no log tells of go to the job whose log has them; those that none has are set aside. */
async function judgeStrays(
  tx: Db,
  job: { id: number; serverId: number },
  { readAt, receivedBy }: { readAt: number; receivedBy: number },
): Promise<boolean> {
  const strays = quickAll<RunRow>(
    tx,
    `SELECT * FROM run WHERE job_id = ? + 0 AND began_at >= ? + 0 AND coalesce(ended_at, began_at) < ? + 0
      AND received_at <= ? + 0 AND operation = 'Backup' AND coalesce(set_aside, '') <> ? || '' AND ${UNPROVEN}`,
    job.id,
    readAt - LOG_KEPT,
    readAt,
    receivedBy,
    NO_ROW,
  )
  const changed = new Set<number>()
  for (const stray of strays) {
    const [owner] = await provenLike(tx, job.serverId, stray)
    if (owner) await moveRun(tx, stray, owner.job_id)
    else quickRun(tx, 'UPDATE run SET set_aside = ?, counting = 0 WHERE id = ?', NO_ROW, stray.id)
    changed.add(job.id).add(owner?.job_id ?? job.id)
  }
  for (const id of changed) await rollUpAll(tx, id)
  return changed.size > 0
}
