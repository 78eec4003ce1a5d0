import { idOf, rowOf } from './ids.ts'
import type { Db } from './schema.ts'
import type { Audit, AuditEntry } from './types.ts'
import { iso } from './views.ts'

export function audit(db: Db): Audit {
  return {
    async list(limit) {
      const rows = await db.selectFrom('audit').selectAll().orderBy('id', 'desc').limit(limit).execute()
      return rows.map((row) => ({
        at: iso(row.at),
        action: row.action,
        serverId: row.server_id === null ? null : idOf('s', row.server_id),
        reason: row.reason,
        data: JSON.parse(row.data),
      }))
    },
  }
}

/** Writes what was decided and what is needed to undo it, in the transaction of the change itself. */
export async function record(db: Db, at: number, entry: Omit<AuditEntry, 'at'>): Promise<void> {
  await db
    .insertInto('audit')
    .values({
      at,
      action: entry.action,
      server_id: entry.serverId === null ? null : rowOf('s', entry.serverId),
      reason: entry.reason,
      data: JSON.stringify(entry.data ?? null),
    })
    .execute()
}
