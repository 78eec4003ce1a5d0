import { setTimeout as pause } from 'node:timers/promises'
import type { Database as Sqlite } from 'better-sqlite3'
import { Kysely, SqliteDialect, sql } from 'kysely'
import { explained } from './connection.ts'
import type { Db, Schema } from './schema.ts'

/** A database under kysely; the SQL above it is portable and asynchronous. */
export function kyselyOf(sqlite: Sqlite): Db {
  return new Kysely<Schema>({ dialect: new SqliteDialect({ database: sqlite }) })
}

/** Between two tries for the write lock, in milliseconds. */
const RETRY = 5

/**
 * Runs `work` in one transaction that takes the write lock at once: a transaction that begins as a reader and then writes fails
 * instead of waiting when another process wrote in between.
 * @param patience milliseconds to wait for another writer
 * @throws UserError `database_locked`
 */
export function inTransaction<T>(
  db: Db,
  { file, patience }: { file: string; patience: number },
  work: (tx: Db) => Promise<T>,
): Promise<T> {
  return db.connection().execute(async (tx) => {
    await begin(tx, file, patience)
    try {
      const result = await work(tx)
      await sql`commit`.execute(tx)
      return result
    } catch (error) {
      await sql`rollback`.execute(tx).catch(() => {})
      throw explained(error, file)
    }
  })
}

/** SQLite's own waiting stops the whole process, with all the answers that it is reading: here only this writer waits. */
async function begin(tx: Db, file: string, patience: number): Promise<void> {
  const until = performance.now() + patience
  await sql`pragma busy_timeout = 0`.execute(tx)
  try {
    for (;;) {
      try {
        await sql`begin immediate`.execute(tx)
        return
      } catch (error) {
        if (!isBusy(error) || performance.now() >= until) throw explained(error, file)
      }
      await pause(RETRY)
    }
  } finally {
    await sql`pragma busy_timeout = ${sql.lit(patience)}`.execute(tx)
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && String((error as { code?: string }).code).startsWith('SQLITE_BUSY')
}
