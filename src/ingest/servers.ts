import { randomUUID } from 'node:crypto'
import type { ServerInfo } from '../duplicati/model.ts'
import { idOf, serverRow, unknownServer } from '../store/ids.ts'
import { quickGet, quickRun } from '../store/quick.ts'
import type { Db } from '../store/schema.ts'
import { join } from './join.ts'

/** Where a run came from, and the server that this source belongs to now. */
export interface Origin {
  sourceId: number
  serverId: number
}

/**
 * The source of an address, made when it is new. The address decides (identity.md): one that was collected before stays with its
 * server; a new one belongs to the server that the caller means, else to the one that was added with it, else to a new server.
 */
export async function addressOrigin(
  tx: Db,
  { url, serverId, at }: { url: string; serverId: string | undefined; at: number },
): Promise<Origin> {
  const meant = serverId === undefined ? null : await standing(tx, serverRow(serverId))
  const known = await tx.selectFrom('source').select(['id', 'server_id']).where('address', '=', url).executeTakeFirst()
  if (known) {
    if (meant === null || meant === known.server_id) return { sourceId: known.id, serverId: known.server_id }
    const kept = await join(tx, { one: meant, other: known.server_id, reason: `both are collected at ${url}`, at })
    return { sourceId: known.id, serverId: kept }
  }
  const owner = meant ?? (await serverWithUrl(tx, url)) ?? (await newServer(tx, { url, at }))
  return {
    sourceId: await newSource(tx, { serverId: owner, address: url, machineId: '', machineName: '', at }),
    serverId: owner,
  }
}

/** As `addressOrigin`, where nothing has to be written for it: a known address of the server that the caller means. */
export async function knownOrigin(
  db: Db,
  { url, serverId }: { url: string; serverId: string | undefined },
): Promise<Origin | null> {
  const known = quickGet<{ id: number; server_id: number }>(
    db,
    "SELECT id, server_id FROM source WHERE address = ? || ''",
    url,
  )
  if (!known || (serverId !== undefined && serverRow(serverId) !== known.server_id)) return null
  return { sourceId: known.id, serverId: known.server_id }
}

/**
 * The server that stands for this one now: it may have been joined with an older one meanwhile.
 * @throws UserError `unknown_server` when it was removed
 */
async function standing(tx: Db, id: number): Promise<number> {
  const row = await tx.selectFrom('server').select('joined_into').where('id', '=', id).executeTakeFirst()
  if (!row) throw unknownServer(idOf('s', id))
  return row.joined_into ?? id
}

async function serverWithUrl(tx: Db, url: string): Promise<number | null> {
  const row = await tx
    .selectFrom('server')
    .select('id')
    .where('url', '=', url)
    .where('joined_into', 'is', null)
    .executeTakeFirst()
  return row?.id ?? null
}

export async function newServer(
  tx: Db,
  { url = null, machineName = null, at }: { url?: string | null; machineName?: string | null; at: number },
): Promise<number> {
  const { id } = await tx
    .insertInto('server')
    .values({
      url,
      machine_name: machineName,
      tags: '[]',
      secret_owner: randomUUID(),
      keep_clock_time: 1,
      paused: 0,
      created_at: at,
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  return id
}

export async function newSource(
  tx: Db,
  source: { serverId: number; address: string; machineId: string; machineName: string; at: number },
): Promise<number> {
  const { id } = await tx
    .insertInto('source')
    .values({
      server_id: source.serverId,
      address: source.address,
      machine_id: source.machineId,
      machine_name: source.machineName,
      first_seen_at: source.at,
      last_seen_at: source.at,
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  return id
}

/**
 * What the API says of the server itself, and that it was seen. An empty machine id counts for nothing and hides none that was
 * told before (T63).
 */
export async function learnInfo(
  tx: Db,
  { sourceId, serverId }: Origin,
  { machineId, machineName, ...info }: ServerInfo,
  at: number,
): Promise<void> {
  quickRun(
    tx,
    "UPDATE source SET last_seen_at = ?, told_id = coalesce(nullif(?, ''), told_id) WHERE id = ?",
    ...[at, machineId, sourceId],
  )
  quickRun(
    tx,
    `UPDATE server SET machine_name = coalesce(?, machine_name), duplicati_version = ?, time_zone = ?,
      keep_clock_time = ? WHERE id = ?`,
    ...[machineName, info.duplicatiVersion, info.timeZone, info.keepClockTime ? 1 : 0, serverId],
  )
}
