/** The tables, as kysely sees them. Times are milliseconds UTC, durations 100-ns ticks, flags 0 or 1. */
import type { Generated, Insertable, Kysely, Selectable } from 'kysely'

export interface Schema {
  server: ServerTable
  source: SourceTable
  job: JobTable
  log_mark: LogMarkTable
  evidence: EvidenceTable
  run: RunTable
  run_source: RunSourceTable
  run_log: RunLogTable
  notice: NoticeTable
  audit: AuditTable
  token: TokenTable
  quarantine: QuarantineTable
  job_setting: JobSettingTable
  server_setting: ServerSettingTable
  alert: AlertTable
  event: EventTable
  outbox: OutboxTable
  template: TemplateTable
  monitor: MonitorTable
}

export type Db = Kysely<Schema>

export interface ServerTable {
  id: Generated<number>
  alias: string | null
  note: string | null
  tags: string
  machine_name: string | null
  url: string | null
  pin: string | null
  secret_owner: string
  sealed_password: string | null
  sealed_headers: string | null
  duplicati_version: string | null
  time_zone: string | null
  keep_clock_time: number
  paused: number
  paused_until: number | null
  last_collected_at: number | null
  last_report_at: number | null
  error_code: string | null
  error_message: string | null
  error_since: number | null
  created_at: number
  /** The older server that this one turned out to be; such a row is kept only for undoing. */
  joined_into: number | null
}

/** Where runs come from: an address, or a pair of machine id and name of reports. Empty text for what is not told. */
export interface SourceTable {
  id: Generated<number>
  server_id: number
  address: string
  machine_id: string
  machine_name: string
  /** The machine id that the API at this address told last: evidence, never a key (it changes at restarts). */
  told_id: Generated<string>
  first_seen_at: number
  last_seen_at: number
}

export interface JobTable {
  id: Generated<number>
  server_id: number
  backup_id: string
  name: string
  tags: string
  destination: string | null
  gone_at: number | null
  schedule_time: number | null
  schedule_repeat: string | null
  schedule_days: string
  schedule_last_run: number | null
  planned_at: number | null
  queued: number
  running: string | null
  last_finished_at: number | null
  failure_at: number | null
  failure_message: string | null
  failure_source: 'metadata' | 'notification' | 'serverLog' | null
  monitored: Generated<number>
  snoozed_until: number | null
  /** The newest counting run (`run-values.ts`). */
  last_run: string | null
  last_success_at: number | null
  last_version_at: number | null
  last_interrupted_at: number | null
  recent: Generated<string>
  runs: Generated<number>
  uploaded_bytes: Generated<number>
  /** When `planned_at` and the schedule were told by the server. */
  planned_seen_at: Generated<number | null>
  /** `next-scheduled-run` of the newest report that had one, and when that report came. */
  reported_next_at: Generated<number | null>
  reported_next_seen_at: Generated<number | null>
  last_report_at: Generated<number | null>
  /** When the last live status came in; null where `running` was collected. */
  live_at: Generated<number | null>
  /** JSON of the newest counting runs as `[began, duration in ms or null, status]`, newest first: what overdue checks learn from. */
  habits: Generated<string>
  /** Error and Fatal runs since the last good one. */
  failures_in_a_row: Generated<number>
  snoozed_at: Generated<number | null>
  snooze_reason: Generated<string | null>
  /** Put aside by a person: shown and judged nowhere, though what is told of it goes on being stored. */
  archived_at: Generated<number | null>
  /** When a collection read the whole log of the job last; kept where reports may name the wrong job (2.1). */
  log_read_at: Generated<number | null>
}

/** Where the last complete pass over a job's log ended, for each address that the log was read at. */
export interface LogMarkTable {
  source_id: number
  backup_id: string
  row_id: number
  fingerprint: string
}

/** What runs came with, each combination once. */
export interface EvidenceTable {
  id: Generated<number>
  source_id: number
  backup_id: string
  backup_name: string
}

export interface RunTable {
  id: Generated<number>
  job_id: number
  operation: string
  status: string
  counting: number
  began_at: number
  began_ticks: number | null
  ended_at: number | null
  duration_ticks: number | null
  partial: number
  interrupted: number
  dry_run: number
  examined_files: number | null
  opened_files: number | null
  added_files: number | null
  modified_files: number | null
  deleted_files: number | null
  examined_bytes: number | null
  added_bytes: number | null
  modified_bytes: number | null
  uploaded_bytes: number | null
  downloaded_bytes: number | null
  storage_bytes: number | null
  free_bytes: number | null
  total_bytes: number | null
  versions: number | null
  messages: number
  warnings: number
  errors: number
  exception: string | null
  duplicati_version: string | null
  received_at: number
  /** Why the run changes no job's health, such as a report of 2.1 that names the wrong job; null for all others. */
  set_aside: Generated<string | null>
  /** The begin time was not to be believed: it is the time of receipt. */
  doubted: Generated<number>
  /** `next-scheduled-run` of the report that told the run: evidence, for when servers are parted. */
  next_at: Generated<number | null>
}

