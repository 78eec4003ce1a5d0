import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import type { Db, ServerRecord } from '../store/schema.ts'
import type { Parting } from './part.ts'

/** What a collection tells of the server itself. */
const TOLD = [
  'machine_name',
  'duplicati_version',
  'time_zone',
  'keep_clock_time',
  'paused',
  'paused_until',
  'last_collected_at',
] as const
/** An address with what is needed to log in there: they move together or not at all. */
const ACCESS = ['url', 'pin', 'secret_owner', 'sealed_password', 'sealed_headers'] as const
const ERROR = ['error_code', 'error_message', 'error_since'] as const

/** The younger server stands again, each with its own address, names and findings. */
export async function partServers(tx: Db, { keep, gone, joined, sources, finder }: Parting): Promise<void> {
  const [own, other] = [await row(tx, keep), await row(tx, gone)]
  await tx.updateTable('source').set({ server_id: gone }).where('id', 'in', sources).execute()
  await tx
    .updateTable('server')
    .set({ joined_into: gone })
    .where('id', 'in', joined.members)
    .where('joined_into', '=', keep)
    .execute()
  const tookAccess = own.url !== null && own.secret_owner === other.secret_owner
  const before = joined.kept.server
  await change(tx, keep, {
    ...(finder !== 'keep' && pick(before, TOLD)),
    ...(tookAccess && {
      url: null,
      pin: null,
      sealed_password: null,
      sealed_headers: null,
      secret_owner: randomUUID(),
      ...pick(before, ERROR),
    }),
    ...(before.alias === null && own.alias === other.alias && { alias: null }),
    ...(before.note === null && own.note === other.note && { note: null }),
    tags: JSON.stringify(without(own.tags, without(other.tags, JSON.parse(before.tags)))),
  })
  await change(tx, gone, {
    joined_into: null,
    ...(finder === 'gone' && { ...pick(own, TOLD), machine_name: learntName(own, before) ?? other.machine_name }),
    ...(tookAccess && { ...pick(own, ACCESS), ...pick(own, ERROR) }),
  })
  if (tookAccess) await unreachableAgain(tx, keep, gone)
  await dropTaken(tx, gone)
}

/** A server keeps its name when another one joins it: a name that it had not before was told by a collection since. */
function learntName(own: ServerRecord, before: Pick<ServerRecord, 'machine_name'>): string | null {
  return own.machine_name === before.machine_name ? null : own.machine_name
}

function row(tx: Db, id: number): Promise<ServerRecord> {
  return tx.selectFrom('server').selectAll().where('id', '=', id).executeTakeFirstOrThrow()
}

async function change(tx: Db, id: number, values: Partial<ServerRecord>): Promise<void> {
  await tx.updateTable('server').set(values).where('id', '=', id).execute()
}

function pick<Key extends keyof ServerRecord>(from: Pick<ServerRecord, Key>, keys: readonly Key[]) {
  return Object.fromEntries(keys.map((key) => [key, from[key]])) as Pick<ServerRecord, Key>
}

/** @param tags as JSON */
function without(tags: string, others: readonly string[]): string[] {
  return (JSON.parse(tags) as string[]).filter((tag) => !others.includes(tag))
}

/** Alerts of the whole server are about its address. */
async function unreachableAgain(tx: Db, keep: number, gone: number): Promise<void> {
  await tx
    .updateTable('alert')
    .set({ server_id: gone })
    .where('server_id', '=', keep)
    .where('job_id', 'is', null)
    .execute()
}

/** An alias or address that another server was given meanwhile stays there: one name means one server. */
async function dropTaken(tx: Db, gone: number): Promise<void> {
  const { alias, url } = await row(tx, gone)
  const others = tx.selectFrom('server').select('id').where('joined_into', 'is', null).where('id', '<>', gone)
  const isTaken = async (taken: typeof others) => (await taken.executeTakeFirst()) !== undefined
  if (alias !== null && (await isTaken(others.where(sql`lower(alias)`, '=', alias.toLowerCase())))) {
    await change(tx, gone, { alias: null })
  }
  if (url !== null && (await isTaken(others.where('url', '=', url)))) {
    await change(tx, gone, { url: null, pin: null, sealed_password: null, sealed_headers: null })
  }
}
