/**
 * What is to be said of a job at a moment: its state, and whether it is overdue. Pure: the facts come from the store.
 * The words are those of docs/json.md; how lateness is judged stands in overdue/assess.ts.
 */
import type { JobFacts, ServerFacts } from './facts.ts'
import type { JobState, JobStatus, JobView } from './model.ts'
import { type AssessOptions, assess, isOverdue, type Punctuality } from './overdue/assess.ts'

/** How late a backup may start before it is overdue, in seconds. */
export const DEFAULT_TOLERANCE_SECONDS = 3600

/** Times in milliseconds since the epoch. */
export interface Judgement {
  status: JobStatus
  state: JobState
  /** The planned start that counts; while late the one that was missed. */
  expectedAt: number | null
  expectedFrom: JobView['expectedFrom']
  /** The job's own, else the one given. */
  toleranceSeconds: number
  /** A start was missed, or the last success is older than it may be. */
  overdue: boolean
  /** When the job became overdue; null while it is not. */
  overdueSince: number | null
  skippedAt: number | null
  /** What is known of a run under way is still to be believed. */
  running: boolean
}

/**
 * Judges a job of a server at `now` (milliseconds since the epoch). Snoozing silences alerts and changes nothing here.
 * @param toleranceSeconds where the job has none of its own
 */
export function judge(
  job: JobFacts,
  server: ServerFacts,
  now: number,
  toleranceSeconds: number,
  options: Pick<AssessOptions, 'zone' | 'downtimes'> = {},
): Judgement {
  const verdict = assess(job, server, { ...options, now, toleranceSeconds })
  const { expectation, punctuality, tooOldSince } = verdict
  const overdue = isOverdue(verdict)
  return {
    status: job.status,
    state: stateOf(job, expectation !== null, verdict.running, verdict.paused, overdue ? 'overdue' : punctuality),
    expectedAt: expectation?.at ?? null,
    expectedFrom: expectation?.from ?? null,
    toleranceSeconds: verdict.toleranceSeconds,
    overdue,
    overdueSince: verdict.overdueSince ?? tooOldSince,
    skippedAt: job.skippedAt,
    running: verdict.running,
  }
}

/** In the order of docs/json.md: the first that holds. */
function stateOf(
  job: JobFacts,
  scheduled: boolean,
  running: boolean,
  paused: boolean,
  punctuality: Punctuality,
): JobState {
  if (!job.monitored) return 'unmonitored'
  if (running) return 'running'
  if (paused) return 'paused'
  if (punctuality === 'overdue') return 'overdue'
  if (job.status === 'Error' || job.status === 'Fatal' || job.failure) return 'failed'
  if (punctuality === 'unseen') return 'stale'
  if (job.status === 'Warning' || job.partial) return 'warning'
  if (job.status === 'None') return scheduled ? 'never' : 'unscheduled'
  return 'ok'
}
