/** How the texts of a run are packed for the database. Apart from the connection, since a thread without one packs them too. */
import { constants } from 'node:zlib'
import { ZstdCompress } from 'minizlib'
import type { LogSink } from '../duplicati/log-lines.ts'
import type { LogLine } from '../duplicati/model.ts'
import { jsonDictionary, logDictionary } from './log-dictionary.ts'
import { AS_JSON, AS_LINES, END_OF_TEXT, LETTERS, type LogHead, type PackedJson } from './log-format.ts'

/**
 * Level 5 takes twice the time for a tenth less room. The tables in which matches are looked up are smaller than what the level
 * has: most logs fit into them, and they fit into a processor's own cache, which halves the time where other work goes on beside.
 */
const PARAMETERS = {
  [constants.ZSTD_c_compressionLevel]: 3,
  [constants.ZSTD_c_hashLog]: 12,
  [constants.ZSTD_c_chainLog]: 12,
}
/** `2026-11-23T19:36:` */
const MINUTE_LENGTH = 17

/** A log that is taken line by line, ready to be packed. */
export class LogColumns implements LogSink {
  #levels = ''
  readonly #times: (number | null)[] = []
  readonly #tags: (string | null)[] = []
  readonly #tagOf: number[] = []
  readonly #texts: string[] = []
  readonly #places = new Map<string | null, number>()
  #before = 0
  #lastTag: string | null | undefined
  #lastPlace = 0

  /** @param at epoch milliseconds */
  add(level: LogLine['level'], at: number | null, tag: string | null, text: string): void {
    this.#levels += LETTERS[level]
    this.#times.push(at === null ? null : at - this.#before)
    if (at !== null) this.#before = at
    if (tag !== this.#lastTag) {
      this.#lastPlace = this.#places.get(tag) ?? this.#tags.push(tag) - 1
      this.#places.set(tag, this.#lastPlace)
      this.#lastTag = tag
    }
    this.#tagOf.push(this.#lastPlace)
    this.#texts.push(text)
  }

  /** Null where there is nothing to keep. */
  pack(versions: string[] | null): Uint8Array | null {
    const texts = this.#texts
    if (texts.length === 0 && versions === null) return null
    const head: LogHead = { levels: this.#levels, times: this.#times, tags: this.#tags, tagOf: this.#tagOf, versions }
    const body = texts.join(END_OF_TEXT)
    // A text that holds what stands between texts: rare, and hostile.
    if (countOf(END_OF_TEXT, body) !== Math.max(texts.length - 1, 0)) {
      return jsonPacker.pack(JSON.stringify({ ...head, texts } satisfies PackedJson))
    }
    const lines = [head.levels, head.times.join(), head.tagOf.join(), JSON.stringify([head.tags, versions]), body]
    return linePacker.pack(lines.join('\n'))
  }
}

function countOf(mark: string, text: string): number {
  let count = 0
  for (let at = text.indexOf(mark); at >= 0; at = text.indexOf(mark, at + 1)) count++
  return count
}

/** Null where there is nothing to keep. */
export function packLog(log: LogLine[], versionDates: string[] | null): Uint8Array | null {
  const columns = new LogColumns()
  const clock = minutes()
  for (const { level, at, tag, text } of log) columns.add(level, at === null ? null : clock(at), tag, text)
  return columns.pack(versionDates)
}

/**
 * Makes whole frames, one for each text. It is kept: to make what compresses takes twice as long as to compress a run's log, and
 * Node.js makes one for each text.
 */
class Packer {
  readonly #format: number
  readonly #dictionary: () => Uint8Array
  #frames: ZstdCompress | null = null

  constructor(format: number, dictionary: () => Uint8Array) {
    this.#format = format
    this.#dictionary = dictionary
  }

  pack(text: string): Uint8Array {
    this.#frames ??= this.#start()
    try {
      this.#frames.write(Buffer.from(text))
      const frame = this.#frames.read()
      if (frame === null) throw new Error('a log was packed to nothing')
      return Buffer.concat([Buffer.of(this.#format), frame])
    } catch (error) {
      // One that has failed does nothing more.
      this.#frames = null
      throw error
    }
  }

  #start(): ZstdCompress {
    // All of them go on to the class of Node.js; the types of minizlib leave out the dictionary.
    const options = {
      flush: constants.ZSTD_e_end,
      dictionary: this.#dictionary(),
      params: PARAMETERS,
    }
    return new ZstdCompress(options)
  }
}

const linePacker = new Packer(AS_LINES, logDictionary)
const jsonPacker = new Packer(AS_JSON, jsonDictionary)

/** Reads ISO 8601 UTC with milliseconds; a minute once, since most lines share theirs with the one before. */
function minutes(): (at: string) => number {
  let known = 'none'
  let start = 0
  return (at) => {
    if (!at.startsWith(known)) {
      known = at.slice(0, MINUTE_LENGTH)
      start = Date.parse(`${known}00.000Z`)
    }
    return start + digits(at, MINUTE_LENGTH, 2) * 1_000 + digits(at, MINUTE_LENGTH + 3, 3)
  }
}

function digits(text: string, from: number, count: number): number {
  let value = 0
  for (let i = from; i < from + count; i++) value = value * 10 + text.charCodeAt(i) - 0x30
  return value
}
