/**
 * What a posted body is. Duplicati's options allow JSON, or a form whose parameter holds text or JSON, under any name, in the body
 * or (`send-http-verb=GET`) in the query; proxies and own senders lose content types. So the text decides, and the content type
 * only where that leaves it open.
 */
import { formFields } from './form.ts'
import { parseJson, UnreadableJson } from './json.ts'
import { isLiveStatus, type LiveStatus, parseLiveStatus } from './live-status.ts'
import { parseReport, type Report, type ToldNames, UnreadableReport } from './report.ts'
import { parseTextReport } from './text-report.ts'

/** A body as it was posted, decompressed already (`decompress`), and the parameters of its address. */
export interface PostedBody {
  contentType?: string | undefined
  body: Uint8Array
  query?: Record<string, unknown> | undefined
}

export type PostedReport = { kind: 'report'; report: Report } | { kind: 'live'; live: LiveStatus }

/** JSON inside a form inside a text in quotes: deeper than this nobody wraps. */
const MAX_WRAPPINGS = 3
const MAX_CANDIDATES = 5
/** White space of JSON. */
const WHITE = [0x20, 0x0a, 0x0d, 0x09]
/** Parameters that tell what an own template leaves out, called as Duplicati's options are. */
const NAMES: Record<string, keyof ToldNames> = {
  'machine-id': 'machineId',
  'machine-name': 'machineName',
  'backup-id': 'backupId',
  'backup-name': 'backupName',
}

interface Reading {
  isForm: boolean
  besides: ToldNames
  receivedAt: Date
  wrappings: number
}

type Fields = [name: string, value: string][]

/**
 * The report or live status in a body.
 *
 * @throws UnreadableReport when there is neither
 */
export function readReportBody({ contentType = '', body, query = {} }: PostedBody, receivedAt: Date): PostedReport {
  const asked = Object.entries(query).filter((field): field is [string, string] => typeof field[1] === 'string')
  const isForm = /\burlencoded\b/i.test(contentType)
  const reading = { isForm, besides: namesAmong(asked), receivedAt, wrappings: 0 }
  if (firstByte(body) === 0x7b) return readJson(body, reading)
  const text = decode(body)
  return text.trim() === '' ? readFields(asked, reading) : readText(text, reading)
}

/** The first byte that is no white space, behind a mark of UTF-8. */
function firstByte(body: Uint8Array): number | undefined {
  let at = body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf ? 3 : 0
  while (at < body.length && WHITE.includes(body[at] ?? 0)) at++
  return body[at]
}

/** UTF-8 with or without a mark, UTF-16 with one; broken bytes become U+FFFD. */
function decode(body: Uint8Array): string {
  const mark = (body[0] ?? 0) * 256 + (body[1] ?? 0)
  const encoding = mark === 0xfffe ? 'utf-16le' : mark === 0xfeff ? 'utf-16be' : 'utf-8'
  return new TextDecoder(encoding).decode(body)
}

function readJson(bytes: Uint8Array, reading: Reading): PostedReport {
  const { receivedAt } = reading
  let value: unknown
  try {
    value = parseJson(bytes)
  } catch (error) {
    if (!(error instanceof UnreadableJson)) throw error
    // An own template may begin with a bracket.
    return attempt(() => readPlain(decode(bytes), reading)) ?? unreadable(`it ${error.message}`)
  }
  if (isLiveStatus(value)) return { kind: 'live', live: parseLiveStatus(value, receivedAt) }
  return { kind: 'report', report: parseReport(value, receivedAt) }
}

function readText(text: string, reading: Reading): PostedReport {
  const start = text.trimStart()
  if (reading.wrappings > MAX_WRAPPINGS) unreadable('it is wrapped too often')
  if (start.startsWith('{')) return readJson(Buffer.from(text), reading)
  const inner = { ...reading, isForm: false, wrappings: reading.wrappings + 1 }
  if (start.startsWith('"')) return readText(quoted(start), inner)
  if (isFormText(start, reading.isForm)) return readFields(formFields(start), inner)
  return readPlain(text, reading)
}

function readPlain(text: string, { besides, receivedAt }: Reading): PostedReport {
  return { kind: 'report', report: parseTextReport(text, receivedAt, besides) }
}

function quoted(text: string): string {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'string') return value
  } catch {
    // Said below: nothing else that starts with a quote is understood.
  }
  return unreadable('it is no report')
}

/** A name, `=`, and no white space near: texts have some. What is said to be a form may have been escaped badly. */
function isFormText(text: string, isSaidToBe: boolean): boolean {
  const head = text.slice(0, 500)
  return isSaidToBe ? /^[^\s=&:]{0,200}=/.test(head) : /^[^\s=&:]{1,200}=\S*\s*$/.test(head)
}

/** The parameter that holds the report: `message` unless `send-http-message-parameter-name` says otherwise. */
function readFields(fields: Fields, reading: Reading): PostedReport {
  const known = { ...reading, besides: { ...reading.besides, ...namesAmong(fields) } }
  const candidates = fields
    .filter(([, value]) => value.trim() !== '')
    .sort(([one, a], [other, b]) => Number(other === 'message') - Number(one === 'message') || b.length - a.length)
    .slice(0, MAX_CANDIDATES)
  let first: UnreadableReport | undefined
  for (const [, value] of candidates) {
    const found = attempt(
      () => readText(value, known),
      (error) => {
        first ??= error
      },
    )
    if (found) return found
  }
  throw first ?? new UnreadableReport('it is empty')
}

function attempt(read: () => PostedReport, refused?: (error: UnreadableReport) => void): PostedReport | null {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof UnreadableReport)) throw error
    refused?.(error)
    return null
  }
}

function namesAmong(fields: Fields): ToldNames {
  const names: ToldNames = {}
  for (const [name, value] of fields) {
    const key = Object.hasOwn(NAMES, name) ? NAMES[name] : undefined
    if (key && value !== '') names[key] = value
  }
  return names
}

function unreadable(reason: string): never {
  throw new UnreadableReport(reason)
}
