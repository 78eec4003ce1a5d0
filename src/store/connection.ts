import { chmodSync, existsSync, readFileSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import Database, { type Database as Sqlite } from 'better-sqlite3'
import { UserError } from '../errors.ts'
import { makeFolder } from '../folders.ts'
import { APPLICATION_ID, MIGRATIONS, migrate, versionOf } from './migrations.ts'
import type { OpenOptions } from './types.ts'

/** How long a writer waits for another one before it says that the database is locked. */
export const BUSY_TIMEOUT = 10_000
/** Between two tries for a lock that SQLite does not wait for, in milliseconds. */
export const RETRY = 5
/** A packed log takes about a kilobyte: seven fit into such a page where SQLite's own size would leave a fourth of it empty. */
const PAGE_BYTES = 8_192
/**
 * Pages of the write-ahead log that are written before they are brought into the file. Most reports change the same few pages: with
 * SQLite's own thousand they would be written four times, while everybody waits.
 */
const CHECKPOINT_PAGES = 4_000
/** KiB of pages that a writer keeps; better-sqlite3's own 16 MB would be filled by a day's reports, and the system keeps the file too. */
const CACHE_KIB = 8_000

/**
 * Opens the file with what every connection needs (WAL, synchronisation, foreign keys). Null: `read` of a database
 * that does not exist.
 * @throws UserError `database_newer`, `database_corrupt`, `database_foreign`, `database_locked`, `database_refused`, `disk_full`
 */
export function connect({ file, mode, busyTimeout = BUSY_TIMEOUT, sync = 'each' }: OpenOptions): Sqlite | null {
  const exists = existsSync(file)
  if (mode === 'read' && !exists) return null
  try {
    if (!exists) makeFolder(dirname(file))
    return mode === 'read' ? openForReading(file, busyTimeout) : openForWriting(file, !exists, busyTimeout, sync)
  } catch (error) {
    throw explained(error, file)
  }
}

function openForWriting(file: string, isNew: boolean, timeout: number, sync: 'each' | 'close'): Sqlite {
  const db = new Database(file, { timeout })
  try {
    if (isNew) {
      chmodSync(file, 0o600)
      db.pragma(`page_size = ${PAGE_BYTES}`)
    }
    refuseOthers(db, file)
    enableWal(db, timeout)
    db.pragma(`synchronous = ${sync === 'each' ? 'FULL' : 'NORMAL'}`)
    db.pragma('foreign_keys = ON')
    db.pragma(`cache_size = -${CACHE_KIB}`)
    db.pragma(`wal_autocheckpoint = ${CHECKPOINT_PAGES}`)
    migrate(db)
    return db
  } catch (error) {
    db.close()
    throw error
  }
}

/** Unlike any other statement the change of the journal does not wait for those who have just opened the new file too. */
function enableWal(db: Sqlite, timeout: number): void {
  const until = performance.now() + timeout
  while (db.pragma('journal_mode', { simple: true }) !== 'wal') {
    try {
      db.pragma('journal_mode = WAL')
    } catch (error) {
      if (!isCode(error, 'SQLITE_BUSY') || performance.now() >= until) throw error
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, RETRY)
    }
  }
}

/**
 * SQLite reads a WAL database only where it may write the shared-memory file beside it. On a read-only file system it is opened
 * as immutable instead, which is true there: nobody can change it.
 */
function openForReading(file: string, timeout: number): Sqlite | null {
  const db = new Database(file, { readonly: true, timeout })
  try {
    if (isEmpty(db)) {
      db.close()
      return null
    }
    if (isOlder(db)) {
      db.close()
      // What was written before an upgrade shows at once, not only after the next command that writes.
      openForWriting(file, false, timeout, 'each').close()
      return openForReading(file, timeout)
    }
    refuseOthers(db, file)
    return db
  } catch (error) {
    db.close()
    if (!isCode(error, 'SQLITE_CANTOPEN', 'SQLITE_READONLY', 'SQLITE_READONLY_DIRECTORY', 'SQLITE_READONLY_CANTINIT'))
      throw error
    return openSnapshot(file)
  }
}

