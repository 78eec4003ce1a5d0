/**
 * The words of Duplicati's room: what its API, log rows and reports say, already validated and in our units.
 * Types only. Times are ISO 8601 UTC strings with milliseconds, bytes and counts are integers, durations are seconds.
 */

/** `ParsedResult` of Duplicati; a Success with warnings counted is Warning, one with errors counted too. */
export type RunStatus = 'Success' | 'Warning' | 'Error' | 'Fatal' | 'Unknown'

/** One line of an operation's log, with the stack trace that follows it kept in its text (lines separated by `\n`). */
export interface LogLine {
  level: 'message' | 'warning' | 'error'
  /** When the line was written, or null where its time cannot be told. */
  at: string | null
  /** Duplicati's log tag, such as `Duplicati.Library.Main.Controller-StartingOperation`, or null. */
  tag: string | null
  text: string
}

/** What one execution of an operation says of itself: json.md `run` without ids, plus what only the store needs. */
export interface RunFacts {
  /** `MainOperation`: Backup, Restore, Test, Compact, Repair, … */
  operation: string
  status: RunStatus
  beganAt: string
  /** 100-ns ticks of the begin time below its millisecond (0…9999), or null where the source tells whole seconds only. */
  beganTicks: number | null
  endedAt: string | null
  /** Exact to 100 ns where Duplicati tells it (seven digits). */
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
  /** `KnownFileSize`. */
  storageBytes: number | null
  /** Quota's free and total bytes; null for -1 and unknown. */
  freeBytes: number | null
  totalBytes: number | null
  /** `BackupListCount`. */
  versions: number | null
  /** True counts (`…ActualLength`), whatever number of texts came along. */
  messages: number
  warnings: number
  errors: number
  exception: string | null
  duplicatiVersion: string | null
  /** The texts that came along, in Duplicati's order within each level; may be fewer than the counts. */
  log: LogLine[]
  /** Dates of the versions kept at the destination, newest first; null where the log lines do not tell them. */
  versionDates: string[] | null
}

/** One row of a job's log: a result, or a plain line that is no result (kept only as a row that was seen). */
export interface LogRow {
  /** Row id in the job's own database: rises with time, is the paging key. */
  id: number
  /** Epoch seconds of the end, as the row says. */
  timestamp: number
  /** Stable digest of the raw row, to notice that Duplicati's own database was made anew. */
  fingerprint: string
  /** Null for rows that are no result (`Type` other than Result), or one that cannot be read (then `unreadable` says why). */
  run: RunFacts | null
  unreadable: string | null
}

/** `GET /systeminfo`, `/serversettings` and `/serverstate` in our words. */
export interface ServerInfo {
  /** Empty ids count for nothing: null. */
  machineId: string | null
  machineName: string | null
  duplicatiVersion: string
  /** The zone that the scheduler uses: IANA name. `server-timezone`, empty → `UTC`; Windows names mapped. */
  timeZone: string
  /** False on 2.1, whose scheduler does not keep the clock time across daylight-saving changes. */
  keepClockTime: boolean
  /** `ServerTime`, the server's clock when it answered; null where unreadable. */
  serverTime: string | null
}

export interface ServerState {
  paused: { until: string | null } | null
  /** Backup id of the running operation, or null. */
  activeBackupId: string | null
  /** Backup ids that wait in the queue. */
  queuedBackupIds: string[]
  /** Backup id → the server's own next run (`ProposedSchedule`). */
  proposed: Record<string, string>
}

/** `GET /progressstate` of a running operation. */
export interface Progress {
  backupId: string
  phase: string
  /** 0…1, or null while Duplicati still counts. */
  progress: number | null
  bytesPerSecond: number | null
  remainingSeconds: number | null
}

export interface Schedule {
  /** The schedule's own id, which is not the job's. */
  id?: string
  /** The next planned run (UTC): base and next at once. */
  time: string
  /** Interval text as saved, such as `1D`; null or empty: Duplicati ignores the schedule. */
  repeat: string | null
  /** Short names `mon`…`sun`; empty: every day. */
  allowedDays: string[]
  /** Last start by the scheduler; null for never. */
  lastRun: string | null
}

/** One job of `GET /backups`. */
export interface Backup {
  /** As the API writes it: `2` (a report's `DB-2`). */
  backupId: string
  name: string
  tags: string[]
  /** Scheme and host of the destination at most: the rest of `TargetURL` holds credentials and never leaves the client. */
  destination: string | null
  schedule: Schedule | null
  metadata: {
    lastStartedAt: string | null
    lastFinishedAt: string | null
    /** `LastBackupDate`: moves only when a new version was made (T65). */
    lastVersionAt: string | null
    lastErrorAt: string | null
    lastErrorMessage: string | null
    sourceFiles: number | null
    sourceBytes: number | null
    storageBytes: number | null
    versions: number | null
    freeBytes: number | null
    totalBytes: number | null
  }
}

/** A row of `GET /notifications` or of the server's own log: a failure that may reach no run (T68). */
export interface ServerNotice {
  source: 'notification' | 'serverLog'
  level: 'information' | 'warning' | 'error'
  at: string
  backupId: string | null
  /** The schedule that the notice is about, where it names that in place of the job. */
  scheduleId?: string
  title: string | null
  message: string
  /** Digest of content and time: notification ids are reused (T80). */
  fingerprint: string
}
