/** Reads the texts of runs. Apart from what writes them, since `status` reads some and writes none. */
import type { Database as Sqlite } from 'better-sqlite3'
import { explained } from './connection.ts'
import { unpackLog } from './log-unpack.ts'
import { prepared } from './prepared.ts'
import { quickGet } from './quick.ts'
import type { Db } from './schema.ts'
import type { RunLog } from './types.ts'

export async function readLog(db: Db, runId: number): Promise<RunLog> {
  return unpacked(quickGet<Body>(db, BODY, runId))
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
