/**
 * HTTP to one server by undici: a few connections that are kept, one request at a time on each, every limit on our side. It
 * knows nothing of Duplicati's answers; it brings back a status, headers and a bounded body, or throws a `DuplicatiError`.
 */
import { promisify } from 'node:util'
import { brotliDecompress, gunzip, inflate, type ZlibOptions } from 'node:zlib'
import type { Dispatcher, Client as UndiciClient } from 'undici'
// All of undici takes four times as long to load; its proxies come when they are needed.
import Client from 'undici/lib/dispatcher/client.js'
import {
  connectionFailure,
  DuplicatiError,
  foreign,
  interrupted,
  type Route,
  timedOut,
  totalTimedOut,
} from './failures.ts'
import { proxyFor } from './proxies.ts'
import { createConnector, handshakeOptions, type Judge, judged } from './tls.ts'

const DEFAULT_REQUEST_TIMEOUT = 15_000
/** A first collection of a server with a long history is read to its end; only one that never ends is cut off. */
const DEFAULT_TOTAL_TIMEOUT = 30 * 60_000
/** Slower than this, an answer has to end within the request's time-out; each second's worth of bytes buys a second more. */
const SLOWEST_BYTES_PER_SECOND = 16 * 1024
/** Requests under way at one server; further ones wait for their turn. */
const MOST_AT_ONCE = 4

export interface TransportOptions {
  /** Says which certificates are accepted; nothing is sent before it has. */
  judge: Judge
  trustedCertificates?: readonly string[]
  /** Milliseconds until an answer has to have come, longer only while it is really coming. */
  requestTimeout?: number
  /** Milliseconds for all requests together. */
  totalTimeout?: number
  signal?: AbortSignal
  env?: NodeJS.ProcessEnv
}

export interface TransportRequest {
  method: 'GET' | 'POST' | 'PATCH' | 'HEAD'
  /** Absolute path on the server, with its query. */
  path: string
  headers?: Record<string, string>
  body?: string
  /** Largest body that is read, in bytes after decompression. */
  maxBytes: number
}

export interface Answer {
  status: number
  headers: Record<string, string | string[] | undefined>
  body: Buffer
}

export interface Transport {
  /** Address without credentials of the proxy that the environment names for this server, or null. */
  readonly route: Route
  request(request: TransportRequest): Promise<Answer>
  /** Ends the connections and whatever is under way. */
  close(): Promise<void>
}

/** @param url the server's address, of which scheme, host and port count here */
export function createTransport(url: string, options: TransportOptions): Transport {
  const timeout = options.requestTimeout ?? DEFAULT_REQUEST_TIMEOUT
  const total = options.totalTimeout ?? DEFAULT_TOTAL_TIMEOUT
  const proxy = proxyFor(url, options.env ?? process.env)
  const route: Route = { url, proxy: proxy ? proxy.origin : null }
  const origin = new URL(url).origin
  const lanes = proxy
    ? new Lanes(1, async () => ({ dispatcher: await proxied(proxy, options, timeout), abandon: () => {} }))
    : new Lanes(MOST_AT_ONCE, async () => direct(origin, options, timeout))
  const endsAt = performance.now() + total
  const { signal } = options
  const underWay = new Set<Exchange>()
  const abort = () => {
    for (const exchange of underWay) exchange.giveUp(interrupted(route, signal?.reason))
  }
  signal?.addEventListener('abort', abort, { once: true })
  return {
    route,
    async request(request) {
      try {
        const lane = await lanes.take()
        // From here on the clock runs: waiting for one's turn is nobody's slowness.
        const exchange = new Exchange(route, request, { timeout, total, endsAt })
        underWay.add(exchange)
        if (signal?.aborted) exchange.giveUp(interrupted(route, signal.reason))
        try {
          return await exchange.through(lane.dispatcher, {
            origin,
            path: request.path,
            method: request.method,
            headers: { 'accept-encoding': 'gzip', ...request.headers },
            body: request.body ?? null,
            // The exchange has a clock of its own.
            headersTimeout: 0,
            bodyTimeout: 0,
          })
        } finally {
          underWay.delete(exchange)
          lanes.give(lane, exchange.isStuck)
        }
      } catch (error) {
        throw connectionFailure(error, route)
      }
    },
    close() {
      signal?.removeEventListener('abort', abort)
      return lanes.close()
    },
  }
}

/** A connection, or where one is made when it is needed. */
interface Lane {
  readonly dispatcher: Dispatcher
  /** Ends a connection that is being made. */
  abandon(): void
}

