/**
 * What can go wrong between us and a Duplicati server, in a user's words: one code for each kind, the address in each message,
 * one hint. Text that came from the other side is bounded and inert in here, whoever prints it.
 */
import { UserError } from '../errors.ts'
import { type Certificate, CertificateRefused } from './tls.ts'

export type FailureCode =
  | 'answer_too_large'
  | 'bad_answer'
  | 'bad_header'
  | 'busy'
  | 'certificate_changed'
  | 'certificate_expired'
  | 'certificate_self_signed'
  | 'certificate_untrusted'
  | 'certificate_wrong_host'
  | 'connection_closed'
  | 'database_broken'
  | 'dns'
  | 'host_name_filter'
  | 'interrupted'
  | 'not_duplicati'
  | 'not_tls'
  | 'password_missing'
  | 'proxy_auth'
  | 'proxy_page'
  | 'proxy_refused'
  | 'redirected'
  | 'refused'
  | 'server_error'
  | 'timed_out'
  | 'tls_failed'
  | 'token_rejected'
  | 'too_old'
  | 'unreachable'
  | 'wrong_password'

/** A failure of one server; `code` names the kind, `certificate` is set where the server's certificate is the reason. */
export class DuplicatiError extends UserError {
  override name = 'DuplicatiError'
  declare readonly code: FailureCode
  /** Address of the server, without credentials. */
  readonly url: string
  readonly certificate: Certificate | null

  constructor(
    code: FailureCode,
    url: string,
    message: string,
    options: { hint?: string; cause?: unknown; certificate?: Certificate } = {},
  ) {
    super(message, { code, hint: options.hint ?? null, cause: options.cause })
    this.url = url
    this.certificate = options.certificate ?? null
  }
}

/** Where a request was going. */
export interface Route {
  /** Address of the server, with scheme, without credentials. */
  url: string
  /** Address of the HTTP proxy in between, without credentials, or null. */
  proxy: string | null
}

/** Text of the other side for use inside a message: one line without control or direction characters, at most `limit` characters. */
export function foreign(text: string, limit = 200): string {
  const line = text
    .slice(0, limit * 4)
    .toWellFormed()
    // C0, C1, line and paragraph separators, direction overrides and isolates, zero-width marks
    .replace(/[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]+/g, ' ')
    .replace(/ {2,}/g, ' ')
    .trim()
  return line.length > limit ? `${line.slice(0, limit - 1).toWellFormed()}…` : line
}

export function timedOut(route: Route, seconds: number): DuplicatiError {
  return new DuplicatiError('timed_out', route.url, `${route.url} gave no answer within ${round(seconds)} s`, {
    hint: 'Is the machine on, and does a firewall let this port through?',
  })
}

export function totalTimedOut(route: Route, seconds: number): DuplicatiError {
  return new DuplicatiError('timed_out', route.url, `Asking ${route.url} took longer than ${round(seconds)} s in all`, {
    hint: 'Collect this server alone, or when it is less busy.',
  })
}

export function interrupted(route: Route, cause?: unknown): DuplicatiError {
  return new DuplicatiError('interrupted', route.url, `Asking ${route.url} was interrupted`, { cause })
}

/** An answer that no Duplicati gives: `where` names the endpoint and the field, `what` what is wrong there. */
export function badAnswer(url: string, where: string, what: string, cause?: unknown): DuplicatiError {
  return new DuplicatiError('bad_answer', url, `${url} answered something unexpected: ${where} ${what}`, {
    hint: 'Something between here and Duplicati may cut or change answers; try the address in a browser.',
    cause,
  })
}

/**
 * Says why no answer came: system errors of Node, undici's errors, TLS alerts, refused certificates. Nested causes and the
 * several errors of a host with several addresses are looked through, the first that is known counts.
 */
export function connectionFailure(error: unknown, route: Route): DuplicatiError {
  const errors = [...causes(error)]
  for (const candidate of errors) {
    if (candidate instanceof DuplicatiError) return candidate
    if (candidate instanceof CertificateRefused) return certificateFailure(candidate, route)
  }
  for (const candidate of errors) {
    const failure = knownFailure(candidate, route, error)
    if (failure) return failure
  }
  return new DuplicatiError('unreachable', route.url, `Can't reach ${route.url}: ${foreign(String(error))}`, {
    cause: error,
  })
}

