/** What only clients of the web application ask for. */
import { serverRow, unknownServer } from './ids.ts'
import { quickAll, quickGet } from './quick.ts'
import type { Db } from './schema.ts'

/** Milliseconds. @throws UserError `unknown_server` */
export async function serverCreatedAt(db: Db, id: string): Promise<number> {
  const row = quickGet<{ at: number }>(db, 'SELECT created_at AS at FROM server WHERE id = ?', serverRow(id))
  if (!row) throw unknownServer(id)
  return row.at
}

export async function tableNames(db: Db): Promise<string[]> {
  const rows = quickAll<{ name: string }>(db, "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
  return rows.map(({ name }) => name)
}
