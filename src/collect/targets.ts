import { discover, type NormalAddress, normaliseAddress } from '../duplicati/address.ts'
import { UsageError, UserError } from '../errors.ts'
import { matchServers } from '../fleet/match.ts'
import type { Secrets } from '../settings/secrets.ts'
import type { ServerAccess, Store } from '../store/types.ts'
import { addressOf, type Credentials, canLogIn, openHeaders, openPassword } from './access.ts'
import type { Target } from './types.ts'

export interface TargetOptions {
  /** Names of known servers, or addresses. */
  hosts: string[]
  /** Also every server that has an address. */
  all: boolean
  port?: number | undefined
  env: NodeJS.ProcessEnv
  /** `--password-stdin`. */
  password: string | null
  secrets: Secrets
  /** Told when an address without a scheme turned out to be not encrypted, and the like. */
  onNote(text: string): void
}

/** What is to be collected, and the passwords to ask for before it begins. */
export interface Targets {
  targets: CollectTarget[]
  /** Those for which no password is known. */
  missing: CollectTarget[]
}

export interface CollectTarget extends Target {
  /** What was given for this collection, and may be kept (`--remember`); null: what is stored was used. */
  given: Credentials | null
  /**
   * Finds out whether something is there to log in to, before a person is asked for the password; nothing secret is sent.
   * @throws DuplicatiError as a collection would
   */
  reach(): Promise<void>
}

/**
 * Passwords in this order: `--password-stdin`, `DUPLISTATUS_PASSWORD`, the stored one, and last a question. With `--all` a server's
 * own stored password comes first: one that was given is for those that have none.
 * @throws UsageError for names that mean several servers, and for addresses that cannot be meant
 */
export async function findTargets(store: Store, options: TargetOptions): Promise<Targets> {
  const { hosts, all, env, password } = options
  const given = password ?? (env.DUPLISTATUS_PASSWORD || null)
  const { named, unknown } = await resolveHosts(store, hosts, options.port)
  const knownIds = [...named.keys()]
  const known = all ? await store.servers.access() : knownIds.length > 0 ? await store.servers.access(knownIds) : []
  const others = all ? await withoutAddress(store, knownIds, known) : []
  const targets = [...known, ...others].map((access) =>
    knownTarget(at(access, named.get(access.id) ?? null), named.has(access.id), given, options),
  )
  targets.push(...unknown.map(({ word, address }) => unknownTarget(word, address, given, options)))
  return { targets, missing: targets.filter(({ lacksPassword }) => lacksPassword) }
}

/** A server that was named and has no address is told so, though `--all` means those that have one. */
async function withoutAddress(store: Store, ids: string[], known: ServerAccess[]): Promise<ServerAccess[]> {
  const rest = ids.filter((id) => !known.some((access) => access.id === id))
  return rest.length > 0 ? store.servers.access(rest) : []
}

/** A server may be known at several addresses, such as by VPN: who types one means that. Pins are of its own address. */
function at(access: ServerAccess, address: string | null): ServerAccess {
  return address === null || address === access.url ? access : { ...access, url: address, pin: null }
}

interface Resolved {
  /** Ids of known servers, with the address that was typed; null where it was a name. */
  named: Map<string, string | null>
  unknown: { word: string; address: NormalAddress }[]
}

/**
 * What has a port, a path or a scheme in it (or `--port` beside it) is an address before it is a name; a plain word is a name
 * before it is an address.
 */
async function resolveHosts(store: Store, hosts: string[], port: number | undefined): Promise<Resolved> {
  const { servers } = await store.read.names()
  const named: Resolved['named'] = new Map()
  const unknown = new Map<string, { word: string; address: NormalAddress }>()
  for (const word of hosts) {
    const isAddress = port !== undefined || /[:/]/.test(word)
    const typed = isAddress ? await byAddress(store, word, port) : null
    const ids = typed === null ? byName(word, servers) : null
    for (const id of ids ?? []) named.set(id, named.get(id) ?? null)
    if (ids) continue
    const address = normaliseAddress(word, port === undefined ? {} : { defaultPort: port })
    const found = typed ?? (isAddress ? null : await byAddress(store, word, port))
    if (found) named.set(found.id, found.url)
    else unknown.set(address.candidates.join(' '), { word, address })
  }
  return { named, unknown: [...unknown.values()] }
}

async function byAddress(store: Store, word: string, port: number | undefined) {
  const { candidates } = normaliseAddress(word, port === undefined ? {} : { defaultPort: port })
  for (const url of candidates) {
    const id = await store.servers.findByUrl(url)
    if (id !== null) return { id, url }
  }
  return null
}

function byName(word: string, servers: Parameters<typeof matchServers>[1]): string[] | null {
  try {
    return matchServers([word], servers)
  } catch (error) {
    if (error instanceof UsageError && error.code === 'unknown_server') return null
    throw error
  }
}

type Built = CollectTarget & { lacksPassword: boolean }

function knownTarget(
  access: ServerAccess,
  named: boolean,
  given: string | null,
  { env, secrets }: TargetOptions,
): Built {
  const useStored = access.sealedPassword !== null && (given === null || !named)
  const password = useStored ? null : given
  return {
    server: { id: access.id, name: access.name },
    label: access.name,
    url: access.url,
    given: password === null ? null : { password, headers: {} },
    lacksPassword: !useStored && given === null && access.sealedHeaders === null && access.url !== null,
    reach: async () => {
      if (access.url !== null) await requireAnswer(access.url, access.pin, env)
    },
    async resolve() {
      const credentials = {
        password: this.given?.password ?? (useStored ? openPassword(access, secrets) : null),
        headers: openHeaders(access, secrets),
      }
      return addressOf(access, allowed(credentials, access.name))
    },
  }
}

function unknownTarget(word: string, address: NormalAddress, given: string | null, options: TargetOptions): Built {
  const [first = word, ...others] = address.candidates
  const label = others.length > 0 ? address.host : first.replace(/^https?:\/\//, '')
  let settled: string | null = null
  const settle = async (signal?: AbortSignal): Promise<string> => {
    if (settled !== null) return settled
    const { url, note } = await discover(address.candidates, { env: options.env, ...(signal ? { signal } : {}) })
    if (note !== null && url.startsWith('http:')) options.onNote(note)
    settled = url
    return url
  }
  return {
    server: null,
    label,
    url: first,
    given: { password: given, headers: address.headers },
    lacksPassword: given === null && !('authorization' in address.headers),
    async reach() {
      this.url = await settle()
      await requireAnswer(this.url, null, options.env)
    },
    async resolve(signal) {
      const { password, headers } = allowed(this.given ?? { password: null, headers: {} }, label)
      return { url: await settle(signal), secret: password, headers }
    },
  }
}

/** By all the steps of a test that need no password. */
async function requireAnswer(url: string, pin: string | null, env: NodeJS.ProcessEnv): Promise<void> {
  const { probe } = await import('../duplicati/probe.ts')
  const { error } = await probe(url, null, { pin, env })
  if (error && error.code !== 'password_missing') throw error
}

/** Refused before anything is sent. */
function allowed(credentials: Credentials, label: string): Credentials {
  if (canLogIn(credentials)) return credentials
  throw new UserError(`No password of ${label} is known`, {
    code: 'password_missing',
    hint: 'Pipe it to --password-stdin, or set DUPLISTATUS_PASSWORD; --remember keeps it.',
  })
}
