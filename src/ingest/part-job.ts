import { quickGet, quickRun } from '../store/quick.ts'
import { rollUpAll } from '../store/rollup.ts'
import { type Db, type JobRecord, WAYS } from '../store/schema.ts'
import { findingsOf } from './findings.ts'
import { isNamed } from './jobs.ts'
import type { Parting, Side } from './part.ts'
import { copyRuns, giveRuns, type Owners, ownersOfRuns } from './part-runs.ts'

const REPORT = WAYS.indexOf('report')

/** Whose a job is after the parting, and as what it was known before the join. */
interface Half {
  side: Side
  known: JobRecord | null
}

/**
 * Parts one job of the joined server: it stays or goes back as a whole, and where both sides have it, or have runs of it, it becomes
 * two: the older server's keeps id, settings and alerts; the other one gets back what was kept of it.
 */
export async function partJob(tx: Db, parting: Parting, job: JobRecord): Promise<void> {
  const { joined } = parting
  const runs = await ownersOfRuns(tx, job.id, parting.sources)
  const { jobs: kept } = joined.kept
  const isMerged = ({ backup_id }: JobRecord) => kept.some((one) => one.backup_id === backup_id)
  const moved = joined.jobs.find((one) => !isMerged(one) && isSame(one, job)) ?? null
  const own = kept.find((one) => isSame(one, job)) ?? null
  const merged = joined.jobs.find((one) => isMerged(one) && one.backup_id === job.backup_id) ?? null
  const half: Half = {
    side: moved ? 'gone' : own || merged ? 'keep' : sideOfNew(runs, parting),
    known: moved ?? own,
  }
  const otherHalf: Half = { side: half.side === 'keep' ? 'gone' : 'keep', known: merged }
  if (half.side === 'gone') await moveWhole(tx, job.id, parting.gone)
  const isShared = runs.both.length > 0 || runs[otherHalf.side].length > 0
  const other = merged || isShared ? await makeAgain(tx, parting, job, otherHalf) : null
  if (other !== null) {
    await giveRuns(tx, runs[otherHalf.side], other)
    await copyRuns(tx, runs.both, { jobId: other, sources: parting.sources, side: otherHalf.side })
    await tellAgain(tx, other, { parting, job, half: otherHalf })
    await rollUpAll(tx, other)
  }
  await tellAgain(tx, job.id, { parting, job, half })
  await rollUpAll(tx, job.id)
}

/** The row of a job that was removed may be another one's now; a job that was known by its name alone may have got its id. */
function isSame(known: JobRecord, job: JobRecord): boolean {
  return known.id === job.id && (known.backup_id === job.backup_id || isNamed(known.backup_id))
}

/** A job that came to be since the join is whose runs it has; without runs, whose address it was found at. */
function sideOfNew({ keep, gone, both }: Owners, { finder }: Parting): Side {
  if (keep.length + both.length > 0) return 'keep'
  return gone.length > 0 || finder === 'gone' ? 'gone' : 'keep'
}

async function moveWhole(tx: Db, job: number, server: number): Promise<void> {
  quickRun(tx, 'UPDATE job SET server_id = ? WHERE id = ?', server, job)
  quickRun(tx, 'UPDATE alert SET server_id = ? WHERE job_id = ?', server, job)
}

/** With the id that it had, unless another job has it now. @returns its row */
async function makeAgain(tx: Db, parting: Parting, job: JobRecord, { side, known }: Half): Promise<number> {
  const server_id = parting[side]
  const { id: _id, ...kept } = known ?? {
    id: null,
    backup_id: job.backup_id,
    name: job.name,
    tags: '[]',
    queued: 0,
    schedule_days: '',
  }
  const isFree = known !== null && quickGet(tx, 'SELECT 1 FROM job WHERE id = ?', known.id) === undefined
  const { id } = await tx
    .insertInto('job')
    .values({ ...kept, ...(isFree && { id: known.id }), server_id })
    .returning('id')
    .executeTakeFirstOrThrow()
  if (known === null) return id
  const settings = parting.joined.settings.filter(({ job_id }) => job_id === known.id)
  for (const row of settings)
    await tx
      .insertInto('job_setting')
      .values({ ...row, job_id: id })
      .execute()
  const alerts = parting.joined.alerts.filter(({ job_id }) => job_id === known.id).map((alert) => alert.id)
  await tx
    .updateTable('alert')
    .set({ server_id, job_id: id })
    .where('id', 'in', alerts)
    .where('job_id', '=', job.id)
    .execute()
  return id
}

/** What is said of a job beside its runs: by the collection of its own server, and by its own reports. */
async function tellAgain(
  tx: Db,
  id: number,
  { parting, job, half: { side, known } }: { parting: Parting; job: JobRecord; half: Half },
): Promise<void> {
  const found = parting.finder === side ? job : known
  const reported = await reportedOf(tx, id, known)
  await tx
    .updateTable('job')
    .set({
      ...findingsOf(found),
      log_read_at: found?.log_read_at ?? null,
      // Of what goes on now the next live status tells, in seconds; whose the last one was nobody noted.
      ...(job.live_at !== null && { running: null }),
      live_at: null,
      ...reported,
      name: await nameOf(tx, id, known ?? job, parting.joinedAt),
    })
    .where('id', '=', id)
    .execute()
}

interface Told {
  next_at: number
  received_at: number
}

/** The plan and the time of the newest report: what was known before, or what its runs tell since. */
async function reportedOf(tx: Db, id: number, known: JobRecord | null) {
  const told = quickGet<Told>(
    tx,
    `SELECT next_at, received_at FROM run WHERE job_id = ? AND next_at IS NOT NULL ORDER BY received_at DESC, id DESC LIMIT 1`,
    id,
  )
  const last = quickGet<{ at: number | null }>(
    tx,
    `SELECT max(received_at) AS at FROM run JOIN run_source ON run_source.run_id = run.id AND way = ${REPORT} WHERE job_id = ?`,
    id,
  )
  const isNewer = told !== undefined && told.received_at >= (known?.reported_next_seen_at ?? 0)
  const at = Math.max(last?.at ?? 0, known?.last_report_at ?? 0)
  return {
    reported_next_at: isNewer ? told.next_at : (known?.reported_next_at ?? null),
    reported_next_seen_at: isNewer ? told.received_at : (known?.reported_next_seen_at ?? null),
    last_report_at: at === 0 ? null : at,
  }
}

/** As the newest run was called, if it came since the join; what was known before may be newer than any run. */
async function nameOf(tx: Db, id: number, { name }: JobRecord, joinedAt: number): Promise<string> {
  const newest = quickGet<{ backup_name: string; received_at: number }>(
    tx,
    `SELECT backup_name, received_at FROM run JOIN run_source ON run_source.run_id = run.id JOIN evidence ON evidence.id = evidence_id
      WHERE job_id = ? ORDER BY began_at DESC, run.id DESC LIMIT 1`,
    id,
  )
  return newest && newest.received_at >= joinedAt ? newest.backup_name : name
}
