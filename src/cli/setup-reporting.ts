/** What `server setup-reporting` does, step by step: where reports go, what changes for that, and whether one came. */
import { connect } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import type { DuplicatiApi } from '../duplicati/api.ts'
import {
  otherReceivers,
  presentToken,
  type ReportingChange,
  reportingChanges,
  reportingMissing,
  reportingRemoval,
  withoutToken,
} from '../duplicati/reporting.ts'
import { UsageError, UserError } from '../errors.ts'
import type { NameRef } from '../fleet/model.ts'
import { clean } from '../output/escape.ts'
import type { WritableStore } from '../store/index.ts'
import { findToken } from '../store/tokens.ts'
import type { Reading } from '../store/types.ts'

const DEFAULT_PORT = 9666
const UPLOAD = '/api/upload'
const LIVE = '/api/status'
const LOOK_EVERY = 500

/** Where reports and live status go, without a token. */
export interface Receiver {
  upload: URL
  live: URL
}

/**
 * The receiver's addresses below `text`; an address that ends in the path of uploads is taken as it is.
 * @throws UsageError for what is no http(s) address
 */
export function receiverAt(text: string): Receiver {
  let base: URL
  try {
    base = new URL(text.includes('://') ? text : `http://${text}`)
  } catch {
    throw noAddress(text)
  }
  if (!/^https?:$/.test(base.protocol) || base.hostname === '') throw noAddress(text)
  if (base.username || base.password) {
    throw new UsageError('Duplicati sends no user name and password of an address', {
      hint: 'Leave them out: the token in the address is what lets it in.',
    })
  }
  const path = base.pathname.replace(/\/+$/, '').replace(/\/api\/upload$/, '')
  const at = (end: string) => new URL(`${base.origin}${path}${end}`)
  return { upload: at(UPLOAD), live: at(LIVE) }
}

function noAddress(text: string): UsageError {
  return new UsageError(`--url ${JSON.stringify(text)} is no address`, {
    hint: 'Write it like http://monitor:9666, as the Duplicati server reaches it.',
  })
}

/** This machine as the server sees it: the address that a connection to it comes from, with the port of `serve`. */
export async function ownAddress(serverUrl: string): Promise<string> {
  const { hostname, port, protocol } = new URL(serverUrl)
  const socket = connect({
    host: hostname.replace(/^\[|\]$/g, ''),
    port: Number(port) || (protocol === 'https:' ? 443 : 80),
    timeout: 5_000,
  })
  try {
    const address = await new Promise<string>((resolve, reject) => {
      socket.once('connect', () => resolve(socket.localAddress ?? ''))
      socket.once('timeout', () => reject(new Error('timed out')))
      socket.once('error', reject)
    })
    return `http://${address.includes(':') ? `[${address}]` : address}:${DEFAULT_PORT}`
  } catch {
    throw new UsageError(`The address of this machine, as ${serverUrl} sees it, can't be told`, {
      hint: 'Give it: --url http://HOST:9666',
    })
  } finally {
    socket.destroy()
  }
}

export function withToken(address: URL, secret: string | null): string {
  if (secret === null) return address.href
  const result = new URL(address)
  result.searchParams.set('token', secret)
  return result.href
}

/** What has to change at a server, before anything is made for it. */
export interface Plan {
  /** As they are shown; a new token has a placeholder. */
  changes: ReportingChange[]
  /** The changes with a new token in the address; null where none is needed. */
  withSecret: ((secret: string) => ReportingChange[]) | null
  /** The token that the server uses already, if it is valid. */
  tokenId: string | null
}

/** @param settings those of the server now */
export async function planOf(
  store: Pick<WritableStore, 'db'>,
  settings: Record<string, string>,
  receiver: Receiver,
  { remove, open, live, now }: { remove: boolean; open: boolean; live: boolean; now: number },
): Promise<Plan> {
  const former = await formerReceivers(store, settings, receiver, now)
  const present = presentToken(settings, receiver.upload.href) ?? former[0]?.token ?? null
  const grant = present === null ? null : await findToken(store, present, now)
  const tokenId = grant && `t${grant.id}`
  if (remove) return { changes: reportingRemoval(settings, receiver.upload.href), withSecret: null, tokenId }
  const changes = (secret: string | null) =>
    reportingChanges(
      settings,
      withToken(receiver.upload, secret),
      live ? withToken(receiver.live, secret) : null,
      former.map(({ url }) => url),
    )
  if (open) return { changes: changes(null), withSecret: null, tokenId: null }
  if (grant !== null && grant.role !== 'read') return { changes: changes(present), withSecret: null, tokenId }
  return { changes: changes('new'), withSecret: changes, tokenId: null }
}

