/** Answers that are not what was asked for, told apart: Duplicati's own refusals, proxies' pages, strangers. */
import { badAnswer, DuplicatiError, type FailureCode, foreign } from './failures.ts'
import { parseJson } from './json.ts'
import type { Answer } from './transport.ts'
import { endpoint } from './transport.ts'

/** A request as the messages name it. */
export interface Asked {
  /** The server's address. */
  url: string
  /** The endpoint's path below the server's address, with or without query. */
  path: string
}

const HEADERS_HINT =
  'A proxy in front of Duplicati wants a login of its own: give its headers with `duplistatus server edit SERVER --headers-stdin`.'

/** `{"Error": "…", "Code": 403, "HelpId": "…"}`, as Duplicati refuses; null for anything else. */
export function duplicatiError(answer: Answer): { error: string; helpId: string | null } | null {
  if (answer.body.length > 64 * 1024 || isHtml(answer)) return null
  try {
    const { Error: error, HelpId: helpId } = parseJson(answer.body) as { Error?: unknown; HelpId?: unknown }
    return typeof error === 'string' ? { error, helpId: typeof helpId === 'string' ? helpId : null } : null
  } catch {
    return null
  }
}

/** Whether the log of a job can't be read because its database is in use (2.3 canaries and later). */
export function isDatabaseLocked(answer: Answer): boolean {
  return answer.status === 400 && duplicatiError(answer)?.helpId === 'DatabaseLocked'
}

/** An answer that is not 2xx, as a failure. A 401 of Duplicati itself is the caller's: what it means depends on what was sent. */
export function refusal(answer: Answer, asked: Asked): DuplicatiError {
  if (answer.status >= 300 && answer.status < 400) return redirected(answer, asked)
  if (isHtml(answer) || wantsOtherLogin(answer) || answer.status === 407) return page(answer, asked)
  const own = duplicatiError(answer)
  if (answer.status === 403 && own && /^invalid host\s?name/i.test(own.error)) return hostNameFilter(own.error, asked)
  if (answer.status === 429)
    return fail('busy', asked, `${asked.url} wants to be asked less often (429)`, 'Try again in a few minutes.')
  if (answer.status >= 502 && answer.status <= 504 && !own) return gateway(answer.status, '', asked)
  if (!own && answer.status === 404) return notDuplicati(`has nothing at ${endpoint(asked.path)} (404)`, asked)
  const said = own ? `: ${foreign(own.error)}` : ''
  return fail(
    'server_error',
    asked,
    `${asked.url} answered ${answer.status} to ${endpoint(asked.path)}${said}`,
    'Look into the log of Duplicati (About → Show log), or try again.',
  )
}

/** A 2xx answer whose body is no JSON. */
export function notJson(answer: Answer, asked: Asked, why: string, cause: unknown): DuplicatiError {
  return isHtml(answer) ? page(answer, asked) : badAnswer(asked.url, endpoint(asked.path), why, cause)
}

/** Where a redirect points to, resolved; null without a usable `Location`. */
export function redirectTarget(answer: Answer, requested: string): URL | null {
  const { location } = answer.headers
  return typeof location === 'string' ? URL.parse(location, requested) : null
}

const LOGIN_PAGE = /log-?in|sign-?in|\bauth|oauth|\bsso\b|saml|oidc|openid|authorize|outpost/i

function redirected(answer: Answer, asked: Asked): DuplicatiError {
  const target = redirectTarget(answer, asked.url)
  if (!target || !/^https?:$/.test(target.protocol)) {
    return fail(
      'redirected',
      asked,
      `${asked.url} redirects (${answer.status}) to nowhere`,
      'Is this address really a Duplicati server?',
    )
  }
  const { url } = asked
  // Without query and credentials: they may hold somebody's session.
  const shown = foreign(`${target.origin}${target.pathname}`)
  // Our own path at the end is no login page, although one of ours is called so.
  const suffix = endpoint(asked.path)
  const isMoved = target.pathname.endsWith(suffix)
  if (!isMoved && LOGIN_PAGE.test(`${target.host}${target.pathname}`)) {
    return fail('proxy_auth', asked, `${url} sends us to a login page: ${shown}; nothing was sent there`, HEADERS_HINT)
  }
  const base = `${target.origin}${isMoved ? target.pathname.slice(0, -suffix.length) : ''}`
  const hint =
    new URL(url).protocol === 'https:' && target.protocol === 'http:'
      ? 'It leads from https to unencrypted http; mend the redirect in the proxy.'
      : `If that is the server, use ${foreign(base)} as its address; if it is a proxy's login, give its headers with --headers-stdin.`
  return fail('redirected', asked, `${url} redirects to ${shown}; passwords are not sent on to there`, hint)
}

