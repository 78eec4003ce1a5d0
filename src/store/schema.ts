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
  /** JSON of `LastRun`: the newest counting run. */
  last_run: string | null
  last_success_at: number | null
  last_version_at: number | null
  last_interrupted_at: number | null
  recent: Generated<string>
  runs: Generated<number>
  uploaded_bytes: Generated<number>
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

export type RunRow = Selectable<RunTable>
/** A run with the ways that it came by (indexes into WAYS), as its job keeps a copy. */
export type LastRun = RunRow & { ways: number[] }
export type NewRun = Insertable<RunTable>
export type JobRecord = Selectable<JobTable>
export type JobState = Omit<JobRecord, 'last_run'>
export type ServerRecord = Selectable<ServerTable>
export type SourceRecord = Selectable<SourceTable>
