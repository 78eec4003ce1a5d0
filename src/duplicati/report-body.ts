/**
 * What a posted body is. Duplicati's options allow JSON, or a form whose parameter holds text or JSON, under any name, in the body
 * or (`send-http-verb=GET`) in the query; proxies and own senders lose content types. So the text decides, and the content type
 * only where that leaves it open.
 */
import { type FormField, formFields } from './form.ts'
import { parseJson, UnreadableJson } from './json.ts'
import { isLiveStatus, type LiveStatus, parseLiveStatus } from './live-status.ts'
import type { LogSink } from './log-lines.ts'
import { parseReport, type Report, type ToldNames, UnreadableReport } from './report.ts'
import { trimReport } from './report-trim.ts'
import { parseTextReport } from './text-report.ts'

/** A body as it was posted, decompressed already (`decompress`), and the parameters of its address. */
export interface PostedBody {
  contentType?: string | undefined
  body: Uint8Array
  query?: Record<string, unknown> | undefined
  /** Makes what takes the lines of a JSON report's log (`Report.sink`). */
  sink?: (() => LogSink) | undefined
}

export type PostedReport = { kind: 'report'; report: Report } | { kind: 'live'; live: LiveStatus }

/** JSON inside a form inside a text in quotes: deeper than this nobody wraps. */
const MAX_WRAPPINGS = 3
const MAX_CANDIDATES = 5
/** Longest report as text that is read; what follows are log lines that would not be kept. */
const MAX_TEXT_BYTES = 16 * 1024 * 1024
const HEAD_BYTES = 500
const NEWLINE = 0x0a
/** White space of JSON. */
const WHITE = [0x20, NEWLINE, 0x0d, 0x09]
/** Parameters that tell what an own template leaves out, called as Duplicati's options are. */
const NAMES: Record<string, keyof ToldNames> = {
  'machine-id': 'machineId',
  'machine-name': 'machineName',
  'backup-id': 'backupId',
  'backup-name': 'backupName',
}

interface Reading {
  sink: (() => LogSink) | undefined
  isForm: boolean
  besides: ToldNames
  receivedAt: Date
  wrappings: number
}

/**
 * The report or live status in a body.
 *
 * @throws UnreadableReport when there is neither
 */
export function readReportBody(
  { contentType = '', body, query = {}, sink }: PostedBody,
  receivedAt: Date,
): PostedReport {
  const asked = Object.entries(query).flatMap(([name, value]) =>
    typeof value === 'string' ? [{ name, value: Buffer.from(value) }] : [],
  )
  const isForm = /\burlencoded\b/i.test(contentType)
  const reading = { isForm, besides: namesAmong(asked), receivedAt, wrappings: 0, sink }
  return isBlank(body) ? readFields(asked, reading) : readBytes(body, reading)
}

function readBytes(bytes: Uint8Array, reading: Reading): PostedReport {
  const inner = { ...reading, isForm: false, wrappings: reading.wrappings + 1 }
  if (inner.wrappings > MAX_WRAPPINGS) throw new UnreadableReport('it is wrapped too often')
  const wide = wideText(bytes)
  if (wide !== null) return readBytes(Buffer.from(wide), inner)
  const start = startOf(bytes)
  if (bytes[start] === 0x7b) return readJson(bytes, reading)
  if (bytes[start] === 0x22) return readBytes(quoted(bytes), inner)
  return isFormText(bytes, start, reading.isForm) ? readForm(bytes.subarray(start), inner) : readText(bytes, reading)
}

/** UTF-16 says so by its mark. */
function wideText(bytes: Uint8Array): string | null {
  const mark = (bytes[0] ?? 0) * 256 + (bytes[1] ?? 0)
  if (mark !== 0xfffe && mark !== 0xfeff) return null
  return new TextDecoder(mark === 0xfffe ? 'utf-16le' : 'utf-16be').decode(bytes)
}

/** Where the text begins, behind a mark of UTF-8 and white space. */
function startOf(bytes: Uint8Array): number {
  let at = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0
  while (at < bytes.length && WHITE.includes(bytes[at] ?? 0)) at++
  return at
}

