import type { DuplicatiApi } from '../duplicati/api.ts'
import type { Backup, LogRow, Progress, ServerInfo, ServerNotice, ServerState } from '../duplicati/model.ts'
import { UserError } from '../errors.ts'
import type { ErrorView } from '../fleet/model.ts'
import type { Collection, Ingest, IngestCounts } from '../ingest/types.ts'
import { walkLog } from './log-walk.ts'

/** Keeps what is collected as it comes (`collect --save`). */
export interface Recorder {
  server(info: ServerInfo, state: ServerState, backups: Backup[], progress: Progress | null): Promise<void>
  rows(backup: Backup, rows: LogRow[]): Promise<void>
  notices(notices: ServerNotice[]): Promise<void>
}

export interface CollectServerOptions {
  /** The server that the caller means; without it the address decides. */
  serverId?: string
  at: Date
  /** Ends the collection between two pages; its reason is the failure that is told and stored. */
  signal?: AbortSignal
  recorder?: Recorder
  onProgress?(progress: CollectProgress): void
}

export type CollectProgress =
  | { serverId: string; machineName: string | null }
  | { jobs: number }
  | { rows: number; counts: IngestCounts; serverId: string }
  | { done: number }

export interface ServerCollected {
  /** The server that the address belongs to in the end. */
  serverId: string
  jobs: number
  counts: IngestCounts
  /** What could not be read while the rest was; null: all was read. */
  error: ErrorView | null
}

interface Failure {
  /** Whose: `Job Documents`, `Notifications`. */
  of: string
  error: ErrorView
}

/**
 * Failures of one answer, which leave the rest of the server readable. With all others (time-outs, refused connections, logins)
 * the next request would meet the same, and one dead server would wait for every job's time-outs.
 */
const FAILURES_IN_PART = new Set([
  'answer_too_large',
  'bad_answer',
  'busy',
  'database_broken',
  'server_error',
  'unreadable_rows',
])

/** Logs that are asked side by side: as many as the client asks at once. */
const LOGS_AT_ONCE = 4

/** Failures on our side, which say nothing of the server. */
export const OUR_FAILURES = new Set(['interrupted', 'save_failed'])

/**
 * One collection of one server over an open client: one login, then what does not need each other side by side, a few requests
 * at once. One job's log is read one page after the other (T22).
 *
 * State and jobs are asked before the logs: a run that ends in between is then in the log already while its job still counts as
 * running, which misses nothing; the other way round a finished run would look like a missed one (the planned time moves when
 * a run ends).
 * @throws UserError when the server failed as a whole; pages that were read by then stay stored.
 */
export async function collectServer(
  api: DuplicatiApi,
  ingest: Ingest,
  options: CollectServerOptions,
): Promise<ServerCollected> {
  const { at, signal, serverId, onProgress } = options
  await api.login()
  const asked = askAll(api)
  const info = await asked.info
  signal?.throwIfAborted()
  const { url } = api.address
  const collection = await ingest.openCollection({ url, info, at, ...(serverId === undefined ? {} : { serverId }) })
  onProgress?.({ serverId: collection.serverId, machineName: info.machineName })
  try {
    return await collectInto(collection, api, info, asked, options)
  } catch (error) {
    const failure: unknown = signal?.aborted ? signal.reason : error
    if (failure instanceof UserError && !OUR_FAILURES.has(failure.code)) await remember(collection, failure)
    throw failure
  }
}

/** What needs nothing but the login. */
interface Asked {
  info: Promise<ServerInfo>
  state: Promise<ServerState>
  backups: Promise<Backup[]>
  notices: Promise<ServerNotice[]>
}

function askAll(api: DuplicatiApi): Asked {
  const asked = { info: api.info(), state: api.state(), backups: api.backups(), notices: api.notices() }
  // Each is awaited in its turn; until then, or when an earlier one has failed, its failure is nobody's.
  for (const answer of Object.values(asked)) answer.catch(() => {})
  return asked
}

async function collectInto(
  collection: Collection,
  api: DuplicatiApi,
  info: ServerInfo,
  asked: Asked,
  options: CollectServerOptions,
): Promise<ServerCollected> {
  const { signal, recorder, onProgress } = options
  const [state, backups] = await Promise.all([asked.state, asked.backups])
  const failures: Failure[] = []
  // Decoration (T24): a running job counts as running without it.
  const progress = state.activeBackupId === null ? null : await inPart('Progress', [], null, () => api.progress())
  await recorder?.server(info, state, backups, progress)
  onProgress?.({ jobs: backups.length })
  const counts = await readLogs(api, collection, backups, state, failures, options)
  const notices = await inPart('Notifications', failures, [], () => asked.notices)
  await recorder?.notices(notices)
  signal?.throwIfAborted()
  await collection.finish({ backups, state, progress, notices })
  const error = sumUp(failures)
  if (error) await collection.fail(error)
  return { serverId: collection.serverId, jobs: backups.length, counts, error }
}

/** The failure that is told counts, not that the database does not take it: that is often the same one. */
async function remember(collection: Collection, { code, message }: UserError): Promise<void> {
  try {
    await collection.fail({ code, message })
  } catch (error) {
    if (!(error instanceof UserError)) throw error
  }
}

