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

/**
 * The other server that has this job and a source of this machine name, one of the two with an id and one without. Two machines
 * of one name that both have ids must not become one by way of a third source without: where it is not clear which of them
 * that one is, nothing is joined.
 */
async function twinWithoutId(tx: Db, origin: Origin, reporter: Reporter): Promise<number | null> {
  const { machineName, backupId, backupName } = reporter
  const rows = await tx
    .selectFrom('source')
    .innerJoin('job', 'job.server_id', 'source.server_id')
    .select(['source.server_id', 'source.machine_id'])
    .where('source.address', '=', '')
    .where('source.machine_name', '=', machineName)
    .where((where) =>
      where.or([
        where('source.server_id', '=', origin.serverId),
        where.and([where('job.backup_id', '=', backupId), where('job.name', '=', backupName)]),
      ]),
    )
    .execute()
  const own = rows.filter(({ server_id }) => server_id === origin.serverId).map(({ machine_id }) => machine_id)
  own.push(reporter.machineId)
  const others = [...Map.groupBy(rows, ({ server_id }) => server_id)].filter(([id]) => id !== origin.serverId)
  const twins = others.filter(([, sources]) =>
    isTwin(
      own,
      sources.map(({ machine_id }) => machine_id),
    ),
  )
  return twins.length === 1 ? (twins[0]?.[0] ?? null) : null
}

/** One side has no id at all, and the other one has. */
function isTwin(own: string[], other: string[]): boolean {
  const isNameless = (ids: string[]) => ids.every((id) => id === '')
  return isNameless(own) !== isNameless(other)
}
