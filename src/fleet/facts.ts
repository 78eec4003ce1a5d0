/**
 * What the store knows of a job and its server when somebody asks for its state: the input of `judge` (state.ts).
 * Milliseconds since the epoch, so that a thousand jobs cost no date parsing.
 */
import type { FailureView, JobStatus, RunningView } from './model.ts'

export interface ServerFacts {
  paused: { until: number | null } | null
  /** When the server was last asked with success; null for never (or a server that only reports). */
  lastCollectedAt: number | null
  /** The scheduler's zone. */
  timeZone: string | null
  /** False for Duplicati 2.1, whose scheduler steps in plain UTC. */
  keepClockTime: boolean
  /** Whether the monitor can ask by itself: it knows the address and the password. */
  canBeAsked: boolean
  /** Since when the server could not be asked; null while the last attempt succeeded. */
  failingSince: number | null
  lastReportAt: number | null
}

/** A schedule that somebody set by hand. */
export interface ManualSchedule {
  /** ISO 8601: one start, from which the others follow. Null where only the interval was set. */
  time: string | null
  /** Duplicati's interval, such as `1D`. */
  interval: string
  /** Short or full English names; empty for every day. */
  weekdays: string[]
  /** IANA name or offset; null for the server's zone. */
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
  /** When the last counting run came in. */
  lastReceivedAt: number | null
  lastBeganAt: number | null
  lastEndedAt: number | null
  lastSuccessAt: number | null
  lastVersionAt: number | null
  /** An interrupted run newer than the last counting one. */
  skippedAt: number | null
  schedule: { time: number; repeat: string | null; allowedDays: string[]; lastRun: number | null } | null
  /** The server's own next run (ProposedSchedule, else Schedule.Time), as of the last collection. */
  plannedAt: number | null
  /** When the server told `plannedAt` and the schedule; null where it never did. */
  plannedSeenAt: number | null
  /** `next-scheduled-run` of the newest report that had one, and when that report came. */
  reportedNextAt: number | null
  reportedNextSeenAt: number | null
  lastReportAt: number | null
  /** When the last live status came; null where `running` was collected. */
  liveAt: number | null
  /** The newest counting runs, packed (overdue/habits.ts): only what has to learn from them reads them. */
  habits: string
  /** Error and Fatal runs since the last good one. */
  failuresInARow: number
  /** What was set by hand; null for what was not. */
  manual: ManualSchedule | null
  /** The job's own tolerance; null for the general one. */
  toleranceSeconds: number | null
  /** How old the last success may be; null for any age. */
  maxAgeSeconds: number | null
  /** The newest failure that no run tells of, already known to be current (newer than the last finished backup). */
  failure: FailureView | null
}
