/**
 * A simulated Duplicati server: answers the HTTP API as the recordings of 2.1.0.5, 2.3.0.4 and the canary do (2.2.0.3 as
 * measured), on a port of the loopback interface. Everything public may be changed while it runs.
 */
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import type { SimNotification, SimProgress, SimServerLogRow } from './answers.ts'
import { freshSettings } from './answers.ts'
import { type Answer, bare, databaseBusy, route } from './api.ts'
import { type Fault, Faults } from './faults.ts'
import type { SimJob } from './job.ts'
import { Random } from './random.ts'
import { type Release, since } from './release.ts'

export interface SimOptions {
  release?: Release
  password?: string
  machineId?: string
  machineName?: string
  /** IANA zone of the process, which log lines and `ServerTimeZone` show. */
  timeZone?: string
  /** Locale of dates in log lines: `en-US`, `en-GB`, `en-ZA`, `de-DE`. */
  locale?: string
  jobs?: SimJob[]
  /** The server's clock. */
  now?: () => number
  port?: number
  /** Behind a reverse proxy: `/duplicati`. */
  basePath?: string
  /** Key and certificate (PEM): the server speaks HTTPS only. */
  tls?: { key: string; cert: string }
  proxy?: AuthProxy
  delayMs?: number
}

/** An authentication proxy in front: who does not satisfy it gets its page, or is sent to its login. */
export interface AuthProxy {
  /** Headers that must be there with these values. */
  headers?: Record<string, string>
  /** `user:password`, accepted in `Authorization` and in `Proxy-Authorization`. */
  basic?: string
  /** Where it redirects strangers; without it they get 401 and HTML. */
  loginUrl?: string
}

const TOKEN_LIFE = 15 * 60_000
const MAX_BODY = 1_000_000
const MAX_REQUESTS = 200_000

export class SimulatedDuplicati {
  release: Release
  password: string
  /** As `systeminfo` names it; empty before the first restart of some servers. */
  machineId: string
  machineName: string
  timeZone: string
  locale: string
  jobs: SimJob[]
  now: () => number
  proxy: AuthProxy | null
  /** Every answer comes this much later. */
  delayMs: number
  /** Names beside IP addresses and localhost under which the server may be called. */
  allowedHosts: string[] = []
  /** A long-lived token that is accepted beside the ones from logins. */
  longLivedToken: string | null = null
  settings: Record<string, string>
  notifications: SimNotification[] = []
  serverLog: SimServerLogRow[] = []
  paused: { until: number | null } | null = null
  queue: { taskId: number; jobId: string }[] = []
  /** The operation that runs. */
  running: SimProgress | null = null
  /** The last one that ran since the server's start, shown by `progressstate` when nothing runs. */
  finished: SimProgress | null = null
  /** In place of what the jobs' schedules say. */
  proposed: { jobId: string; time: string }[] | null = null
  readonly faults = new Faults()
  /** `METHOD /path?query` of every request, without the base path. */
  readonly requests: string[] = []
  /** The most requests that were under way at once. */
  peak = 0
  readonly basePath: string
  /** Log calls that are under way, by job. */
  readonly openLogs = new Map<string, number>()
  readonly #server: Server
  readonly #scheme: 'http' | 'https'
  readonly #tokens = new Map<string, number>()
  readonly #closing = new AbortController()
  readonly #random: Random
  #underWay = 0
  readonly #meetings = new Map<Fault, { arrived: number; all: PromiseWithResolvers<void> }>()

