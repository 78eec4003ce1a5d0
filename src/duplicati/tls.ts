/**
 * Which certificate is accepted. Verified by the authorities that Node knows (with NODE_EXTRA_CA_CERTS), then by those of the
 * operating system; beside them exactly one more, pinned by the SHA-256 fingerprint of the server's own certificate.
 *
 * A pinned certificate is accepted whatever else it is (self-signed, expired, for another name). A server with a pin that
 * shows another certificate is refused, unless that one verifies fully: then it was replaced by a real one.
 */
import tls, { type DetailedPeerCertificate, type SecureContext, TLSSocket } from 'node:tls'
import type { buildConnector } from 'undici'
import makeConnector from 'undici/lib/core/connect.js'

/** What there is to say about the certificate that a server shows. */
export interface Certificate {
  /** SHA-256 of the certificate, as hex pairs with colons. */
  fingerprint: string
  subject: string
  issuer: string
  validFrom: string | null
  validTo: string | null
  /** Host names and addresses that it is for. */
  hosts: string[]
  selfSigned: boolean
  /** Whether it verifies without any pin. */
  verified: boolean
  /** Why it does not verify. */
  problem: CertificateProblem | null
}

export type CertificateProblem = 'expired' | 'not_yet_valid' | 'self_signed' | 'untrusted' | 'wrong_host'

/** Thrown inside the connector, before a single byte of a request was sent. */
export class CertificateRefused extends Error {
  override name = 'CertificateRefused'
  readonly code = 'CERTIFICATE_REFUSED'
  readonly certificate: Certificate
  readonly problem: CertificateProblem | 'changed'
  readonly pin: string | null

  constructor(certificate: Certificate, problem: CertificateProblem | 'changed', pin: string | null) {
    super(`certificate ${problem}`)
    this.certificate = certificate
    this.problem = problem
    this.pin = pin
  }
}

/** Decides over the certificate of a finished handshake; returning accepts it, throwing refuses it. */
export type Judge = (certificate: Certificate) => void

/** Accepts what verifies, and the pinned certificate. */
export function trusting(pin: string | null | undefined): Judge {
  const pinned = pin ? normalisePin(pin) : null
  return (certificate) => {
    if (certificate.verified || certificate.fingerprint === pinned) return
    throw new CertificateRefused(certificate, pinned ? 'changed' : (certificate.problem ?? 'untrusted'), pinned)
  }
}

/** `ab cd…`, `abcd…` or `AB:CD:…` → `AB:CD:…`; null when it is no SHA-256 fingerprint. */
export function normalisePin(pin: string): string | null {
  const digits = pin.replace(/^sha-?256[:=\s]*/i, '').replace(/[:\s]/g, '')
  if (!/^[0-9a-f]{64}$/i.test(digits)) return null
  return digits.toUpperCase().replace(/..(?!$)/g, '$&:')
}

/** TLS options for handshakes that do not refuse by themselves: `judge` does, with the certificate at hand. */
export interface HandshakeOptions {
  rejectUnauthorized: false
  secureContext?: SecureContext
}

/** `system`: also trust the authorities of the operating system (reading them takes some 200 ms, once a process). */
export function handshakeOptions(extra: readonly string[], system: boolean): HandshakeOptions {
  if (!system && extra.length === 0) return { rejectUnauthorized: false }
  return { rejectUnauthorized: false, secureContext: contextFor(extra, system) }
}

let systemContext: SecureContext | undefined

function contextFor(extra: readonly string[], system: boolean): SecureContext {
  if (!system || extra.length > 0) return tls.createSecureContext({ ca: authorities(extra, system) })
  systemContext ??= tls.createSecureContext({ ca: authorities([], true) })
  return systemContext
}

function authorities(extra: readonly string[], system: boolean): string[] {
  return [...tls.getCACertificates('default'), ...(system ? tls.getCACertificates('system') : []), ...extra]
}

export interface ConnectorOptions {
  judge: Judge
  trustedCertificates?: readonly string[]
  /** Time for TCP and TLS together in milliseconds. */
  timeout: number
}

type Connect = buildConnector.connector
type Callback = buildConnector.Callback

/** A connector for direct connections, and a way to end those that are still being made. */
export interface Connector {
  connect: Connect
  abandon: () => void
}

/**
 * Connects for undici, HTTP/1.1 only, without resuming TLS sessions (a resumed one shows no certificate chain to judge).
 * A host with several addresses gets a second for each before the next is tried: 250 ms, Node's own, is less than a
 * handshake takes over a satellite.
 */
