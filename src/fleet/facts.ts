/**
 * What the store knows of a job and its server when somebody asks for its state: the input of `judge` (state.ts).
 * Milliseconds since the epoch, so that a thousand jobs cost no date parsing.
 */
import type { FailureView, JobStatus, RunningView, RunView } from './model.ts'

export interface ServerFacts {
  paused: { until: number | null } | null
  /** When the server was last asked with success; null for never (or a server that only reports). */
  lastCollectedAt: number | null
  /** The scheduler's zone. */
  timeZone: string | null
}

export interface JobFacts {
  monitored: boolean
  snoozedUntil: number | null
  running: RunningView | null
  /** The job waits in the server's queue. */
  queued: boolean
  /** Of the last counting run. */
  status: JobStatus
  partial: boolean
  lastRun: RunView | null
  lastBeganAt: number | null
  lastEndedAt: number | null
  lastSuccessAt: number | null
  lastVersionAt: number | null
  /** An interrupted run newer than the last counting one. */
  skippedAt: number | null
  schedule: { time: number; repeat: string | null; allowedDays: string[]; lastRun: number | null } | null
  /** The server's own next run (ProposedSchedule, else Schedule.Time), as of the last collection. */
  plannedAt: number | null
  /** The newest failure that no run tells of, already known to be current (newer than the last finished backup). */
  failure: FailureView | null
}
