import type { LiveStatus } from '../duplicati/live-status.ts'
import type { RunningView } from '../fleet/model.ts'
import { quickAll, quickRun } from '../store/quick.ts'
import type { Db } from '../store/schema.ts'
import { plainBackupId } from './jobs.ts'

/**
 * Notes how far a running operation is, with its job; the last status only. What ended is not running any more. A job that nothing
 * is known of yet is left alone: its report follows. Returns whether a job was found. Call it inside a transaction.
 */
export async function noteLive(tx: Db, live: LiveStatus, receivedAt: Date): Promise<boolean> {
  const jobId = await jobOfLive(tx, live)
  if (jobId === null) return false
  const at = receivedAt.getTime()
  const isOver = live.state === 'completed' || live.state === 'failed'
  await quickRun(
    tx,
    'UPDATE job SET running = ?, live_at = ? WHERE id = ? AND coalesce(live_at, 0) <= ?',
    isOver ? null : JSON.stringify(runningView(live)),
    isOver ? null : at,
    jobId,
    at,
  )
  return true
}

function runningView({ phase, progress, startedAt, bytesPerSecond, remainingSeconds }: LiveStatus): RunningView {
  return { phase: phase ?? 'Running', progress, startedAt, bytesPerSecond, remainingSeconds }
}

interface Candidate {
  id: number
  server_id: number
  isSource: number
}

/**
 * The job that a status is of: that of the source which reports, else the only one of this id and name on a server of this machine
 * id or name: a server that is collected may post its status and no reports.
 */
async function jobOfLive(tx: Db, { source, backupId, backupName }: LiveStatus): Promise<number | null> {
  const candidates = await quickAll<Candidate>(
    tx,
    `SELECT DISTINCT job.id, job.server_id,
        (source.address = '' AND source.machine_id = ? AND source.machine_name = ?) AS isSource
      FROM job JOIN server ON server.id = job.server_id JOIN source ON source.server_id = server.id
      WHERE (job.backup_id = ? OR (? = '' AND job.name = ?)) AND (source.machine_name = ? OR server.machine_name = ?
        OR (? <> '' AND ? IN (source.machine_id, source.told_id)))`,
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
  const own = candidates.find(({ isSource }) => isSource === 1)
  if (own) return own.id
  const ids = new Set(candidates.map(({ id }) => id))
  return ids.size === 1 ? ([...ids][0] ?? null) : null
}
