/**
 * The store's interface, for those who read (output's commands) and those who write (collect, ingest). Types only.
 * Ids are strings with a letter for what they name (`s3`, `j12`, `r4711`), so that no id looks like a backup id or a count.
 * Times are milliseconds since the epoch where a name ends in `At` and the type is a number, ISO 8601 in views.
 */
import type { RunStatus } from '../duplicati/model.ts'
import type { JobFacts, ServerFacts } from '../fleet/facts.ts'
import type { DailyValue } from '../fleet/metrics.ts'
import type { LogLineView, RunView, ServerView } from '../fleet/model.ts'
import type { Downtime } from '../fleet/overdue/assess.ts'
import type { Listening } from '../fleet/overdue/listening.ts'
import type { JobSettings, SettingField } from '../fleet/rules.ts'
import type { KnownJobs } from './known-jobs.ts'
import type { MetricQuery } from './metrics.ts'
import type { OutboxReading } from './outbox-reading.ts'
import type { QuarantinedBody, QuarantineItem } from './quarantine.ts'
import type { TemplateReading } from './template-reading.ts'
import type { TokenView } from './tokens.ts'

export interface OpenOptions {
  file: string
  /** `read` never creates or changes the file; a missing file reads as an empty store. */
  mode: 'read' | 'write'
  /** The clock that stamps what is written (audit, `createdAt`). */
  now?: () => Date
  /**
   * When written data is safe against a power cut: after each transaction (`each`, the default), or when the store is closed
   * (`close`), for what can be read again from where it came: a cut then costs the newest transactions, in order, never half of one.
   */
  sync?: 'each' | 'close'
  /** How long to wait for another process's lock, in milliseconds (10,000). */
  busyTimeout?: number
}

export interface ServerRow {
  view: ServerView
  facts: ServerFacts
}

/** What an overdue check needs of a job. */
export interface JobFactsRow {
  id: string
  serverId: string
  /** As the API writes it: `2`. */
  backupId: string
  name: string
  facts: JobFacts
  /** The last collection did not find the job on its server any more. */
  gone: boolean
}

/** A job with its rolled-up state: one row read, whatever the number of its runs. */
export interface JobRow extends JobFactsRow {
  tags: string[]
  /** The last counting run. */
  lastRun: RunView | null
  /** The last counting run's `examinedFiles` and `examinedBytes`, else what the job's metadata says. */
  files: number | null
  sourceBytes: number | null
  storageBytes: number | null
  /** Sum over all kept counting runs. */
  uploadedBytes: number
  versions: number | null
  warnings: number | null
  errors: number | null
  /** Number of counting runs. */
  runs: number
  /** Statuses of the last ten counting runs, newest first. */
  recent: RunStatus[]
}

/** What a name on the command line can mean; light enough to read before anything else. */
export interface NamesList {
  servers: {
    id: string
    name: string
    alias: string | null
    machineName: string | null
    host: string | null
    otherHosts: string[]
  }[]
  jobs: { id: string; serverId: string; backupId: string; name: string }[]
}

export interface HistoryQuery {
  jobIds: string[]
  /** Begin times, inclusive and exclusive. */
  since?: number | null
  until?: number | null
  status?: RunStatus[] | null
  /** `MainOperation` in any case; `Backup` when left out, null for all. */
  operation?: string | null
  limit: number
}

/** What the daemon left of itself; the counts are those of what waits for somebody. */
export interface MonitorRow extends Listening {
  lastCheckAt: number | null
  /** When the next check was to run, as the last one planned it; null where nobody plans one (a check by hand or cron). */
  nextCheckAt: number | null
  /** When they could not, oldest first. */
  downtimes: Downtime[]
  /** What it decided by itself and people should know, oldest first; times in milliseconds. */
  remarks: { at: number; text: string }[]
  /** Machine names of servers whose reports have never had an id, and when they came first, in milliseconds. */
  withoutId: { machineName: string; since: number }[]
  quarantined: number
  outboxWaiting: number
  outboxFailed: number
}

/** Reading costs O(jobs) or O(limit), never O(runs). */
export interface Reading {
  /**
   * All servers and jobs, or those named: servers of `serverIds` with their jobs, and jobs of `jobIds` with their servers.
   * Archived jobs are left out; with `archived` there are no others.
   * @param known of whoever reads all of them again and again: rows that are as before are the same objects
   */
  status(
    filter?: { serverIds?: string[]; jobIds?: string[]; archived?: boolean },
    known?: KnownJobs,
  ): Promise<{
    servers: ServerRow[]
    jobs: JobRow[]
  }>
  /**
   * The same for overdue checks, which need less of each job, and of all jobs every few minutes: one server after the other, so that
   * a large fleet is never in memory as a whole.
   * @param now milliseconds: the moment of the check, which every part of a judgement has to share
   */
  facts(serverIds: string[] | null, now: number, visit: (server: ServerRow, jobs: JobFactsRow[]) => void): Promise<void>
  names(): Promise<NamesList>
  monitor(): Promise<MonitorRow>
  /** Runs of these jobs, newest begin time first. */
  history(query: HistoryQuery): Promise<RunView[]>
  /** Operations of which there are runs; reads the history. */
  operations(): Promise<string[]>
  run(runId: string): Promise<RunView | null>
  /** The newest backup run that was not set aside, counting or not; else one that was; else the newest run of any operation. */
  latestRun(jobId: string): Promise<RunView | null>
  /** Texts and version dates that are kept of a run (`versionDates` newest first, null where they cannot be told). */
  log(runId: string): Promise<{ lines: LogLineView[]; versionDates: string[] | null }>
  /** The newest counting run that tells of versions: one that was skipped and a dry run tell of none, whatever is there. */
  latestVersions(jobId: string): Promise<{ run: RunView; versionDates: string[] | null } | null>
  /** Addresses and report sources of a server, last seen first. */
  sources(
    serverId: string,
  ): Promise<{ address: string | null; machineId: string | null; machineName: string | null; lastSeenAt: string }[]>
  /** Figures of counting runs by day: reads the runs of the time that is asked for. */
  metrics(query: MetricQuery): Promise<DailyValue[]>
  /** The last value of each job before a time in milliseconds, by job. */
  metricsBefore(query: Pick<MetricQuery, 'jobIds' | 'metric'> & { at: number }): Promise<Map<string, number>>
  /** Number of runs and bytes of the file. */
  size(): Promise<{ runs: number; bytes: number }>
}

