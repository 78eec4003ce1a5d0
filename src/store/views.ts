import type { JobFacts, ServerFacts } from '../fleet/facts.ts'
import type { FailureView, RunningView, RunView, ServerView } from '../fleet/model.ts'
import { BUILT_IN, type EffectiveSettings } from '../fleet/rules.ts'
import { readRecent, TICKS } from './columns.ts'
import { idOf } from './ids.ts'
import type { JobState, LastRun, RunRow, ServerRecord } from './schema.ts'
import type { JobFactsRow, JobRow } from './types.ts'

export function iso(milliseconds: number): string
export function iso(milliseconds: number | null): string | null
export function iso(milliseconds: number | null): string | null {
  return milliseconds === null ? null : new Date(milliseconds).toISOString()
}

export function hostOf(url: string | null): string | null {
  if (url === null) return null
  try {
    return new URL(url).host
  } catch {
    return null
  }
}

/** What people see: the alias, else the machine name, else the host of the address. */
export function nameOf(server: Pick<ServerRecord, 'alias' | 'machine_name' | 'url' | 'id'>): string {
  return server.alias || server.machine_name || hostOf(server.url) || idOf('s', server.id)
}

export function serverView(
  server: ServerRecord,
  { machineIds, addresses }: Pick<ServerView, 'machineIds' | 'addresses'>,
): ServerView {
  return {
    id: idOf('s', server.id),
    name: nameOf(server),
    alias: server.alias,
    note: server.note,
    machineName: server.machine_name,
    machineIds,
    url: server.url,
    addresses,
    duplicatiVersion: server.duplicati_version,
    timeZone: server.time_zone,
    tags: JSON.parse(server.tags),
    lastCollectedAt: iso(server.last_collected_at),
    lastReportAt: iso(server.last_report_at),
    paused: server.paused ? { until: iso(server.paused_until) } : null,
    error:
      server.error_code === null
        ? null
        : { code: server.error_code, message: server.error_message ?? '', since: iso(server.error_since ?? 0) },
  }
}

export function serverFacts(server: ServerRecord): ServerFacts {
  return {
    paused: server.paused ? { until: server.paused_until } : null,
    lastCollectedAt: server.last_collected_at,
    timeZone: server.time_zone,
    keepClockTime: server.keep_clock_time === 1,
    canBeAsked: server.url !== null && server.sealed_password !== null,
    failingSince: server.error_code === null ? null : server.error_since,
    lastReportAt: server.last_report_at,
  }
}

interface RunOwner {
  serverId: number
  serverName: string
  jobId: number
  jobName: string
}

export function runView(run: RunRow, owner: RunOwner, ways: RunView['sources']): RunView {
  return {
    id: idOf('r', run.id),
    server: { id: idOf('s', owner.serverId), name: owner.serverName },
    job: { id: idOf('j', owner.jobId), name: owner.jobName },
    operation: run.operation,
    status: run.status as RunView['status'],
    beganAt: iso(run.began_at),
    endedAt: iso(run.ended_at),
    durationSeconds: run.duration_ticks === null ? null : run.duration_ticks / TICKS,
    partial: run.partial === 1,
    interrupted: run.interrupted === 1,
    dryRun: run.dry_run === 1,
    examinedFiles: run.examined_files,
    openedFiles: run.opened_files,
    addedFiles: run.added_files,
    modifiedFiles: run.modified_files,
    deletedFiles: run.deleted_files,
    examinedBytes: run.examined_bytes,
    addedBytes: run.added_bytes,
    modifiedBytes: run.modified_bytes,
    uploadedBytes: run.uploaded_bytes,
    downloadedBytes: run.downloaded_bytes,
    storageBytes: run.storage_bytes,
    freeBytes: run.free_bytes,
    totalBytes: run.total_bytes,
    versions: run.versions,
    messages: run.messages,
    warnings: run.warnings,
    errors: run.errors,
    exception: run.exception,
    duplicatiVersion: run.duplicati_version,
    sources: ways,
    receivedAt: iso(run.received_at),
    timeDoubted: run.doubted === 1,
    setAside: run.set_aside ?? null,
  }
}

