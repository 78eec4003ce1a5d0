/**
 * Access to the HTTP interface. A token is 32 random bytes that are shown once; only their SHA-256 is kept, and looked up as a whole:
 * without the token nobody can make a digest that is near a stored one, so comparing tells nothing by its time.
 */
import { hash, randomBytes } from 'node:crypto'
import type { Selectable } from 'kysely'
import { UserError } from '../errors.ts'
import { record } from './audit.ts'
import { quickGet } from './quick.ts'
import type { Db, TokenTable } from './schema.ts'
import { iso } from './views.ts'

export const TOKEN_ROLES = ['report', 'read', 'admin'] as const
export type TokenRole = (typeof TOKEN_ROLES)[number]

/** json.md, `token create`; beside it what a list tells. */
export interface TokenView {
  id: string
  name: string
  role: TokenRole
  createdAt: string
  expiresAt: string | null
  lastUsedAt: string | null
  revokedAt: string | null
}

/** What a request with this token may do, and until when. */
export interface Grant {
  id: number
  role: TokenRole
  expiresAt: number | null
}

interface Writing {
  readonly db: Db
  transaction<T>(work: (tx: Db) => Promise<T>): Promise<T>
}

/** Says at sight, and to programs that search for secrets, whose key this is. */
const PREFIX = 'dupl_'
/** Between two notes of a token's use, in milliseconds: a note is a write. */
const NOTED_EVERY = 60_000

/**
 * @param expiresAt milliseconds since the epoch, or null for never
 * @returns the token itself, which nobody can show again
 */
export async function createToken(
  store: Writing,
  { name, role, expiresAt, now }: { name: string; role: TokenRole; expiresAt: number | null; now: number },
): Promise<{ token: TokenView; secret: string }> {
  const secret = PREFIX + randomBytes(32).toString('base64url')
  const token = await store.transaction(async (tx) => {
    const { id } = await tx
      .insertInto('token')
      .values({ name, role, digest: digestOf(secret), created_at: now, expires_at: expiresAt })
      .returning('id')
      .executeTakeFirstOrThrow()
    await record(tx, now, { action: 'token.create', serverId: null, reason: null, data: { id, name, role } })
    return tx.selectFrom('token').selectAll().where('id', '=', id).executeTakeFirstOrThrow()
  })
  return { token: view(token), secret }
}

/** Newest first; revoked ones too, so that their last use can be seen. */
export async function listTokens(store: Pick<Writing, 'db'>): Promise<TokenView[]> {
  const rows = await store.db.selectFrom('token').selectAll().orderBy('id', 'desc').execute()
  return rows.map(view)
}

/**
 * Takes back the tokens of this id or name.
 * @throws UserError `unknown_token` where no valid one has it
 */
export async function revokeTokens(store: Writing, word: string, now: number): Promise<TokenView[]> {
  return store.transaction(async (tx) => {
    const id = /^t[1-9]\d{0,14}$/.test(word) ? Number(word.slice(1)) : -1
    const rows = await tx
      .updateTable('token')
      .set({ revoked_at: now })
      .where('revoked_at', 'is', null)
      .where((where) => where.or([where('id', '=', id), where('name', '=', word)]))
      .returningAll()
      .execute()
    if (rows.length === 0) {
      throw new UserError(`There is no valid token ${JSON.stringify(word)}`, {
        code: 'unknown_token',
        hint: 'duplistatus token list shows them all.',
      })
    }
    for (const { id, name, role } of rows) {
      await record(tx, now, { action: 'token.revoke', serverId: null, reason: null, data: { id, name, role } })
    }
    return rows.map(view)
  })
}

/** What a token allows at `now`; null for one that is unknown, revoked or expired. */
export async function findToken(store: Pick<Writing, 'db'>, secret: string, now: number): Promise<Grant | null> {
  const row = quickGet<Pick<Selectable<TokenTable>, 'id' | 'role' | 'expires_at'>>(
    store.db,
    'SELECT id, role, expires_at FROM token WHERE digest = ? AND revoked_at IS NULL',
    digestOf(secret),
  )
  if (!row || (row.expires_at !== null && row.expires_at <= now)) return null
  return { id: row.id, role: row.role, expiresAt: row.expires_at }
}

/** Notes that a token was used, at most once a minute. */
export async function noteUse(store: Pick<Writing, 'db'>, id: number, now: number): Promise<void> {
  await store.db
    .updateTable('token')
    .set({ last_used_at: now })
    .where('id', '=', id)
    .where((where) => where.or([where('last_used_at', 'is', null), where('last_used_at', '<', now - NOTED_EVERY)]))
    .execute()
}

function digestOf(secret: string): string {
  return hash('sha256', secret)
}

function view(row: Selectable<TokenTable>): TokenView {
  return {
    id: `t${row.id}`,
    name: row.name,
    role: row.role,
    createdAt: iso(row.created_at),
    expiresAt: iso(row.expires_at),
    lastUsedAt: iso(row.last_used_at),
    revokedAt: iso(row.revoked_at),
  }
}
