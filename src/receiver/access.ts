import type { FastifyReply, FastifyRequest } from 'fastify'
import type { GroupWriter } from '../ingest/group.ts'
import type { Db } from '../store/schema.ts'
import { findToken, noteUse, type TokenRole } from '../store/tokens.ts'
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

/**
 * Checks who may do what before anything of a body is read: a token in the address (`?token=`, as Duplicati cannot set headers) or
 * in the header `Authorization: Bearer`. Answers 401 itself where it is missing, unknown, revoked or expired, and 403 where it is
 * for something else.
 */
export function accessCheck(options: AccessOptions) {
  const { db, attempts, now, open, log } = options
  const note = notesOfUse(options)
  const sayRefused = new Map<string, () => void>()
  const refuse = async (request: FastifyRequest, reply: FastifyReply) => {
    if (sayRefused.size > 1_000) sayRefused.clear()
    let say = sayRefused.get(request.ip)
    if (!say) {
      say = sayRarely(NOTED_EVERY, Date.now, (times) => log.warn({ address: request.ip, times }, 'No valid token'))
      sayRefused.set(request.ip, say)
    }
    say()
    await attempts.failed(request.ip)
    reply.code(401).header('connection', 'close').header('www-authenticate', 'Bearer')
    return reply.send({
      error: 'Unauthorized',
      message: 'A valid token is needed: ?token=… in the address',
      status: 401,
    })
  }
  return (right: Right) => async (request: FastifyRequest, reply: FastifyReply) => {
    if (open[right]) return
    const secret = secretOf(request)
    const grant = secret === null ? null : await findToken({ db }, secret, now().getTime())
    if (grant === null) return refuse(request, reply)
    if (!ALLOWED[grant.role].includes(right)) {
      reply.code(403).header('connection', 'close')
      return reply.send({
        error: 'Forbidden',
        message: `A token of the role ${grant.role} may not do this`,
        status: 403,
      })
    }
    note(grant.id)
  }
}

/** A token that stands in the address counts before the header: proxies add headers. */
function secretOf({ query, headers }: FastifyRequest): string | null {
  const { token } = query as { token?: unknown }
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
