import type { ServerAddress } from '../duplicati/api.ts'
import { UserError } from '../errors.ts'
import type { Secrets } from '../settings/secrets.ts'
import type { ServerAccess } from '../store/types.ts'

/** What opens a server, in clear: never printed, never stored so. */
export interface Credentials {
  password: string | null
  /** Names in lower case. */
  headers: Record<string, string>
}

/**
 * The stored password and headers of a server.
 * @throws UserError `key_changed`, `secret_damaged`: the hint names the server and the command that mends it
 */
export function openCredentials(access: ServerAccess, secrets: Secrets): Credentials {
  return { password: openPassword(access, secrets), headers: openHeaders(access, secrets) }
}

export function openPassword({ name, secretOwner, sealedPassword }: ServerAccess, secrets: Secrets): string | null {
  if (sealedPassword === null) return null
  return named(name, '--password-stdin', () => secrets.open(sealedPassword, `${secretOwner}:password`))
}

export function openHeaders(
  { name, secretOwner, sealedHeaders }: ServerAccess,
  secrets: Secrets,
): Record<string, string> {
  if (sealedHeaders === null) return {}
  const text = named(name, '--headers-stdin', () => secrets.open(sealedHeaders, `${secretOwner}:headers`))
  return JSON.parse(text) as Record<string, string>
}

/** Sealed texts for `store.servers.setSecrets`; what is left out stays as it is, no headers at all are none. */
export function sealCredentials(
  { secretOwner }: ServerAccess,
  credentials: Partial<Credentials>,
  secrets: Secrets,
): { password?: string | null; headers?: string | null } {
  const { password, headers } = credentials
  const seal = (text: string, field: string) => secrets.seal(text, `${secretOwner}:${field}`)
  return {
    ...(password !== undefined && { password: password === null ? null : seal(password, 'password') }),
    ...(headers !== undefined && {
      headers: Object.keys(headers).length === 0 ? null : seal(JSON.stringify(headers), 'headers'),
    }),
  }
}

/** Whether something can be sent that lets us in: a password or token, or a header that stands for it. */
export function canLogIn({ password, headers }: Credentials): boolean {
  return password !== null || 'authorization' in headers
}

/** How to reach a server, from what is stored and what lets us in. */
export function addressOf(
  access: Pick<ServerAccess, 'name' | 'url' | 'pin'>,
  { password, headers }: Credentials,
): ServerAddress {
  if (access.url === null) {
    throw new UserError(`No address of ${access.name} is known: it only sends reports`, {
      code: 'no_address',
      hint: `duplistatus server edit ${quoted(access.name)} --url URL`,
    })
  }
  return { url: access.url, pin: access.pin, secret: password, headers }
}

/** A lost key costs the secrets of each server: the hint says of which, and how to mend it. */
function named<T>(server: string, flag: string, open: () => T): T {
  try {
    return open()
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    throw new UserError(error.message, {
      code: error.code,
      hint: `Put the old key back, or give it again: duplistatus server edit ${quoted(server)} ${flag}`,
      cause: error,
    })
  }
}

/** As it has to be typed in a shell. */
function quoted(name: string): string {
  return /^[\w@%+=:,./-]+$/.test(name) ? name : `'${name.replaceAll("'", "'\\''")}'`
}
