import type { Sender, SendResult } from '../../types.ts'
import { buildMail } from './build.ts'
import type { SmtpConfig } from './config.ts'
import { smtpFailure } from './errors.ts'
import { isAddress } from './validate.ts'

/** For one message, whatever the server does. */
export const TIMEOUT = 60_000
/** Connections that are kept for a round. */
export const CONNECTIONS = 2
const MESSAGES_PER_CONNECTION = 50

/** Connections are kept for a round of messages; each recipient gets a message of its own. */
export async function openSmtp(config: SmtpConfig): Promise<Sender> {
  const { createTransport } = await import('nodemailer')
  const { rootCertificates } = await import('node:tls')
  const { host, port, security, user, password, trusted, timeout = TIMEOUT } = config
  const step = timeout / 4
  const transport = createTransport({
    pool: true,
    maxConnections: CONNECTIONS,
    maxMessages: MESSAGES_PER_CONNECTION,
    // Only what was not sent at all is queued again.
    maxRequeues: 1,
    host,
    port,
    secure: security === 'tls',
    requireTLS: security === 'starttls',
    ignoreTLS: security === 'plain',
    ...(user !== null && { auth: { user, pass: password ?? '' } }),
    ...(trusted && { tls: { ca: [...rootCertificates, ...trusted] } }),
    connectionTimeout: step,
    greetingTimeout: step,
    dnsTimeout: step,
    socketTimeout: 2 * step,
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  return {
    async send(message, recipient): Promise<SendResult> {
      if (!isAddress(recipient)) {
        const why = `${JSON.stringify(recipient)} is no e-mail address`
        return {
          ok: false,
          code: 'bad_address',
          message: why,
          hint: null,
          retryable: false,
          retryAfterMs: null,
          scope: 'message',
        }
      }
      try {
        await inTime(transport.sendMail(buildMail(message, recipient, config)), timeout)
        return { ok: true }
      } catch (error) {
        return smtpFailure(error, recipient, config)
      }
    },
    async close() {
      transport.close()
    },
  }
}

/** A server that answers each step just in time, and never comes to an end. */
async function inTime<T>(work: Promise<T>, timeout: number): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(Object.assign(new Error('Too slow'), { code: 'ETIMEDOUT' })), timeout)
  try {
    return await Promise.race([work, promise])
  } finally {
    clearTimeout(timer)
    work.catch(() => {})
  }
}
