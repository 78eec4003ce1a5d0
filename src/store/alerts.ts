import type { Selectable } from 'kysely'
import type { AlertData, OpenAlert } from '../fleet/alerts/types.ts'
import { idOf, rowOf } from './ids.ts'
import { quickAll, quickRun } from './quick.ts'
import type { AlertTable, Db } from './schema.ts'

/** Alerts that are open: all, or those of these servers and their jobs (row ids). */
export async function openAlerts(db: Db, servers: readonly number[] | null = null): Promise<OpenAlert[]> {
  // `+` leaves the order to the index of what is open; by `id` alone all that ever was would be looked through.
  const rows = quickAll<Selectable<AlertTable>>(
    db,
    `SELECT * FROM alert WHERE resolved_at IS NULL
      AND (? OR server_id IN (SELECT value FROM json_each(?))) ORDER BY +id`,
    ...[servers === null ? 1 : 0, JSON.stringify(servers ?? [])],
  )
  return rows.map((row) => ({
    id: row.id,
    kind: row.kind,
    serverId: idOf('s', row.server_id),
    jobId: row.job_id === null ? null : idOf('j', row.job_id),
    since: row.since,
    openedAt: row.opened_at,
    remindedAt: row.reminded_at,
    reminders: row.reminders,
    data: JSON.parse(row.data) as AlertData,
  }))
}

export interface NewAlert {
  kind: AlertTable['kind']
  serverId: string
  jobId: string | null
  since: number
  at: number
  data: AlertData
}

/** @returns its id; null where the same alert is open already: another process was quicker */
export async function openAlert(tx: Db, alert: NewAlert): Promise<number | null> {
  const row = await tx
    .insertInto('alert')
    .values({
      kind: alert.kind,
      server_id: rowOf('s', alert.serverId) ?? 0,
      job_id: alert.jobId === null ? null : rowOf('j', alert.jobId),
      since: alert.since,
      opened_at: alert.at,
      reminded_at: null,
      resolved_at: null,
      data: JSON.stringify(alert.data),
    })
    .onConflict((conflict) => conflict.doNothing())
    .returning('id')
    .executeTakeFirst()
  return row?.id ?? null
}

/** New values of an open alert, unless somebody else changed it since it was read. @returns whether it is ours to tell */
export async function changeAlert(
  tx: Db,
  alert: Pick<OpenAlert, 'id' | 'reminders'>,
  changes: { since?: number; remindedAt?: number; reminders?: number; data?: AlertData },
): Promise<boolean> {
  const result = await tx
    .updateTable('alert')
    .set({
      ...(changes.since !== undefined && { since: changes.since }),
      ...(changes.remindedAt !== undefined && { reminded_at: changes.remindedAt }),
      ...(changes.reminders !== undefined && { reminders: changes.reminders }),
      ...(changes.data !== undefined && { data: JSON.stringify(changes.data) }),
    })
    .where('id', '=', alert.id)
    .where('reminders', '=', alert.reminders)
    .where('resolved_at', 'is', null)
    .executeTakeFirst()
  return result.numUpdatedRows === 1n
}

/** @returns false where it has been ended already */
export async function resolveAlert(tx: Db, id: number, at: number): Promise<boolean> {
  const result = await tx
    .updateTable('alert')
    .set({ resolved_at: at })
    .where('id', '=', id)
    .where('resolved_at', 'is', null)
    .executeTakeFirst()
  return result.numUpdatedRows === 1n
}

/**
 * The alerts of a job or server that is taken over by another: where both have the same one open, the other's stays.
 * @param from row ids; `job` null for the alerts of the server as a whole
 */
export async function moveAlerts(
  tx: Db,
  {
    from,
    to,
    at,
  }: { from: { server: number; job: number | null }; to: { server: number; job: number | null }; at: number },
): Promise<void> {
  quickRun(
    tx,
    `UPDATE alert SET resolved_at = ? WHERE server_id = ? AND job_id IS ? AND resolved_at IS NULL AND EXISTS (
      SELECT 1 FROM alert AS other WHERE other.kind = alert.kind AND other.server_id = ? AND other.job_id IS ?
        AND other.resolved_at IS NULL AND other.id <> alert.id)`,
    at,
    from.server,
    from.job,
    to.server,
    to.job,
  )
  quickRun(
    tx,
    'UPDATE alert SET server_id = ?, job_id = ? WHERE server_id = ? AND job_id IS ?',
    to.server,
    to.job,
    from.server,
    from.job,
  )
}
