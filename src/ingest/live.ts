import type { LiveStatus } from '../duplicati/live-status.ts'
import type { RunningView } from '../fleet/model.ts'
import { quickAll, quickGet, quickRun } from '../store/quick.ts'
import type { Db } from '../store/schema.ts'
import { jobOf, plainBackupId } from './jobs.ts'
import { newServer, newSource } from './servers.ts'

/** Status and run round their times each in its own way. */
const SLACK = 2_000

/**
 * Notes how far a running operation is, with its job; the last status only. What ended is not running any more. Returns whether
 * there is a job for it. Call it inside a transaction.
 */
export async function noteLive(tx: Db, live: LiveStatus, receivedAt: Date): Promise<boolean> {
  const at = receivedAt.getTime()
  const isOver = live.state === 'completed' || live.state === 'failed'
  const place = await placeOfLive(tx, live)
  const jobId = place.jobId ?? (isOver || live.operation !== 'Backup' ? null : await firstJobOf(tx, live, place, at))
  if (jobId === null) return false
  if (!isOver && (await hasEndedSince(tx, jobId, live))) return true
  quickRun(
    tx,
    'UPDATE job SET running = ?, live_at = ? WHERE id = ? AND coalesce(live_at, 0) <= ?',
    isOver ? null : JSON.stringify(runningView(live)),
    isOver ? null : at,
    jobId,
    at,
  )
  return true
}

/** A status that was held up on its way is older than the end of its run; both are told by the clock of the server. */
async function hasEndedSince(tx: Db, jobId: number, { startedAt, reportedAt }: LiveStatus): Promise<boolean> {
  const ended = quickGet(
    tx,
    'SELECT 1 FROM run WHERE job_id = ? + 0 AND began_at >= ? + 0 AND ended_at > ? + 0 LIMIT 1',
    ...[jobId, Date.parse(startedAt) - SLACK, Date.parse(reportedAt) + SLACK],
  )
  return ended !== undefined
}

function runningView({ phase, progress, startedAt, bytesPerSecond, remainingSeconds }: LiveStatus): RunningView {
  return { phase: phase ?? 'Running', progress, startedAt, bytesPerSecond, remainingSeconds }
}

interface Candidate {
  server_id: number
  /** Null where the server has no such job. */
  job_id: number | null
  /** The server has the very source that posts. */
  isSource: number
  /** Something else than live status told of the server. */
  isTold: number
}

/** Where a status belongs: a job, else the server of a new one, null where that may be new too; `none` where it is left alone. */
type Place = { jobId: number | null; serverId: number | null | 'none' }

/**
 * The job of the source that posts, as its reports have it; else the only one of this id and name on a server of this machine id or
 * name: a server that is collected may post its status and no reports, and tells of its new jobs itself.
 */
async function placeOfLive(tx: Db, { source, backupId, backupName }: LiveStatus): Promise<Place> {
  const candidates = quickAll<Candidate>(
    tx,
    `SELECT DISTINCT server.id AS server_id, job.id AS job_id,
        (source.address = '' AND source.machine_id = ? AND source.machine_name = ?) AS isSource,
        (server.url IS NOT NULL OR server.last_report_at IS NOT NULL OR job.runs > 0) AS isTold
      FROM source JOIN server ON server.id = source.server_id
        LEFT JOIN job ON job.server_id = server.id AND (job.backup_id = ? OR (? = '' AND job.name = ?))
      WHERE source.machine_name = ? OR server.machine_name = ? OR (? <> '' AND ? IN (source.machine_id, source.told_id))`,
    source.machineId,
    source.machineName,
    backupId === null ? '' : plainBackupId(backupId),
    backupId ?? '',
    backupName,
    source.machineName,
    source.machineName,
    source.machineId,
    source.machineId,
  )
  const told = candidates.filter(({ isTold }) => isTold === 1)
  const own = (told.length > 0 ? told : candidates).find(({ isSource }) => isSource === 1)
  if (own) return { jobId: own.job_id, serverId: own.server_id }
  const jobs = new Set(told.flatMap(({ job_id }) => job_id ?? []))
  const jobId = jobs.size === 1 ? ([...jobs][0] ?? null) : null
  return { jobId, serverId: told.length > 0 ? 'none' : null }
}

/** A first backup may run for days before its report comes: its job is made when it begins. */
async function firstJobOf(
  tx: Db,
  { source, backupId, backupName, startedAt }: LiveStatus,
  { serverId: known }: Place,
  at: number,
): Promise<number | null> {
  if (known === 'none') return null
  const { machineId, machineName } = source
  const serverId = known ?? (await newServer(tx, { machineName, at }))
  if (known === null) await newSource(tx, { serverId, address: '', machineId, machineName, at })
  const plainId = backupId === null ? null : plainBackupId(backupId)
  return jobOf(tx, { serverId, backupId: plainId, name: backupName, toldAt: Date.parse(startedAt) })
}
