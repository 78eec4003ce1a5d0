/** What a client of one Duplicati server offers to `collect`. Types only; `client.ts` implements it. */
import type { Backup, LogRow, Progress, ServerInfo, ServerNotice, ServerState } from './model.ts'

/** How to reach a server and how far to trust it. */
export interface ServerAddress {
  /** With scheme, base path kept, no trailing slash, no credentials, no query: `https://nas:8200/duplicati`. */
  url: string
  /** SHA-256 fingerprint (hex pairs with colons) of the only certificate that is accepted beside verified ones. */
  pin?: string | null
  /** Password of the server, or a long-lived token (T26): told apart by its JWT form. */
  secret: string | null
  /** Extra headers of authentication proxies, among them `Authorization` for basic authentication. */
  headers?: Record<string, string>
}

export interface ClientOptions {
  /** One request's time-out in milliseconds (15,000). */
  requestTimeout?: number
  /** Ends everything that is under way. */
  signal?: AbortSignal
  env?: NodeJS.ProcessEnv
  /** Time for all requests of the client together in milliseconds (1,800,000). */
  totalTimeout?: number
  /** Authorities (PEM) that are trusted beside those of Node and of the operating system. */
  trustedCertificates?: readonly string[]
  /** Gets what each successful answer looked like, secrets and credentials removed: for `collect --save`. */
  recorder?: (exchange: RecordedExchange) => void
  /** Waiting time before the first retry of a busy database in milliseconds (500), doubled each time, five tries in all. */
  busyDelay?: number
}

/** One answer, safe to write into a file: no passwords and tokens, of destinations only scheme and host. */
export interface RecordedExchange {
  method: 'GET' | 'POST'
  /** With query, below the server's address: `/api/v1/backups`. */
  path: string
  status: number
  body: unknown
}

export interface LogPageOptions {
  /** Rows below this row id; from the newest on without. */
  before?: number
  pageSize: number
  /** A row that is known: where it is the newest one, the page is that row alone, and the others are not even parsed. */
  known?: Pick<LogRow, 'id' | 'fingerprint'>
  /** False: a busy database is told at once, without waiting for it (true). */
  patient?: boolean
}

export interface LogPage {
  rows: LogRow[]
  /** Whether the server may have rows below the last of these. */
  more: boolean
}

/**
 * One login, then at most four requests at once; for one job's log one after another is the caller's duty. Every method throws a `DuplicatiError` (a `UserError` whose `code` names the
 * kind) in a user's words. A 401 after the login logs in once more, never twice.
 */
export interface DuplicatiApi {
  readonly address: ServerAddress
  login(): Promise<void>
  info(): Promise<ServerInfo>
  state(): Promise<ServerState>
  backups(): Promise<Backup[]>
  /** Rows below row id `before` (from the newest on without), at most `pageSize` (10…500). Null: the job is unknown (404). */
  logPage(backupId: string, options: LogPageOptions): Promise<LogPage | null>
  /** The running operation; null when nothing runs or nothing has run since the server started. */
  progress(): Promise<Progress | null>
  /** Notifications and the newest rows of the server's own log, newest first. */
  notices(): Promise<ServerNotice[]>
  /** The server's settings as it names them; options of all jobs begin with `--`. */
  settings(): Promise<Record<string, string>>
  /**
   * Changes settings; null takes one away. Duplicati answers 200 also where it ignores a key, and stores keys that it does not know:
   * ask for `settings` afterwards, and before, which proves the login.
   */
  changeSettings(changes: Record<string, string | null>): Promise<void>
  /** Ends the connections and whatever is under way. */
  close(): Promise<void>
}
