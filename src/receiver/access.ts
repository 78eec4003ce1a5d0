import type { IncomingHttpHeaders } from 'node:http'
import type { GroupWriter } from '../ingest/group.ts'
import type { Db } from '../store/schema.ts'
import { findToken, noteUse, type TokenRole } from '../store/tokens.ts'
import type { Answer } from './answer.ts'
import type { FailedAttempts } from './attempts.ts'
import { type Log, sayRarely } from './log.ts'

/** Between two notes of a token's use, in milliseconds. */
const NOTED_EVERY = 60_000

export type Right = 'post' | 'read'

const ALLOWED: Record<TokenRole, Right[]> = { report: ['post'], read: ['read'], admin: ['post', 'read'] }

export interface AccessOptions {
  db: Db
  writer: GroupWriter
  attempts: FailedAttempts
  log: Log
  now: () => Date
  /** What needs no token. */
  open: Record<Right, boolean>
}

/** Who asks for something, and with which token. */
export interface Asking {
  ip: string
  headers: IncomingHttpHeaders
  query: Record<string, unknown>
}

/** What a request is refused with; null where it may go on. */
export type Access = (asking: Asking, right: Right) => Promise<Answer | null>

/**
 * Checks who may do what before anything of a body is read: a token in the address (`?token=`, as Duplicati cannot set headers) or
 * in the header `Authorization: Bearer`. The answer is 401 where it is missing, unknown, revoked or expired, and 403 where it is
 * for something else.
 */
export function accessCheck(options: AccessOptions): Access {
  const { db, attempts, now, open, log } = options
  const note = notesOfUse(options)
  const sayRefused = new Map<string, () => void>()
  const refuse = async ({ ip }: Asking): Promise<Answer> => {
    if (sayRefused.size > 1_000) sayRefused.clear()
    let say = sayRefused.get(ip)
    if (!say) {
      say = sayRarely(NOTED_EVERY, Date.now, (times) => log.warn({ address: ip, times }, 'No valid token'))
      sayRefused.set(ip, say)
    }
    say()
    await attempts.failed(ip)
    const message = 'A valid token is needed: ?token=… in the address'
    return {
      code: 401,
      headers: { connection: 'close', 'www-authenticate': 'Bearer' },
      body: { error: 'Unauthorized', message, status: 401 },
    }
  }
  return async (asking, right) => {
    if (open[right]) return null
    const secret = secretOf(asking)
    const grant = secret === null ? null : await findToken({ db }, secret, now().getTime())
    if (grant === null) return refuse(asking)
    if (!ALLOWED[grant.role].includes(right)) {
      const message = `A token of the role ${grant.role} may not do this`
      return { code: 403, headers: { connection: 'close' }, body: { error: 'Forbidden', message, status: 403 } }
    }
    note(grant.id)
    return null
  }
}

/** A token that stands in the address counts before the header: proxies add headers. */
function secretOf({ query, headers }: Asking): string | null {
  const { token } = query
  if (typeof token === 'string' && token !== '') return token
  const [, bearer] = /^Bearer +(\S+)$/i.exec(headers.authorization ?? '') ?? []
  return bearer ?? null
}

/** Notes with the next group of writes that a token was used, at most once a minute. */
function notesOfUse({ writer, now, log }: AccessOptions): (id: number) => void {
  const noted = new Map<number, number>()
  return (id) => {
    const at = now().getTime()
    if (at - (noted.get(id) ?? 0) < NOTED_EVERY) return
    noted.set(id, at)
    writer
      .write((tx) => noteUse({ db: tx }, id, at))
      .catch((error: Error) => log.warn({ reason: error.message }, "A token's use could not be noted"))
  }
}
