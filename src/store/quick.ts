import type { Database as Sqlite, Statement } from 'better-sqlite3'
import { explained } from './connection.ts'
import { type Pragmas, pragmasOf } from './pragmas.ts'
import { prepared } from './prepared.ts'
import type { Db } from './schema.ts'

export type Value = string | number | bigint | null | Uint8Array

const connections = new WeakMap<Db, { sqlite: Sqlite; file: string; pragmas: Pragmas }>()

/**
 * Lets fixed statements be run past the query builder, on the same connection and in the same transaction: to build and compile a
 * small query takes several times as long as to run it, and storing one run takes a dozen.
 */
export function adopt(db: Db, from: Db): void {
  const connection = connections.get(from)
  if (connection) connections.set(db, connection)
}

export function connectQuick(db: Db, sqlite: Sqlite, file: string): void {
  connections.set(db, { sqlite, file, pragmas: pragmasOf(sqlite) })
}

/*
 * SQLite compares the values of parameters with its statistics of an index: a statement that chooses rows by `job_id = ? AND
 * began_at >= ?` is compiled anew whenever they change, which takes ten times as long as to run it. `? + 0` and `? || ''` keep it
 * from that, and use the index all the same.
 */

/** All rows of a fixed statement. @param text never built of values: each text is kept prepared for good */
export function quickAll<Row>(db: Db, text: string, ...values: Value[]): Row[] {
  return run(db, text, (statement) => statement.all(...values)) as Row[]
}

/** The first row of a fixed statement. */
export function quickGet<Row>(db: Db, text: string, ...values: Value[]): Row | undefined {
  return run(db, text, (statement) => statement.get(...values)) as Row | undefined
}

/** Runs a fixed statement that changes rows; returns how many, and the id of a row that was inserted. */
export function quickRun(db: Db, text: string, ...values: Value[]): { changes: number; id: number } {
  const { changes, lastInsertRowid } = run(db, text, (statement) => statement.run(...values))
  return { changes, id: Number(lastInsertRowid) }
}

function run<T>(db: Db, text: string, work: (statement: Statement<Value[]>) => T): T {
  const connection = connections.get(db)
  if (!connection) throw new Error('a fixed statement was run outside of the store')
  try {
    const statement = prepared<Value[]>(connection.sqlite, text)
    connection.pragmas.waitAlone(statement)
    return work(statement)
  } catch (error) {
    throw explained(error, connection.file)
  }
}
