import { discover, type NormalAddress } from '../duplicati/address.ts'
import { inspectCertificate } from '../duplicati/inspect.ts'
import type { Certificate } from '../duplicati/tls.ts'
import { UserError } from '../errors.ts'
import type { Store } from '../store/types.ts'

/** How a server is reached, found out before anything secret is sent. */
export interface Reached {
  url: string
  /** Fingerprint to accept beside verified certificates; null where none is needed. */
  pin: string | null
  /** What a person should know: the choice between https and http. */
  note: string | null
}

export interface ReachOptions {
  /** Asks about a certificate that does not verify; null: nobody wants to trust one. */
  trust: ((certificate: Certificate, url: string) => Promise<boolean>) | null
  env: NodeJS.ProcessEnv
}

/**
 * Settles an address: the scheme where none was written, and whether a certificate that does not verify is trusted.
 * @throws DuplicatiError when nothing answers, UserError `not_trusted` when the certificate was refused
 */
export async function reach(address: NormalAddress, { trust, env }: ReachOptions): Promise<Reached> {
  const { url, note } = await discover(address.candidates, { env })
  if (trust === null || !url.startsWith('https:'))
    return { url, pin: null, note: url.startsWith('http:') ? note : null }
  const certificate = await inspectCertificate(url, { env })
  if (certificate.verified) return { url, pin: null, note: `The certificate of ${url} verifies: nothing to pin` }
  if (await trust(certificate, url)) return { url, pin: certificate.fingerprint, note: null }
  throw new UserError(`The certificate of ${url} was not trusted; nothing was changed`, {
    code: 'not_trusted',
    hint: 'Compare the fingerprint with the one on the server itself.',
  })
}

/** @throws UserError `server_exists` when an address belongs to a server, before anything is asked or sent. */
export async function requireUnknown(store: Store, candidates: readonly string[]): Promise<void> {
  for (const url of candidates) {
    const id = await store.servers.findByUrl(url)
    if (id === null) continue
    const [server] = await store.servers.access([id])
    throw new UserError(`${url} is the address of ${server?.name ?? id} already`, {
      code: 'server_exists',
      hint: `duplistatus server edit ${id} changes it.`,
    })
  }
}

/** What to compare with the server's own word about its certificate. */
export function certificateLines(certificate: Certificate, url: string): string[] {
  const { subject, issuer, validFrom, validTo, hosts, fingerprint, selfSigned } = certificate
  const day = (time: string | null) => time?.slice(0, 10) ?? 'unknown'
  return [
    `The certificate of ${url} does not verify:`,
    `  for       ${hosts.join(', ') || subject}`,
    `  from      ${selfSigned ? 'itself (self-signed)' : issuer}`,
    `  valid     ${day(validFrom)} to ${day(validTo)}`,
    `  SHA-256   ${fingerprint}`,
  ]
}