/**
 * Where this monitor was before it moved: addresses with a token that it made itself. Duplicati ends at the first address that does
 * not answer, so that one which nobody listens at any more would keep all reports from the new one.
 */
async function formerReceivers(
  store: Pick<WritableStore, 'db'>,
  settings: Record<string, string>,
  { upload }: Receiver,
  now: number,
): Promise<{ url: string; token: string }[]> {
  const found: { url: string; token: string }[] = []
  for (const { url, token } of otherReceivers(settings, upload.href)) {
    if (token !== null && (await findToken(store, token, now)) !== null) found.push({ url, token })
  }
  return found
}

/** `server setup-reporting --json`; tokens are hidden. */
export interface SetUpView {
  schemaVersion: 1
  server: NameRef
  url: string
  changes: ReportingChange[]
  applied: boolean
  /** Whether a report has come; null where nobody waited. */
  verified: boolean | null
}

export function setUpView(
  { id, name }: NameRef,
  { upload }: Receiver,
  changes: readonly ReportingChange[],
  outcome: Pick<SetUpView, 'applied' | 'verified'>,
): SetUpView {
  const hidden = (value: string | null) => value && withoutToken(value)
  const shown = changes.map((one) => ({ name: one.name, from: hidden(one.from), to: hidden(one.to) }))
  return { schemaVersion: 1, server: { id, name }, url: upload.href, changes: shown, ...outcome }
}

/** The changes as people read them, tokens hidden. */
export function changeLines(changes: readonly ReportingChange[]): string[] {
  const shown = (value: string | null) => (value === null ? 'not set' : clean(withoutToken(value)))
  return changes.map(({ name, from, to }) => `  ${name}: ${shown(from)} → ${shown(to)}`)
}

/**
 * Changes the settings and reads them back, since Duplicati answers 200 also where it ignores one.
 * @throws UserError `settings_ignored`
 */
export async function change(client: DuplicatiApi, changes: readonly ReportingChange[]): Promise<void> {
  await client.changeSettings(Object.fromEntries(changes.map(({ name, to }) => [name, to])))
  const missing = reportingMissing(await client.settings(), changes)
  if (missing.length === 0) return
  throw new UserError(`${client.address.url} did not take ${missing.join(', ')}, and said nothing about it`, {
    code: 'settings_ignored',
    hint: "Set it among the default options of Duplicati's settings, or in each job.",
  })
}

/** Whether something that answers like the receiver is there, as far as it can be seen from here. */
export async function receiverAnswers({ upload }: Receiver): Promise<boolean> {
  const ping = new URL(upload.href.replace(/\/upload$/, '/ping'))
  try {
    return (await fetch(ping, { signal: AbortSignal.timeout(5_000), redirect: 'error' })).ok
  } catch {
    return false
  }
}

/** What proves that reports arrive: one of the server itself, or one that came with the token. */
export interface Proof {
  by: 'server' | 'token'
  at: string
}

/** Waits for the first report after `since`; null when the time is over. Looks into the database that `serve` writes. */
export async function firstReport(
  store: Pick<WritableStore, 'read' | 'tokens'>,
  wanted: { serverId: string; tokenId: string | null; since: number },
  patience: { milliseconds: number; signal: AbortSignal },
): Promise<Proof | null> {
  const deadline = performance.now() + patience.milliseconds
  for (;;) {
    const proof = (await ofServer(store.read, wanted)) ?? (await ofToken(store, wanted))
    if (proof) return proof
    if (performance.now() >= deadline) return null
    await pause(LOOK_EVERY, undefined, { signal: patience.signal })
  }
}

async function ofServer(
  read: Reading,
  { serverId, since }: { serverId: string; since: number },
): Promise<Proof | null> {
  const { servers } = await read.status({ serverIds: [serverId] })
  const at = servers[0]?.view.lastReportAt ?? null
  return at !== null && Date.parse(at) >= since ? { by: 'server', at } : null
}

async function ofToken(
  { tokens }: Pick<WritableStore, 'tokens'>,
  { tokenId, since }: { tokenId: string | null; since: number },
): Promise<Proof | null> {
  if (tokenId === null) return null
  const at = (await tokens.list()).find(({ id }) => id === tokenId)?.lastUsedAt ?? null
  return at !== null && Date.parse(at) >= since ? { by: 'token', at } : null
}
