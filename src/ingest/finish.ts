import type { Backup, Progress, ServerNotice, ServerState } from '../duplicati/model.ts'
import { nextRun } from '../duplicati/schedule.ts'
import type { RunningView } from '../fleet/model.ts'
import { idOf, unknownServer } from '../store/ids.ts'
import { quickAll, quickGet, quickRun } from '../store/quick.ts'
import type { Db, JobRecord, ServerRecord } from '../store/schema.ts'
import { currentFailure } from './failure.ts'
import { jobOf, plainBackupId } from './jobs.ts'

/** Notices kept of a server: its newest. */
const NOTICES = 200
/** The beginning of .NET's calendar: unset dates stand there (T15). */
const UNSET = Date.parse('0002-01-01T00:00:00Z')

export interface Findings {
  backups: Backup[]
  state: ServerState | null
  progress: Progress | null
  notices: ServerNotice[]
}

/** Stores what a collection learnt beside the runs. Call it inside a transaction. */
export async function storeFindings(tx: Db, serverId: number, found: Findings, at: number): Promise<void> {
  const server = quickGet<ServerRecord>(tx, 'SELECT * FROM server WHERE id = ?', serverId)
  if (!server) throw unknownServer(idOf('s', serverId))
  const seen = new Set<number>()
  const stored = new Map(
    quickAll<JobRecord>(tx, 'SELECT * FROM job WHERE server_id = ? + 0', serverId).map((job) => [job.backup_id, job]),
  )
  for (const backup of found.backups) {
    const backupId = plainBackupId(backup.backupId)
    const before = stored.get(backupId)
    const jobId =
      before?.name === backup.name
        ? before.id
        : await jobOf(tx, { serverId, backupId, name: backup.name, toldAt: null })
    seen.add(jobId)
    await storeJob(tx, jobId, backup, found, { server, before, at })
  }
  await markGone(tx, [...stored.values()], seen, at)
  await storeNotices(tx, serverId, found.notices)
  const paused =
    found.state === null
      ? [server.paused, server.paused_until]
      : [found.state.paused ? 1 : 0, instant(found.state.paused?.until ?? null)]
  quickRun(
    tx,
    `UPDATE server SET paused = ?, paused_until = ?, last_collected_at = ?,
      error_code = NULL, error_message = NULL, error_since = NULL WHERE id = ?`,
    ...[...paused, Math.max(at, server.last_collected_at ?? 0), serverId],
  )
}

async function storeJob(
  tx: Db,
  jobId: number,
  backup: Backup,
  found: Findings,
  { server, before, at }: { server: ServerRecord; before: JobRecord | undefined; at: number },
): Promise<void> {
  const { schedule, metadata } = backup
  const active = running(backup, found)
  // Runs only take failures away: where nothing tells of one, as with most jobs, they need not be looked at.
  const failure =
    currentFailure(backup, found.notices, [], null) &&
    currentFailure(backup, found.notices, await failedRuns(tx, jobId), await lastBackupEnd(tx, jobId))
  const told = {
    tags: JSON.stringify(backup.tags),
    destination: backup.destination,
    gone_at: null,
    schedule_time: instant(schedule?.time ?? null),
    schedule_repeat: schedule?.repeat || null,
    schedule_days: schedule?.allowedDays.join(',') ?? '',
    schedule_last_run: instant(schedule?.lastRun ?? null),
    planned_at: plannedAt(backup, found.state, server, at),
    queued: found.state?.queuedBackupIds.includes(backup.backupId) ? 1 : 0,
    running: active === null ? null : JSON.stringify(active),
    live_at: null,
    last_finished_at: instant(metadata.lastFinishedAt),
    last_version_at: instant(metadata.lastVersionAt),
    failure_at: failure === null ? null : Date.parse(failure.at),
    failure_message: failure?.message ?? null,
    failure_source: failure?.source ?? null,
  } satisfies Partial<JobRecord>
  // Most collections find most jobs as they were.
  const columns = Object.keys(told) as (keyof typeof told)[]
  if (before && isToldAlready(before) && columns.every((column) => before[column] === told[column])) return
  await tx
    .updateTable('job')
    .set({ ...told, planned_seen_at: at })
    .where('id', '=', jobId)
    .execute()
}

/** A plan that is told again as it was needs no new time, unless a report named another one meanwhile. */
function isToldAlready({ planned_seen_at: seenAt, reported_next_seen_at: reportedAt }: JobRecord): boolean {
  return seenAt !== null && (reportedAt ?? 0) <= seenAt
}

