/**
 * The shapes of the duplistatus web application (1.4.2), for the widgets that read them. Where it is wrong ours is right: sums go
 * over all jobs, not over the newest run of each server.
 */
import type { JobView, LogLineView, RunView, ServerView, StatusView } from '../fleet/model.ts'
import type { RunLog } from '../store/types.ts'

/** `GET /api/summary`. Sizes in bytes. */
export function webSummary(summary: StatusView['summary'], jobs: JobView[], now: number) {
  const newest = Math.max(...jobs.flatMap(({ lastRun }) => (lastRun ? [Date.parse(lastRun.beganAt)] : [])))
  return {
    totalServers: summary.servers,
    totalBackupsRuns: summary.runs,
    totalBackups: summary.jobs,
    totalUploadedSize: summary.uploadedBytes,
    totalStorageUsed: summary.storageBytes,
    totalBackupSize: summary.sourceBytes,
    overdueBackupsCount: summary.overdue,
    secondsSinceLastBackup: Number.isFinite(newest) ? Math.max(0, Math.floor((now - newest) / 1000)) : 0,
  }
}

/** `server` in `GET /api/lastbackup/:server`. There a server is its machine id. */
export function webServer(server: ServerView, createdAt: number) {
  return {
    id: server.machineIds[0] ?? server.id,
    name: server.machineName ?? server.name,
    created_at: new Date(createdAt).toISOString().slice(0, 19).replace('T', ' '),
  }
}

/** A run as `latest_backup`: texts are lists written as JSON inside of a text. */
export function webBackup(run: RunView, serverId: string, { lines, versionDates }: RunLog) {
  const seconds = run.durationSeconds ?? 0
  const began = Date.parse(run.beganAt)
  return {
    id: run.id,
    server_id: serverId,
    name: run.job.name,
    date: run.beganAt,
    status: run.status,
    warnings: run.warnings,
    errors: run.errors,
    messages: run.messages,
    fileCount: run.examinedFiles ?? 0,
    fileSize: run.examinedBytes ?? 0,
    uploadedSize: run.uploadedBytes ?? 0,
    duration: clock(seconds),
    duration_seconds: seconds,
    durationInMinutes: seconds / 60,
    knownFileSize: run.storageBytes ?? 0,
    backup_list_count: run.versions,
    messages_array: lines.length > 0 ? JSON.stringify(lines.map(lineText)) : null,
    warnings_array: null,
    errors_array: run.exception === null ? null : JSON.stringify([run.exception]),
    // The versions that were there before.
    available_backups: (versionDates ?? []).filter((at) => Date.parse(at) < Math.floor(began / 1000) * 1000),
  }
}

function clock(seconds: number): string {
  const whole = Math.floor(seconds)
  const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60]
  return parts.map((part) => String(part).padStart(2, '0')).join(':')
}

const LEVELS = { message: 'Information', warning: 'Warning', error: 'Error' }

/** A line as Duplicati writes it, in UTC. */
function lineText({ level, at, tag, text }: LogLineView): string {
  if (at === null) return text
  const time = at.slice(0, 19).replace('T', ' ')
  return `${time} +00 - [${LEVELS[level]}${tag === null ? '' : `-${tag}`}]: ${text}`
}
