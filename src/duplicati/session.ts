/** Login, tokens, redirects and retries: what every request to Duplicati's HTTP API needs (2.1 and later). */
import { setTimeout as sleep } from 'node:timers/promises'
import { UnexpectedAnswer } from './answers.ts'
import type { ClientOptions, ServerAddress } from './api.ts'
import { badAnswer, DuplicatiError, interrupted } from './failures.ts'
import { parseJson, UnreadableJson } from './json.ts'
import { redact } from './redact.ts'
import {
  duplicatiError,
  isDatabaseLocked,
  isForeignChallenge,
  notJson,
  redirectTarget,
  refusal,
  tooOld,
} from './refusals.ts'
import { trusting } from './tls.ts'
import { type Answer, createTransport, endpoint, type Transport } from './transport.ts'

const API = '/api/v1'
const MAX_ANSWER_BYTES = 16 * 1024 * 1024
const MAX_REDIRECTS = 3
const BUSY_TRIES = 5
const DEFAULT_BUSY_DELAY = 500
/** A token lives 15 minutes: more often than this no honest collection logs in anew. */
const MAX_LOGINS = 4

/** Whether a secret is a long-lived token (a JWT, as `issue-forever-token` gives) and no password. */
export function isToken(secret: string): boolean {
  const parts = /^([\w-]+)\.[\w-]+\.[\w-]+$/.exec(secret)
  if (!parts) return false
  try {
    return 'alg' in JSON.parse(Buffer.from(parts[1] ?? '', 'base64url').toString())
  } catch {
    return false
  }
}

/** One login and what follows it; paths are below `/api/v1`. */
export class Session {
  readonly #address: ServerAddress
  readonly #options: ClientOptions
  readonly #base: string
  /** Extra headers of the user, names in lower case. */
  readonly #headers: Record<string, string>
  #transport: Transport | undefined
  #token: string | null = null
  #loggingIn: Promise<void> | null = null
  /** Settles when the first request with a proof that no login gave us was answered. */
  #trial: Promise<void> | null = null
  /** Why what we have to show is not shown again. */
  #refused: DuplicatiError | null = null
  #logins = 0
  /** Counts what was sent as proof of who we are: an answer to an older one says nothing of the one that is sent now. */
  #proofs = 0
  #answered = 0
  /** Whether the token was accepted since the last login: only then another login can help. */
  #tokenWorked = false
  /** A proxy wants its own `Authorization` where Duplicati wants the token: tried when the token alone was refused. */
  #ownAuthorization: boolean

