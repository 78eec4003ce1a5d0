/**
 * HTTP to one server by undici: one connection that is kept, one request at a time, every limit on our side. It knows nothing
 * of Duplicati's answers; it brings back a status, headers and a bounded body, or throws a `DuplicatiError`.
 */
import type { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib'
import { Client, type Dispatcher, ProxyAgent } from 'undici'
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
  method: 'GET' | 'POST' | 'HEAD'
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
  /** Ends the connection and whatever is under way. */
  close(): Promise<void>
}

/** @param url the server's address, of which scheme, host and port count here */
export function createTransport(url: string, options: TransportOptions): Transport {
  const timeout = options.requestTimeout ?? DEFAULT_REQUEST_TIMEOUT
  const total = options.totalTimeout ?? DEFAULT_TOTAL_TIMEOUT
  const proxy = proxyFor(url, options.env ?? process.env)
  const route: Route = { url, proxy: proxy ? proxy.origin : null }
  const { dispatcher, abandon } = proxy ? proxied(proxy, options, timeout) : direct(url, options, timeout)
  const endsAt = performance.now() + total
  return {
    route,
    async request(request) {
      const limits = new Limits(route, { timeout, total, endsAt, signal: options.signal })
      try {
        const response = await dispatcher.request({
          origin: new URL(url).origin,
          path: request.path,
          method: request.method,
          headers: { 'accept-encoding': 'gzip', ...request.headers },
          body: request.body ?? null,
          headersTimeout: timeout,
          bodyTimeout: timeout,
          signal: limits.signal,
        })
        const body = await readBody(response, request, route, limits)
        return { status: response.statusCode, headers: response.headers, body }
      } catch (error) {
        throw connectionFailure(limits.reason ?? error, route)
      } finally {
        limits.stop()
      }
    },
    async close() {
      abandon()
      await dispatcher.destroy()
    },
  }
}

function direct(url: string, options: TransportOptions, timeout: number) {
  const { connect, abandon } = createConnector({ ...connectorOptions(options), timeout })
  return { dispatcher: new Client(new URL(url).origin, { connect, allowH2: false }) as Dispatcher, abandon }
}

/** https goes through a tunnel and is judged at its end; http is asked of the proxy. */
function proxied(proxy: URL, options: TransportOptions, timeout: number) {
  const { judge, trustedCertificates = [] } = connectorOptions(options)
  const agent = new ProxyAgent({
    uri: proxy.href,
    connectTimeout: timeout,
    allowH2: false,
    connections: 1,
    proxyTls: { allowH2: false },
    requestTls: { ...handshakeOptions(trustedCertificates, true), allowH2: false, maxCachedSessions: 0 },
    clientFactory: (origin, clientOptions) => new Client(origin, { ...clientOptions, allowH2: false }),
    factory: (origin, clientOptions: Client.Options) => {
      const { connect } = clientOptions
      if (typeof connect !== 'function') throw new TypeError('a proxy agent connects by a function')
      return new Client(origin, { connect: judged(connect, judge), allowH2: false })
    },
  })
  return { dispatcher: agent as Dispatcher, abandon: () => {} }
}

function connectorOptions({ judge, trustedCertificates }: TransportOptions) {
  return { judge, ...(trustedCertificates && { trustedCertificates }) }
}

interface LimitOptions {
  timeout: number
  total: number
  endsAt: number
  signal: AbortSignal | undefined
}

/** The clock of one request: ends it when it is too slow, when all requests together are, or when asked from outside. */
class Limits {
  readonly #controller = new AbortController()
  readonly #route: Route
  readonly #options: LimitOptions
  readonly #begin = performance.now()
  readonly #onAbort = () => this.#controller.abort(interrupted(this.#route, this.#options.signal?.reason))
  #timer: NodeJS.Timeout | undefined
  #received = 0

  constructor(route: Route, options: LimitOptions) {
    this.#route = route
    this.#options = options
    if (options.signal?.aborted) this.#onAbort()
    options.signal?.addEventListener('abort', this.#onAbort, { once: true })
    this.#check()
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  /** Why the request was ended, or undefined when it was not ended from here. */
  get reason(): unknown {
    return this.#controller.signal.reason
  }

  received(bytes: number): void {
    this.#received += bytes
  }

  stop(): void {
    clearTimeout(this.#timer)
    this.#options.signal?.removeEventListener('abort', this.#onAbort)
  }

  #check(): void {
    const { timeout, total, endsAt } = this.#options
    const now = performance.now()
    const due = this.#begin + timeout + (this.#received / SLOWEST_BYTES_PER_SECOND) * 1000
    if (now >= endsAt) this.#controller.abort(totalTimedOut(this.#route, total / 1000))
    else if (now >= due) this.#controller.abort(timedOut(this.#route, (now - this.#begin) / 1000))
    else this.#timer = setTimeout(() => this.#check(), Math.ceil(Math.min(due, endsAt) - now))
  }
}

const DECODERS: Record<string, () => Transform> = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
}

async function readBody(
  response: Dispatcher.ResponseData,
  request: TransportRequest,
  route: Route,
  limits: Limits,
): Promise<Buffer> {
  const encoding = String(response.headers['content-encoding'] ?? '').toLowerCase()
  const decoder = encoding === '' || encoding === 'identity' ? null : DECODERS[encoding]?.()
  if (decoder === undefined) {
    response.body.on('error', () => {}).destroy()
    throw undecodable(route, request, `comes in the encoding ${foreign(encoding, 40)}, which was not asked for`)
  }
  const chunks: Buffer[] = []
  let length = 0
  const collect = async (source: AsyncIterable<Buffer>) => {
    for await (const chunk of source) {
      length += chunk.length
      if (length > request.maxBytes) throw tooLarge(route, request)
      chunks.push(chunk)
    }
  }
  const counted = async function* (source: AsyncIterable<Buffer>) {
    for await (const chunk of source) {
      limits.received(chunk.length)
      yield chunk
    }
  }
  try {
    // Without a decoder the stream is read as it is: a pipeline costs as much as the rest of a small request.
    if (decoder) await pipeline(response.body, counted, decoder, collect)
    else await collect(counted(response.body))
  } catch (error) {
    if (/^(?:Z_|ERR__ERROR_FORMAT|ERR_BROTLI)/.test(String((error as NodeJS.ErrnoException).code))) {
      throw undecodable(route, request, 'is compressed in a way that cannot be undone', error)
    }
    throw error
  }
  return Buffer.concat(chunks, length)
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