/** Something that a collection can do without, with what stands for it when it fails. */
async function inPart<T>(of: string, failures: Failure[], instead: T, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask()
  } catch (error) {
    if (!isInPart(error)) throw error
    failures.push({ of, error: told(error) })
    return instead
  }
}

function isInPart(error: unknown): error is UserError {
  return error instanceof UserError && FAILURES_IN_PART.has(error.code)
}

function told({ code, message, hint }: UserError): ErrorView {
  return { code, message, hint }
}

async function readLogs(
  api: DuplicatiApi,
  collection: Collection,
  backups: Backup[],
  state: ServerState,
  failures: Failure[],
  options: CollectServerOptions,
): Promise<IngestCounts> {
  const { signal, recorder, onProgress } = options
  const total: IngestCounts = { new: 0, known: 0, updated: 0 }
  // The job that runs now comes last: its log may be free again by then.
  const waits = (backup: Backup) => Number(backup.backupId === state.activeBackupId)
  const order = backups.toSorted((a, b) => waits(a) - waits(b))
  const wholePages = oneAtATime()
  const failed: Failure[] = []
  let done = 0
  await sideBySide(order, recorder ? 1 : LOGS_AT_ONCE, async (backup, index) => {
    signal?.throwIfAborted()
    try {
      // The job that runs keeps its database for as long as it runs: waiting for it is in vain.
      await readLog(api, collection, backup, { total, wholePages, patient: waits(backup) === 0 }, options)
    } catch (error) {
      if (signal?.aborted || !isInPart(error)) throw error
      if (!(LOCKED.has(error.code) && (await isRunning(api, backup, state)))) {
        failed[index] = { of: `Job ${backup.name}`, error: told(error) }
      }
    }
    onProgress?.({ done: ++done })
  })
  failures.push(...Object.values(failed))
  return total
}

/**
 * Does the work for each item, `most` at once, in their order. After a failure no further item is begun; it is thrown when nothing
 * is under way any more.
 */
async function sideBySide<T>(items: T[], most: number, work: (item: T, index: number) => Promise<void>): Promise<void> {
  const queue = items.entries()
  const failures: unknown[] = []
  const worker = async () => {
    for (const [index, item] of queue) {
      if (failures.length > 0) return
      await work(item, index).catch((error: unknown) => failures.push(error))
    }
  }
  await Promise.all(Array.from({ length: Math.min(most, items.length) }, worker))
  if (failures.length > 0) throw failures[0]
}

/** Waits for its turn, and gives what ends it. */
function oneAtATime(): () => Promise<() => void> {
  let last = Promise.resolve()
  return async () => {
    const before = last
    const { promise, resolve } = Promise.withResolvers<void>()
    last = promise
    await before
    return resolve
  }
}

/** What the log of a job says whose database is in use: the canaries tell it from a damaged one, older releases do not. */
const LOCKED = new Set(['busy', 'database_broken'])

async function readLog(
  api: DuplicatiApi,
  collection: Collection,
  backup: Backup,
  { total, wholePages, patient }: { total: IngestCounts; wholePages: () => Promise<() => void>; patient: boolean },
  { signal, recorder, onProgress }: CollectServerOptions,
): Promise<void> {
  let unreadable: { count: number; why: string } | null = null
  const before = await collection.mark(backup.backupId)
  const mark = await walkLog(api, {
    backupId: backup.backupId,
    patient,
    wholePages,
    mark: before,
    ...(signal ? { signal } : {}),
    onRows: async (rows) => {
      const counts = await collection.addPage(backup, rows)
      total.new += counts.new
      total.known += counts.known
      total.updated += counts.updated
      for (const { unreadable: why } of rows) {
        if (why !== null) unreadable = { count: (unreadable?.count ?? 0) + 1, why: unreadable?.why ?? why }
      }
      await recorder?.rows(backup, rows)
      // Runs that agree may have joined the server with an older one just now.
      onProgress?.({ rows: rows.length, counts, serverId: collection.serverId })
    },
  })
  if (mark === 'gone') return
  await collection.completeLog(backup.backupId, mark)
  if (unreadable) throw unreadableRows(unreadable)
}

/** The pass is complete all the same: such a row is named once and not read again with each collection. */
function unreadableRows({ count, why }: { count: number; why: string }): UserError {
  const rows = count === 1 ? 'One row of the log' : `${count} rows of the log`
  return new UserError(`${rows} could not be understood: ${why}`, {
    code: 'unreadable_rows',
    hint: 'Look at the log in Duplicati itself; the other rows are stored.',
  })
}

/**
 * From the 2.4 canaries on the log of a running job is locked (T22, T78): that is no failure, the next collection reads it.
 * The job may have begun after the state was asked for.
 */
async function isRunning(api: DuplicatiApi, { backupId }: Backup, state: ServerState): Promise<boolean> {
  if (state.activeBackupId === backupId) return true
  const now = await api.state()
  return now.activeBackupId === backupId
}

/** The first failure in full, the others by name. */
function sumUp(failures: Failure[]): ErrorView | null {
  const [first, ...others] = failures
  if (first === undefined) return null
  const more = others.length === 0 ? '' : `; and ${others.length} more: ${others.map(({ of }) => of).join(', ')}`
  return { ...first.error, message: `${first.of}: ${first.error.message}${more.slice(0, 500)}` }
}
