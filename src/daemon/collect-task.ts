/** Collecting without a person: from the servers whose address and password are kept. */
import { collectMany } from '../collect/collect-many.ts'
import { nameRef } from '../collect/joined.ts'
import { findTargets } from '../collect/targets.ts'
import { createClient } from '../duplicati/client.ts'
import type { CollectResultView } from '../fleet/model.ts'
import { createIngest } from '../ingest/index.ts'
import { openSecrets } from '../settings/secrets.ts'
import { idOf } from '../store/ids.ts'
import type { WritableStore } from '../store/index.ts'
import type { TaskSettings } from './settings.ts'

/** Seconds for one server that a check waits for; what is not read by then is read by the next collection. */
const ASK_DEADLINE = 5 * 60
/** A server that refuses us logs each try: it is left alone for this time between two checks that would ask it. */
const LEAVE_ALONE = 6 * 60 * 60 * 1000
const REFUSED = ['wrong_password', 'token_rejected', 'password_missing', 'proxy_auth']
/** The key of the table `monitor` that holds when those servers were tried last. */
const TRIED = 'refused'

export interface Collecting {
  store: WritableStore
  settings: TaskSettings
  now: Date
  signal?: AbortSignal | undefined
  /** Seconds for one server; the usual time without. */
  deadline?: number
}

/** @param serverIds only these, of those that can be asked; null for all */
export async function collectServers(
  { store, settings, now, signal, deadline }: Collecting,
  serverIds: readonly string[] | null,
): Promise<CollectResultView[]> {
  const { env, configDir, concurrency, check } = settings
  const secrets = openSecrets({ env, configDir })
  const { targets, missing } = await findTargets(store, {
    hosts: [],
    all: true,
    env: {},
    password: null,
    secrets,
    onNote: () => {},
  })
  const wanted = targets.filter((target) => {
    const isMeant = serverIds === null || (target.server !== null && serverIds.includes(target.server.id))
    return isMeant && !missing.includes(target)
  })
  return collectMany(wanted, {
    at: now,
    ingest: createIngest(store, { notify: { globals: () => check.globals } }),
    connect: (address, ended) => createClient(address, { signal: ended, env }),
    nameOf: (id, url) => nameRef(store, id, url),
    failed: (id, { code, message }) => store.servers.setError(id, { code, message }),
    concurrency,
    ...(signal ? { signal } : {}),
    ...(deadline === undefined ? {} : { deadline }),
  })
}

/** As an overdue check asks: at once, but never again and again where a server refuses us. */
export async function askServers(collecting: Collecting, serverIds: readonly string[]): Promise<void> {
  const { store, now } = collecting
  const at = now.getTime()
  const tried = await readTried(store)
  const refusing = await refusingServers(store)
  const wanted = serverIds.filter((id) => !refusing.has(id) || at - (tried[id] ?? 0) >= LEAVE_ALONE)
  if (wanted.length === 0) return
  const results = await collectServers({ deadline: ASK_DEADLINE, ...collecting }, wanted)
  const refused = results.flatMap(({ server, error }) =>
    server && error && REFUSED.includes(error.code) ? [server.id] : [],
  )
  const left = Object.fromEntries(
    Object.entries(tried).filter(([id, time]) => !wanted.includes(id) && at - time < LEAVE_ALONE),
  )
  const next = { ...left, ...Object.fromEntries(refused.map((id) => [id, at])) }
  if (JSON.stringify(next) !== JSON.stringify(tried)) await writeTried(store, next)
}

async function refusingServers({ db }: WritableStore): Promise<Set<string>> {
  const rows = await db.selectFrom('server').select('id').where('error_code', 'in', REFUSED).execute()
  return new Set(rows.map(({ id }) => idOf('s', id)))
}

async function readTried(store: WritableStore): Promise<Record<string, number>> {
  const row = await store.db.selectFrom('monitor').select('value').where('key', '=', TRIED).executeTakeFirst()
  return row ? (JSON.parse(row.value) as Record<string, number>) : {}
}

async function writeTried(store: WritableStore, tried: Record<string, number>): Promise<void> {
  const value = JSON.stringify(tried)
  await store.transaction((tx) =>
    tx
      .insertInto('monitor')
      .values({ key: TRIED, value })
      .onConflict((conflict) => conflict.column('key').doUpdateSet({ value }))
      .execute(),
  )
}