/** Connections to one server, used one request at a time, the one that was used last first. */
class Lanes {
  readonly #most: number
  readonly #make: () => Promise<Lane>
  readonly #all = new Set<Lane>()
  readonly #free: Lane[] = []
  readonly #waiting: (() => void)[] = []
  #used = 0
  #closed = false

  constructor(most: number, make: () => Promise<Lane>) {
    this.#most = most
    this.#make = make
  }

  async take(): Promise<Lane> {
    if (this.#used < this.#most) this.#used++
    else await new Promise<void>((resolve) => this.#waiting.push(resolve))
    try {
      if (this.#closed) throw new Closed()
      return this.#free.pop() ?? (await this.#added())
    } catch (error) {
      this.#leave()
      throw error
    }
  }

  async #added(): Promise<Lane> {
    const lane = await this.#make()
    if (this.#closed) {
      await end(lane)
      throw new Closed()
    }
    this.#all.add(lane)
    return lane
  }

  /** @param isStuck a request that was given up still waits there for its connection */
  give(lane: Lane, isStuck: boolean): void {
    if (isStuck) {
      this.#all.delete(lane)
      void end(lane)
    } else this.#free.push(lane)
    this.#leave()
  }

  #leave(): void {
    const next = this.#waiting.shift()
    if (next) next()
    else this.#used--
  }

  async close(): Promise<void> {
    this.#closed = true
    await Promise.all([...this.#all].map(end))
  }
}

async function end(lane: Lane): Promise<void> {
  lane.abandon()
  // undici would make an error for each connection, and Node.js writes its stack: that takes as long as to close it.
  await lane.dispatcher.destroy(ENDED)
}

class Closed extends Error {
  readonly code = 'UND_ERR_CLOSED'
}

const ENDED = new Closed()

function direct(origin: string, options: TransportOptions, timeout: number): Lane {
  const { connect, abandon } = createConnector({ ...connectorOptions(options), timeout })
  return { dispatcher: new Client(origin, { connect, allowH2: false }), abandon }
}

/** https goes through a tunnel and is judged at its end; http is asked of the proxy. */
async function proxied(proxy: URL, options: TransportOptions, timeout: number): Promise<Dispatcher> {
  // A bundle gives a CommonJS package to import() by its default only.
  const { ProxyAgent } = (await import('undici')).default
  const { judge, trustedCertificates = [] } = connectorOptions(options)
  return new ProxyAgent({
    uri: proxy.href,
    connectTimeout: timeout,
    allowH2: false,
    connections: 1,
    proxyTls: { allowH2: false },
    requestTls: { ...handshakeOptions(trustedCertificates, true), allowH2: false, maxCachedSessions: 0 },
    clientFactory: (origin, clientOptions) => new Client(origin, { ...clientOptions, allowH2: false }),
    factory: (origin, clientOptions: UndiciClient.Options) => {
      const { connect } = clientOptions
      if (typeof connect !== 'function') throw new TypeError('a proxy agent connects by a function')
      return new Client(origin, { connect: judged(connect, judge), allowH2: false })
    },
  })
}

function connectorOptions({ judge, trustedCertificates }: TransportOptions) {
  return { judge, ...(trustedCertificates && { trustedCertificates }) }
}

interface LimitOptions {
  timeout: number
  total: number
  endsAt: number
}

/**
 * One request and its answer, whose body is collected as it comes. Its clock ends it when it is too slow, when all requests
 * together are, or when asked from outside.
 */
class Exchange implements Dispatcher.DispatchHandler {
  readonly #route: Route
  readonly #request: TransportRequest
  readonly #options: LimitOptions
  readonly #outcome = Promise.withResolvers<void>()
  readonly #begin = performance.now()
  #timer: NodeJS.Timeout | undefined
  #controller: Dispatcher.DispatchController | null = null
  #failure: unknown
  #status = 0
  #headers: Answer['headers'] = {}
  #chunks: Buffer[] = []
  #received = 0

  constructor(route: Route, request: TransportRequest, options: LimitOptions) {
    this.#route = route
    this.#request = request
    this.#options = options
  }

  /** Whether it was given up before it had a connection, for which it still waits. */
  get isStuck(): boolean {
    return this.#failure !== undefined && this.#controller === null
  }

  async through(dispatcher: Dispatcher, options: Dispatcher.DispatchOptions): Promise<Answer> {
    try {
      this.#check()
      if (this.#failure === undefined) dispatcher.dispatch(options, this)
      await this.#outcome.promise
    } finally {
      clearTimeout(this.#timer)
    }
    return { status: this.#status, headers: this.#headers, body: await this.#body() }
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    if (this.#failure !== undefined) controller.abort(this.#failure as Error)
  }

  onResponseStart(_: Dispatcher.DispatchController, status: number, headers: Answer['headers']): void {
    // 1xx only announces the answer.
    if (status < 200) return
    this.#status = status
    this.#headers = headers
    if (!isKnown(encodingOf(headers))) this.giveUp(this.#undecodable())
  }

  onResponseData(_: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#received += chunk.length
    if (this.#received > this.#request.maxBytes) this.giveUp(tooLarge(this.#route, this.#request))
    else this.#chunks.push(chunk)
  }

  onResponseEnd(): void {
    this.#outcome.resolve()
  }

  onResponseError(_: Dispatcher.DispatchController | null, error: Error): void {
    const failure = this.#status > 0 ? connectionFailure(error, this.#route) : null
    const isCut = failure?.code === 'connection_closed'
    this.#outcome.reject(isCut ? brokenOff(this.#route, this.#request, error) : error)
  }

  /** Ends it with this failure, unless it has failed already. */
  giveUp(failure: DuplicatiError): void {
    this.#failure ??= failure
    this.#chunks = []
    this.#outcome.reject(this.#failure)
    this.#controller?.abort(failure)
  }

  #check(): void {
    const { timeout, total, endsAt } = this.#options
    const now = performance.now()
    const due = this.#begin + timeout + (this.#received / SLOWEST_BYTES_PER_SECOND) * 1000
    if (now >= endsAt) this.giveUp(totalTimedOut(this.#route, total / 1000))
    else if (now >= due) this.giveUp(timedOut(this.#route, (now - this.#begin) / 1000))
    else this.#timer = setTimeout(() => this.#check(), Math.ceil(Math.min(due, endsAt) - now))
  }

  async #body(): Promise<Buffer> {
    const chunks = this.#chunks
    const body = chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks, this.#received)
    const encoding = encodingOf(this.#headers)
    const decode = DECODERS[encoding]
    if (!decode || body.length === 0) return body
    try {
      return await decode(body, { maxOutputLength: this.#request.maxBytes })
    } catch (error) {
      const isTooLarge = (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE'
      throw isTooLarge
        ? tooLarge(this.#route, this.#request)
        : undecodable(this.#route, this.#request, 'is compressed in a way that cannot be undone', error)
    }
  }

  #undecodable(): DuplicatiError {
    const what = `comes in the encoding ${foreign(encodingOf(this.#headers), 40)}, which was not asked for`
    return undecodable(this.#route, this.#request, what)
  }
}

type Decode = (body: Buffer, options: ZlibOptions) => Promise<Buffer>

const DECODERS: Record<string, Decode> = {
  gzip: promisify<Buffer, ZlibOptions, Buffer>(gunzip),
  'x-gzip': promisify<Buffer, ZlibOptions, Buffer>(gunzip),
  deflate: promisify<Buffer, ZlibOptions, Buffer>(inflate),
  br: promisify<Buffer, ZlibOptions, Buffer>(brotliDecompress),
}

function isKnown(encoding: string): boolean {
  return encoding === '' || encoding === 'identity' || Object.hasOwn(DECODERS, encoding)
}

function encodingOf(headers: Answer['headers']): string {
  return String(headers['content-encoding'] ?? '').toLowerCase()
}

function tooLarge(route: Route, request: TransportRequest): DuplicatiError {
  const limit = `${Math.round(request.maxBytes / 1024 / 1024)} MB`
  return new DuplicatiError(
    'answer_too_large',
    route.url,
    `${route.url} sent more than ${limit} for ${endpoint(request.path)} and was cut off`,
    { hint: 'Is this address really a Duplicati server?' },
  )
}

function brokenOff(route: Route, request: TransportRequest, cause: unknown): DuplicatiError {
  const message = `${route.url} broke off its answer to ${endpoint(request.path)}`
  const hint = 'Try again; if it stays, something between here and Duplicati may cut answers.'
  return new DuplicatiError('connection_closed', route.url, message, { hint, cause })
}

function undecodable(route: Route, request: TransportRequest, what: string, cause?: unknown): DuplicatiError {
  return new DuplicatiError('bad_answer', route.url, `${route.url}: the answer to ${endpoint(request.path)} ${what}`, {
    hint: 'Something between here and Duplicati may change answers.',
    cause,
  })
}

/** A path as messages name it: without its query. */
export function endpoint(path: string): string {
  return path.replace(/\?.*$/, '')
}
