import { BUSY_TIMEOUT, connect } from './connection.ts'
import { rowOf, unknownUnread } from './ids.ts'
import type { Db } from './schema.ts'
import { statusReading } from './status.ts'
import type { Tables } from './tables.ts'
import type { MonitorRow, OpenOptions, Reading, Store } from './types.ts'

/** The store with what `ingest` needs beside: its tables, and transactions over them. */
export interface WritableStore extends Store {
  readonly db: Db
  /** Reads by the tables, in either mode. */
  query<T>(work: (db: Db) => Promise<T>): Promise<T>
  /** Takes the write lock at once; all or nothing, and on the disk when it resolves. */
  transaction<T>(work: (tx: Db) => Promise<T>): Promise<T>
  /** The same, but for the disk: what is promised to be safe needs `synced` besides. */
  unsynced<T>(work: (tx: Db) => Promise<T>): Promise<T>
  /** Resolves when all that was committed so far is on the disk; other work goes on meanwhile. */
  synced(): Promise<void>
}

const READS_OF_RUNS = ['history', 'operations', 'run', 'latestRun', 'latestVersions', 'sources', 'size'] as const
const OF_SERVERS = ['add', 'edit', 'setSecrets', 'remove', 'access', 'findByUrl', 'setError'] as const

const OF_SETTINGS = [
  'of',
  'ofServer',
  'editJobs',
  'editServer',
  'snooze',
  'snoozed',
  'archive',
  'restore',
  'remove',
] as const

/**
 * Opens the database; in mode `read` a missing one reads as empty and no file is made.
 * @throws UserError when the file is newer, damaged, locked, of another program, or may not be used
 */
export async function openStore(options: OpenOptions): Promise<WritableStore> {
  const { file, mode, now = () => new Date(), busyTimeout: patience = BUSY_TIMEOUT } = options
  const sqlite = connect(options)
  if (sqlite === null) return emptyStore(file)
  let loaded: Tables | null = null
  const load = async () => {
    // An import that was done before takes as long as several statements.
    if (loaded) return loaded
    const { tables } = await import('./tables.ts')
    loaded ??= tables(sqlite, { file, patience, now })
    return loaded
  }
  if (mode === 'write') await load()
  return {
    file,
    mode,
    get db(): Db {
      if (loaded === null) throw new Error(`${file} was opened for reading`)
      return loaded.db
    },
    query: async (work) => work((await load()).db),
    transaction: async (work) => (await load()).transaction(work),
    unsynced: async (work) => (await load()).unsynced(work),
    synced: async () => (await load()).log.sync(),
    read: {
      ...statusReading(sqlite, file, now),
      ...later(READS_OF_RUNS, async () => (await load()).runs),
      log: async (id) => (await import('./log-reading.ts')).readLogDirectly(sqlite, file, rowOf('r', id) ?? 0),
      metrics: async (query) => (await import('./metrics.ts')).readMetrics(sqlite, query),
      metricsBefore: async (query) => (await import('./metrics.ts')).readMetricsBefore(sqlite, query),
    },
    servers: later(OF_SERVERS, async () => (await load()).servers),
    settings: later(OF_SETTINGS, async () => (await load()).settings),
    audit: later(['list'], async () => (await load()).audit),
    tokens: later(['list'], async () => (await load()).tokens),
    quarantine: later(['list', 'read'], async () => (await load()).quarantine),
    outbox: later(['list'], async () => (await load()).outbox),
    templates: later(['edited', 'stored'], async () => (await load()).templates),
    async close() {
      await loaded?.log.close()
      await loaded?.db.destroy()
      // kysely closes only what it has used.
      sqlite.close()
    },
  }
}

/** The same methods, for an object that is made when one of them is first called. */
function later<Name extends string, Methods extends Record<Name, (...given: never[]) => Promise<unknown>>>(
  names: readonly Name[],
  load: () => Promise<Methods>,
): Pick<Methods, Name> {
  const call = async (name: Name, given: never[]) => (await load())[name](...given)
  return Object.fromEntries(names.map((name) => [name, (...given: never[]) => call(name, given)])) as Pick<
    Methods,
    Name
  >
}

const NOTHING_DONE: MonitorRow = {
  lastCheckAt: null,
  nextCheckAt: null,
  listeningAt: null,
  stoppedAt: null,
  downtimes: [],
  remarks: [],
  withoutId: [],
  quarantined: 0,
  outboxWaiting: 0,
  outboxFailed: 0,
}

/** What a machine has on which nothing was ever collected. */
function emptyStore(file: string): WritableStore {
  const nothing = async () => []
  const read: Reading = {
    status: async () => ({ servers: [], jobs: [] }),
    facts: async () => {},
    names: async () => ({ servers: [], jobs: [] }),
    monitor: async () => NOTHING_DONE,
    history: nothing,
    operations: nothing,
    run: async () => null,
    latestRun: async () => null,
    log: async () => ({ lines: [], versionDates: null }),
    latestVersions: async () => null,
    sources: nothing,
    metrics: nothing,
    metricsBefore: async () => new Map(),
    size: async () => ({ runs: 0, bytes: 0 }),
  }
  const refuse = (): never => {
    throw new Error(`${file} was opened for reading and does not exist`)
  }
  return {
    file,
    mode: 'read',
    read,
    servers: {
      add: refuse,
      edit: refuse,
      setSecrets: refuse,
      remove: refuse,
      access: nothing,
      findByUrl: async () => null,
      setError: refuse,
    },
    settings: {
      of: async () => new Map(),
      ofServer: async () => ({}),
      editJobs: refuse,
      editServer: refuse,
      snooze: refuse,
      snoozed: nothing,
      archive: refuse,
      restore: refuse,
      remove: refuse,
    },
    audit: { list: nothing },
    tokens: { list: nothing },
    quarantine: {
      list: nothing,
      read: async (id) => {
        throw unknownUnread(id)
      },
    },
    outbox: { list: nothing },
    templates: { edited: nothing, stored: async () => ({}) },
    get db(): Db {
      return refuse()
    },
    query: refuse,
    transaction: refuse,
    unsynced: refuse,
    synced: refuse,
    close: async () => {},
  }
}
