import type { Dispatcher } from 'undici'
import { proxyFor } from '../../../duplicati/proxies.ts'
import { clean } from '../../../output/escape.ts'
import type { Sender, SendFailure, SendResult } from '../../types.ts'
import { networkFailure } from '../network.ts'
import { buildNtfy, type NtfyBody } from './build.ts'
import type { NtfyConfig } from './config.ts'

/** For one message, whatever the server does. */
export const TIMEOUT = 15_000
/** An answer is a small object; a page of a proxy may be more. */
const MOST_BYTES = 64 * 1024

/** Publishes by JSON to the server's root: titles and tags need no encoding of headers then. Redirects are never followed. */
export async function openNtfy(config: NtfyConfig, env: NodeJS.ProcessEnv): Promise<Sender> {
  const dispatcher = await dispatcherFor(config, env)
  return {
    async send(message, topic) {
      try {
        return await publish(config, buildNtfy(message, topic), dispatcher)
      } catch (error) {
        const why = networkFailure(error, hostOf(config.url), 'ntfy.url')
        return { ok: false, ...why, retryable: true, retryAfterMs: null, scope: 'channel' }
      }
    },
    close: () => dispatcher.destroy(),
  }
}

/** A bundle gives a CommonJS package to `import()` by its default only. */
async function loadUndici() {
  return (await import('undici')).default
}

async function dispatcherFor(
  { url, trusted, timeout = TIMEOUT }: NtfyConfig,
  env: NodeJS.ProcessEnv,
): Promise<Dispatcher> {
  const { Agent, ProxyAgent } = await loadUndici()
  const { rootCertificates } = await import('node:tls')
  const options = {
    allowH2: false,
    connect: { timeout, ...(trusted && { ca: [...rootCertificates, ...trusted] }) },
  }
  const proxy = proxyFor(url, env)
  if (proxy === null) return new Agent(options)
  const login = `${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`
  return new ProxyAgent({
    ...options,
    uri: proxy.origin,
    ...(login !== ':' && { token: `Basic ${Buffer.from(login).toString('base64')}` }),
  })
}

async function publish(config: NtfyConfig, body: NtfyBody, dispatcher: Dispatcher): Promise<SendResult> {
  const { request } = await loadUndici()
  const answer = await request(rootOf(config.url), {
    method: 'POST',
    dispatcher,
    headers: {
      'content-type': 'application/json',
      ...(config.token !== null && { authorization: `Bearer ${config.token}` }),
    },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(config.timeout ?? TIMEOUT),
  })
  const text = await readSome(answer.body)
  const type = String(answer.headers['content-type'] ?? '')
  if (answer.statusCode >= 200 && answer.statusCode < 300 && !type.startsWith('text/html')) return { ok: true }
  return refusal(config, body.topic, { status: answer.statusCode, headers: answer.headers, text })
}

/** JSON is published to the root, which may have a path before it (behind a reverse proxy). */
function rootOf(url: string): string {
  return url.endsWith('/') ? url : `${url}/`
}

async function readSome(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of body) {
    chunks.push(chunk)
    bytes += chunk.length
    if (bytes > MOST_BYTES) break
  }
  return Buffer.concat(chunks).toString('utf8')
}

interface Answer {
  status: number
  headers: Record<string, string | string[] | undefined>
  text: string
}

function refusal(config: NtfyConfig, topic: string, answer: Answer): SendFailure {
  const { status } = answer
  const place = hostOf(config.url)
  const told = reasonOf(answer.text)
  const why = told === null ? '' : `: ${told}`
  const base = { ok: false as const, retryable: true, retryAfterMs: retryAfter(answer.headers), hint: null }
  if (status === 401) {
    const message = config.token === null ? `${place} wants an access token` : `${place} refuses the access token`
    return {
      ...base,
      code: 'wrong_login',
      message,
      hint: 'Set it: duplistatus config set ntfy.token',
      scope: 'channel',
    }
  }
  if (status === 403) {
    const hint = 'Set a token that may: duplistatus config set ntfy.token'
    const message = `${place} does not let us publish to ${topic}${why}`
    return { ...base, code: 'forbidden', message, hint, scope: 'destination' }
  }
  if (status === 429) {
    const message = `${place} takes no more messages for now${why}`
    return { ...base, code: 'rate_limited', message, scope: 'channel' }
  }
  if (status >= 500)
    return { ...base, code: 'server_error', message: `${place} failed (${status})${why}`, scope: 'unsure' }
  if (told !== null && (status === 400 || status === 413)) {
    const message = `${place} refuses the message (${status})${why}`
    return { ...base, code: 'refused_message', message, retryable: false, scope: 'message' }
  }
  const what = status >= 300 && status < 400 ? redirected(answer) : `answers ${status} where an ntfy server publishes`
  return { ...base, code: 'not_ntfy', message: `${place} ${what}`, hint: 'Check ntfy.url.', scope: 'channel' }
}

function redirected({ headers }: Answer): string {
  const target = URL.parse(String(headers.location ?? ''))
  return target === null ? 'redirects elsewhere' : `redirects to ${target.host}, which is not followed`
}

/** What ntfy says of an error: `{"code": 40301, "http": 403, "error": "forbidden"}`. */
function reasonOf(text: string): string | null {
  try {
    const { error } = JSON.parse(text) as { error?: unknown }
    return typeof error === 'string' && error !== '' ? clean(error).slice(0, 200) : null
  } catch {
    return null
  }
}

/** Seconds, or a date, which is told from the server's own (RFC 9110, 10.2.3). */
export function retryAfter(headers: Answer['headers']): number | null {
  const text = String(headers['retry-after'] ?? '').trim()
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000
  const wait = Date.parse(text) - Date.parse(String(headers.date ?? ''))
  return Number.isNaN(wait) ? null : Math.max(0, wait)
}

function hostOf(url: string): string {
  return URL.parse(url)?.host ?? url
}
