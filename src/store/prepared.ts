import type { Database as Sqlite, Statement } from 'better-sqlite3'

const connections = new WeakMap<Sqlite, Map<string, Statement<unknown[]>>>()

/**
 * A fixed statement of a connection, prepared once: that takes longer than to run a small one, and what it holds of memory is
 * freed late.
 * @param text never built of values: each is kept for good
 */
export function prepared<Values extends unknown[], Row = unknown>(
  sqlite: Sqlite,
  text: string,
): Statement<Values, Row> {
  let statements = connections.get(sqlite)
  if (!statements) {
    statements = new Map()
    connections.set(sqlite, statements)
  }
  let statement = statements.get(text)
  if (!statement) {
    statement = sqlite.prepare(text)
    statements.set(text, statement)
  }
  return statement as Statement<Values, Row>
}