/** The database file alone, read into memory: without its WAL it holds the state of the last checkpoint. */
function openSnapshot(file: string): Sqlite {
  const bytes = readFileSync(file)
  // Bytes 18 and 19 say WAL; in memory there is none, so they are set to the rollback journal (SQLite file format, 1.3.3).
  bytes[18] = 1
  bytes[19] = 1
  const db = new Database(bytes, { readonly: true })
  refuseOthers(db, file)
  return db
}

function refuseOthers(db: Sqlite, file: string): void {
  // In one transaction: another process may be making the tables now.
  const { version, application, empty } = db.transaction(() => ({
    version: versionOf(db),
    application: db.pragma('application_id', { simple: true }),
    empty: isEmpty(db),
  }))()
  if (!empty && application !== APPLICATION_ID) {
    throw new UserError(`${file} is a database of another program`, {
      code: 'database_foreign',
      hint: 'Name another file with --db or DUPLISTATUS_DB.',
    })
  }
  if (version > MIGRATIONS.length) {
    throw new UserError(
      `${file} was written by a newer duplistatus (database version ${version}, this one knows ${MIGRATIONS.length})`,
      {
        code: 'database_newer',
        hint: 'Install the newer duplistatus, or name another file with --db.',
      },
    )
  }
  if (db.readonly && version < MIGRATIONS.length) {
    throw new UserError(
      `${file} was written by an older duplistatus and can't be read before it is brought up to date`,
      {
        code: 'database_older',
        hint: 'Make the file and its folder writable once, or copy them to where they are.',
      },
    )
  }
}

/** One of ours that this program brings up to date by itself where it may write. */
function isOlder(db: Sqlite): boolean {
  return versionOf(db) < MIGRATIONS.length && db.pragma('application_id', { simple: true }) === APPLICATION_ID
}

/** Made, but nothing written yet: by a process that was stopped at once, or one that is about to begin. */
function isEmpty(db: Sqlite): boolean {
  return versionOf(db) === 0 && db.prepare('SELECT count(*) FROM sqlite_schema').pluck().get() === 0
}

function isCode(error: unknown, ...codes: string[]): boolean {
  return error instanceof Error && codes.includes((error as { code?: string }).code ?? '')
}

/** Why the file system refuses a folder or a file. */
const FOLDER_REFUSED = new Set(['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'EEXIST', 'ENOENT', 'ELOOP', 'ENAMETOOLONG'])

/** SQLite's failures in a user's words; what is none of them stays as it is. */
export function explained(error: unknown, file: string): unknown {
  const code = error instanceof Error ? ((error as { code?: string }).code ?? '') : ''
  if (error instanceof UserError) return error
  if (FOLDER_REFUSED.has(code)) {
    return failure(
      'database_refused',
      `${file} can't be opened: ${dirname(file)} can't be made or read (${code})`,
      'Check the permissions of the folder, or name another file with --db.',
      error,
    )
  }
  if (code === 'SQLITE_CORRUPT' || code.startsWith('SQLITE_CORRUPT_') || code === 'SQLITE_NOTADB') {
    return failure(
      'database_corrupt',
      `${file} is damaged or no database`,
      'Put a backup of it in its place, or name another file with --db.',
      error,
    )
  }
  if (code.startsWith('SQLITE_BUSY') || code === 'SQLITE_LOCKED') {
    return failure(
      'database_locked',
      `${file} is locked by another program`,
      'Wait until the other duplistatus has ended, then try again.',
      error,
    )
  }
  if (code === 'SQLITE_FULL')
    return failure('disk_full', `The disk is full: ${file} can't be written`, 'Make room, then try again.', error)
  if (code.startsWith('SQLITE_READONLY')) {
    return failure(
      'database_refused',
      `${file} can't be written: it is read-only`,
      'Check the permissions of the file and its folder.',
      error,
    )
  }
  if (code.startsWith('SQLITE_CANTOPEN') || code.startsWith('SQLITE_IOERR')) {
    const isFolder = existsSync(file) && statSync(file).isDirectory()
    const what = isFolder ? `${file} is a folder, not a database` : `${file} can't be opened`
    return failure(
      'database_refused',
      what,
      'Check the permissions of the file and its folder, or name another with --db.',
      error,
    )
  }
  return error
}

function failure(code: string, message: string, hint: string, cause: unknown): UserError {
  return new UserError(message, { code, hint, cause })
}