function page(answer: Answer, asked: Asked): DuplicatiError {
  const html = isHtml(answer) ? answer.body.subarray(0, 256 * 1024).toString('utf8') : ''
  const title = foreign(/<title[^>]*>([^<]{0,400})/i.exec(html)?.[1] ?? '', 80)
  const said = title ? `: "${title}"` : ''
  const { status } = answer
  const { url } = asked
  if (status === 401 || status === 403 || status === 407 || (status < 300 && isLoginForm(html))) {
    return fail('proxy_auth', asked, `A proxy in front of ${url} wants a login (${status})${said}`, HEADERS_HINT)
  }
  if (status >= 500) return gateway(status, said, asked)
  if (status >= 400 && status !== 404 && status !== 405) {
    return fail(
      'proxy_page',
      asked,
      `${url} answered with a web page (${status})${said}`,
      'Is a proxy in between, and does it pass POST and GET on?',
    )
  }
  return notDuplicati(`answered with a web page instead of data (${status})${said}`, asked)
}

function gateway(status: number, said: string, asked: Asked): DuplicatiError {
  return fail(
    'proxy_page',
    asked,
    `A proxy in front of ${asked.url} answered ${status}${said}`,
    'The proxy is there, but Duplicati behind it does not answer: is it running?',
  )
}

function notDuplicati(what: string, asked: Asked): DuplicatiError {
  return fail(
    'not_duplicati',
    asked,
    `${asked.url} ${what}: this is no Duplicati server`,
    'Check port and path: behind a proxy the address may need a path, such as /duplicati.',
  )
}

export function tooOld(asked: Asked, version: string | null): DuplicatiError {
  const which = version ? `runs Duplicati ${foreign(version, 40)}` : 'runs a Duplicati older than 2.1'
  return fail(
    'too_old',
    asked,
    `${asked.url} ${which}, whose way to log in is not supported`,
    'Upgrade Duplicati to 2.1 or later.',
  )
}

function hostNameFilter(said: string, asked: Asked): DuplicatiError {
  return fail(
    'host_name_filter',
    asked,
    `Duplicati at ${asked.url} does not answer to this name: ${foreign(said)}`,
    `Add the name in Duplicati: Settings → Access → allowed host names (--webservice-allowed-hostnames), or use the IP address.`,
  )
}

/** 401 or 403 with a challenge that is not Duplicati's `Bearer`. */
function wantsOtherLogin(answer: Answer): boolean {
  const challenge = String(answer.headers['www-authenticate'] ?? '')
  return (answer.status === 401 || answer.status === 403) && /^\s*(?!bearer\b)[a-z]/i.test(challenge)
}

/** Whether a 401 came from something in front of Duplicati. */
export function isForeignChallenge(answer: Answer): boolean {
  return isHtml(answer) || wantsOtherLogin(answer)
}

function isHtml(answer: Answer): boolean {
  if (/\bx?html\b/i.test(String(answer.headers['content-type'] ?? ''))) return true
  return /^\s*<(?:!doctype|html|head|body)/i.test(answer.body.subarray(0, 256).toString('latin1'))
}

function isLoginForm(html: string): boolean {
  return /type=["']?password|<form[^>]+(?:login|signin|auth)/i.test(html)
}

function fail(code: FailureCode, asked: Asked, message: string, hint: string): DuplicatiError {
  return new DuplicatiError(code, asked.url, message, { hint })
}
