import { audit } from './audit.ts'
import { BUSY_TIMEOUT, connect } from './connection.ts'
import { inTransaction, kyselyOf } from './database.ts'
import { reading } from './read.ts'
import type { Db } from './schema.ts'
import { servers } from './servers.ts'
import type { OpenOptions, Reading, Store } from './types.ts'

/** The store with what `ingest` needs beside: its tables, and transactions over them. */
export interface WritableStore extends Store {
  readonly db: Db
  /** Takes the write lock at once; all or nothing. */
  transaction<T>(work: (tx: Db) => Promise<T>): Promise<T>
}

/**
 * Opens the database; in mode `read` a missing one reads as empty and no file is made.
 * @throws UserError when the file is newer, damaged, locked, of another program, or may not be used
 */
export async function openStore(options: OpenOptions): Promise<WritableStore> {
  const { file, mode, now = () => new Date(), busyTimeout: patience = BUSY_TIMEOUT } = options
  const sqlite = connect(options)
  if (sqlite === null) return emptyStore(file)
  const db = kyselyOf(sqlite, file)
  const transaction = <T>(work: (tx: Db) => Promise<T>) => inTransaction(db, patience, work)
  return {
    file,
    mode,
    db,
    transaction,
    read: reading(db, file, now),
    servers: servers(db, transaction, now),
    audit: audit(db),
    async close() {
      await db.destroy()
      // kysely closes only what it has used.
      sqlite.close()
    },
  }
}

/** What a machine has on which nothing was ever collected. */
function emptyStore(file: string): WritableStore {
  const nothing = async () => []
  const read: Reading = {
    status: async () => ({ servers: [], jobs: [] }),
    names: async () => ({ servers: [], jobs: [] }),
    history: nothing,
    run: async () => null,
    latestRun: async () => null,
    log: async () => ({ lines: [], versionDates: null }),
    latestVersions: async () => null,
    sources: nothing,
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
    audit: { list: nothing },
    get db(): Db {
      return refuse()
    },
    transaction: refuse,
    close: async () => {},
  }
}
