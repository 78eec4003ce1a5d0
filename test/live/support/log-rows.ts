import Database from 'better-sqlite3'
import type { Api } from './api.ts'

const HOUR = 3_600_000

interface StoredRow {
  OperationID: number
  Timestamp: number
  Message: string
  Exception: string | null
}

/**
 * Gives a job a longer past: copies of its newest result, each an hour older than the one before, in the job's own database.
 * Only while nothing runs.
 */
export async function lengthenLog(api: Api, backupId: string, copies: number): Promise<void> {
  const database = new Database((await api.backup(backupId)).Backup.DBPath)
  try {
    const newest = database
      .prepare(`select OperationID, Timestamp, Message, Exception from LogData where Type = 'Result' order by ID desc`)
      .get() as StoredRow
    const insert = database.prepare(
      `insert into LogData (OperationID, Timestamp, Type, Message, Exception) values (?, ?, 'Result', ?, ?)`,
    )
    database.transaction(() => {
      for (let hours = copies; hours >= 1; hours--) {
        const message = older(newest.Message, hours * HOUR)
        insert.run(newest.OperationID, newest.Timestamp - (hours * HOUR) / 1000, message, newest.Exception)
      }
    })()
  } finally {
    database.close()
  }
}

/** The result with its times moved into the past; their digits below the millisecond stay. */
function older(message: string, by: number): string {
  const result = JSON.parse(message) as Record<string, unknown>
  for (const field of ['BeginTime', 'EndTime']) {
    const time = String(result[field])
    const moved = new Date(Date.parse(time) - by).toISOString().slice(0, 19)
    result[field] = moved + time.slice(19)
  }
  return JSON.stringify(result)
}