/** What a person can set of a server. `undefined` leaves as it is, null clears. */
export interface ServerEdit {
  url?: string | null
  alias?: string | null
  note?: string | null
  tags?: string[]
  /** SHA-256 fingerprint of the only certificate that is accepted beside verified ones. */
  pin?: string | null
}

/** How to reach a server; secrets as sealed texts (`settings/secrets.ts`). */
export interface ServerAccess {
  id: string
  name: string
  url: string | null
  pin: string | null
  /** What the sealed texts are bound to, with the field's name: `${secretOwner}:password`, `${secretOwner}:headers`. */
  secretOwner: string
  sealedPassword: string | null
  sealedHeaders: string | null
}

export interface Servers {
  /** @throws UserError `server_exists` when the address or the alias belongs to another server. */
  add(server: ServerEdit & { url: string }): Promise<{ id: string }>
  /** @throws UserError `server_exists`, `unknown_server`. */
  edit(id: string, changes: ServerEdit): Promise<void>
  /** Sealed texts, bound to the server's `secretOwner`; null forgets. */
  setSecrets(id: string, secrets: { password?: string | null; headers?: string | null }): Promise<void>
  /** Removes the server with its jobs, runs, logs, notices and secrets. */
  remove(id: string): Promise<void>
  /** Of these servers, or of all that have an address; in the order of their ids. */
  access(ids?: string[]): Promise<ServerAccess[]>
  /** The server that an address belongs to. */
  findByUrl(url: string): Promise<string | null>
  /** Stores why a server could not be collected; `since` stays while the code stays. Null clears. */
  setError(id: string, error: { code: string; message: string } | null): Promise<void>
}

/** What somebody changes of settings: `set` wins over what is inherited, also where it is empty; `inherit` takes it away. */
export interface SettingChanges {
  set: JobSettings
  inherit: SettingField[]
}

/** What was set for a job, and what its server's defaults say; what holds is `effectiveSettings(own, server)`. */
export interface SettingLayers {
  own: JobSettings
  server: JobSettings
}

export interface Snooze {
  jobId: string
  /** Milliseconds. */
  until: number
  /** When it was snoozed. */
  at: number | null
  reason: string | null
}

/** What people decide about jobs. Every change is one transaction with an audit entry for each job. */
export interface JobSettingsStore {
  of(jobIds: string[]): Promise<Map<string, SettingLayers>>
  ofServer(serverId: string): Promise<JobSettings>
  /** @returns the ids of the jobs that were not so already */
  editJobs(jobIds: string[], changes: SettingChanges): Promise<string[]>
  /** @returns whether it was not so already. @throws UserError `unknown_server` */
  editServer(serverId: string, changes: SettingChanges): Promise<boolean>
  /** Silences alerts until then; null ends it. @returns the ids of the jobs that were not so already */
  snooze(jobIds: string[], snooze: { until: number; reason: string | null } | null): Promise<string[]>
  /** Snoozes that last at `now`, the one that ends first first. */
  snoozed(now: number): Promise<Snooze[]>
  /** Puts jobs aside and resolves their alerts without a word. @returns the ids of those that were not so already */
  archive(jobIds: string[]): Promise<string[]>
  /** @returns the ids of those that were archived */
  restore(jobIds: string[]): Promise<string[]>
  /**
   * Deletes runs, logs, settings and alerts. A job that its server still has, or may have, stays as an archived one without
   * history, so that it does not come back by itself.
   */
  remove(jobIds: string[]): Promise<void>
}

export interface AuditEntry {
  at: string
  /** What happened: `server.add`, `server.remove`, `source.join`, … */
  action: string
  serverId: string | null
  reason: string | null
  /** What is needed to undo it, as JSON. */
  data: unknown
}

export interface Audit {
  list(limit: number): Promise<AuditEntry[]>
}

/** What a run's log keeps. */
export interface RunLog {
  lines: LogLineView[]
  versionDates: string[] | null
}

export interface Store {
  readonly file: string
  readonly mode: 'read' | 'write'
  readonly read: Reading
  readonly servers: Servers
  readonly settings: JobSettingsStore
  readonly audit: Audit
  /** What is known of access tokens, newest first; they are made and taken back by `tokens.ts`. */
  readonly tokens: { list(): Promise<TokenView[]> }
  /** Bodies that were not understood, newest first; a single one is unpacked. */
  readonly quarantine: {
    list(): Promise<QuarantineItem[]>
    /** @throws UserError `unknown_quarantine` */
    read(id: string): Promise<QuarantinedBody>
  }
  /** Messages that wait, were sent, or were given up; they are written and delivered by `outbox.ts`. */
  readonly outbox: OutboxReading
  /** Texts of messages that somebody edited; `templates.ts` keeps them. */
  readonly templates: TemplateReading
  close(): Promise<void>
}
