import type { Database as Sqlite } from 'better-sqlite3'

export interface Pragmas {
  /** `synchronous` as the connection was opened. */
  usual: string
  /** Whether a transaction is open; who opens one keeps it true, since to ask SQLite costs as much as a small statement. */
  inTransaction: boolean
  set(name: 'synchronous' | 'busy_timeout', value: string): void
  /**
   * Lets a single statement that writes wait for other writers, as the connection was opened to. A transaction waits beside SQLite
   * instead, and leaves it not waiting: to change that back after each takes as long as storing half a run.
   */
  waitAlone(statement: { readonly: boolean }): void
}

const connections = new WeakMap<Sqlite, Pragmas>()

/** Settings of a connection, changed only where they are others. */
export function pragmasOf(sqlite: Sqlite): Pragmas {
  let pragmas = connections.get(sqlite)
  if (!pragmas) {
    pragmas = watch(sqlite)
    connections.set(sqlite, pragmas)
  }
  return pragmas
}

function watch(sqlite: Sqlite): Pragmas {
  const asOpened = (name: string) => String(sqlite.pragma(name, { simple: true }))
  const [usual, patience] = [asOpened('synchronous'), asOpened('busy_timeout')]
  const now = new Map([
    ['synchronous', usual],
    ['busy_timeout', patience],
  ])
  const set: Pragmas['set'] = (name, value) => {
    if (now.get(name) !== value) sqlite.pragma(`${name} = ${value}`)
    now.set(name, value)
  }
  const pragmas: Pragmas = {
    usual,
    inTransaction: false,
    set,
    waitAlone(statement) {
      if (!pragmas.inTransaction && !statement.readonly) set('busy_timeout', patience)
    },
  }
  return pragmas
}
