import type { Database as Sqlite } from 'better-sqlite3'
import { Kysely, SqliteDialect, sql } from 'kysely'
import { explained } from './connection.ts'
import type { Db, Schema } from './schema.ts'

/** A database under kysely; the SQL above it is portable and asynchronous. */
export function kyselyOf(sqlite: Sqlite): Db {
  return new Kysely<Schema>({ dialect: new SqliteDialect({ database: sqlite }) })
}

/**
 * Runs `work` in one transaction that takes the write lock at once: a transaction that begins as a reader and then writes fails
 * instead of waiting when another process wrote in between.
 */
export function inTransaction<T>(db: Db, file: string, work: (tx: Db) => Promise<T>): Promise<T> {
  return db.connection().execute(async (tx) => {
    try {
      await sql`begin immediate`.execute(tx)
    } catch (error) {
      throw explained(error, file)
    }
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
