import type { Database as Sqlite } from 'better-sqlite3'
import type { RunFacts } from '../duplicati/model.ts'
import { explained } from './connection.ts'
import { packLog, unpackLog } from './log-pack.ts'
import { prepared } from './prepared.ts'
import { quickGet, quickRun } from './quick.ts'
import type { Db } from './schema.ts'
import type { RunLog } from './types.ts'

/** A run whose texts may be packed already: then `log` unpacks them for who asks, which storing them does not need. */
export type PackableRun = RunFacts & { packedLog?: Uint8Array | null }

/** @param packedLog its texts, null for none; `log` of `run` is not looked at */
export function withPackedLog(run: RunFacts, packedLog: Uint8Array | null): PackableRun {
  let lines: RunFacts['log'] | null = null
  return {
    ...run,
    packedLog,
    get log() {
      lines ??= packedLog === null ? [] : unpackLog(packedLog).lines
      return lines
    },
  }
}

export async function readLog(db: Db, runId: number): Promise<RunLog> {
  return unpacked(await quickGet<Body>(db, BODY, runId))
}

/** As `readLog`, on the connection itself: `status` tells why runs failed, and nothing else that it shows needs the query builder. */
export function readLogDirectly(sqlite: Sqlite, file: string, runId: number): RunLog {
  try {
    return unpacked(prepared<[number], Body>(sqlite, BODY).get(runId))
  } catch (error) {
    throw explained(error, file)
  }
}

type Body = { body: Uint8Array }

const BODY = 'SELECT body FROM run_log WHERE run_id = ?'

function unpacked(row: Body | undefined): RunLog {
  return row ? unpackLog(row.body) : { lines: [], versionDates: null }
}

/** Stores the texts of a run that has none yet. */
export async function addLog(db: Db, runId: number, run: PackableRun): Promise<void> {
  const body = run.packedLog === undefined ? packLog(run.log, run.versionDates) : run.packedLog
  if (body !== null) await quickRun(db, 'INSERT INTO run_log (run_id, body) VALUES (?, ?)', runId, body)
}

/** Stores the texts of a run in place of those that it had; without any no row is needed. */
export async function writeLog(
  db: Db,
  runId: number,
  log: RunFacts['log'],
  versionDates: string[] | null,
): Promise<void> {
  const body = packLog(log, versionDates)
  if (body === null) return
  await quickRun(
    db,
    'INSERT INTO run_log (run_id, body) VALUES (?, ?) ON CONFLICT (run_id) DO UPDATE SET body = excluded.body',
    runId,
    body,
  )
}
