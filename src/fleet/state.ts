/**
 * What is to be said of a job at a moment: its state, and whether it is overdue. Pure: the facts come from the store.
 * The words are those of docs/json.md; the rule of evidence is Duplicati's scheduler seen from outside: `Schedule.Time` moves
 * when a scheduled run has ended, a paused server queues its jobs, and a server that nobody asked proves nothing.
 */
import type { JobFacts, ServerFacts } from './facts.ts'
import type { JobState, JobStatus, JobView } from './model.ts'

/** How late a backup may start before it is overdue, in seconds. */
export const DEFAULT_TOLERANCE_SECONDS = 3600

/** Times in milliseconds since the epoch. */
export interface Judgement {
  status: JobStatus
  state: JobState
  /** The planned start that counts; while late the one that was missed. */
  expectedAt: number | null
  expectedFrom: JobView['expectedFrom']
  overdue: boolean
  /** When the job became overdue; null while it is not. */
  overdueSince: number | null
  skippedAt: number | null
}

/** Whether a planned start was kept, as far as anybody knows. */
type Punctuality = 'onTime' | 'overdue' | 'unseen'

/** Judges a job of a server at `now` (milliseconds since the epoch). Snoozing silences alerts and changes nothing here. */
export function judge(job: JobFacts, server: ServerFacts, now: number, toleranceSeconds: number): Judgement {
  const expectedAt = expectedStart(job)
  const dueAt = lastMoment(expectedAt ?? now, server, toleranceSeconds)
  const paused = isPaused(server, now)
  const judged = job.monitored && !paused && expectedAt !== null && !ranSince(job, expectedAt)
  const punctuality = judged && now > dueAt ? afterDue(job, server, dueAt) : 'onTime'
  const overdue = punctuality === 'overdue'
  return {
    status: job.status,
    state: stateOf(job, expectedAt !== null, paused, punctuality),
    expectedAt,
    expectedFrom: expectedAt === null ? null : 'server',
    overdue,
    overdueSince: overdue ? dueAt : null,
    skippedAt: job.skippedAt,
  }
}

/** In the order of docs/json.md: the first that holds. */
function stateOf(job: JobFacts, scheduled: boolean, paused: boolean, punctuality: Punctuality): JobState {
  if (!job.monitored) return 'unmonitored'
  if (job.running) return 'running'
  if (paused) return 'paused'
  if (punctuality === 'overdue') return 'overdue'
  if (job.status === 'Error' || job.status === 'Fatal' || job.failure) return 'failed'
  if (punctuality === 'unseen') return 'stale'
  if (job.status === 'Warning' || job.partial) return 'warning'
  if (job.status === 'None') return scheduled ? 'never' : 'unscheduled'
  return 'ok'
}

/**
 * The server's own next run, as it was told last. Duplicati proposes the next one as soon as a run is queued, but `Time` stays
 * until that run has ended: where `Time` is a planned start by itself and nothing ran since, it is what was missed.
 */
function expectedStart(job: JobFacts): number | null {
  const { schedule } = job
  // Duplicati ignores a schedule without a repeat.
  if (schedule && !schedule.repeat) return null
  const planned = known(job.plannedAt)
  const time = known(schedule?.time ?? null)
  if (!schedule || time === null || planned === null) return planned ?? time
  const startsAtTime = schedule.allowedDays.length === 0 && (schedule.lastRun ?? 0) < time
  return startsAtTime && time < planned && !ranSince(job, time) ? time : planned
}

/** The year 1 stands for unset in Duplicati; nothing was ever planned before 1970. */
function known(at: number | null): number | null {
  return at !== null && at > 0 ? at : null
}

/** The moment after which a start is late. What a known pause held back may begin when the pause ends. */
function lastMoment(expectedAt: number, server: ServerFacts, toleranceSeconds: number): number {
  return Math.max(expectedAt, server.paused?.until ?? expectedAt) + toleranceSeconds * 1000
}

/** A pause without an end lasts until somebody sees that it is over. */
function isPaused({ paused }: ServerFacts, now: number): boolean {
  return paused !== null && (paused.until === null || paused.until > now)
}

/** Nothing is judged without evidence: only an answer of the server after the last moment shows that nothing ran. */
function afterDue(job: JobFacts, server: ServerFacts, dueAt: number): Punctuality {
  if (server.lastCollectedAt === null || server.lastCollectedAt <= dueAt) return 'unseen'
  // While a run lasts or waits in the queue, its planned start lies in the past.
  return job.running || job.queued ? 'onTime' : 'overdue'
}

/** A run by hand counts too: it is a fresh backup. So does one that a script skipped: Duplicati goes on to the next start. */
function ranSince(job: JobFacts, at: number): boolean {
  return Math.max(job.lastBeganAt ?? 0, job.skippedAt ?? 0) >= at
}
