/** Addresses of Duplicati servers as people write them, and finding out whether one speaks https. */

import { isIPv6 } from 'node:net'
import { domainToUnicode } from 'node:url'
import { UsageError } from '../errors.ts'
import type { InspectOptions } from './inspect.ts'
import type { Certificate } from './tls.ts'

/** Duplicati's own. */
export const DEFAULT_PORT = 8200

export interface NormalAddress {
  /**
   * With scheme, base path kept, without trailing slash, credentials, query and fragment; best first. Two (https, then http)
   * when no scheme was written: `discover` finds out which.
   */
  candidates: string[]
  /** The host as people read it, without port: a server's name until its machine name is known. */
  host: string
  /** `Authorization` for basic authentication out of `user:password@`: a secret, to be kept like the password. */
  headers: Record<string, string>
}

/** Pages of Duplicati's web interface and its API, in case somebody pastes the address out of a browser. */
const PAGE = /\/(?:ngax|ngclient|webroot|signin\.html|login\.html|index\.html|login|api\/v\d+)(?:\/.*)?$/i

/**
 * Without a scheme the port is `defaultPort`; with one and no port it is the scheme's own (80, 443), as in any URL:
 * Duplicati behind a reverse proxy.
 *
 * @throws UsageError `bad_address`; it never repeats a password out of the address
 */
export function normaliseAddress(text: string, options: { defaultPort?: number } = {}): NormalAddress {
  const trimmed = text.trim()
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(trimmed)?.[1]?.toLowerCase()
  if (scheme && scheme !== 'http' && scheme !== 'https') throw badAddress(`it begins with ${scheme}://`)
  const rest = scheme ? trimmed.slice(scheme.length + 3) : trimmed
  if (rest === '' || /[\s\p{Cc}\\]/u.test(rest)) throw badAddress(rest === '' ? 'it is empty' : 'it has blanks in it')
  const url = URL.parse(`${scheme ?? 'https'}://${bracketed(rest)}`)
  if (!url?.hostname) throw badAddress('it is no address')
  const headers = basicAuthentication(url)
  const path = url.pathname
    .replace(/\/{2,}/g, '/')
    .replace(PAGE, '')
    .replace(/\/+$/, '')
  const port = url.port || writtenPort(rest) || (scheme ? '' : String(options.defaultPort ?? DEFAULT_PORT))
  const schemes = scheme ? [scheme] : ['https', 'http']
  return {
    candidates: schemes.map((name) => withPort(name, url.hostname, port, path)),
    host: domainToUnicode(url.hostname) || url.hostname,
    headers,
  }
}

function withPort(scheme: string, hostname: string, port: string, path: string): string {
  const own = scheme === 'https' ? '443' : '80'
  return `${scheme}://${hostname}${port === '' || port === own ? '' : `:${port}`}${path}`
}

/** An IPv6 address may be written without brackets where no port follows. */
function bracketed(rest: string): string {
  const [, host = '', tail = ''] = /^([^/?#]*)(.*)$/s.exec(rest) ?? []
  return isIPv6(host) ? `[${host}]${tail}` : rest
}

/** URL drops the port that is its scheme's own; without a scheme it was written for a purpose. */
function writtenPort(rest: string): string {
  const authority = /^[^/?#]*/.exec(rest)?.[0] ?? ''
  return isIPv6(authority) ? '' : (/:(\d+)$/.exec(authority)?.[1] ?? '')
}

function basicAuthentication(url: URL): Record<string, string> {
  if (url.username === '' && url.password === '') return {}
  const login = `${decode(url.username)}:${decode(url.password)}`
  // RFC 7617: UTF-8 unless the server says otherwise.
  return { authorization: `Basic ${Buffer.from(login).toString('base64')}` }
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

function badAddress(why: string): UsageError {
  return new UsageError(`This can't be the address of a server: ${why}`, {
    code: 'bad_address',
    hint: 'Write it as nas, nas:8200, or https://backup.example/duplicati.',
  })
}

/** What `discover` found. */
export interface Discovery {
  url: string
  /** What to tell the user about the choice, or null when there was none. */
  note: string | null
  /** Certificate that the server showed, verified or not; null without TLS. */
  certificate: Certificate | null
}

/**
 * Chooses between the candidates of an address without a scheme, sending nothing secret: https, unless the host demonstrably
 * speaks plain HTTP and no TLS at all. A certificate that does not verify is no reason for http: the https address is
 * returned, and logging in there says what is wrong.
 *
 * @throws DuplicatiError when nothing answers
 */
export async function discover(candidates: readonly string[], options: InspectOptions = {}): Promise<Discovery> {
  const [first, second] = candidates
  if (first === undefined) throw new TypeError('no candidate')
  if (second === undefined) return { url: first, note: null, certificate: null }
  // Loaded here so that reading an address does not load undici.
  const { inspectCertificate, answersPlainHttp } = await import('./inspect.ts')
  try {
    const certificate = await inspectCertificate(first, options)
    return { url: first, note: `${first} speaks https`, certificate }
  } catch (error) {
    if (!isNoTls(error) || !(await answersPlainHttp(second, options))) throw error
    return {
      url: second,
      note: `${second} does not speak TLS: the password goes over the network in clear`,
      certificate: null,
    }
  }
}

/** No TLS came out of the other side: it closed, stayed silent, or sent something else. A TLS alert (`tls_failed`) is TLS. */
function isNoTls(error: unknown): boolean {
  const code = (error as { code?: unknown }).code
  return code === 'not_tls' || code === 'connection_closed' || code === 'timed_out'
}
