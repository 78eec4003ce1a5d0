import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import fastify, { type FastifyInstance } from 'fastify'
import type { AssessOptions } from '../fleet/overdue/assess.ts'
import type { TellRuns } from '../ingest/events.ts'
import { type GroupWriter, groupWriter } from '../ingest/group.ts'
import type { WritableStore } from '../store/index.ts'
import { tableNames } from '../store/web.ts'
import { accessCheck } from './access.ts'
import { failedAttempts } from './attempts.ts'
import { turns } from './body.ts'
import { boundConnections } from './connections.ts'
import { healthOf } from './health.ts'
import type { Log } from './log.ts'
import { plainUrl } from './paths.ts'
import { postListener } from './posts.ts'
import { bodyReader } from './reader.ts'
import { addReads } from './reads.ts'
import { uploadHandler } from './upload.ts'

export const DEFAULT_MAX_BODY = 64 * 1024 * 1024
/** A sender has ten seconds for its headers, and two minutes for the whole of its request: Duplicati gives up after 100 s. */
const CONNECTIONS = {
  headersTimeout: 10_000,
  requestTimeout: 120_000,
  keepAliveTimeout: 30_000,
  connectionsCheckingInterval: 5_000,
}
const LONGEST_NAME = 2_048
/** Milliseconds that senders have to end what they began when the receiver closes. */
const STOP_PATIENCE = 10_000

export interface ReceiverOptions {
  store: WritableStore
  log: Log
  now?: () => Date
  /** Posts need no token. */
  open?: boolean
  /** Reads need no token. */
  publicRead?: boolean
  /** Bytes of the largest body that is taken, as it is sent and unpacked. */
  maxBody?: number
  /** Writes what newly arrived runs tell people; without it nothing is told. */
  tell?: TellRuns | null
  /** How lateness is judged in what is read. */
  judging: (now: number) => Promise<AssessOptions>
}

export interface Receiver {
  readonly app: FastifyInstance
  /** What was posted is written by it, together with what else the daemon writes. */
  readonly writer: GroupWriter
  /** @returns the port, which is chosen freely for 0 */
  listen(at: { host: string; port: number }): Promise<number>
  /** Takes nothing new, and answers what it has accepted; who has not sent it whole after ten seconds is cut off. */
  close(): Promise<void>
}

/** The HTTP interface: what Duplicati posts, and what the web application's clients read. */
export async function createReceiver(options: ReceiverOptions): Promise<Receiver> {
  const { store, log, now = () => new Date(), maxBody = DEFAULT_MAX_BODY, tell = null } = options
  const writer = groupWriter(store)
  const health = healthOf(await tableNames(store.db))
  const attempts = failedAttempts(Date.now, (milliseconds) => pause(milliseconds, undefined, { ref: false }))
  const isOpen = { post: options.open === true, read: options.publicRead === true }
  const access = accessCheck({ db: store.db, writer, attempts, log, now, open: isOpen })

  const reader = bodyReader()
  const upload = uploadHandler({
    reader,
    writer,
    large: turns(),
    log,
    now,
    maxBody,
    tell,
    onStored: health.noteStored,
  })
  const isClosing = () => !app.server.listening
  const app: FastifyInstance = makeApp(postListener({ access, upload, log, isClosing }), log)
  const silent = boundConnections(app.server)
  app.get('/api/ping', { exposeHeadRoute: true }, async (_, reply) =>
    reply.header('cache-control', 'no-store').send({ ok: true }),
  )
  app.get('/api/health', { exposeHeadRoute: true }, async (_, reply) => {
    const { code, body } = health.answer(now())
    return reply.code(code).header('cache-control', 'no-store').send(body)
  })
  addReads(app, access, { store, now, judging: options.judging })
  return {
    app,
    writer,
    async listen({ host, port }) {
      await app.listen({ host, port, backlog: 1_024 })
      return (app.server.address() as AddressInfo).port
    },
    async close() {
      const late = setTimeout(() => {
        log.warn({}, 'Some senders were cut off: they took too long')
        app.server.closeAllConnections()
      }, STOP_PATIENCE)
      const closed = app.close()
      silent.end()
      await closed
      clearTimeout(late)
      await writer.drain()
      await reader.close()
    },
  }
}

function makeApp(takesPost: ReturnType<typeof postListener>, log: Log): FastifyInstance {
  const app = fastify({
    serverFactory: (answer) =>
      createServer(CONNECTIONS, (request, response) => {
        request.url = plainUrl(request.url ?? '/')
        if (!takesPost(request, response)) answer(request, response)
      }),
    logger: false,
    routerOptions: { maxParamLength: LONGEST_NAME },
    forceCloseConnections: 'idle',
    return503OnClosing: false,
    exposeHeadRoutes: false,
  })
  // Nobody reads a body here, whatever its type says.
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', (_request, _payload, done) => done(null))
  app.addHook('onRequest', (request, _, done) => {
    delete request.raw.headers['content-type']
    done()
  })
  app.setNotFoundHandler((_, reply) =>
    reply.code(404).send({ error: 'Not Found', message: 'Nothing is here', status: 404 }),
  )
  app.setErrorHandler((error: Error & { statusCode?: number }, _, reply) => {
    const status = error.statusCode ?? 500
    if (status >= 500) log.error({ error }, 'A request failed: a bug of duplistatus')
    return reply.code(status).send({ error: status >= 500 ? 'Internal Server Error' : 'Bad Request', status })
  })
  return app
}
