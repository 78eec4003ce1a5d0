/**
 * A machine whose id or name changed, recognised when it matters (docs/identity.md): before one of its jobs is called overdue. What
 * was joined so and turns out to be two machines is parted again (recognise-parting.ts).
 */
import type { Plan } from '../fleet/alerts/types.ts'
import type { Verdict } from '../fleet/overdue/assess.ts'
import { firstStartAfter, longestGap } from '../fleet/overdue/starts.ts'
import { idOf, rowOf } from '../store/ids.ts'
import { quickAll, quickGet } from '../store/quick.ts'
import type { Db } from '../store/schema.ts'
import type { JobFactsRow } from '../store/types.ts'
import type { Known } from './alert-events.ts'
import { join } from './join.ts'
import { partedByHand } from './join-record.ts'
import { rememberJoin } from './recognise-parting.ts'

/** With a tolerance of nothing a run that begins in time still begins a moment after its planned start. */
const LEAST = 5 * 60_000
/** Planned starts that are looked at: the first ones that were missed. */
const STARTS = 20
const DAY = 86_400_000

/** Another server's job that may be this one under another machine id or name. */
export interface Lookalike {
  serverId: string
  jobId: string
  /** Machine id and name of the source that was seen last of this job, and of the other one. */
  own: { machineId: string; machineName: string }
  other: { machineId: string; machineName: string }
  /** When the other source was seen first, in milliseconds. */
  firstSeenAt: number
  /** A run of the other job began when this one was expected. */
  keepsTime: boolean
}

/**
 * Joins servers with those that a job's machine turned into, where an alert `overdue` would be opened otherwise. Call it inside the
 * transaction that opens alerts.
 * @returns how many were joined: then everything is to be judged anew
 */
export async function recognise(
  tx: Db,
  { plan, known }: { plan: Plan; known: Pick<Known, 'jobs' | 'verdicts'> },
  now: number,
): Promise<number> {
  const gone = new Set<string>()
  let joined = 0
  for (const transition of plan.transitions) {
    if (transition.type !== 'open' || transition.kind !== 'overdue' || gone.has(transition.serverId)) continue
    const job = known.jobs.get(transition.jobId ?? '')
    const verdict = known.verdicts.get(transition.jobId ?? '')
    if (!job || !verdict) continue
    const found = (await lookalikes(tx, job, verdict, now)).filter(({ keepsTime }) => keepsTime)
    const [one] = found
    // Where two machines look like this one nobody can tell which it became.
    if (!one || new Set(found.map(({ serverId }) => serverId)).size > 1 || gone.has(one.serverId)) continue
    await joinWith(tx, job, verdict, one, now)
    gone.add(one.serverId)
    joined++
  }
  return joined
}

/**
 * Jobs of other servers with the same backup id and name, whose source shares the machine id or the machine name and was first seen
 * after this job's was last seen.
 */
export async function lookalikes(
  db: Db,
  job: Pick<JobFactsRow, 'id' | 'serverId' | 'backupId' | 'name'>,
  verdict: Verdict,
  now: number,
): Promise<Lookalike[]> {
  const serverId = rowOf('s', job.serverId) ?? 0
  const own = quickAll<SourceRow>(db, OWN, serverId, job.backupId)
  const newest = own[0]
  if (!newest) return []
  const others = quickAll<OtherRow>(db, OTHERS, job.backupId, job.name, newest.last_seen_at, job.backupId, serverId)
  const like = others.filter((other) => own.some((source) => isAlike(source, other)))
  const found: Lookalike[] = []
  for (const other of like) {
    // Whom a person parted are two, whatever they look like.
    if ((await partedByHand(db, serverId, other.server_id)) !== null) continue
    found.push({
      serverId: idOf('s', other.server_id),
      jobId: idOf('j', other.job_id),
      own: { machineId: newest.machine_id, machineName: newest.machine_name },
      other: { machineId: other.machine_id, machineName: other.machine_name },
      firstSeenAt: other.first_seen_at,
      keepsTime: await ranInTime(db, other.job_id, verdict, now),
    })
  }
  return found
}

interface SourceRow {
  id: number
  machine_id: string
  machine_name: string
  last_seen_at: number
}
interface OtherRow extends Omit<SourceRow, 'last_seen_at'> {
  server_id: number
  first_seen_at: number
  job_id: number
}

const OWN = `SELECT DISTINCT source.id, machine_id, machine_name, last_seen_at FROM source
  JOIN evidence ON evidence.source_id = source.id
  WHERE server_id = ? AND address = '' AND backup_id = ? ORDER BY last_seen_at DESC`
const OTHERS = `SELECT DISTINCT source.id, source.server_id, machine_id, machine_name, first_seen_at, job.id AS job_id FROM source
  JOIN evidence ON evidence.source_id = source.id AND evidence.backup_id = ? AND evidence.backup_name = ?
  JOIN job ON job.server_id = source.server_id
  WHERE address = '' AND first_seen_at > ? AND job.backup_id = ? AND source.server_id <> ?`

/** An empty id or name counts for nothing. */
function isAlike(a: SourceRow, b: OtherRow): boolean {
  const shares = (one: string, other: string) => one !== '' && one === other
  return shares(a.machine_id, b.machine_id) || shares(a.machine_name, b.machine_name)
}

/** Whether a run of the other job began within the tolerance of one of the starts that this one missed. */
async function ranInTime(db: Db, jobId: number, { expectation, toleranceSeconds }: Verdict, now: number) {
  if (!expectation) return false
  const near = Math.max(LEAST, toleranceSeconds * 1000) + expectation.lateness
  const { rule } = expectation
  let start: number | null = expectation.at
  for (let looked = 0; start !== null && start <= now && looked < STARTS; looked++) {
    const run = quickGet(
      db,
      `SELECT id FROM run WHERE job_id = ? AND counting = 1 AND began_at BETWEEN ? AND ? LIMIT 1`,
      jobId,
      start - near,
      start + near,
    )
    if (run) return true
    start = rule && firstStartAfter(rule, start, start)
  }
  return false
}

async function joinWith(tx: Db, job: JobFactsRow, verdict: Verdict, other: Lookalike, now: number): Promise<void> {
  const sourcesOf = async (server: string) =>
    quickAll<{ id: number }>(tx, 'SELECT id FROM source WHERE server_id = ?', rowOf('s', server) ?? 0).map(
      ({ id }) => id,
    )
  const [oldSources, newSources] = [await sourcesOf(job.serverId), await sourcesOf(other.serverId)]
  const [one, second] = [rowOf('s', job.serverId) ?? 0, rowOf('s', other.serverId) ?? 0]
  const kept = await join(tx, { one, other: second, reason: reasonOf(job, other), at: now })
  const interval = (verdict.expectation?.rule && longestGap(verdict.expectation.rule)) ?? DAY
  await rememberJoin(tx, { keep: kept, gone: kept === one ? second : one, at: now, oldSources, newSources, interval })
}

/** In words, for the audit log and those who ask. */
export function reasonOf(job: Pick<JobFactsRow, 'name'>, { own, other }: Lookalike): string {
  if (own.machineName === other.machineName) {
    return `${own.machineName} reports the job ${job.name} under another machine id`
  }
  return `the machine ${own.machineName || 'without a name'} reports the job ${job.name} as ${other.machineName || 'one without a name'}`
}
