import type { LogRow, RunFacts, ServerInfo } from '../duplicati/model.ts'
import { idOf, unknownServer } from '../store/ids.ts'
import type { WritableStore } from '../store/index.ts'
import type { Db } from '../store/schema.ts'
import { setError } from '../store/servers.ts'
import { storeFindings } from './finish.ts'
import { plainBackupId } from './jobs.ts'
import { reportOrigin } from './reports.ts'
import { storeRuns } from './runs.ts'
import { addressOrigin, knownOrigin, learnInfo, type Origin } from './servers.ts'
import type { Collection, Ingest, IngestCounts, LogMark } from './types.ts'

/** A run as a report tells it: who ran it, and what. */
export interface ReportedRun {
  machineId: string
  machineName: string
  backupId: string
  backupName: string
  run: RunFacts
  receivedAt: Date
}

export interface FullIngest extends Ingest {
  /** Stores a run that a server told of itself. */
  addReported(reported: ReportedRun): Promise<IngestCounts & { serverId: string }>
}

/** The one way in: collected results and reports become runs here, each in one transaction. */
export function createIngest(store: WritableStore): FullIngest {
  return {
    openCollection: async ({ url, serverId, info, at }) => {
      const time = at.getTime()
      const known = await knownOrigin(store.db, { url, serverId })
      // What is learnt of a known server is written with the first that is stored: a write waits for all others.
      if (known) return collection(store, known, time, info)
      const origin = await store.transaction(async (tx) => {
        const found = await addressOrigin(tx, { url, serverId, at: time })
        await learnInfo(tx, found, info, time)
        return found
      })
      return collection(store, origin, time, null)
    },
    addReported: (reported) => store.transaction((tx) => addReported(tx, reported)),
  }
}

async function addReported(tx: Db, { backupId, backupName, run, receivedAt, ...machine }: ReportedRun) {
  const at = receivedAt.getTime()
  const plainId = plainBackupId(backupId)
  const origin = await reportOrigin(tx, { ...machine, backupId: plainId, backupName, at })
  const counts = await storeRuns(tx, { origin, backupId: plainId, backupName, way: 'report', receivedAt: at }, [run])
  return { ...counts, serverId: idOf('s', origin.serverId) }
}

/** @param untold what the server said of itself, unless it is written already */
function collection(store: WritableStore, origin: Origin, at: number, untold: ServerInfo | null): Collection {
  let learnt = false
  let marks: Promise<Map<string, LogMark>> | null = null
  /** The server may have been joined with another meanwhile: by this collection, another one, or a report. */
  const inTransaction = <T>(work: (tx: Db) => Promise<T>) =>
    store.transaction(async (tx) => {
      const row = await tx.selectFrom('source').select('server_id').where('id', '=', origin.sourceId).executeTakeFirst()
      // Somebody removed the server while it was collected.
      if (!row) throw unknownServer(idOf('s', origin.serverId))
      origin.serverId = row.server_id
      if (untold && !learnt) await learnInfo(tx, origin, untold, at)
      const result = await work(tx)
      learnt = true
      return result
    })
  return {
    get serverId() {
      return idOf('s', origin.serverId)
    },
    async mark(backupId) {
      marks ??= readMarks(store.db, origin.sourceId)
      return (await marks).get(plainBackupId(backupId)) ?? null
    },
    addPage: (backup, rows) =>
      inTransaction((tx) =>
        storeRuns(
          tx,
          { origin, backupId: plainBackupId(backup.backupId), backupName: backup.name, way: 'collect', receivedAt: at },
          readable(rows),
        ),
      ),
    completeLog: (backupId, mark) =>
      inTransaction(async (tx) => {
        const key = { source_id: origin.sourceId, backup_id: plainBackupId(backupId) }
        if (mark === null) {
          await tx
            .deleteFrom('log_mark')
            .where('source_id', '=', key.source_id)
            .where('backup_id', '=', key.backup_id)
            .execute()
          return
        }
        const values = { row_id: mark.rowId, fingerprint: mark.fingerprint }
        await tx
          .insertInto('log_mark')
          .values({ ...key, ...values })
          .onConflict((conflict) => conflict.columns(['source_id', 'backup_id']).doUpdateSet(values))
          .execute()
      }),
    finish: (found) => inTransaction((tx) => storeFindings(tx, origin.serverId, found, at)),
    fail: (error) => inTransaction((tx) => setError(tx, origin.serverId, error, at)),
  }
}

async function readMarks(db: Db, sourceId: number): Promise<Map<string, LogMark>> {
  const rows = await db
    .selectFrom('log_mark')
    .select(['backup_id', 'row_id', 'fingerprint'])
    .where('source_id', '=', sourceId)
    .execute()
  return new Map(rows.map((row) => [row.backup_id, { rowId: row.row_id, fingerprint: row.fingerprint }]))
}

function readable(rows: LogRow[]): RunFacts[] {
  return rows.flatMap(({ run }) => (run === null ? [] : [run]))
}
