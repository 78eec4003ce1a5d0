/** JSON of strangers: its size is bounded before it is parsed, because a parsed text can need a hundred times its room. */

export const MAX_JSON_DEPTH = 64
/** Objects, lists and their members together; ten thousand jobs with all their metadata have some 700,000. */
export const MAX_JSON_MEMBERS = 4_000_000
/** Up to here (most answers) the depth is looked at afterwards: what was parsed is far less than its text. A bomb this small parses in 50 ms. */
const SMALL_BYTES = 256 * 1024

/** Why a text is not parsed, as the end of a sentence. */
export class UnreadableJson extends Error {
  override name = 'UnreadableJson'
}

const decoder = new TextDecoder()

/**
 * Parses UTF-8 JSON (a byte order mark is skipped, invalid bytes become U+FFFD).
 *
 * @throws UnreadableJson when it is no JSON, nested deeper than 64 levels, or has more than four million members
 */
export function parseJson(bytes: Uint8Array): unknown {
  const isSmall = bytes.length <= SMALL_BYTES
  if (!isSmall) checkShape(bytes)
  let value: unknown
  try {
    value = JSON.parse(decoder.decode(bytes))
  } catch (error) {
    checkShape(bytes)
    throw new UnreadableJson(bytes.length === 0 ? 'is empty' : 'is no whole JSON', { cause: error })
  }
  if (isSmall && isDeeper(value, MAX_JSON_DEPTH)) throw tooDeep()
  return value
}

/** Whether objects and lists stand in each other more than `levels` times. */
function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  if (levels === 0) return true
  for (const item of Array.isArray(value) ? value : Object.values(value)) {
    if (typeof item === 'object' && isDeeper(item, levels - 1)) return true
  }
  return false
}

function tooDeep(): UnreadableJson {
  return new UnreadableJson(`is nested deeper than ${MAX_JSON_DEPTH} levels`)
}

const QUOTE = 0x22
const BACKSLASH = 0x5c
const COMMA = 0x2c
const LIST = 0x5b
const LIST_END = 0x5d
const OBJECT = 0x7b
const OBJECT_END = 0x7d

function checkShape(bytes: Uint8Array): void {
  let depth = 0
  let members = 0
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i]
    if (byte === QUOTE) i = endOfString(bytes, i + 1)
    else if (byte === COMMA) members++
    else if (byte === LIST || byte === OBJECT) {
      members++
      if (++depth > MAX_JSON_DEPTH) throw tooDeep()
    } else if (byte === LIST_END || byte === OBJECT_END) depth--
  }
  if (members > MAX_JSON_MEMBERS) throw new UnreadableJson(`has more than ${MAX_JSON_MEMBERS} members`)
}

/** Index of the quote that ends a string; the end of the bytes where none does. */
export function endOfString(bytes: Uint8Array, from: number): number {
  let i = from
  while (i < bytes.length && bytes[i] !== QUOTE) i += bytes[i] === BACKSLASH ? 2 : 1
  return i
}

/**
 * The first item of a list, where it is an object, without what comes after it; undefined where the text begins otherwise. Most
 * pages of a log that is read again are known by their first row, and hold ten.
 * @throws UnreadableJson when the item cannot be parsed
 */
export function parseFirst(bytes: Uint8Array): unknown {
  if (bytes[0] !== LIST || bytes[1] !== OBJECT) return undefined
  return parseUpToNext(bytes) ?? parseUpToEnd(bytes)
}

/** Where a text holds these bytes they are its end, or in an object within: what stands before them is then no JSON. */
const NEXT_OBJECT = '},{"'

function parseUpToNext(bytes: Uint8Array): unknown {
  const next = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).indexOf(NEXT_OBJECT, 1)
  try {
    return next < 0 ? undefined : parseJson(bytes.subarray(1, next + 1))
  } catch (error) {
    if (error instanceof UnreadableJson) return undefined
    throw error
  }
}

function parseUpToEnd(bytes: Uint8Array): unknown {
  let depth = 0
  for (let i = 1; i < bytes.length; i++) {
    const byte = bytes[i]
    if (byte === QUOTE) i = endOfString(bytes, i + 1)
    else if (byte === OBJECT) depth++
    else if (byte === OBJECT_END && --depth === 0) return parseJson(bytes.subarray(1, i + 1))
  }
  return undefined
}

/** Whether a parsed value is an object, and no list. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Whether a parsed value is a whole number from 0 on that a double holds exactly. */
export function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}
