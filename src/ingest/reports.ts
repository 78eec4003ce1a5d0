import type { Db } from '../store/schema.ts'
import { join } from './join.ts'
import { newServer, newSource, type Origin } from './servers.ts'

interface Reporter {
  machineId: string
  machineName: string
  /** Without `DB-`. */
  backupId: string
  backupName: string
  at: number
}

/**
 * The source that a report comes from: the pair of machine id and name. A new pair is a new server (runs that agree join it with
 * an older one at once), unless one of two pairs of one machine name has no id and both have this job (identity.md, rule 2).
 */
export async function reportOrigin(tx: Db, reporter: Reporter): Promise<Origin> {
  const { machineId, machineName, at } = reporter
  const known = await tx
    .selectFrom('source')
    .select(['id', 'server_id'])
    .where('address', '=', '')
    .where('machine_id', '=', machineId)
    .where('machine_name', '=', machineName)
    .executeTakeFirst()
  const origin = known ? { sourceId: known.id, serverId: known.server_id } : await newOrigin(tx, reporter)
  await tx.updateTable('source').set({ last_seen_at: at }).where('id', '=', origin.sourceId).execute()
  const twin = await twinWithoutId(tx, origin, reporter)
  if (twin !== null) {
    const reason = `${machineName} reports the job ${reporter.backupName} with and without a machine id`
    origin.serverId = await join(tx, { one: origin.serverId, other: twin, reason, at })
  }
  await tx.updateTable('server').set({ last_report_at: at }).where('id', '=', origin.serverId).execute()
  return origin
}

async function newOrigin(tx: Db, { machineId, machineName, at }: Reporter): Promise<Origin> {
  const serverId = await newServer(tx, { machineName, at })
  return { serverId, sourceId: await newSource(tx, { serverId, address: '', machineId, machineName, at }) }
}

async function twinWithoutId(
  tx: Db,
  origin: Origin,
  { machineId, machineName, backupId, backupName }: Reporter,
): Promise<number | null> {
  const row = await tx
    .selectFrom('source')
    .innerJoin('job', 'job.server_id', 'source.server_id')
    .select('source.server_id')
    .where('source.address', '=', '')
    .where('source.machine_name', '=', machineName)
    .where('source.machine_id', machineId === '' ? '<>' : '=', '')
    .where('source.server_id', '<>', origin.serverId)
    .where('job.backup_id', '=', backupId)
    .where('job.name', '=', backupName)
    .orderBy('source.server_id')
    .executeTakeFirst()
  return row?.server_id ?? null
}
