import { FORGOTTEN } from '../fleet/alerts/types.ts'
import { record } from './audit.ts'
import { idOf, rowsOf } from './ids.ts'
import type { Db } from './schema.ts'

/**
 * Forgets when open alerts of these jobs (and of these servers as such) were told last: the next check tells them again. A failed
 * run is told of by itself, and has nothing to forget.
 * @returns how many alerts these are
 */
export async function forgetReminders(
  tx: Db,
  { serverIds, jobIds }: { serverIds: string[]; jobIds: string[] },
  at: number,
): Promise<number> {
  const [servers, jobs] = [new Set(rowsOf('s', serverIds)), new Set(rowsOf('j', jobIds))]
  const open = await tx
    .selectFrom('alert')
    .select(['id', 'kind', 'server_id', 'job_id'])
    .where('resolved_at', 'is', null)
    .where('kind', '!=', 'failed')
    .execute()
  const meant = open.filter(({ job_id, server_id }) => (job_id === null ? servers.has(server_id) : jobs.has(job_id)))
  for (const { id, kind, server_id, job_id } of meant) {
    await tx.updateTable('alert').set({ reminded_at: FORGOTTEN }).where('id', '=', id).execute()
    const data = { alert: id, kind, job: job_id === null ? null : idOf('j', job_id) }
    await record(tx, at, { action: 'overdue.reset', serverId: idOf('s', server_id), reason: null, data })
  }
  return meant.length
}
