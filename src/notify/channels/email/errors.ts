import { clean } from '../../../output/escape.ts'
import type { Scope, SendFailure } from '../../types.ts'
import { networkFailure } from '../network.ts'
import type { SmtpConfig } from './config.ts'

/** What nodemailer tells of a failure: its own code, the server's answer, and what was said before it. */
interface SmtpError extends Error {
  code?: string
  command?: string
  response?: string
  responseCode?: number
}

interface Words {
  code: string
  message: string
  hint?: string
  scope: Scope
  /** Left out: yes. */
  retryable?: boolean
}

/** In a user's words. */
export function smtpFailure(error: unknown, recipient: string, config: SmtpConfig): SendFailure {
  const words = explain(error as SmtpError, recipient, config)
  return { ok: false, retryable: true, retryAfterMs: null, hint: null, ...words }
}

function explain(error: SmtpError, recipient: string, config: SmtpConfig): Words {
  const place = `${config.host}:${config.port}`
  const { code = '', command = '' } = error
  if (code === 'EAUTH' || code === 'ENOAUTH') return refusedLogin(error, place, config)
  if (code === 'ETLS' && command === 'STARTTLS' && error.responseCode !== undefined) {
    return {
      code: 'no_starttls',
      message: `${place} does not offer STARTTLS, so nothing was sent`,
      hint: 'Set smtp.security to tls (usually with port 465), or to plain in a network that you trust.',
      scope: 'channel',
    }
  }
  if (command === 'RCPT TO') return refusedRecipient(error, recipient, place)
  if (command === 'MAIL FROM') return refusedSender(error, place)
  if (code === 'EMESSAGE' || command === 'DATA') return refusedMessage(error, place)
  if (code === 'EPROTOCOL' || error.responseCode !== undefined) {
    const hint = 'Check smtp.host, smtp.port and smtp.security.'
    return {
      code: 'not_smtp',
      message: `${place} does not answer as a mail server does${said(error)}`,
      hint,
      scope: 'channel',
    }
  }
  const network = networkFailure(unwrapped(error), place, 'smtp.host')
  return { ...network, ...securityHint(network.code, config), scope: 'channel' }
}

function refusedLogin(error: SmtpError, place: string, { user, security }: SmtpConfig): Words {
  const hint = 'Set them again: duplistatus config set smtp.user NAME, duplistatus config set smtp.password'
  if (error.responseCode === undefined) {
    const offered = `${place} offers no login that we know${security === 'plain' ? ' without TLS' : ''}`
    return { code: 'no_login', message: offered, hint: 'Set smtp.security to starttls or tls.', scope: 'channel' }
  }
  return { code: 'wrong_login', message: `${place} refuses the login of ${user}${said(error)}`, hint, scope: 'channel' }
}

function refusedRecipient(error: SmtpError, recipient: string, place: string): Words {
  const message = `${place} refuses the recipient ${recipient}${said(error)}`
  if (wantsLogin(error)) return { code: 'login_missing', message, hint: LOGIN_HINT, scope: 'channel' }
  return { code: 'refused_recipient', message, scope: 'destination', retryable: !isPermanent(error) }
}

function refusedSender(error: SmtpError, place: string): Words {
  const message = `${place} refuses the sender${said(error)}`
  if (wantsLogin(error)) return { code: 'login_missing', message, hint: LOGIN_HINT, scope: 'channel' }
  const hint = 'Set smtp.from to an address that the server lets you send from.'
  return { code: 'refused_sender', message, hint, scope: 'channel' }
}

function refusedMessage(error: SmtpError, place: string): Words {
  const message = `${place} refuses the message${said(error)}`
  if (isPermanent(error)) return { code: 'refused_message', message, scope: 'message', retryable: false }
  return { code: 'server_error', message, scope: 'unsure' }
}

const LOGIN_HINT = 'Set smtp.user and smtp.password.'

/** 530 is "authentication required" (RFC 4954); 5.7.x of other codes is policy, which a login may satisfy or not. */
function wantsLogin({ responseCode }: SmtpError): boolean {
  return responseCode === 530
}

function isPermanent({ responseCode }: SmtpError): boolean {
  return responseCode !== undefined && responseCode >= 500
}

/** A server that greets in clear where TLS begins, or the other way round. */
function securityHint(code: string, { security }: SmtpConfig): { hint?: string } {
  if (code === 'no_tls' && security === 'tls') return { hint: 'Set smtp.security to starttls, or smtp.port to 465.' }
  if (code === 'timed_out' && security !== 'tls') {
    return { hint: 'Check smtp.host and smtp.port; with port 465 smtp.security is tls.' }
  }
  return {}
}

/** nodemailer wraps what a TLS handshake threw into a new error with its message only. */
function unwrapped(error: SmtpError): unknown {
  const known = /self[- ]signed|unable to (?:verify|get)|certificate has expired|altnames|wrong version number/i
  const [text] = known.exec(error.message) ?? []
  return text === undefined
    ? error
    : { ...error, message: error.message, code: TLS_TEXTS[text.toLowerCase()] ?? error.code }
}

const TLS_TEXTS: Readonly<Record<string, string>> = {
  'self-signed': 'DEPTH_ZERO_SELF_SIGNED_CERT',
  'self signed': 'DEPTH_ZERO_SELF_SIGNED_CERT',
  'unable to verify': 'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'unable to get': 'UNABLE_TO_GET_ISSUER_CERT',
  'certificate has expired': 'CERT_HAS_EXPIRED',
  altnames: 'ERR_TLS_CERT_ALTNAME_INVALID',
  'wrong version number': 'ERR_SSL_WRONG_VERSION_NUMBER',
}

/** The server's own words, inert and short. */
function said({ response }: SmtpError): string {
  const text = response === undefined ? '' : clean(response).trim()
  return text === '' ? '' : `: ${text.length > 200 ? `${text.slice(0, 200)}…` : text}`
}