function isBlank(bytes: Uint8Array): boolean {
  return startOf(bytes) === bytes.length
}

function readJson(bytes: Uint8Array, reading: Reading): PostedReport {
  const { receivedAt, sink } = reading
  const trimmed = trimReport(bytes)
  let value: unknown
  try {
    value = parseJson(trimmed.bytes)
  } catch (error) {
    if (!(error instanceof UnreadableJson)) throw error
    // An own template may begin with a bracket.
    const found = attempt(() => readText(bytes, reading))
    if (found instanceof UnreadableReport) throw new UnreadableReport(`it ${error.message}`, { cause: error })
    return found
  }
  if (isLiveStatus(value)) return { kind: 'live', live: parseLiveStatus(value, receivedAt) }
  return { kind: 'report', report: parseReport(value, receivedAt, { dropped: trimmed.dropped, sink }) }
}

/** UTF-8; broken bytes become U+FFFD. */
function readText(bytes: Uint8Array, { besides, receivedAt }: Reading): PostedReport {
  return { kind: 'report', report: parseTextReport(decode(bytes), receivedAt, besides) }
}

function decode(bytes: Uint8Array): string {
  if (bytes.length <= MAX_TEXT_BYTES) return new TextDecoder().decode(bytes)
  const line = bytes.lastIndexOf(NEWLINE, MAX_TEXT_BYTES)
  const end = line < 0 ? MAX_TEXT_BYTES : line
  return `${new TextDecoder().decode(bytes.subarray(0, end))}\n… (${bytes.length - end} more bytes of the report were not kept)`
}

function quoted(bytes: Uint8Array): Uint8Array {
  try {
    const value = parseJson(bytes)
    if (typeof value === 'string') return Buffer.from(value)
  } catch (error) {
    if (!(error instanceof UnreadableJson)) throw error
  }
  throw new UnreadableReport('it is no report')
}

/**
 * A name, `=`, and no white space near: texts have some. What is said to be a form may have been escaped badly, and Duplicati
 * does not escape the names that users choose.
 */
function isFormText(bytes: Uint8Array, start: number, isSaidToBe: boolean): boolean {
  const head = Buffer.from(bytes.subarray(start, start + HEAD_BYTES)).toString('latin1')
  return isSaidToBe ? /^[^\r\n=&]{0,200}=/.test(head) : /^[^\s=&:]{1,200}=\S*\s*$/.test(head)
}

function readForm(bytes: Uint8Array, reading: Reading): PostedReport {
  const found = attempt(() => readFields(formFields(bytes), reading))
  if (!(found instanceof UnreadableReport)) return found
  const text = attempt(() => readText(bytes, reading))
  if (text instanceof UnreadableReport) throw found
  return text
}

/** The parameter that holds the report: `message` unless `send-http-message-parameter-name` says otherwise. */
function readFields(fields: FormField[], reading: Reading): PostedReport {
  const known = { ...reading, besides: { ...reading.besides, ...namesAmong(fields) } }
  const candidates = fields
    .filter(({ value }) => !isBlank(value))
    .sort((a, b) => Number(b.name === 'message') - Number(a.name === 'message') || b.value.length - a.value.length)
    .slice(0, MAX_CANDIDATES)
  let first = new UnreadableReport('it is empty')
  for (const [place, { value }] of candidates.entries()) {
    const found = attempt(() => readBytes(value, known))
    if (!(found instanceof UnreadableReport)) return found
    if (place === 0) first = found
  }
  throw first
}

function attempt(read: () => PostedReport): PostedReport | UnreadableReport {
  try {
    return read()
  } catch (error) {
    if (error instanceof UnreadableReport) return error
    throw error
  }
}

function namesAmong(fields: FormField[]): ToldNames {
  const names: ToldNames = {}
  for (const { name, value } of fields) {
    const key = Object.hasOwn(NAMES, name) ? NAMES[name] : undefined
    if (key && value.length > 0) names[key] = Buffer.from(value).toString()
  }
  return names
}