function* causes(error: unknown, depth = 0): Generator<Error> {
  if (!(error instanceof Error) || depth > 5) return
  yield error
  if (error instanceof AggregateError) for (const inner of error.errors) yield* causes(inner, depth + 1)
  yield* causes(error.cause, depth + 1)
}

type Kind = (route: Route, cause: unknown, error: Error) => DuplicatiError

function knownFailure(error: Error, route: Route, cause: unknown): DuplicatiError | null {
  const code = String((error as NodeJS.ErrnoException).code ?? error.name)
  const kind = KINDS.find(([pattern]) => pattern.test(code) || pattern.test(error.message))?.[1]
  return kind?.(route, cause, error) ?? null
}

/** What OpenSSL says when the first bytes of the other side are no TLS record, such as `HTTP/1.1 400`. */
const NOT_TLS =
  /^ERR_SSL_(?:WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|HTTP_REQUEST|UNKNOWN_PROTOCOL)$|wrong version number|packet length too long/

const KINDS: readonly (readonly [RegExp, Kind])[] = [
  [/^Proxy response \(\d+\)|Proxy Authentication Required/, proxyRefused],
  [/^(?:ENOTFOUND|EAI_\w+)$/, unknownHost],
  [/^ECONNREFUSED$/, refused],
  [/^(?:ETIMEDOUT|UND_ERR_CONNECT_TIMEOUT|UND_ERR_HEADERS_TIMEOUT|UND_ERR_BODY_TIMEOUT)$/, tooSlow],
  [/^(?:EHOSTUNREACH|ENETUNREACH|EHOSTDOWN|ENETDOWN|EADDRNOTAVAIL|EACCES|EPERM|EINVAL)$/, unreachable],
  [NOT_TLS, notTls],
  [/^(?:EPROTO$|ERR_SSL_|ERR_TLS_)/, tlsFailed],
  [/^UND_ERR_HEADERS_OVERFLOW$/, headersTooLarge],
  [/^(?:HPE_\w+|HTTPParserError)$/, notHttp],
  [/^(?:ECONNRESET|EPIPE|ECONNABORTED|UND_ERR_SOCKET|UND_ERR_PRX_CONN|UND_ERR_CLOSED|UND_ERR_DESTROYED)$/, closed],
  [/^UND_ERR_RES_CONTENT_LENGTH_MISMATCH$/, closed],
  [/^UND_ERR_INVALID_ARG$/, badHeader],
]

function unknownHost(route: Route, cause: unknown): DuplicatiError {
  const host = new URL(route.proxy ?? route.url).hostname
  const what = route.proxy ? 'proxy' : 'host'
  return new DuplicatiError('dns', route.url, `No ${what} named ${foreign(host)} was found (${route.url})`, {
    hint: route.proxy ? proxyHint : 'Check the spelling, or use the IP address.',
    cause,
  })
}

const proxyHint = 'Check HTTP_PROXY, HTTPS_PROXY and NO_PROXY.'

function refused(route: Route, cause: unknown): DuplicatiError {
  return new DuplicatiError('refused', route.url, `${target(route)} refused the connection`, {
    hint: route.proxy
      ? proxyHint
      : 'Is Duplicati running, is the port right, and does it listen on more than the loopback interface?',
    cause,
  })
}

function tooSlow(route: Route, cause: unknown): DuplicatiError {
  return new DuplicatiError('timed_out', route.url, `${target(route)} gave no answer in time`, {
    hint: route.proxy ? proxyHint : 'Is the machine on, and does a firewall let this port through?',
    cause,
  })
}

function unreachable(route: Route, cause: unknown, error: Error): DuplicatiError {
  const code = (error as NodeJS.ErrnoException).code ?? ''
  return new DuplicatiError('unreachable', route.url, `${target(route)} can't be reached from here (${code})`, {
    hint: 'Is this machine on the right network or VPN?',
    cause,
  })
}

function notTls(route: Route, cause: unknown): DuplicatiError {
  return new DuplicatiError('not_tls', route.url, `${route.url} does not speak TLS`, {
    hint: `If Duplicati is set up without https there, use ${route.url.replace(/^https:/, 'http:')}.`,
    cause,
  })
}

function tlsFailed(route: Route, cause: unknown, error: Error): DuplicatiError {
  const reason = foreign(String((error as NodeJS.ErrnoException & { reason?: string }).reason ?? error.message))
  return new DuplicatiError('tls_failed', route.url, `No TLS connection with ${route.url} came about: ${reason}`, {
    hint: 'The server may want a client certificate, or speak only old TLS versions.',
    cause,
  })
}

