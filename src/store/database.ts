import { setTimeout as pause } from 'node:timers/promises'
import type { Database as Sqlite, Statement } from 'better-sqlite3'
import { Kysely, type SqliteDatabase, SqliteDialect, type SqliteStatement } from 'kysely'
import { UserError } from '../errors.ts'
import { explained, RETRY } from './connection.ts'
import { pragmasOf } from './pragmas.ts'
import { prepared } from './prepared.ts'
import { adopt, connectQuick } from './quick.ts'
import type { Db, Schema } from './schema.ts'

/** SQLite's number for `synchronous = NORMAL`. */
const NORMAL = 1
/** Statements are prepared once: that costs more than running a small one. Those that insert a page differ by its length. */
const MOST_KEPT = 200
const LONGEST_KEPT = 4_000

/**
 * A database under kysely; the SQL above it is portable and asynchronous.
 * @param file what failures name: they come in a user's words wherever the database is used
 */
export function kyselyOf(sqlite: Sqlite, file: string): Db {
  const db = new Kysely<Schema>({ dialect: new SqliteDialect({ database: inWords(sqlite, file) }) })
  connectQuick(db, sqlite, file)
  return db
}

function inWords(sqlite: Sqlite, file: string): SqliteDatabase {
  const told = <T>(work: () => T): T => {
    try {
      return work()
    } catch (error) {
      throw explained(error, file)
    }
  }
  const pragmas = pragmasOf(sqlite)
  const alone = (statement: Statement) => {
    pragmas.waitAlone(statement)
    return statement
  }
  const kept = new Map<string, SqliteStatement>()
  const prepare = (text: string): SqliteStatement => {
    const statement = told(() => sqlite.prepare(text))
    return {
      reader: statement.reader,
      all: (values) => told(() => alone(statement).all(values)),
      run: (values) => told(() => alone(statement).run(values)),
      iterate: (values) => statement.iterate(values),
    }
  }
  return {
    close() {
      // With `sync: 'close'` this is the moment at which all is brought to the disk.
      if (!sqlite.readonly && sqlite.pragma('synchronous', { simple: true }) === NORMAL)
        told(() => sqlite.pragma('wal_checkpoint(PASSIVE)'))
      sqlite.close()
    },
    prepare(text) {
      const known = kept.get(text)
      if (known) return known
      const statement = prepare(text)
      if (text.length <= LONGEST_KEPT && kept.size < MOST_KEPT) kept.set(text, statement)
      return statement
    },
  }
}

/**
 * Runs `work` in one transaction that takes the write lock at once: a transaction that begins as a reader and then writes fails
 * instead of waiting when another process wrote in between.
 * @param sqlite the database under `db`: what begins and ends a transaction goes to it directly
 * @param patience milliseconds to wait for another writer
 * @param unsynced the commit does not wait for the disk: the caller does. What one statement writes without a transaction afterwards
 * does not wait for it either
 * @throws UserError `database_locked`
 */
export function inTransaction<T>(
  db: Db,
  { sqlite, file, patience, unsynced = false }: { sqlite: Sqlite; file: string; patience: number; unsynced?: boolean },
  work: (tx: Db) => Promise<T>,
): Promise<T> {
  return db.connection().execute(async (tx) => {
    adopt(tx, db)
    const pragmas = pragmasOf(sqlite)
    // Unlike other settings this one cannot be changed inside of a transaction.
    pragmas.set('synchronous', unsynced ? String(NORMAL) : pragmas.usual)
    await begin(sqlite, file, patience)
    pragmas.inTransaction = true
    try {
      const result = await work(tx)
      run(sqlite, file, 'COMMIT')
      return result
    } catch (error) {
      rollBack(sqlite)
      throw error
    } finally {
      pragmas.inTransaction = false
    }
  })
}

/** SQLite has ended some transactions by itself when they fail; what failed first is what is told. */
function rollBack(sqlite: Sqlite): void {
  try {
    if (sqlite.inTransaction) sqlite.exec('ROLLBACK')
  } catch {}
}

/** SQLite's own waiting stops the whole process, with all the answers that it is reading: here only this writer waits. */
async function begin(sqlite: Sqlite, file: string, patience: number): Promise<void> {
  const until = performance.now() + patience
  pragmasOf(sqlite).set('busy_timeout', '0')
  for (;;) {
    try {
      return run(sqlite, file, 'BEGIN IMMEDIATE')
    } catch (error) {
      if (!isLocked(error) || performance.now() >= until) throw error
    }
    await pause(RETRY)
  }
}

function run(sqlite: Sqlite, file: string, statement: string): void {
  try {
    prepared(sqlite, statement).run()
  } catch (error) {
    throw explained(error, file)
  }
}

function isLocked(error: unknown): boolean {
  return error instanceof UserError && error.code === 'database_locked'
}
