/**
 * The shapes of `--json` (docs/json.md): what commands print and what `output` draws. Types only.
 * Times are ISO 8601 UTC with milliseconds; bytes and counts integers; durations and ages seconds; absent is null.
 */

export type JobStatus = 'Success' | 'Warning' | 'Error' | 'Fatal' | 'Unknown' | 'None'

/** What a person should see first; in this order the first that holds. */
export const JOB_STATES = [
  'unmonitored',
  'running',
  'paused',
  'overdue',
  'failed',
  'stale',
  'warning',
  'never',
  'unscheduled',
  'ok',
] as const
export type JobState = (typeof JOB_STATES)[number]

export interface NameRef {
  id: string
  name: string
}

export interface ServerView {
  id: string
  /** What people see: the alias, else the machine name, else the host of the address. */
  name: string
  alias: string | null
  note: string | null
  machineName: string | null
  machineIds: string[]
  url: string | null
  /** That one, and the others that it was collected at. */
  addresses: string[]
  duplicatiVersion: string | null
  timeZone: string | null
  tags: string[]
  lastCollectedAt: string | null
  lastReportAt: string | null
  paused: { until: string | null } | null
  error: { code: string; message: string; since: string } | null
}

export interface RunView {
  id: string
  server: NameRef
  job: NameRef
  operation: string
  status: Exclude<JobStatus, 'None'>
  beganAt: string
  endedAt: string | null
  durationSeconds: number | null
  partial: boolean
  interrupted: boolean
  dryRun: boolean
  examinedFiles: number | null
  openedFiles: number | null
  addedFiles: number | null
  modifiedFiles: number | null
  deletedFiles: number | null
  examinedBytes: number | null
  addedBytes: number | null
  modifiedBytes: number | null
  uploadedBytes: number | null
  downloadedBytes: number | null
  storageBytes: number | null
  freeBytes: number | null
  totalBytes: number | null
  versions: number | null
  messages: number
  warnings: number
  errors: number
  exception: string | null
  duplicatiVersion: string | null
  sources: ('report' | 'collect' | 'import')[]
  receivedAt: string
  /** Its report told no begin time that can be believed: the time of receipt stands in its place. */
  timeDoubted: boolean
  /** Why the run changes no job's health: it was told in the name of another job, or its server's log has no such run. */
  setAside: string | null
}

export interface RunningView {
  phase: string
  progress: number | null
  startedAt: string | null
  bytesPerSecond: number | null
  remainingSeconds: number | null
}

export interface FailureView {
  at: string
  message: string
  source: 'metadata' | 'notification' | 'serverLog'
}

export interface JobView {
  id: string
  backupId: string
  name: string
  server: NameRef
  tags: string[]
  status: JobStatus
  state: JobState
  lastRun: RunView | null
  lastSuccessAt: string | null
  lastSuccessAgeSeconds: number | null
  lastVersionAt: string | null
  expectedAt: string | null
  expectedFrom: 'manual' | 'server' | 'report' | 'computed' | 'learnt' | null
  toleranceSeconds: number
  overdue: boolean
  overdueSince: string | null
  running: RunningView | null
  /** The job waits in its server's queue. */
  queued: boolean
  /** The last collection did not find the job on its server any more. */
  removed: boolean
  skippedAt: string | null
  schedule: { time: string; repeat: string | null; allowedDays: string[]; timeZone: string } | null
  files: number | null
  sourceBytes: number | null
  storageBytes: number | null
  uploadedBytes: number
  versions: number | null
  warnings: number | null
  errors: number | null
  runs: number
  /** The last ten counting runs' statuses, newest first. */
  recent: Exclude<JobStatus, 'None'>[]
  failure: FailureView | null
  monitored: boolean
  snoozedUntil: string | null
}

/** How the monitor itself is. */
export interface MonitorView {
  /** The last overdue check; null until one has run. */
  lastCheckAt: string | null
  /** Checks have run, but the next one is missing. */
  stale: boolean
  /** Bodies that were posted and not understood. */
  quarantined: number
  outboxWaiting: number
  outboxFailed: number
}

export interface StatusView {
  schemaVersion: 1
  generatedAt: string
  summary: {
    servers: number
    jobs: number
    runs: number
    files: number
    sourceBytes: number
    storageBytes: number
    uploadedBytes: number
    overdue: number
    failed: number
  }
  monitor: MonitorView
  jobs: JobView[]
}

export interface LogLineView {
  level: 'message' | 'warning' | 'error'
  at: string | null
  tag: string | null
  text: string
}

export interface HistoryView {
  schemaVersion: 1
  server: NameRef | null
  job: NameRef | null
  runs: RunView[]
}

export interface ShowView {
  schemaVersion: 1
  server: NameRef
  job: NameRef
  run: RunView
  log: LogLineView[]
  /** How many of the counted lines have no text here. */
  logOmitted: number
  versions: { at: string | null }[]
}

export interface VersionsView {
  schemaVersion: 1
  server: NameRef
  job: NameRef
  count: number
  versions: { at: string | null; ageSeconds: number | null }[]
}

/** What went wrong, as every `error` says it. */
export interface ErrorView {
  code: string
  message: string
  hint: string | null
}

/** One entry of `collect`'s `results`. */
export interface CollectResultView {
  /** Null: an address that led to no server. */
  server: NameRef | null
  url: string | null
  /** True only when everything was read. */
  ok: boolean
  error: ErrorView | null
  jobs: number
  new: number
  known: number
  updated: number
  seconds: number
}

/** One entry of `server test`'s `results`. */
export interface ServerTestView {
  server: NameRef
  ok: boolean
  steps: { step: 'dns' | 'tcp' | 'tls' | 'login' | 'api'; ok: boolean; message: string; seconds: number }[]
  error: ErrorView | null
}
