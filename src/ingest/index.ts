import type { LogRow, RunFacts, ServerInfo } from '../duplicati/model.ts'
import { idOf, unknownServer } from '../store/ids.ts'
import type { WritableStore } from '../store/index.ts'
import { quickAll, quickGet, quickRun } from '../store/quick.ts'
import type { Db } from '../store/schema.ts'
import { setError } from '../store/servers.ts'
import { runTeller, type TellerOptions, type TellRuns } from './events.ts'
import { storeFindings } from './finish.ts'
import { jobOf, plainBackupId } from './jobs.ts'
import { claimStrays, setStraysAside } from './misnamed.ts'
import { addReported, type ReportedRun, type Stored } from './reports.ts'
import { storeRuns } from './runs.ts'
import { addressOrigin, knownOrigin, learnInfo, type Origin } from './servers.ts'
import type { Collection, Ingest, LogMark } from './types.ts'

export interface FullIngest extends Ingest {
  /** Stores a run that a server told of itself. */
  addReported(reported: ReportedRun): Promise<Stored>
}

/**
 * The one way in: collected results and reports become runs here, each in one transaction.
 * @param notify whom new runs are told to; nobody where it is left out
 */
export function createIngest(store: WritableStore, { notify }: { notify?: TellerOptions } = {}): FullIngest {
  const tell = notify ? runTeller(notify) : null
  return {
    openCollection: async ({ url, serverId, info, at }) => {
      const time = at.getTime()
      const known = await knownOrigin(store.db, { url, serverId })
      // What is learnt of a known server is written with the first that is stored: a write waits for all others.
      if (known) return collection(store, known, time, { untold: info, tell })
      const origin = await store.transaction(async (tx) => {
        const found = await addressOrigin(tx, { url, serverId, at: time })
        await learnInfo(tx, found, info, time)
        return found
      })
      return collection(store, origin, time, { untold: null, tell })
    },
    addReported: (reported) => store.transaction((tx) => addReported(tx, reported, tell)),
  }
}

/** @param untold what the server said of itself, unless it is written already */
function collection(
  store: WritableStore,
  origin: Origin,
  at: number,
  { untold, tell }: { untold: ServerInfo | null; tell: TellRuns | null },
): Collection {
  let learnt = false
  let marks: Promise<Map<string, LogMark>> | null = null
  /** Jobs whose logs were read as a whole, by the id that the API gives them. */
  const read = new Set<string>()
  /** The server may have been joined with another meanwhile: by this collection, another one, or a report. */
  const inTransaction = async <T>(work: (tx: Db) => Promise<T>) => {
    const result = await store.transaction(async (tx) => {
      const row = quickGet<{ server_id: number }>(tx, 'SELECT server_id FROM source WHERE id = ?', origin.sourceId)
      // Somebody removed the server while it was collected.
      if (!row) throw unknownServer(idOf('s', origin.serverId))
      origin.serverId = row.server_id
      if (untold && !learnt) await learnInfo(tx, origin, untold, at)
      return work(tx)
    })
    learnt = true
    return result
  }
  return {
    get serverId() {
      return idOf('s', origin.serverId)
    },
    async mark(backupId) {
      marks ??= readMarks(store.db, origin.sourceId)
      return (await marks).get(plainBackupId(backupId)) ?? null
    },
    addPage: ({ backupId, name }, rows) =>
      inTransaction(async (tx) => {
        const plainId = plainBackupId(backupId)
        const jobId = await jobOf(tx, { serverId: origin.serverId, backupId: plainId, name, toldAt: null })
        const runs = readable(rows)
        await claimStrays(tx, { serverId: origin.serverId, jobId, receivedAt: at }, runs)
        const receipt = { receivedAt: at }
        return storeRuns(
          tx,
          { origin, jobId, backupId: plainId, backupName: name, way: 'collect', receipt, tell },
          runs,
        )
      }),
    async completeLog(backupId, mark) {
      const plainId = plainBackupId(backupId)
      read.add(plainId)
      marks ??= readMarks(store.db, origin.sourceId)
      if (isSame((await marks).get(plainId), mark)) return
      await inTransaction((tx) => writeMark(tx, origin.sourceId, plainId, mark))
    },
    finish: (found) =>
      inTransaction(async (tx) => {
        await storeFindings(tx, origin.serverId, found, at)
        const changed = await noteLogsRead(tx, origin.serverId, read, at)
        // No run tells any more of a failure whose run was set aside.
        if (changed) await storeFindings(tx, origin.serverId, found, at)
      }),
    fail: (error) => inTransaction((tx) => setError(tx, origin.serverId, error, at)),
  }
}

async function writeMark(tx: Db, sourceId: number, backupId: string, mark: LogMark | null): Promise<void> {
  if (mark === null) {
    quickRun(tx, 'DELETE FROM log_mark WHERE source_id = ? AND backup_id = ?', sourceId, backupId)
    return
  }
  quickRun(
    tx,
    `INSERT INTO log_mark (source_id, backup_id, row_id, fingerprint) VALUES (?, ?, ?, ?)
      ON CONFLICT (source_id, backup_id) DO UPDATE SET row_id = excluded.row_id, fingerprint = excluded.fingerprint`,
    ...[sourceId, backupId, mark.rowId, mark.fingerprint],
  )
}

function isSame(a: LogMark | undefined, b: LogMark | null): boolean {
  return a?.rowId === b?.rowId && a?.fingerprint === b?.fingerprint
}

/**
 * Only reports of 2.1 need to know that a log was read as a whole.
 * @param backupIds of the jobs whose logs were
 * @returns whether runs were set aside or moved
 */
async function noteLogsRead(tx: Db, serverId: number, backupIds: ReadonlySet<string>, at: number): Promise<boolean> {
  const jobs = quickAll<{ id: number; backup_id: string }>(
    tx,
    `SELECT id, backup_id FROM job WHERE server_id = ? + 0
      AND EXISTS (SELECT 1 FROM server WHERE id = ? + 0 AND duplicati_version LIKE '2.1.%')`,
    ...[serverId, serverId],
  )
  let changed = false
  for (const { id, backup_id } of jobs) {
    if (!backupIds.has(backup_id)) continue
    quickRun(tx, 'UPDATE job SET log_read_at = max(coalesce(log_read_at, 0), ?) WHERE id = ?', at, id)
    if (await setStraysAside(tx, { id, serverId }, at)) changed = true
  }
  return changed
}

async function readMarks(db: Db, sourceId: number): Promise<Map<string, LogMark>> {
  const rows = quickAll<{ backup_id: string; row_id: number; fingerprint: string }>(
    db,
    'SELECT backup_id, row_id, fingerprint FROM log_mark WHERE source_id = ?',
    sourceId,
  )
  return new Map(rows.map((row) => [row.backup_id, { rowId: row.row_id, fingerprint: row.fingerprint }]))
}

function readable(rows: LogRow[]): RunFacts[] {
  return rows.flatMap(({ run }) => (run === null ? [] : [run]))
}