function headersTooLarge(route: Route, cause: unknown): DuplicatiError {
  return new DuplicatiError('answer_too_large', route.url, `${route.url} answered with too many headers`, { cause })
}

function notHttp(route: Route, cause: unknown): DuplicatiError {
  return new DuplicatiError('not_duplicati', route.url, `What listens at ${target(route)} does not speak HTTP`, {
    hint: "Check the port: Duplicati's is 8200 unless it was changed.",
    cause,
  })
}

function closed(route: Route, cause: unknown): DuplicatiError {
  const https = route.url.replace(/^http:/, 'https:')
  return new DuplicatiError(
    'connection_closed',
    route.url,
    `${target(route)} closed the connection without answering`,
    {
      hint:
        https === route.url
          ? 'Try again; if it stays, look into the log of Duplicati.'
          : `Perhaps it speaks https: try ${https}.`,
      cause,
    },
  )
}

function badHeader(route: Route, cause: unknown, error: Error): DuplicatiError {
  return new DuplicatiError(
    'bad_header',
    route.url,
    `A header for ${route.url} can't be sent: ${foreign(error.message)}`,
    {
      hint: 'Check the headers of this server: names without spaces, values without line breaks.',
      cause,
    },
  )
}

function proxyRefused(route: Route, cause: unknown, error: Error): DuplicatiError {
  const status = /\((\d{3})\)/.exec(error.message)?.[1] ?? '407'
  return new DuplicatiError(
    'proxy_refused',
    route.url,
    `The proxy ${route.proxy} answered ${status} for ${route.url}`,
    {
      hint: status === '407' ? 'The proxy wants a login: http://user:password@proxy:port in HTTPS_PROXY.' : proxyHint,
      cause,
    },
  )
}

function target(route: Route): string {
  return route.proxy ? `The proxy ${route.proxy} (on the way to ${route.url})` : route.url
}

const CERTIFICATE_CODES = {
  changed: 'certificate_changed',
  expired: 'certificate_expired',
  not_yet_valid: 'certificate_expired',
  self_signed: 'certificate_self_signed',
  untrusted: 'certificate_untrusted',
  wrong_host: 'certificate_wrong_host',
} as const

function certificateFailure(refusal: CertificateRefused, route: Route): DuplicatiError {
  const { certificate, problem } = refusal
  return new DuplicatiError(CERTIFICATE_CODES[problem], route.url, certificateMessage(refusal, route.url), {
    hint: CERTIFICATE_HINTS[problem],
    certificate,
    cause: refusal,
  })
}

const trustHint =
  'If it is really the certificate of this server, pin it: `duplistatus server add URL --trust` shows it and asks.'

const CERTIFICATE_HINTS = {
  changed: 'Renewed it? Then trust the new one. If not, somebody else may be answering: no password was sent.',
  expired: 'Renew it on the server, or pin it as it is with --trust; no password was sent.',
  not_yet_valid: 'Compare the clocks of both machines; no password was sent.',
  self_signed: trustHint,
  untrusted: trustHint,
  wrong_host: 'Use a name that is in the certificate as the address, or pin the certificate with --trust.',
} as const

function certificateMessage({ certificate, problem, pin }: CertificateRefused, url: string): string {
  const print = `SHA-256 ${certificate.fingerprint}`
  switch (problem) {
    case 'changed':
      return `${url} shows another certificate than the trusted one: ${print}, trusted is ${pin}`
    case 'expired': {
      const selfSigned = certificate.selfSigned ? ', and is self-signed' : ''
      return `The certificate of ${url} expired on ${day(certificate.validTo)}${selfSigned} (${print})`
    }
    case 'not_yet_valid':
      return `The certificate of ${url} is valid only from ${day(certificate.validFrom)} on (${print})`
    case 'self_signed':
      return `The certificate of ${url} is self-signed (${print})`
    case 'wrong_host': {
      const hosts = certificate.hosts.length > 0 ? certificate.hosts.join(', ') : certificate.subject
      return `The certificate of ${url} is for another host: ${foreign(hosts)} (${print})`
    }
    case 'untrusted':
      return `The certificate of ${url} comes from an authority that is not trusted here: ${certificate.issuer} (${print})`
  }
}

function day(iso: string | null): string {
  return iso?.slice(0, 10) ?? 'an unknown day'
}

function round(seconds: number): number {
  return seconds < 10 ? Math.round(seconds * 10) / 10 : Math.round(seconds)
}
