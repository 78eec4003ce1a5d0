/**
 * Large JSON reports, made small before they are parsed: with all log lines asked for, thirteen thousand warnings are 60 MB, of
 * which only the first two thousand texts are kept. Parsed whole they would need four times their size.
 */
import { endOfString } from './json.ts'
import { type LineCounts, MAX_LINES_PER_LEVEL, noLines } from './log-lines.ts'

/** Smaller reports are parsed as they are. */
const LARGE_BYTES = 4 * 1024 * 1024
/** Most bytes of log lines that are kept: twice what is stored of them, since JSON writes some characters longer. */
const MAX_LINES_BYTES = 24 * 1024 * 1024
const KEY = Buffer.from('"LogLines"')
const HEAD_BYTES = 80
const [QUOTE, COMMA, COLON, LIST, LIST_END, OBJECT, OBJECT_END] = [0x22, 0x2c, 0x3a, 0x5b, 0x5d, 0x7b, 0x7d]

export interface Trimmed {
  bytes: Uint8Array
  /** How many lines of each level were left out. */
  dropped: LineCounts
}

/** The report without the `LogLines` that would not be kept anyway; the same bytes where it is small, or is no such report. */
export function trimReport(bytes: Uint8Array): Trimmed {
  const whole = { bytes, dropped: noLines() }
  if (bytes.length <= LARGE_BYTES) return whole
  const from = startOfLines(bytes)
  return (from !== null && trimLines(bytes, from)) || whole
}

/** Where the list `LogLines` of the outermost object begins, behind its bracket. */
function startOfLines(bytes: Uint8Array): number | null {
  let depth = 0
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at]
    if (byte === OBJECT || byte === LIST) depth++
    else if (byte === OBJECT_END || byte === LIST_END) depth--
    if (byte !== QUOTE) continue
    const end = endOfString(bytes, at + 1)
    if (depth === 1 && KEY.equals(bytes.subarray(at, end + 1))) {
      const colon = skipSpace(bytes, end + 1)
      const bracket = skipSpace(bytes, colon + 1)
      if (bytes[colon] === COLON && bytes[bracket] === LIST) return bracket + 1
    }
    at = end
  }
  return null
}

function trimLines(bytes: Uint8Array, from: number): Trimmed | null {
  const [seen, dropped] = [noLines(), noLines()]
  const kept: Uint8Array[] = []
  let room = MAX_LINES_BYTES
  let at = skipSpace(bytes, from)
  while (bytes[at] === QUOTE) {
    const end = endOfString(bytes, at + 1) + 1
    const level = levelOf(bytes, at)
    if (++seen[level] > MAX_LINES_PER_LEVEL || end - at > room) dropped[level]++
    else {
      kept.push(kept.length === 0 ? new Uint8Array() : Uint8Array.of(COMMA), bytes.subarray(at, end))
      room -= end - at
    }
    at = skipSpace(bytes, end)
    if (bytes[at] === COMMA) at = skipSpace(bytes, at + 1)
  }
  if (bytes[at] !== LIST_END) return null
  return { bytes: Buffer.concat([bytes.subarray(0, from), ...kept, bytes.subarray(at)]), dropped }
}

function levelOf(bytes: Uint8Array, at: number): keyof LineCounts {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset + at, Math.min(HEAD_BYTES, bytes.length - at)).toString(
    'latin1',
  )
  const mark = head.indexOf(' - [')
  if (head.startsWith('Error', mark + 4)) return 'error'
  return head.startsWith('Warning', mark + 4) ? 'warning' : 'message'
}

function skipSpace(bytes: Uint8Array, at: number): number {
  while (bytes[at] === 0x20 || bytes[at] === 0x0a || bytes[at] === 0x0d || bytes[at] === 0x09) at++
  return at
}
