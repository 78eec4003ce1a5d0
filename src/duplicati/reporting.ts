/**
 * The options that make Duplicati send its reports here. Set among a server's settings (with leading dashes) they hold for every job
 * that has no such option of its own; set in a job they hold for that one.
 */
import { UnexpectedAnswer } from './answers.ts'

export interface ReportingOption {
  /** As it is written on a command line and among the server's settings: `--send-http-json-urls`. */
  name: string
  value: string
}

export interface ReportingChange {
  name: string
  /** Null: not set. */
  from: string | null
  to: string | null
}

const URLS = '--send-http-json-urls'
const LIVE = '--http-report-status-url'
/** Every line, and those that name the versions at the destination: counts and dates are then told in full. */
const TEXTS: readonly ReportingOption[] = [
  { name: '--send-http-log-level', value: 'Information' },
  { name: '--send-http-max-log-lines', value: '0' },
]
/** Duplicati separates several addresses so. */
const SEPARATOR = ';'

/** `GET /serversettings`: a map of texts; anything else in it is no setting that matters here. */
export function readSettings(body: unknown): Record<string, string> {
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw new UnexpectedAnswer('the settings', 'are no object')
  return Object.fromEntries(
    Object.entries(body).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  )
}

/**
 * The options for reports to `url` (of the receiver, with its path and token); `liveUrl` is where live status goes, which Duplicati
 * knows from the canary after 2.3.0.4 on.
 */
export function reportingOptions(url: string, liveUrl: string | null = null): ReportingOption[] {
  return [{ name: URLS, value: url }, ...TEXTS, ...(liveUrl === null ? [] : [{ name: LIVE, value: liveUrl }])]
}

/**
 * What has to change among a server's settings. Addresses of other receivers stay: reports then go to both. An older address of this
 * receiver (same origin and path, maybe another token) is replaced.
 * @param former further addresses that are none of others: where this monitor was before
 */
export function reportingChanges(
  settings: Readonly<Record<string, string>>,
  url: string,
  liveUrl: string | null = null,
  former: readonly string[] = [],
): ReportingChange[] {
  return reportingOptions(url, liveUrl).flatMap(({ name, value }) => {
    const from = settings[name] || null
    const left = name === URLS ? others(from, url).filter((other) => !former.includes(other)) : []
    const to = [...left, value].join(SEPARATOR)
    return from === to ? [] : [{ name, from, to }]
  })
}

/** What takes the reports of a server away from here again; the texts' options stay where other receivers are left. */
export function reportingRemoval(settings: Readonly<Record<string, string>>, url: string): ReportingChange[] {
  const from = settings[URLS] || null
  const left = others(from, url)
  const kept = left.length === 0 ? null : left.join(SEPARATOR)
  const changes: ReportingChange[] = from === kept ? [] : [{ name: URLS, from, to: kept }]
  const live = settings[LIVE]
  if (live && samePlace(live, url)) changes.push({ name: LIVE, from: live, to: null })
  if (kept !== null || changes.length === 0) return changes
  const texts = TEXTS.filter(({ name, value }) => settings[name] === value)
  return [...changes, ...texts.map(({ name, value }) => ({ name, from: value, to: null }))]
}

/** What a server's settings say otherwise than they should after the changes were sent; empty when all took effect. */
export function reportingMissing(
  settings: Readonly<Record<string, string>>,
  changes: readonly ReportingChange[],
): string[] {
  return changes.filter(({ name, to }) => (settings[name] || null) !== to).map(({ name }) => name)
}

/** The token that the server already posts with to the receiver at `url`; null where it does not, or posts without. */
export function presentToken(settings: Readonly<Record<string, string>>, url: string): string | null {
  const mine = (settings[URLS] ?? '')
    .split(SEPARATOR)
    .find((part) => part.trim() !== '' && sameReceiver(part.trim(), url))
  return mine === undefined ? null : new URL(mine.trim()).searchParams.get('token')
}

/** Where else the server's reports go, each with the token that they are posted with. */
export function otherReceivers(
  settings: Readonly<Record<string, string>>,
  url: string,
): { url: string; token: string | null }[] {
  return others(settings[URLS] ?? null, url).map((other) => ({
    url: other,
    token: URL.parse(other)?.searchParams.get('token') ?? null,
  }))
}

/** The addresses that a server's reports go to, as they may be shown. */
export function reportsTo(settings: Readonly<Record<string, string>>): string[] {
  return others(settings[URLS] ?? null, '').map(withoutToken)
}

/** An address as it may be shown: whoever knows the token can post. */
export function withoutToken(urls: string): string {
  return urls.replace(/([?&]token=)[^&;\s]+/gi, '$1…')
}

function others(urls: string | null, url: string): string[] {
  const all = (urls ?? '').split(SEPARATOR).map((part) => part.trim())
  return all.filter((part) => part !== '' && !sameReceiver(part, url))
}

function sameReceiver(one: string, other: string): boolean {
  return partsOf(one).join('') === partsOf(other).join('')
}

function samePlace(one: string, other: string): boolean {
  return partsOf(one)[0] === partsOf(other)[0]
}

function partsOf(url: string): string[] {
  try {
    const { origin, pathname } = new URL(url)
    return [origin, pathname]
  } catch {
    return [url]
  }
}
