import { sql } from 'kysely'
import { UserError } from '../errors.ts'
import { record } from './audit.ts'
import { idOf, rowsOf, serverRow, unknownServer } from './ids.ts'
import { quickAll } from './quick.ts'
import type { Db, ServerRecord } from './schema.ts'
import type { ServerAccess, ServerEdit, Servers } from './types.ts'
import { nameOf } from './views.ts'

type Transact = <T>(work: (tx: Db) => Promise<T>) => Promise<T>

/** What people set of servers. Every change is one transaction with its audit entry. */
export function servers(db: Db, transact: Transact, now: () => Date): Servers {
  return {
    add: (server) => transact((tx) => add(tx, server, now().getTime())),
    edit: (id, changes) => transact((tx) => edit(tx, serverRow(id), changes, now().getTime())),
    setSecrets: (id, secrets) =>
      transact(async (tx) => {
        await update(tx, serverRow(id), {
          ...(secrets.password !== undefined && { sealed_password: secrets.password }),
          ...(secrets.headers !== undefined && { sealed_headers: secrets.headers }),
        })
      }),
    remove: (id) => transact((tx) => remove(tx, serverRow(id), now().getTime())),
    access: (ids) => access(db, ids),
    findByUrl: (url) => findByUrl(db, url),
    setError: (id, error) => transact((tx) => setError(tx, serverRow(id), error, now().getTime())),
  }
}

async function add(tx: Db, server: ServerEdit & { url: string }, at: number): Promise<{ id: string }> {
  await refuseTaken(tx, server, null)
  const row = await tx
    .insertInto('server')
    .values({
      url: server.url,
      alias: server.alias ?? null,
      note: server.note ?? null,
      tags: JSON.stringify(server.tags ?? []),
      pin: server.pin ?? null,
      secret_owner: crypto.randomUUID(),
      keep_clock_time: 1,
      paused: 0,
      created_at: at,
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  const id = idOf('s', row.id)
  await record(tx, at, {
    action: 'server.add',
    serverId: id,
    reason: null,
    data: { url: server.url, alias: server.alias ?? null },
  })
  return { id }
}

async function edit(tx: Db, row: number, changes: ServerEdit, at: number): Promise<void> {
  await refuseTaken(tx, changes, row)
  const { url, alias, note, tags, pin } = changes
  await update(tx, row, {
    ...(url !== undefined && { url }),
    ...(alias !== undefined && { alias }),
    ...(note !== undefined && { note }),
    ...(tags !== undefined && { tags: JSON.stringify(tags) }),
    ...(pin !== undefined && { pin }),
  })
  await record(tx, at, { action: 'server.edit', serverId: idOf('s', row), reason: null, data: changes })
}

async function update(tx: Db, row: number, changes: Partial<ServerRecord>): Promise<void> {
  // An empty change still finds out whether the server exists.
  const { numUpdatedRows } = await tx
    .updateTable('server')
    .set({ id: row, ...changes })
    .where('id', '=', row)
    .where('joined_into', 'is', null)
    .executeTakeFirstOrThrow()
  if (numUpdatedRows === 0n) throw unknownServer(idOf('s', row))
}

async function remove(tx: Db, row: number, at: number): Promise<void> {
  const server = await tx.selectFrom('server').selectAll().where('id', '=', row).executeTakeFirst()
  if (!server) throw unknownServer(idOf('s', row))
  await tx.deleteFrom('server').where('id', '=', row).execute()
  const data = { name: nameOf(server), url: server.url }
  await record(tx, at, { action: 'server.remove', serverId: idOf('s', row), reason: null, data })
}

/** An address or an alias that names two servers would name none, or only one of them. */
async function refuseTaken(tx: Db, { url, alias }: ServerEdit, self: number | null): Promise<void> {
  const others = tx.selectFrom('server').selectAll().where('joined_into', 'is', null).where('id', 'is not', self)
  if (url) {
    const taken = await others.where('url', '=', url).executeTakeFirst()
    if (taken) throw exists(`${url} is the address of ${nameOf(taken)} already`, taken)
  }
  if (alias) {
    const taken = await others.where(sql`lower(alias)`, '=', alias.toLowerCase()).executeTakeFirst()
    if (taken) throw exists(`${alias} is the alias of another server already`, taken)
    // Names are looked up before ids: an alias like this would hide the other server for good.
    const id = /^s(\d{1,15})$/i.exec(alias)?.[1]
    const hidden = id && (await others.where('id', '=', Number(id)).executeTakeFirst())
    if (hidden) throw exists(`${alias} is the id of ${nameOf(hidden)}`, hidden)
  }
}

function exists(message: string, server: ServerRecord): UserError {
  return new UserError(message, {
    code: 'server_exists',
    hint: `duplistatus server edit ${idOf('s', server.id)} changes it.`,
  })
}

type AccessRow = Pick<
  ServerRecord,
  'id' | 'alias' | 'machine_name' | 'url' | 'pin' | 'secret_owner' | 'sealed_password' | 'sealed_headers'
>

const ACCESS = `SELECT id, alias, machine_name, url, pin, secret_owner, sealed_password, sealed_headers FROM server
  WHERE joined_into IS NULL`

/** Every collection begins with it: a fixed statement, since the first one that is built takes longer than all the others of it. */
async function access(db: Db, ids?: string[]): Promise<ServerAccess[]> {
  const rows = ids
    ? quickAll<AccessRow>(
        db,
        `${ACCESS} AND id IN (SELECT value FROM json_each(?)) ORDER BY id`,
        JSON.stringify(rowsOf('s', ids)),
      )
    : quickAll<AccessRow>(db, `${ACCESS} AND url IS NOT NULL ORDER BY id`)
  return rows.map((server) => ({
    id: idOf('s', server.id),
    name: nameOf(server),
    url: server.url,
    pin: server.pin,
    secretOwner: server.secret_owner,
    sealedPassword: server.sealed_password,
    sealedHeaders: server.sealed_headers,
  }))
}

/** The server that has this address now, or was ever collected at it. */
async function findByUrl(db: Db, url: string): Promise<string | null> {
  const own = await db
    .selectFrom('server')
    .select('id')
    .where('url', '=', url)
    .where('joined_into', 'is', null)
    .executeTakeFirst()
  if (own) return idOf('s', own.id)
  const source = await db.selectFrom('source').select('server_id').where('address', '=', url).executeTakeFirst()
  return source ? idOf('s', source.server_id) : null
}

export async function setError(
  tx: Db,
  row: number,
  error: { code: string; message: string } | null,
  at: number,
): Promise<void> {
  if (error === null) {
    await update(tx, row, { error_code: null, error_message: null, error_since: null })
    return
  }
  const before = await tx
    .selectFrom('server')
    .select(['error_code', 'error_since'])
    .where('id', '=', row)
    .executeTakeFirst()
  const since = before?.error_code === error.code ? (before.error_since ?? at) : at
  await update(tx, row, { error_code: error.code, error_message: error.message, error_since: since })
}