export function createConnector(options: ConnectorOptions): Connector {
  const extra = options.trustedCertificates ?? []
  const pending = new Set<{ destroy(): unknown }>()
  const connectWith = (system: boolean): Connect => {
    const connect = makeConnector({
      ...handshakeOptions(extra, system),
      allowH2: false,
      maxCachedSessions: 0,
      timeout: options.timeout,
      autoSelectFamilyAttemptTimeout: 1000,
    })
    return (target, callback) => {
      // The types say nothing of it, but the connector returns its socket.
      const socket = connect(target, (...result) => {
        pending.delete(socket)
        callback(...result)
      }) as unknown as { destroy(): unknown }
      pending.add(socket)
    }
  }
  const first = judged(connectWith(false), (certificate) => {
    try {
      options.judge(certificate)
    } catch (refusal) {
      throw isUnknownAuthority(certificate) ? new AskTheSystem() : refusal
    }
  })
  let second: Connect | undefined
  const connect: Connect = (target, callback) =>
    first(target, (error, socket) => {
      if (!(error instanceof AskTheSystem)) return forward(callback, error, socket)
      second ??= judged(connectWith(true), options.judge)
      second(target, callback)
    })
  return {
    connect,
    abandon() {
      for (const socket of pending) socket.destroy()
    },
  }
}

/** Node's own authorities do not know the issuer: the operating system's may. */
class AskTheSystem extends Error {}

function isUnknownAuthority(certificate: Certificate): boolean {
  return certificate.problem === 'untrusted' || certificate.problem === 'self_signed'
}

/** Wraps a connector so that its TLS connections are handed on only after `judge` accepted their certificate. */
export function judged(connect: Connect, judge: Judge): Connect {
  return (target, callback) =>
    connect(target, (error, socket) => {
      if (error || !(socket instanceof TLSSocket)) return forward(callback, error, socket)
      try {
        judge(describe(socket))
      } catch (refusal) {
        socket.on('error', () => {}).destroy()
        return callback(refusal as Error, null)
      }
      return callback(null, socket)
    })
}

function forward(callback: Callback, error: Error | null, socket: Parameters<Callback>[1]): void {
  if (error) callback(error, null)
  else if (socket) callback(null, socket)
}

function describe(socket: TLSSocket): Certificate {
  const peer = socket.getPeerCertificate(true) as Partial<DetailedPeerCertificate>
  const selfSigned =
    peer.issuerCertificate !== undefined && peer.issuerCertificate.fingerprint256 === peer.fingerprint256
  return {
    fingerprint: peer.fingerprint256 ?? '',
    subject: distinguishedName(peer.subject),
    issuer: distinguishedName(peer.issuer),
    validFrom: isoDate(peer.valid_from),
    validTo: isoDate(peer.valid_to),
    hosts: alternativeNames(peer.subjectaltname),
    selfSigned,
    verified: socket.authorized,
    problem: socket.authorized ? null : problemOf(String(socket.authorizationError), selfSigned),
  }
}

/** Names of OpenSSL's verification errors (`X509_verify_cert_error_string(3)`) and Node's own for host names. */
function problemOf(code: string, selfSigned: boolean): CertificateProblem {
  if (/CERT_HAS_EXPIRED/.test(code)) return 'expired'
  if (/CERT_NOT_YET_VALID/.test(code)) return 'not_yet_valid'
  if (/ALTNAME_INVALID|HOSTNAME_MISMATCH/.test(code)) return 'wrong_host'
  return selfSigned ? 'self_signed' : 'untrusted'
}

function distinguishedName(name: DetailedPeerCertificate['subject'] | undefined): string {
  const entries = Object.entries(name ?? {}).slice(0, 10)
  return inert(entries.map(([key, value]) => `${key}=${Array.isArray(value) ? value.join('+') : value}`).join(', '))
}

function alternativeNames(text: string | undefined): string[] {
  const names = (text ?? '').slice(0, 4096).split(', ').slice(0, 20)
  return names.map((name) => inert(name.replace(/^(?:DNS|IP Address):/, ''))).filter((name) => name !== '')
}

/** A certificate's texts are written by whoever made it. */
function inert(text: string): string {
  return text.slice(0, 200).replace(/[^\p{L}\p{N}\p{P}\p{S} ]/gu, ' ')
}

function isoDate(text: string | undefined): string | null {
  const at = Date.parse(text ?? '')
  return Number.isNaN(at) ? null : new Date(at).toISOString()
}
