import { clean } from '../../output/escape.ts'

/** Why a connection failed, in a user's words. */
export interface NetworkFailure {
  code: string
  message: string
  hint: string
}

const TLS_CODES =
  /^(?:CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|ERR_TLS_|ERR_SSL_|EPROTO|HOSTNAME_MISMATCH|INVALID_CA|ERROR_IN_CERT)/
const UNVERIFIED =
  /^(?:CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|ERR_TLS_CERT|HOSTNAME_MISMATCH|INVALID_CA|ERROR_IN_CERT)/

/**
 * @param error what Node, undici or nodemailer threw; the cause underneath is looked at too
 * @param place host and port, as they are set
 * @param key the setting that names the place
 */
export function networkFailure(error: unknown, place: string, key: string): NetworkFailure {
  const codes = codesOf(error)
  const has = (...wanted: string[]) => codes.find((code) => wanted.includes(code))
  const check = `Check ${key} and whether the service runs.`
  if (has('ECONNREFUSED')) return failure('refused', `${place} refuses connections: nothing listens there`, check)
  if (has('ENOTFOUND', 'EAI_AGAIN', 'EAI_FAIL')) {
    return failure('unknown_host', `${place} can't be found: there is no such host, or DNS does not answer`, check)
  }
  if (has('ETIMEDOUT', 'UND_ERR_CONNECT_TIMEOUT', 'UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT', 'TimeoutError')) {
    return failure('timed_out', `${place} does not answer in time`, check)
  }
  if (has('EHOSTUNREACH', 'ENETUNREACH', 'EHOSTDOWN', 'ENETDOWN', 'EADDRNOTAVAIL')) {
    return failure('unreachable', `${place} can't be reached: there is no way to it on the network`, check)
  }
  const tls = codes.find((code) => TLS_CODES.test(code))
  if (tls) return tlsFailure(tls, place, key)
  if (has('ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET', 'ECONNECTION', 'ESOCKET', 'ECONNABORTED')) {
    return failure('broken_off', `${place} broke the connection off`, check)
  }
  const told = error instanceof Error ? `: ${clean(error.message).slice(0, 200)}` : ''
  return failure('failed', `${place} can't be reached${told}`, check)
}

function tlsFailure(code: string, place: string, key: string): NetworkFailure {
  if (/EXPIRED/.test(code)) {
    return failure('certificate_expired', `The certificate of ${place} has expired`, 'Renew it there.')
  }
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID' || code === 'HOSTNAME_MISMATCH') {
    const hint = `Set ${key} to a name that stands in the certificate.`
    return failure('certificate_other_host', `The certificate of ${place} is for another name`, hint)
  }
  if (UNVERIFIED.test(code)) {
    const hint = 'Give its authority to Node: NODE_EXTRA_CA_CERTS=/path/to/authority.pem'
    return failure('certificate_unverified', `The certificate of ${place} can't be verified (${code})`, hint)
  }
  return failure(
    'no_tls',
    `${place} does not speak TLS as it should (${code})`,
    `Check ${key}, its port and its security.`,
  )
}

function failure(code: string, message: string, hint: string): NetworkFailure {
  return { code, message, hint }
}

/** Codes of the error, of what nodemailer replaced, and of the causes underneath, among them those of each address that was tried. */
function codesOf(error: unknown, depth = 0): string[] {
  if (typeof error !== 'object' || error === null || depth > 4) return []
  const { code, originalCode, name, cause, errors } = error as Record<string, unknown>
  const own = [originalCode, code, name].filter((one) => typeof one === 'string')
  const beneath = Array.isArray(errors) ? errors : []
  return [...own, ...[cause, ...beneath].flatMap((one) => codesOf(one, depth + 1))]
}
