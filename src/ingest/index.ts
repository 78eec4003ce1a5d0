import type { LogRow, RunFacts } from '../duplicati/model.ts'
import { idOf, unknownServer } from '../store/ids.ts'
import type { WritableStore } from '../store/index.ts'
import type { Db } from '../store/schema.ts'
import { setError } from '../store/servers.ts'
import { storeFindings } from './finish.ts'
import { plainBackupId } from './jobs.ts'
import { reportOrigin } from './reports.ts'
import { storeRuns } from './runs.ts'
import { addressOrigin, learnInfo, type Origin } from './servers.ts'
import type { Collection, Ingest, IngestCounts } from './types.ts'

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
      const origin = await store.transaction(async (tx) => {
        const found = await addressOrigin(tx, { url, serverId, at: at.getTime() })
        await learnInfo(tx, found, info)
        return found
      })
      return collection(store, origin, at.getTime())
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

function collection(store: WritableStore, origin: Origin, at: number): Collection {
  /** The server may have been joined with another meanwhile: by this collection, another one, or a report. */
  const inTransaction = <T>(work: (tx: Db) => Promise<T>) =>
    store.transaction(async (tx) => {
      const row = await tx.selectFrom('source').select('server_id').where('id', '=', origin.sourceId).executeTakeFirst()
      // Somebody removed the server while it was collected.
      if (!row) throw unknownServer(idOf('s', origin.serverId))
      origin.serverId = row.server_id
      return work(tx)
    })
  return {
    get serverId() {
      return idOf('s', origin.serverId)
    },
    async mark(backupId) {
      const row = await store.db
        .selectFrom('log_mark')
        .select(['row_id', 'fingerprint'])
        .where('source_id', '=', origin.sourceId)
        .where('backup_id', '=', plainBackupId(backupId))
        .executeTakeFirst()
      return row ? { rowId: row.row_id, fingerprint: row.fingerprint } : null
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

function readable(rows: LogRow[]): RunFacts[] {
  return rows.flatMap(({ run }) => (run === null ? [] : [run]))
}