  constructor(address: ServerAddress, options: ClientOptions) {
    this.#address = address
    this.#options = options
    this.#base = new URL(address.url).pathname.replace(/\/+$/, '')
    this.#headers = Object.fromEntries(
      Object.entries(address.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]),
    )
    // A token of `webservice-pre-auth-tokens`, or a proxy that logs in by itself: there is nothing to log in with.
    this.#ownAuthorization = address.secret === null && 'authorization' in this.#headers
  }

  asked(path: string) {
    return { url: this.#address.url, path: `${API}${path}` }
  }

  notDuplicati(path: string): DuplicatiError {
    const { url } = this.#address
    return new DuplicatiError(
      'not_duplicati',
      url,
      `${url} answers ${endpoint(API + path)}, but not as Duplicati does`,
      {
        hint: 'Another program may be listening there: check the address.',
      },
    )
  }

  /** Logs in unless that was done, or is not needed with a long-lived token (T26). */
  async login(): Promise<void> {
    if (this.#refused) throw this.#refused
    if (this.#token !== null || this.#ownAuthorization) return
    // One for all requests that need it.
    this.#loggingIn ??= this.#logIn().finally(() => {
      this.#loggingIn = null
    })
    await this.#loggingIn
  }

  async #logIn(): Promise<void> {
    const { secret, url } = this.#address
    if (!secret) {
      throw new DuplicatiError('password_missing', url, `No password is known for ${url}`, {
        hint: 'Give it with --password-stdin or in DUPLISTATUS_PASSWORD; `server edit SERVER --password-stdin` keeps it.',
      })
    }
    this.#token = isToken(secret) ? secret : await this.#requestToken(secret)
  }

  async #requestToken(password: string): Promise<string> {
    this.#logins++
    this.#tokenWorked = false
    const path = '/auth/login'
    const body = JSON.stringify({ Password: password, RememberMe: false })
    const answer = await this.#send('POST', path, { 'content-type': 'application/json' }, body)
    if (answer.status === 401 && duplicatiError(answer)) {
      this.#refused = this.#wrongPassword()
      throw this.#refused
    }
    if (!isSuccess(answer))
      throw (await this.#isOldServer(answer)) ? tooOld(this.asked(path), null) : refusal(answer, this.asked(path))
    const token = (this.parse(answer, path, 'POST') as { AccessToken?: unknown } | null)?.AccessToken
    if (typeof token !== 'string' || !/^[\x21-\x7e]{1,8192}$/.test(token)) throw this.notDuplicati(path)
    return token
  }

  /**
   * Before 2.1 there was no such login: `login.cgi` gave out a nonce, and without a session the API answered 401. Asked only
   * after a refusal that Duplicati 2.1 does not give; nothing secret is in it.
   */
  async #isOldServer(answer: Answer): Promise<boolean> {
    if (![302, 400, 401, 403, 404, 405].includes(answer.status) || duplicatiError(answer)) return false
    try {
      const form = { 'content-type': 'application/x-www-form-urlencoded' }
      const nonce = await this.#sendRaw('POST', `${this.#base}/login.cgi`, form, 'get-nonce=1')
      if (nonce.status === 200 && 'Nonce' in Object(parseJson(nonce.body))) return true
    } catch (error) {
      if (error instanceof DuplicatiError) throw error
    }
    if (answer.status !== 404 && answer.status !== 405) return false
    const system = await this.#send('GET', '/systeminfo', {})
    return system.status === 401 && !isForeignChallenge(system)
  }

  #wrongPassword(): DuplicatiError {
    const { url } = this.#address
    return new DuplicatiError('wrong_password', url, `Duplicati at ${url} does not accept the password`, {
      hint: "It is the password of Duplicati's web interface; `duplicati-server-util change-password` sets a new one.",
    })
  }

  #tokenRejected(): DuplicatiError {
    const { url, secret } = this.#address
    if (this.#ownAuthorization && secret) {
      return new DuplicatiError(
        'proxy_auth',
        url,
        `Both a proxy in front of ${url} and Duplicati want the Authorization header`,
        {
          hint: 'Let the proxy pass /api without its login, or let it send a token of --webservice-pre-auth-tokens.',
        },
      )
    }
    const isOwn = secret !== null && isToken(secret)
    const what = isOwn ? 'the long-lived token' : secret ? 'the token that it gave itself' : 'the Authorization header'
    return new DuplicatiError('token_rejected', url, `Duplicati at ${url} does not accept ${what}`, {
      hint: isOwn
        ? 'Make a new one with `duplicati-server-util issue-forever-token`, or use the password.'
        : 'A proxy in between may take the Authorization header away.',
    })
  }

  /** A GET that has to succeed, validated. */
  async read<T>(path: string, validate: (body: unknown) => T): Promise<T> {
    const body = this.parse(await this.get(path), path)
    return this.reading(path, () => validate(body))
  }

  /** The body of a GET; undefined when the status is one of `absent`. */
  async readOptional(path: string, absent: readonly number[]): Promise<unknown> {
    const answer = await this.get(path)
    return absent.includes(answer.status) && !isForeignChallenge(answer) ? undefined : this.parse(answer, path)
  }

  /** JSON of a successful answer, recorded where that was asked for. */
  parse(answer: Answer, path: string, method: 'GET' | 'POST' = 'GET'): unknown {
    if (!isSuccess(answer)) throw refusal(answer, this.asked(path))
    try {
      const body = parseJson(answer.body)
      this.#options.recorder?.({ method, path: `${API}${path}`, status: answer.status, body: redact(body) })
      return body
    } catch (error) {
      if (error instanceof UnreadableJson) throw notJson(answer, this.asked(path), error.message, error)
      throw error
    }
  }

  /** Gives what is wrong with an answer its endpoint and address. */
  reading<T>(path: string, read: () => T): T {
    try {
      return read()
    } catch (error) {
      if (!(error instanceof UnexpectedAnswer)) throw error
      throw badAnswer(this.#address.url, `${endpoint(API + path)}: ${error.field}`, error.problem, error)
    }
  }

  /**
   * A log while its database is in use answers 400 (2.3 canaries and later) or 500 (2.1, 2.2; also when it is damaged): asked
   * again up to four times, waiting twice as long each time (T22).
   */
  async getPatiently(path: string, maxBytes: number, patient = true): Promise<Answer> {
    let delay = this.#options.busyDelay ?? DEFAULT_BUSY_DELAY
    for (let tries = 1; ; tries++) {
      const answer = await this.get(path, maxBytes)
      const isBusy = isDatabaseLocked(answer)
      if (!isBusy && !(answer.status === 500 && duplicatiError(answer))) return answer
      if (!patient || tries === BUSY_TRIES) throw isBusy ? this.#busy(path) : this.#databaseBroken(path)
      await this.#wait(delay)
      delay *= 2
    }
  }

  async #wait(milliseconds: number): Promise<void> {
    const { signal } = this.#options
    try {
      await sleep(milliseconds, undefined, signal && { signal })
    } catch (error) {
      throw interrupted(this.#open().route, error)
    }
  }

  #busy(path: string): DuplicatiError {
    const { url } = this.#address
    return new DuplicatiError(
      'busy',
      url,
      `${url} is using the database of ${endpoint(path)}: an operation is running`,
      {
        hint: 'Collect again when it is over.',
      },
    )
  }

  #databaseBroken(path: string): DuplicatiError {
    const { url } = this.#address
    return new DuplicatiError(
      'database_broken',
      url,
      `${url} can't read ${endpoint(path)}: the job's database is locked or damaged`,
      {
        hint: "If it stays so when nothing runs, repair the job's database in Duplicati (Database → Repair).",
      },
    )
  }

  /** A GET with the token; a new login when the token has run out, once for all requests that met this (T26). */
  async get(path: string, maxBytes = MAX_ANSWER_BYTES): Promise<Answer> {
    await this.login()
    if (this.#logins > 0 || this.#tokenWorked) return this.#getAsUs(path, maxBytes)
    // What no login gave us may be refused: then once, however many requests wait.
    if (this.#trial) {
      await this.#trial
      return this.#getAsUs(path, maxBytes)
    }
    const trial = Promise.withResolvers<void>()
    this.#trial = trial.promise
    return this.#getAsUs(path, maxBytes).finally(trial.resolve)
  }

  async #getAsUs(path: string, maxBytes: number): Promise<Answer> {
    for (;;) {
      await this.login()
      const proof = this.#proofs
      const answer = await this.#getFollowing(path, maxBytes, this.#authorization())
      const isCurrent = proof === this.#proofs
      if (answer.status !== 401 && answer.status !== 407) {
        if (isCurrent) this.#tokenWorked = true
        return answer
      }
      if (isCurrent) this.#renewProof(answer, path)
    }
  }

  /** @throws DuplicatiError when there is nothing else to try */
  #renewProof(answer: Answer, path: string): void {
    if (answer.status === 407 || isForeignChallenge(answer)) {
      if (this.#ownAuthorization || !('authorization' in this.#headers))
        throw this.#final(refusal(answer, this.asked(path)))
      this.#ownAuthorization = true
    } else {
      const canLogIn = this.#tokenWorked && this.#logins > 0 && this.#logins < MAX_LOGINS && !this.#ownAuthorization
      if (!canLogIn && !this.#isFirstUse()) throw this.#final(this.#tokenRejected())
      this.#token = null
    }
    this.#proofs++
  }

  #final(refused: DuplicatiError): DuplicatiError {
    if (!this.#tokenWorked) this.#refused = refused
    return refused
  }

  /** The first token may have been refused by chance (a restart in between): one more login, never a third. */
  #isFirstUse(): boolean {
    return this.#logins === 1 && !this.#tokenWorked && !this.#ownAuthorization
  }

  async #getFollowing(path: string, maxBytes: number, proof: Record<string, string>): Promise<Answer> {
    let target = `${this.#base}${API}${path}`
    for (let hops = 0; ; hops++) {
      const answer = await this.#sendAgain(target, maxBytes, proof)
      if (answer.status < 300 || answer.status >= 400) return answer
      const { origin } = new URL(this.#address.url)
      const next = redirectTarget(answer, `${origin}${target}`)
      // To another origin nothing is sent, credentials least of all (T27).
      if (!next || next.origin !== origin || hops === MAX_REDIRECTS) throw refusal(answer, this.asked(path))
      target = `${next.pathname}${next.search}`
    }
  }

  /** A server may close a kept connection in the moment in which it is used again: then a GET is sent once more. */
  async #sendAgain(target: string, maxBytes: number, proof: Record<string, string>): Promise<Answer> {
    const isReused = this.#answered > 0
    try {
      return await this.#sendRaw('GET', target, proof, undefined, maxBytes)
    } catch (error) {
      if (!isReused || !(error instanceof DuplicatiError) || error.code !== 'connection_closed') throw error
      return await this.#sendRaw('GET', target, proof, undefined, maxBytes)
    }
  }

  /**
   * Duplicati wants its token where an authentication proxy wants the user's login. The login goes along as
   * `Proxy-Authorization`, which some of them take (Authelia does); the one in place of the token is the last resort.
   */
  #authorization(): Record<string, string> {
    if (this.#ownAuthorization) return {}
    const { authorization: own } = this.#headers
    const isPassedOn = own !== undefined && this.#open().route.proxy === null
    return { ...(isPassedOn && { 'proxy-authorization': own }), authorization: `Bearer ${this.#token}` }
  }

  /**
   * Changes something. Sent once, with the token that a question before it has proved, and never to where a redirect points.
   * @throws DuplicatiError for any answer that is no success
   */
  async patch(path: string, body: unknown): Promise<void> {
    await this.login()
    const headers = { ...this.#authorization(), 'content-type': 'application/json' }
    const answer = await this.#send('PATCH', path, headers, JSON.stringify(body))
    if (!isSuccess(answer)) throw refusal(answer, this.asked(path))
  }

  #send(
    method: 'GET' | 'POST' | 'PATCH',
    path: string,
    headers: Record<string, string>,
    body?: string,
  ): Promise<Answer> {
    return this.#sendRaw(method, `${this.#base}${API}${path}`, headers, body)
  }

  async #sendRaw(
    method: 'GET' | 'POST' | 'PATCH',
    path: string,
    headers: Record<string, string>,
    body?: string,
    maxBytes = MAX_ANSWER_BYTES,
  ): Promise<Answer> {
    const answer = await this.#open().request({
      method,
      path,
      headers: { accept: 'application/json', ...this.#headers, ...headers },
      ...(body !== undefined && { body }),
      maxBytes,
    })
    this.#answered++
    return answer
  }

  #open(): Transport {
    const { pin = null, url } = this.#address
    this.#transport ??= createTransport(url, { ...this.#options, judge: trusting(pin) })
    return this.#transport
  }

  async close(): Promise<void> {
    await this.#transport?.close()
  }
}

function isSuccess(answer: Answer): boolean {
  return answer.status >= 200 && answer.status < 300
}