/**
 * The start that the server plans next (duplicati.md, The scheduler): its own answer, unless a start that is due already waits:
 * `ProposedSchedule` moves on when a run is queued, `Schedule.Time` only when it has ended.
 */
function plannedAt(
  { backupId, schedule }: Backup,
  state: ServerState | null,
  server: ServerRecord,
  at: number,
): number | null {
  const time = instant(schedule?.time ?? null)
  if (!schedule?.repeat || time === null) return null
  const proposed = instant(state?.proposed[backupId] ?? null)
  if (proposed !== null && time > at) return proposed
  const lastRun = instant(schedule.lastRun)
  const next = nextRun(
    {
      time: new Date(time).toISOString(),
      repeat: schedule.repeat,
      allowedDays: schedule.allowedDays,
      timeZone: server.time_zone ?? 'UTC',
      keepClockTime: server.keep_clock_time === 1,
    },
    new Date(lastRun !== null && lastRun <= at ? lastRun : Math.min(time, at)),
  )
  if (next !== null && next.getTime() <= at) return next.getTime()
  return proposed ?? next?.getTime() ?? null
}

function running({ backupId }: Backup, { state, progress }: Findings): RunningView | null {
  const own = progress?.backupId === backupId ? progress : null
  if (state?.activeBackupId !== backupId && own === null) return null
  return {
    phase: own?.phase ?? 'Running',
    progress: own?.progress ?? null,
    startedAt: null,
    bytesPerSecond: own?.bytesPerSecond ?? null,
    remainingSeconds: own?.remainingSeconds ?? null,
  }
}

/** The newest runs that failed: enough to recognise which of them an error belongs to. One that was set aside tells nothing. */
async function failedRuns(tx: Db, jobId: number) {
  const rows = await tx
    .selectFrom('run')
    .select(['began_at', 'ended_at', 'status'])
    .where('job_id', '=', jobId)
    .where('set_aside', 'is', null)
    .orderBy('began_at', 'desc')
    .limit(20)
    .execute()
  return rows
    .filter(({ status }) => status === 'Error' || status === 'Fatal')
    .map(({ began_at, ended_at }) => ({ beganAt: began_at, endedAt: ended_at }))
}

async function lastBackupEnd(tx: Db, jobId: number): Promise<number | null> {
  const row = await tx
    .selectFrom('run')
    .select(['began_at', 'ended_at'])
    .where('job_id', '=', jobId)
    .where('counting', '=', 1)
    .orderBy('began_at', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row ? (row.ended_at ?? row.began_at) : null
}

/** A job that its server does not list any more is kept with its history, and marked. */
async function markGone(tx: Db, stored: JobRecord[], seen: Set<number>, at: number): Promise<void> {
  const gone = stored.filter((job) => job.gone_at === null && !seen.has(job.id))
  for (const { id } of gone) {
    await tx
      .updateTable('job')
      .set({
        gone_at: at,
        running: null,
        queued: 0,
        planned_at: null,
        failure_at: null,
        failure_message: null,
        failure_source: null,
      })
      .where('id', '=', id)
      .execute()
  }
}

/** Notification ids are reused (T80): content and time tell them apart. */
async function storeNotices(tx: Db, serverId: number, notices: ServerNotice[]): Promise<void> {
  const newestFirst = notices.toSorted((a, b) => Date.parse(b.at) - Date.parse(a.at))
  const kept = newestFirst.slice(0, NOTICES).map((notice) => ({
    server_id: serverId,
    backup_id: notice.backupId,
    source: notice.source,
    level: notice.level,
    at: Date.parse(notice.at),
    title: notice.title,
    message: notice.message,
    fingerprint: notice.fingerprint,
  }))
  if (kept.length === 0) return
  await tx
    .insertInto('notice')
    .values(kept)
    .onConflict((conflict) => conflict.doNothing())
    .execute()
  const oldest = await tx
    .selectFrom('notice')
    .select('id')
    .where('server_id', '=', serverId)
    .orderBy('at', 'desc')
    .orderBy('id', 'desc')
    .offset(NOTICES)
    .limit(NOTICES)
    .execute()
  if (oldest.length > 0) {
    await tx
      .deleteFrom('notice')
      .where(
        'id',
        'in',
        oldest.map(({ id }) => id),
      )
      .execute()
  }
}

function instant(text: string | null): number | null {
  const milliseconds = text === null ? Number.NaN : Date.parse(text)
  return Number.isNaN(milliseconds) || milliseconds < UNSET ? null : milliseconds
}
