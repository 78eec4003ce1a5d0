/** `server test`: the way to a server step by step, so that it is seen which one fails. */
import { lookup } from 'node:dns/promises'
import { connect, isIP } from 'node:net'
import type { ClientOptions } from './api.ts'
import { createClient } from './client.ts'
import { connectionFailure, type DuplicatiError, foreign, type Route, timedOut } from './failures.ts'
import { inspectCertificate } from './inspect.ts'
import { bare, proxyFor } from './proxies.ts'
import { isToken } from './session.ts'
import { CertificateRefused, trusting } from './tls.ts'

export type ProbeStepName = 'dns' | 'tcp' | 'tls' | 'login' | 'api'

/** One step, as in `server test --json`. */
export interface ProbeStep {
  step: ProbeStepName
  ok: boolean
  message: string
  seconds: number
}

export interface ProbeResult {
  /** In order, up to and with the first that failed. */
  steps: ProbeStep[]
  /** The failure of the last step, or null when all went well. */
  error: DuplicatiError | null
}

export interface ProbeOptions extends ClientOptions {
  pin?: string | null
  headers?: Record<string, string>
}

/**
 * Resolves the name, connects, looks at the certificate, logs in and asks for the API, stopping at the first failure. Behind an
 * HTTP proxy of the environment the first two steps are about the proxy. Nothing secret is sent before the certificate was
 * accepted; it logs in once.
 */
export async function probe(url: string, secret: string | null, options: ProbeOptions = {}): Promise<ProbeResult> {
  const { pin = null, headers = {}, ...clientOptions } = options
  const proxy = proxyFor(url, options.env ?? process.env)
  const route: Route = { url, proxy: proxy?.origin ?? null }
  const client = createClient({ url, pin, headers, secret }, clientOptions)
  const steps: [ProbeStepName, () => Promise<string>][] = [
    ['dns', () => resolveName(proxy ?? new URL(url), options)],
    ['tcp', () => openConnection(proxy ?? new URL(url), route, options)],
    ['tls', () => checkCertificate(url, pin, route, clientOptions)],
    ['login', () => logIn(client, secret)],
    ['api', () => describeServer(client)],
  ]
  try {
    return await runSteps(steps, route)
  } finally {
    await client.close()
  }
}

async function runSteps(steps: [ProbeStepName, () => Promise<string>][], route: Route): Promise<ProbeResult> {
  const done: ProbeStep[] = []
  for (const [step, run] of steps) {
    const begin = performance.now()
    const seconds = () => Math.round(performance.now() - begin) / 1000
    try {
      const message = await run()
      done.push({ step, ok: true, message, seconds: seconds() })
    } catch (cause) {
      const error = connectionFailure(cause, route)
      done.push({ step, ok: false, message: error.message, seconds: seconds() })
      return { steps: done, error }
    }
  }
  return { steps: done, error: null }
}

async function resolveName(target: URL, options: ProbeOptions): Promise<string> {
  const host = bare(target.hostname)
  if (isIP(host)) return `${host} is an address`
  options.signal?.throwIfAborted()
  const addresses = await lookup(host, { all: true })
  return `${host} is ${addresses
    .map(({ address }) => address)
    .slice(0, 4)
    .join(', ')}`
}

async function openConnection(target: URL, route: Route, options: ProbeOptions): Promise<string> {
  const port = Number(target.port || (target.protocol === 'https:' ? 443 : 80))
  const timeout = options.requestTimeout ?? 15_000
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const socket = connect({
    host: bare(target.hostname),
    port,
    autoSelectFamilyAttemptTimeout: 1000,
    ...signalOf(options),
  })
  const timer = setTimeout(() => reject(timedOut(route, timeout / 1000)), timeout)
  socket.on('connect', resolve).on('error', reject)
  try {
    await promise
    return `port ${port} is open${route.proxy ? ' (of the proxy)' : ''}`
  } finally {
    clearTimeout(timer)
    socket.destroy()
  }
}

function signalOf({ signal }: ProbeOptions): { signal?: AbortSignal } {
  return signal ? { signal } : {}
}

async function checkCertificate(
  url: string,
  pin: string | null,
  route: Route,
  options: ClientOptions,
): Promise<string> {
  if (new URL(url).protocol === 'http:') return 'not encrypted: the password goes over the network in clear'
  const certificate = await inspectCertificate(url, options)
  try {
    trusting(pin)(certificate)
  } catch (refusal) {
    if (refusal instanceof CertificateRefused) throw connectionFailure(refusal, route)
    throw refusal
  }
  const until = certificate.validTo ? `, valid until ${certificate.validTo.slice(0, 10)}` : ''
  return `${certificate.verified ? 'certificate verified' : 'pinned certificate'}${until}`
}

/** A token is not logged in with; the server's state tells whether it is accepted. */
async function logIn(client: ReturnType<typeof createClient>, secret: string | null): Promise<string> {
  await client.login()
  await client.state()
  return secret !== null && isToken(secret)
    ? 'token accepted'
    : secret === null
      ? 'headers accepted'
      : 'password accepted'
}

async function describeServer(client: ReturnType<typeof createClient>): Promise<string> {
  const { duplicatiVersion, machineName } = await client.info()
  const { length } = await client.backups()
  return `Duplicati ${foreign(duplicatiVersion, 40)} on ${foreign(machineName ?? 'a machine without a name', 80)}, ${length} job${length === 1 ? '' : 's'}`
}
