import type { IncomingMessage, ServerResponse } from 'node:http'
import { parse } from 'node:querystring'
import type { Access, Asking } from './access.ts'
import { type Answer, writeAnswer } from './answer.ts'
import type { Log } from './log.ts'

const PATHS = new Set(['/api/upload', '/api/status'])

/** A request to one of these paths. */
export interface Post extends Asking {
  raw: IncomingMessage
  method: string
}

/** Answers a post; null where there is nobody to answer any more. */
export type PostHandler = (post: Post) => Promise<Answer | null>

export interface PostOptions {
  access: Access
  upload: PostHandler
  log: Log
  /** Then a connection ends with its answer. */
  isClosing: () => boolean
}

/**
 * Answers what Duplicati posts, past fastify: its hooks, its parsing and its serialising cost a report as much as reading the
 * lines of its log, and there is nothing in them that a post needs.
 * @returns what answers a request whose address is spelt plainly (`plainUrl`); false where it is for another path
 */
export function postListener({ access, upload, log, isClosing }: PostOptions) {
  const answerTo = async (post: Post): Promise<Answer | null> => {
    if (post.method === 'GET' ? !carriesReport(post) : post.method !== 'POST' && post.method !== 'PUT')
      return notPosted()
    return (await access(post, 'post')) ?? (await upload(post))
  }
  const answer = async (post: Post, response: ServerResponse): Promise<void> => {
    const told = await answerTo(post).catch((error: unknown): Answer => {
      log.error({ error }, 'A request failed: a bug of duplistatus')
      return { code: 500, body: { error: 'Internal Server Error', status: 500 } }
    })
    if (told === null || response.destroyed) return
    if (isClosing()) response.setHeader('connection', 'close')
    writeAnswer(response, told)
  }
  return (request: IncomingMessage, response: ServerResponse): boolean => {
    const { url = '/', method = '' } = request
    const question = url.indexOf('?')
    if (!PATHS.has(question < 0 ? url : url.slice(0, question))) return false
    const query = question < 0 ? {} : parse(url.slice(question + 1))
    const ip = request.socket.remoteAddress ?? ''
    void answer({ raw: request, method, ip, headers: request.headers, query }, response)
    return true
  }
}

/** `send-http-verb=GET` sends a report too. */
function carriesReport({ query, headers }: Post): boolean {
  const hasBody = Number(headers['content-length'] ?? 0) > 0 || headers['transfer-encoding'] !== undefined
  return hasBody || Object.entries(query).some(([name, value]) => name !== 'token' && value !== '')
}

/** A post that a redirect turned into a GET must not look as if it had been delivered (T76). */
export function notPosted(): Answer {
  const message =
    'Duplicati posts its reports here. If this was a report, a redirect has dropped it: use the final address'
  return { code: 405, headers: { allow: 'POST, PUT' }, body: { error: 'Method Not Allowed', message, status: 405 } }
}
