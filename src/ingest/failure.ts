import type { Backup, ServerNotice } from '../duplicati/model.ts'
import type { FailureView } from '../fleet/model.ts'

/** Duplicati writes the time of an error in whole seconds, a moment before or after the run's own end. */
const SLACK = 2_000
/** Texts that came within this time tell of one failure; then the clearer source is taken. */
const SAME_FAILURE = 5_000
const CLEAREST = { metadata: 0, notification: 1, serverLog: 2 } as const

export interface FailedRun {
  beganAt: number
  endedAt: number | null
}

/**
 * The failure of a job that no stored run tells of (T68): from the job's metadata (`LastErrorDate` is never cleared: it counts
 * only when newer than the last finished backup, T23), the server's notifications and its own log. Null when there is none, or
 * a newer backup has finished since.
 * @param failedRuns the newest stored runs that failed
 * @param lastBackupEnd end of the newest stored backup of any outcome, or null
 */
export function currentFailure(
  backup: Backup,
  notices: ServerNotice[],
  failedRuns: FailedRun[],
  lastBackupEnd: number | null,
): FailureView | null {
  const finishedAt = Math.max(
    backup.metadata.lastFinishedAt === null ? 0 : Date.parse(backup.metadata.lastFinishedAt),
    lastBackupEnd ?? 0,
  )
  const candidates = tellings(backup, notices)
    .filter(({ at }) => Date.parse(at) > finishedAt)
    .filter(({ at }) => !failedRuns.some((run) => tellsOf(run, Date.parse(at))))
  const newest = Math.max(...candidates.map(({ at }) => Date.parse(at)))
  const together = candidates.filter(({ at }) => newest - Date.parse(at) <= SAME_FAILURE)
  return together.sort((a, b) => CLEAREST[a.source] - CLEAREST[b.source])[0] ?? null
}

function tellings(backup: Backup, notices: ServerNotice[]): FailureView[] {
  const { metadata } = backup
  const own = notices.filter((notice) => notice.level === 'error' && isAbout(backup, notice))
  const found: FailureView[] = own.map(({ at, message, title, source }) => ({
    at,
    message: message || title || '',
    source,
  }))
  if (metadata.lastErrorAt !== null) {
    found.push({ at: metadata.lastErrorAt, message: metadata.lastErrorMessage ?? '', source: 'metadata' })
  }
  return found
}

function isAbout({ backupId, schedule }: Backup, notice: ServerNotice): boolean {
  return notice.backupId === backupId || (notice.scheduleId !== undefined && notice.scheduleId === schedule?.id)
}

/** Whether an error of this moment is that of the run. */
export function tellsOf({ beganAt, endedAt }: FailedRun, at: number): boolean {
  return at >= beganAt - SLACK && at <= (endedAt ?? beganAt) + SLACK
}
