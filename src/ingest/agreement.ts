import { quickAll } from '../store/quick.ts'
import { isSameRun } from '../store/runs.ts'
import type { Db, RunRow } from '../store/schema.ts'
import { join } from './join.ts'
import { partedByHand } from './join-record.ts'
import { settleStrays } from './misnamed.ts'

interface Agreeing extends Pick<RunRow, 'operation' | 'began_at' | 'began_ticks' | 'duration_ticks'> {
  own_id: number
  server_id: number
  job_id: number
  other_operation: string
  other_began_at: number
  other_began_ticks: number | null
  other_duration_ticks: number | null
}

/**
 * Rule 1 of identity: a run that was just stored for this job and stands, with operation, begin and duration, under the same
 * backup id of another server too is the same run, so the two servers are one. A clone shares its old log with the original:
 * where both went on alone after the newest run that they share, they are two; those whom a person parted, unless a newer run
 * agrees. Returns the server that the job belongs to, and the
 * ids of those runs that the other server had already.
 * @param firstRunId the first of the run ids that were just stored
 */
export async function joinWhereRunsAgree(
  tx: Db,
  {
    jobId,
    serverId,
    backupId,
    firstRunId,
    at,
  }: { jobId: number; serverId: number; backupId: string; firstRunId: number; at: number },
): Promise<{ serverId: number; agreed: ReadonlySet<number> }> {
  const pairs = agreeing(tx, { jobId, serverId, backupId, firstRunId }).filter(isAgreement)
  let owner = serverId
  const agreed = new Set<number>()
  for (const [other, all] of Map.groupBy(pairs, (pair) => pair.server_id)) {
    const shared = await sinceParted(tx, [owner, other], all)
    if (shared.length === 0) continue
    const newestShared = Math.max(...shared.map(({ began_at, other_began_at }) => Math.max(began_at, other_began_at)))
    const otherJob = shared[0]?.job_id ?? 0
    if ((await newest(tx, jobId)) > newestShared && (await newest(tx, otherJob)) > newestShared) continue
    owner = await join(tx, { one: owner, other, reason: `the same run of job ${backupId} came from both`, at })
    await settleStrays(tx, owner)
    for (const { own_id } of shared) agreed.add(own_id)
    const moved = await tx
      .selectFrom('job')
      .select('id')
      .where('server_id', '=', owner)
      .where('backup_id', '=', backupId)
      .executeTakeFirst()
    if (moved?.id !== jobId) break
  }
  return { serverId: owner, agreed }
}

/** What two servers shared before a person parted them proves nothing new. */
async function sinceParted(tx: Db, [one, other]: [number, number], shared: Agreeing[]): Promise<Agreeing[]> {
  const at = await partedByHand(tx, one, other)
  return at === null ? shared : shared.filter(({ began_at }) => began_at > at)
}

/** A whole-second begin is stored at its second, so that the index finds both the exact and the coarse telling of one moment. */
function agreeing(
  tx: Db,
  { jobId, serverId, backupId, firstRunId }: { jobId: number; serverId: number; backupId: string; firstRunId: number },
): Agreeing[] {
  const values = [firstRunId, jobId, serverId, backupId]
  return quickAll<Agreeing>(tx, AGREEING, ...values, ...values, ...values)
}

/**
 * `CROSS JOIN` keeps the order of the tables: from the new runs, which have the highest ids (the plus keeps SQLite from reading all
 * runs of the job), by their begin to the others, from those to their jobs.
 */
const COLUMNS = `own.id AS own_id, own.operation, own.began_at, own.began_ticks, own.duration_ticks, other_job.server_id,
  other_job.id AS job_id, other.operation AS other_operation, other.began_at AS other_began_at,
  other.began_ticks AS other_began_ticks, other.duration_ticks AS other_duration_ticks`
const TABLES = 'run own CROSS JOIN run other CROSS JOIN job other_job ON other_job.id = other.job_id'
const THESE = `own.id >= ? + 0 AND +own.job_id = ? + 0 AND other_job.server_id <> ? + 0 AND other_job.backup_id = ? || ''`
const EXACT = `SELECT ${COLUMNS} FROM ${TABLES} WHERE other.began_at = own.began_at AND ${THESE}`
const SECOND = `SELECT ${COLUMNS} FROM ${TABLES}
  WHERE other.began_at = own.began_at - own.began_at % 1000 AND own.began_at % 1000 <> 0 AND ${THESE}`
const COARSE = `SELECT ${COLUMNS} FROM ${TABLES}
  WHERE other.began_at > own.began_at AND other.began_at < own.began_at + 1000 AND own.began_ticks IS NULL AND ${THESE}`
const AGREEING = [EXACT, SECOND, COARSE].join(' UNION ALL ')

/** The begin second alone proves nothing (many jobs start at 02:00:00): without both durations there is no agreement. */
function isAgreement(pair: Agreeing): boolean {
  if (pair.duration_ticks === null || pair.other_duration_ticks === null) return false
  return isSameRun(pair, {
    operation: pair.other_operation,
    began_at: pair.other_began_at,
    began_ticks: pair.other_began_ticks,
    duration_ticks: pair.other_duration_ticks,
  })
}

/** The newest run that both sides could know: a dry run is reported, but leaves no row in a log (T70). */
async function newest(tx: Db, jobId: number): Promise<number> {
  const row = await tx
    .selectFrom('run')
    .select('began_at')
    .where('job_id', '=', jobId)
    .where('dry_run', '=', 0)
    .orderBy('began_at', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row?.began_at ?? 0
}
