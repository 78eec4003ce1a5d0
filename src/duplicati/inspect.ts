/** Looking at a server before anything is sent to it: its certificate, and whether it speaks HTTP at all. */
import { DuplicatiError } from './failures.ts'
import type { Certificate } from './tls.ts'
import { createTransport, type TransportOptions } from './transport.ts'

export interface InspectOptions extends Omit<TransportOptions, 'judge'> {
  /** Milliseconds for a handshake (10,000, or the request's time-out where that is less). */
  handshakeTimeout?: number
}

const HANDSHAKE_TIMEOUT = 10_000

/**
 * The certificate that an https server shows, verified or not; not a byte of a request is sent. Goes through the proxy of the
 * environment.
 *
 * @throws DuplicatiError when no handshake comes about: `not_tls`, `refused`, `dns`, `timed_out`, …
 */
export async function inspectCertificate(url: string, options: InspectOptions = {}): Promise<Certificate> {
  let seen: Certificate | null = null
  const judge = (certificate: Certificate) => {
    seen = certificate
    throw new Seen()
  }
  try {
    await ask(url, options, judge)
  } catch (error) {
    if (seen) return seen
    throw error
  }
  throw new DuplicatiError('not_tls', url, `${url} showed no certificate`)
}

/** Ends the handshake once the certificate is known. */
class Seen extends Error {}

/** Whether something at an http address answers in HTTP; whatever the answer is. */
export async function answersPlainHttp(url: string, options: InspectOptions = {}): Promise<boolean> {
  try {
    await ask(url, options, () => {})
    return true
  } catch (error) {
    if (error instanceof DuplicatiError && error.code === 'interrupted') throw error
    return error instanceof DuplicatiError && error.code === 'answer_too_large'
  }
}

async function ask(url: string, options: InspectOptions, judge: TransportOptions['judge']): Promise<void> {
  const requestTimeout = Math.min(
    options.handshakeTimeout ?? HANDSHAKE_TIMEOUT,
    options.requestTimeout ?? Number.POSITIVE_INFINITY,
  )
  const transport = createTransport(url, { ...options, judge, requestTimeout })
  try {
    await transport.request({ method: 'HEAD', path: '/', maxBytes: 64 * 1024 })
  } finally {
    await transport.close()
  }
}
