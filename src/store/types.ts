/** What the store offers to the rest. Types only. Times are milliseconds since the epoch unless a view says ISO. */
import type { JobFacts, ServerFacts } from '../fleet/facts.ts'
import type { JobStatus, LogLineView, RunView, ServerView } from '../fleet/model.ts'

export interface OpenOptions {
  file: string
  /** `read` never creates or changes the file; a missing database reads as an empty one. */
  mode: 'read' | 'write'
  now?: () => Date
}

/** A server as screens need it: what is shown, and what its jobs are judged by. */
export interface ServerRow {
  view: ServerView
  facts: ServerFacts
}

/** A job with its rolled-up state; no cost grows with the number of runs. */
export interface JobRow {
  id: string
  serverId: string
  backupId: string
  name: string
  tags: string[]
  facts: JobFacts
  /** The zone of the schedule; null where the server never told it. */
  timeZone: string | null
  files: number | null
  sourceBytes: number | null
  storageBytes: number | null
  /** Sum over all kept counting runs. */
  uploadedBytes: number
  versions: number | null
  warnings: number | null
  errors: number | null
  /** Counting runs. */
  runs: number
  /** The last ten counting runs' statuses, newest first. */
  recent: Exclude<JobStatus, 'None'>[]
  /** When the job was last seen missing on its server; null while it exists. */
  goneAt: number | null
}

/** The light lists that names on the command line are resolved against. */
export interface Names {
  servers: { id: string; name: string; alias: string | null; machineName: string | null; host: string | null; url: string | null }[]
  jobs: { id: string; serverId: string; backupId: string; name: string }[]
}

export interface HistoryQuery {
  jobIds: string[]
  since?: number
  until?: number
  status?: string[]
  /** `MainOperation`, or `all`; Backup unless told. */
  operation?: string
  limit: number
}

export interface RunLog {
  lines: LogLineView[]
  /** Dates of the versions at the destination, newest first; null where the log does not tell. */
  versionDates: string[] | null
}

export interface Reads {
  /** Servers and jobs, all or of these ids; in no particular order. */
  status(filter?: { jobIds?: string[]; serverIds?: string[] }): Promise<{ servers: ServerRow[]; jobs: JobRow[] }>
  names(): Promise<Names>
  /** Newest first. */
  history(query: HistoryQuery): Promise<RunView[]>
  run(id: string): Promise<RunView | null>
  /** The newest counting run, else the newest run of any operation. */
  latestRun(jobId: string): Promise<RunView | null>
  log(runId: string): Promise<RunLog>
  /** For the benchmark: number of runs, and bytes of the file. */
  size(): Promise<{ runs: number; bytes: number }>
}

/** How a server is reached; secrets are sealed texts (settings/secrets.ts), bound to `secretOwner`. */
export interface ServerConnection {
  id: string
  name: string
  url: string | null
  pin: string | null
  secretOwner: string
  sealedPassword: string | null
  sealedHeaders: string | null
}

export interface ServerChanges {
  url?: string
  alias?: string | null
  note?: string | null
  tags?: string[]
  pin?: string | null
  sealedPassword?: string | null
  sealedHeaders?: string | null
}

export interface Servers {
  /** A server with an address that nobody has collected yet. `secretOwner` is what its secrets are sealed for. */
  add(server: ServerChanges & { url: string; secretOwner: string }): Promise<string>
  edit(id: string, changes: ServerChanges): Promise<void>
  /** Deletes the server with its jobs, runs and logs; says how many. */
  remove(id: string): Promise<{ jobs: number; runs: number }>
  connection(id: string): Promise<ServerConnection | null>
  /** All that have an address. */
  connections(): Promise<ServerConnection[]>
  /** The server that has or had this address. */
  byAddress(url: string): Promise<string | null>
  /** Every address that the server was ever collected at, and its report sources. */
  sources(id: string): Promise<{ address: string | null; machineId: string | null; machineName: string | null; lastSeenAt: number }[]>
}

export interface AuditEntry {
  at: number
  actor: string
  action: string
  details: Record<string, unknown>
}

export interface Store {
  readonly file: string
  readonly read: Reads
  readonly servers: Servers
  audit(entry: Omit<AuditEntry, 'at'>): Promise<void>
  close(): Promise<void>
}
