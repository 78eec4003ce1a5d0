import type { Database as Sqlite } from 'better-sqlite3'
import { audit } from './audit.ts'
import { inTransaction, kyselyOf } from './database.ts'
import { outboxReading } from './outbox-reading.ts'
import { listQuarantine, readQuarantined } from './quarantine.ts'
import { runReading } from './read.ts'
import type { Db } from './schema.ts'
import { servers } from './servers.ts'
import { jobSettings } from './settings.ts'
import { templateReading } from './template-reading.ts'
import { listTokens } from './tokens.ts'
import { walSync } from './wal-sync.ts'

/** Everything that needs the query builder; loaded when it is first used. */
export function tables(sqlite: Sqlite, { file, patience, now }: { file: string; patience: number; now: () => Date }) {
  const db = kyselyOf(sqlite, file)
  const place = { sqlite, file, patience }
  const transaction = <T>(work: (tx: Db) => Promise<T>) => inTransaction(db, place, work)
  const unsynced = <T>(work: (tx: Db) => Promise<T>) => inTransaction(db, { ...place, unsynced: true }, work)
  return {
    db,
    transaction,
    unsynced,
    log: walSync(file),
    runs: runReading(db, file),
    servers: servers(db, transaction, now),
    settings: jobSettings(db, transaction, now),
    audit: audit(db),
    tokens: { list: () => listTokens({ db }) },
    quarantine: { list: () => listQuarantine(db), read: (id: string) => readQuarantined(db, id) },
    outbox: outboxReading(db),
    templates: templateReading(db),
  }
}

export type Tables = ReturnType<typeof tables>