/** What is read of a job with its last run, which is kept with it. */
export type StoredJob = JobState & { last_run: LastRun | null }

/**
 * @param lastRun the same as `job.last_run`, for people
 * @param settings what holds for the job; the built-in ones where nobody set anything
 */
export function jobRow(
  job: StoredJob,
  lastRun: RunView | null,
  now: number,
  settings: LatenessSettings = BUILT_IN,
): JobRow {
  const { last_run: last } = job
  return {
    ...jobFactsRow(job, now, settings),
    lastRun,
    tags: JSON.parse(job.tags),
    files: last?.examined_files ?? null,
    sourceBytes: last?.examined_bytes ?? null,
    storageBytes: last?.storage_bytes ?? null,
    uploadedBytes: job.uploaded_bytes,
    versions: last?.versions ?? null,
    warnings: last?.warnings ?? null,
    errors: last?.errors ?? null,
    runs: job.runs,
    recent: readRecent(job.recent),
  }
}

/** What an overdue check needs of a job. */
export function jobFactsRow(job: StoredJob, now: number, settings: LatenessSettings = BUILT_IN): JobFactsRow {
  return {
    id: idOf('j', job.id),
    serverId: idOf('s', job.server_id),
    backupId: job.backup_id,
    name: job.name,
    facts: jobFacts(job, now, settings),
    gone: job.gone_at !== null,
  }
}

/** The settings that lateness hangs on. */
type LatenessSettings = Pick<
  EffectiveSettings,
  'monitored' | 'expectedInterval' | 'allowedWeekDays' | 'time' | 'tolerance' | 'maxAge'
>

/** Set by hand is what has an interval: days and time alone are the server's. */
function manualSchedule({ expectedInterval, allowedWeekDays, time }: LatenessSettings): JobFacts['manual'] {
  if (expectedInterval === null) return null
  return { time, interval: expectedInterval, weekdays: allowedWeekDays, timeZone: null }
}

function jobFacts(job: StoredJob, now: number, settings: LatenessSettings): JobFacts {
  const { last_run: last, last_interrupted_at: interruptedAt } = job
  const lastBeganAt = last?.began_at ?? null
  return {
    monitored: job.monitored === 1 && settings.monitored,
    snoozedUntil: job.snoozed_until !== null && job.snoozed_until > now ? job.snoozed_until : null,
    running: job.running === null ? null : (JSON.parse(job.running) as RunningView),
    queued: job.queued === 1,
    status: (last?.status ?? 'None') as JobFacts['status'],
    partial: last?.partial === 1,
    lastReceivedAt: last?.received_at ?? null,
    lastBeganAt,
    lastEndedAt: last?.ended_at ?? null,
    lastSuccessAt: job.last_success_at,
    lastVersionAt: job.last_version_at,
    skippedAt: interruptedAt !== null && (lastBeganAt === null || interruptedAt > lastBeganAt) ? interruptedAt : null,
    schedule:
      job.schedule_time === null
        ? null
        : {
            time: job.schedule_time,
            repeat: job.schedule_repeat,
            allowedDays: job.schedule_days === '' ? [] : job.schedule_days.split(','),
            lastRun: job.schedule_last_run,
          },
    plannedAt: job.planned_at,
    plannedSeenAt: job.planned_seen_at,
    reportedNextAt: job.reported_next_at,
    reportedNextSeenAt: job.reported_next_seen_at,
    lastReportAt: job.last_report_at,
    liveAt: job.live_at,
    habits: job.habits,
    failuresInARow: job.failures_in_a_row,
    manual: manualSchedule(settings),
    toleranceSeconds: settings.tolerance,
    maxAgeSeconds: settings.maxAge,
    failure: failureView(job),
  }
}

/** What the last collection found; over as soon as a newer backup is known, by whatever way it came. */
function failureView(job: StoredJob): FailureView | null {
  const { failure_at: at, last_run: last } = job
  if (at === null || (last !== null && (last.ended_at ?? last.began_at) > at)) return null
  return { at: iso(at), message: job.failure_message ?? '', source: job.failure_source ?? 'metadata' }
}
