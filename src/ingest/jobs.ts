import type { Db } from '../store/schema.ts'

/** Reports write `DB-2` for the job that the API calls `2`. */
export function plainBackupId(backupId: string): string {
  return backupId.replace(/^DB-(?=\d+$)/, '')
}

/** The job of a server; a job is its backup id, the name a label that may change (identity.md). */
export async function jobOf(tx: Db, serverId: number, backupId: string, name: string): Promise<number> {
  const known = await tx
    .selectFrom('job')
    .select(['id', 'name'])
    .where('server_id', '=', serverId)
    .where('backup_id', '=', backupId)
    .executeTakeFirst()
  if (known) {
    if (known.name !== name) await tx.updateTable('job').set({ name }).where('id', '=', known.id).execute()
    return known.id
  }
  const { id } = await tx
    .insertInto('job')
    .values({ server_id: serverId, backup_id: backupId, name, tags: '[]', schedule_days: '', queued: 0 })
    .returning('id')
    .executeTakeFirstOrThrow()
  return id
}

/** What runs of this source and job came with, noted once. */
export async function evidenceOf(tx: Db, sourceId: number, backupId: string, backupName: string): Promise<number> {
  const known = await tx
    .selectFrom('evidence')
    .select('id')
    .where('source_id', '=', sourceId)
    .where('backup_id', '=', backupId)
    .where('backup_name', '=', backupName)
    .executeTakeFirst()
  if (known) return known.id
  const { id } = await tx
    .insertInto('evidence')
    .values({ source_id: sourceId, backup_id: backupId, backup_name: backupName })
    .returning('id')
    .executeTakeFirstOrThrow()
  return id
}