  constructor(options: SimOptions = {}) {
    this.release = options.release ?? '2.3.0.4'
    this.password = options.password ?? 'pw-One-1'
    this.machineName = options.machineName ?? 'nas'
    this.machineId = options.machineId ?? '17e4385ec6f44c919b09e8a7a623c2c4'
    this.timeZone = options.timeZone ?? 'Europe/Berlin'
    this.locale = options.locale ?? 'en-US'
    this.jobs = options.jobs ?? []
    this.now = options.now ?? Date.now
    this.proxy = options.proxy ?? null
    this.delayMs = options.delayMs ?? 0
    this.basePath = options.basePath ?? ''
    this.settings = freshSettings(this.release, options.port ?? 8200)
    this.#random = new Random(options.port ?? 0, this.machineName.length)
    const listener: RequestListener = (request, response) => void this.#handle(request, response)
    this.#server = options.tls ? createTlsServer(options.tls, listener) : createServer(listener)
    this.#scheme = options.tls ? 'https' : 'http'
  }

  /** A server that listens, on a free port unless one is told. */
  static async start(options: SimOptions = {}): Promise<SimulatedDuplicati> {
    const server = new SimulatedDuplicati(options)
    await new Promise<void>((resolve, reject) => {
      server.#server.once('error', reject)
      server.#server.listen(options.port ?? 0, '127.0.0.1', resolve)
    })
    return server
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  /** Scheme, address, port and base path. */
  get url(): string {
    return `${this.#scheme}://127.0.0.1:${this.port}${this.basePath}`
  }

  job(id: string): SimJob | undefined {
    return this.jobs.find((job) => job.id === id)
  }

  /** How many requests match, such as `/backup\/1\/log/`. */
  count(pattern: RegExp): number {
    return this.requests.filter((request) => pattern.test(request)).length
  }

  /** Every token of a login is refused from now on. */
  expireTokens(): void {
    this.#tokens.clear()
  }

  issueToken(): string {
    const now = Math.floor(this.now() / 1000)
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
    const head = part({ alg: 'HS256', typ: 'JWT' })
    const family = since(this.release, '2.2.0.3') ? this.#random.hex(16).toUpperCase() : 'temporary'
    const claims = { typ: 'AccessToken', sid: 'webserver', fam: family, nbf: now, exp: now + TOKEN_LIFE / 1000 }
    const token = `${head}.${part({ ...claims, iss: 'https://duplicati', aud: 'https://duplicati' })}.${this.#random.hex(43)}`
    this.#tokens.set(token, this.now() + TOKEN_LIFE)
    return token
  }

  acceptsToken(token: string): boolean {
    return token === this.longLivedToken || (this.#tokens.get(token) ?? 0) > this.now()
  }

  async close(): Promise<void> {
    this.#closing.abort()
    const closed = new Promise((resolve) => this.#server.close(resolve))
    this.#server.closeAllConnections()
    await closed
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.peak = Math.max(this.peak, ++this.#underWay)
    try {
      await this.#serve(request, response)
    } catch (error) {
      if (!this.#closing.signal.aborted) response.destroy(error as Error)
    } finally {
      this.#underWay--
    }
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = request.url ?? '/'
    const inside = url.startsWith(`${this.basePath}/`)
    const line = `${request.method} ${inside ? url.slice(this.basePath.length) : url}`
    if (this.requests.length < MAX_REQUESTS) this.requests.push(line)
    const fault = this.faults.take(line)
    const body = await readBody(request)
    const busyJob = /\/backup\/([^/]+)\/(?:log|remotelog)\b/.exec(line)?.[1]
    if (busyJob) this.openLogs.set(busyJob, (this.openLogs.get(busyJob) ?? 0) + 1)
    try {
      const answer =
        this.#faulty(fault) ?? this.#strange(request) ?? (inside ? route(this, request, line, body) : notHere())
      await this.#pause(this.delayMs + (fault?.kind === 'delay' ? fault.ms : 0))
      if (fault?.kind === 'together') await this.#together(fault)
      await this.#write(response, answer, fault)
    } finally {
      if (busyJob) this.openLogs.set(busyJob, (this.openLogs.get(busyJob) ?? 1) - 1)
    }
  }

  /** Answers that a fault gives in place of the server's own. */
  #faulty(fault: Fault | null): Answer | null {
    if (fault?.kind === 'busy') return databaseBusy(this.release)
    if (fault?.kind === 'unauthorised') return bare(401, { 'www-authenticate': 'Bearer error="invalid_token"' })
    if (fault?.kind !== 'answer') return null
    const text = typeof fault.body === 'string' ? fault.body : JSON.stringify(fault.body ?? null)
    return { status: fault.status, text, headers: { 'content-type': 'application/json', ...fault.headers } }
  }

  /** The page of the authentication proxy, for who does not satisfy it. */
  #strange(request: IncomingMessage): Answer | null {
    if (!this.proxy) return null
    const { headers = {}, basic, loginUrl } = this.proxy
    const missing = Object.entries(headers).some(([name, value]) => request.headers[name.toLowerCase()] !== value)
    const credentials = basic && `Basic ${Buffer.from(basic).toString('base64')}`
    const given = [request.headers.authorization, request.headers['proxy-authorization']]
    if (!missing && (!credentials || given.includes(credentials))) return null
    if (loginUrl) return { status: 302, text: '', headers: { location: loginUrl } }
    const asks = basic ? { 'www-authenticate': 'Basic realm="Restricted"' } : {}
    return { status: 401, text: page('401 Authorization Required'), headers: { 'content-type': 'text/html', ...asks } }
  }

  async #pause(milliseconds: number): Promise<void> {
    if (milliseconds > 0) await wait(milliseconds, undefined, { signal: this.#closing.signal, ref: false })
  }

  /** Lets a request wait until so many have met the same fault. */
  async #together(fault: Extract<Fault, { kind: 'together' }>): Promise<void> {
    const meeting = this.#meetings.get(fault) ?? { arrived: 0, all: Promise.withResolvers<void>() }
    this.#meetings.set(fault, meeting)
    if (++meeting.arrived >= fault.requests) meeting.all.resolve()
    await meeting.all.promise
  }

  async #write(response: ServerResponse, answer: Answer, fault: Fault | null): Promise<void> {
    if (fault?.kind === 'hang') return this.#forever(response)
    if (fault?.kind === 'drop') return void response.destroy()
    const body = Buffer.from(fault?.kind === 'truncate' ? answer.text.slice(0, answer.text.length / 2) : answer.text)
    const endless = fault?.kind === 'endless'
    response.writeHead(answer.status, { ...answer.headers, ...(endless ? {} : { 'content-length': body.length }) })
    if (fault?.kind === 'cut') response.write(body.subarray(0, body.length / 2), () => response.destroy())
    else if (fault?.kind === 'trickle') await this.#trickle(response, body, fault.ms)
    else if (endless) await this.#endless(response)
    else response.end(body)
  }

  /** Until the client gives up, or the server is closed. */
  #forever(response: ServerResponse): Promise<void> {
    return new Promise((resolve) => response.once('close', resolve))
  }

  async #trickle(response: ServerResponse, body: Buffer, milliseconds: number): Promise<void> {
    for (const byte of body) {
      if (response.destroyed) return
      response.write(Buffer.of(byte))
      await this.#pause(milliseconds)
    }
    response.end()
  }

  async #endless(response: ServerResponse): Promise<void> {
    const block = Buffer.alloc(64 * 1024, ' ')
    const closed = this.#forever(response)
    response.write('[')
    while (!response.destroyed) {
      if (response.write(block)) await new Promise(setImmediate)
      else await Promise.race([closed, new Promise((resolve) => response.once('drain', resolve))])
    }
  }
}

function page(title: string): string {
  return `<html>\r\n<head><title>${title}</title></head>\r\n<body><center><h1>${title}</h1></center></body>\r\n</html>\r\n`
}

function notHere(): Answer {
  return { status: 404, text: page('404 Not Found'), headers: { 'content-type': 'text/html' } }
}

async function readBody(request: IncomingMessage): Promise<string> {
  let body = ''
  for await (const chunk of request.setEncoding('utf8')) {
    body += chunk
    if (body.length > MAX_BODY) throw new Error('the body is too long')
  }
  return body
}