export const WAYS = ['report', 'collect', 'import'] as const
export type Way = (typeof WAYS)[number]

export interface RunSourceTable {
  run_id: number
  evidence_id: number
  /** Index into WAYS. */
  way: number
}

export interface RunLogTable {
  run_id: number
  /** zstd of JSON (logs.ts). */
  body: Uint8Array
}

export interface NoticeTable {
  id: Generated<number>
  server_id: number
  backup_id: string | null
  source: 'notification' | 'serverLog'
  level: string
  at: number
  title: string | null
  message: string
  fingerprint: string
}

export interface AuditTable {
  id: Generated<number>
  at: number
  action: string
  server_id: number | null
  reason: string | null
  /** JSON. */
  data: string
}

/** Access to the HTTP interface. The token itself is not kept, only its SHA-256. */
export interface TokenTable {
  id: Generated<number>
  name: string
  role: 'report' | 'read' | 'admin'
  digest: string
  created_at: number
  expires_at: number | null
  revoked_at: number | null
  last_used_at: number | null
}

/** Bodies that were posted and not understood. */
export interface QuarantineTable {
  id: Generated<number>
  received_at: number
  address: string | null
  content_type: string | null
  /** Of the URL, without tokens. */
  query: string
  /** Of the body as it came. */
  bytes: number
  reason: string
  /** SHA-256 of the body: one that is sent again is kept once. */
  digest: string
  /** zstd. */
  body: Uint8Array
}

/** What somebody set for a job: a row that exists wins, also when its value (JSON) is empty. */
export interface JobSettingTable {
  job_id: number
  field: string
  value: string
}

/** What the jobs of a server inherit. */
export interface ServerSettingTable {
  server_id: number
  field: string
  value: string
}

/** A problem that somebody is told of once when it opens and once when it ends. */
export interface AlertTable {
  id: Generated<number>
  kind: 'overdue' | 'tooOld' | 'failedEarly' | 'failed' | 'unreachable'
  server_id: number
  /** Null where the whole server is meant. */
  job_id: number | null
  /** When the problem began, as opposed to when it was noticed. */
  since: number
  opened_at: number
  reminded_at: number | null
  reminders: Generated<number>
  resolved_at: number | null
  /** JSON, by kind. */
  data: Generated<string>
}

/** What happened that people may be told of, written in the transaction that makes it true. */
export interface EventTable {
  id: Generated<number>
  /** What it is about, so that one thing is one event whatever way it came. */
  key: string
  kind: string
  server_id: number | null
  job_id: number | null
  run_id: number | null
  alert_id: number | null
  created_at: number
  /** JSON of the values that a message is built from. */
  data: string
}

/** One message of one event to one destination. */
export interface OutboxTable {
  id: Generated<number>
  event_id: number
  channel: 'ntfy' | 'email'
  destination: string
  state: 'waiting' | 'sent' | 'failed'
  attempts: Generated<number>
  created_at: number
  next_attempt_at: number | null
  /** The process that sends it now, and until when it may. */
  claimed_by: string | null
  claimed_until: number | null
  sent_at: number | null
  error: string | null
}

/** Texts that somebody wrote in place of the built-in ones. */
export interface TemplateTable {
  kind: 'success' | 'warning' | 'overdue' | 'recovery' | 'digest'
  language: string
  title: string
  message: string
  priority: string
  tags: string
  changed_at: number
}

/** What the daemon remembers of itself, such as the time of its last check; values are JSON. */
export interface MonitorTable {
  key: string
  value: string
}

export type RunRow = Selectable<RunTable>
/** A run with the ways that it came by (indexes into WAYS), as its job keeps a copy. */
export type LastRun = RunRow & { ways: number[] }
export type NewRun = Insertable<RunTable>
export type JobRecord = Selectable<JobTable>
export type JobState = Omit<JobRecord, 'last_run'>
export type ServerRecord = Selectable<ServerTable>
export type SourceRecord = Selectable<SourceTable>
