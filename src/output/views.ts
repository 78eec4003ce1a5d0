/** From the store's rows to the shapes of `--json`: the one place where a job's state and a fleet's sums are computed (T60). */
import { isLeftOutNote } from '../duplicati/left-out.ts'
import type {
  HistoryView,
  JobView,
  LogLineView,
  NameRef,
  RunView,
  ShowView,
  StatusView,
  VersionsView,
} from '../fleet/model.ts'
import type { AssessOptions } from '../fleet/overdue/assess.ts'
import { judge } from '../fleet/state.ts'
import { summarise } from '../fleet/totals.ts'
import type { JobRow, MonitorRow, ServerRow } from '../store/types.ts'
import { millis } from './format.ts'

/** `now` in milliseconds since the epoch; `toleranceSeconds` where a job has none of its own. */
export type JudgeOptions = AssessOptions

/** Jobs of the store as people and programs see them, in the order of the rows. */
export function jobViews(rows: { servers: ServerRow[]; jobs: JobRow[] }, options: JudgeOptions): JobView[] {
  const servers = new Map(rows.servers.map((server) => [server.view.id, server]))
  return rows.jobs.flatMap((job) => {
    const server = servers.get(job.serverId)
    return server ? [jobView(job, server, options)] : []
  })
}

/** A job that its server does not know any more runs no more: nobody waits for it, its history stays. */
function jobView(job: JobRow, server: ServerRow, options: JudgeOptions): JobView {
  const monitored = job.facts.monitored && !job.gone
  const facts = { ...job.facts, monitored }
  const { now } = options
  const judged = judge(facts, server.facts, now, options.toleranceSeconds, options)
  const { schedule } = facts
  return {
    id: job.id,
    backupId: job.backupId,
    name: job.name,
    server: { id: server.view.id, name: server.view.name },
    tags: job.tags,
    status: judged.status,
    state: judged.state,
    lastRun: job.lastRun,
    lastSuccessAt: iso(facts.lastSuccessAt),
    lastSuccessAgeSeconds: facts.lastSuccessAt === null ? null : seconds(now - facts.lastSuccessAt),
    lastVersionAt: iso(facts.lastVersionAt),
    expectedAt: iso(judged.expectedAt),
    expectedFrom: judged.expectedFrom,
    toleranceSeconds: judged.toleranceSeconds,
    overdue: judged.overdue,
    overdueSince: iso(judged.overdueSince),
    running: judged.running ? facts.running : null,
    queued: facts.queued,
    removed: job.gone,
    skippedAt: iso(judged.skippedAt),
    schedule: schedule && {
      time: new Date(schedule.time).toISOString(),
      repeat: schedule.repeat,
      allowedDays: schedule.allowedDays,
      timeZone: server.facts.timeZone ?? 'UTC',
    },
    files: job.files,
    sourceBytes: job.sourceBytes,
    storageBytes: job.storageBytes,
    uploadedBytes: job.uploadedBytes,
    versions: job.versions,
    warnings: job.warnings,
    errors: job.errors,
    runs: job.runs,
    recent: job.recent,
    failure: facts.failure,
    monitored,
    snoozedUntil: iso(facts.snoozedUntil),
  }
}

/** How long a check may take before its absence is said, in milliseconds: one that asks slow servers first takes minutes. */
const CHECK_GRACE = 600_000
/** Where cron runs the checks nobody knows when the next one will be: once a day is the least, and an hour for a change of clocks. */
const CRON_GRACE = 25 * 3_600_000

/** `status --json`: the sums are those of the jobs that are listed. */
export function statusView(jobs: JobView[], serverCount: number, now: number, monitor: MonitorRow): StatusView {
  const { lastCheckAt, quarantined, outboxWaiting, outboxFailed } = monitor
  return {
    schemaVersion: 1,
    generatedAt: new Date(now).toISOString(),
    summary: summarise(jobs, serverCount),
    monitor: {
      lastCheckAt: iso(lastCheckAt),
      stale: isCheckMissing(monitor, now),
      quarantined,
      outboxWaiting,
      outboxFailed,
    },
    jobs,
  }
}

/** What watches died silently: a check was to come, and did not. Where there never was one, nobody waits for it. */
function isCheckMissing({ lastCheckAt, nextCheckAt }: MonitorRow, now: number): boolean {
  if (lastCheckAt === null) return false
  return now > (nextCheckAt === null ? lastCheckAt + CRON_GRACE : nextCheckAt + CHECK_GRACE)
}

/** `history --json`; `server` and `job` are null when several match. */
export function historyView(runs: RunView[], about: { server: NameRef | null; job: NameRef | null }): HistoryView {
  return { schemaVersion: 1, ...about, runs }
}

/** Which lines of a log `show` prints beside the run. */
export type LogLevel = 'warnings' | 'errors' | 'all'

/**
 * `show --json`. `logOmitted` counts what the run had to say and whose text is not here, of the levels asked for: Duplicati keeps
 * 20 texts of a count of 300 (T69).
 */
export function showView(
  run: RunView,
  log: { lines: LogLineView[]; versionDates: string[] | null },
  level: LogLevel,
): ShowView {
  const levels = LEVELS[level]
  const lines = log.lines.filter((line) => levels.includes(line.level))
  const counted = levels.reduce((sum, name) => sum + countOf(run, name), 0)
  return {
    schemaVersion: 1,
    server: run.server,
    job: run.job,
    run,
    log: lines,
    logOmitted: Math.max(0, counted - lines.filter(({ text }) => !isLeftOutNote(text)).length),
    versions: versionsOf(run.versions, log.versionDates),
  }
}

const LEVELS: Record<LogLevel, LogLineView['level'][]> = {
  all: ['message', 'warning', 'error'],
  warnings: ['warning', 'error'],
  errors: ['error'],
}

/** The true count of a level, whatever number of texts there is. */
export function countOf(run: RunView, level: LogLineView['level']): number {
  if (level === 'message') return run.messages
  return level === 'warning' ? run.warnings : run.errors
}

/** `versions --json`: dates where they can be told, else only as many entries as there are versions. */
export function versionsView(
  server: NameRef,
  job: NameRef,
  latest: { run: RunView; versionDates: string[] | null } | null,
  now: number,
): VersionsView {
  const versions = versionsOf(latest?.run.versions ?? null, latest?.versionDates ?? null)
  return {
    schemaVersion: 1,
    server,
    job,
    count: versions.length,
    versions: versions.map(({ at }) => ({ at, ageSeconds: at === null ? null : seconds(now - millis(at)) })),
  }
}

function versionsOf(count: number | null, dates: string[] | null): { at: string | null }[] {
  if (dates) return dates.map((at) => ({ at }))
  return Array.from({ length: count ?? 0 }, () => ({ at: null }))
}

function iso(time: number | null): string | null {
  return time === null ? null : new Date(time).toISOString()
}

/** Whole seconds; a clock that is ahead of ours makes no negative age. */
function seconds(milliseconds: number): number {
  return Math.max(0, Math.floor(milliseconds / 1000))
}
