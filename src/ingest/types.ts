/** What `collect` hands over, in the order of one collection of one address. `ingest/` implements it on a `Store`. */
import type { Backup, LogRow, Progress, ServerInfo, ServerNotice, ServerState } from '../duplicati/model.ts'

/** Highest row of the last complete pass over a job's log, with the digest of that row. */
export interface LogMark {
  rowId: number
  fingerprint: string
}

export interface IngestCounts {
  /** Runs stored for the first time. */
  new: number
  /** Runs that were stored already, whatever way they came. */
  known: number
  /** Known runs that got richer texts or counts. */
  updated: number
}

/** One collection of one address; rows are on disk when a method's promise resolves. */
export interface Collection {
  /** The server that the address belongs to now; may change to an older one when runs agree (identity.md, rule 1). */
  readonly serverId: string
  /** Where the last complete pass over this job's log ended, or null: read it all. */
  mark(backupId: string): Promise<LogMark | null>
  /** Stores a page's runs in one transaction, job roll-up included. */
  addPage(backup: { backupId: string; name: string }, rows: LogRow[]): Promise<IngestCounts>
  /** Called when a pass went down to the last mark (or the log's end): the newest row becomes the mark. */
  completeLog(backupId: string, mark: LogMark | null): Promise<void>
  /**
   * The rest of what one collection learns, in one transaction: jobs with schedule and metadata (those that are gone from the
   * server are kept and marked), running and queued ones, notices; sets `lastCollectedAt` and clears the server's error.
   */
  finish(facts: {
    backups: Backup[]
    state: ServerState | null
    progress: Progress | null
    notices: ServerNotice[]
  }): Promise<void>
  /** Stores the reason beside the server; what was collected stays. */
  fail(error: { code: string; message: string }): Promise<void>
}

export interface Ingest {
  /** `serverId`: the server that the caller means; without it the address decides, an unknown one becomes a new server. */
  openCollection(input: { url: string; serverId?: string; info: ServerInfo; at: Date }): Promise<Collection>
}
