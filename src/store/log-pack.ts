/** How the texts of a run stand in the database. Apart from the connection, since a thread without one packs them too. */
import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import type { LogSink } from '../duplicati/log-lines.ts'
import type { LogLine } from '../duplicati/model.ts'
import { logDictionary } from './log-dictionary.ts'
import type { RunLog } from './types.ts'

/** The lower ones take a quarter less time and a twelfth more room; higher ones win one per cent for twice the time. */
const LEVEL = 4
/** A packed log is about a kilobyte: room for more is made and thrown away for each. */
const CHUNK = 4_096
/** `2026-11-23T19:36:` */
const MINUTE_LENGTH = 17
/** A stored body is ours, but the file may be damaged: no more than this is unpacked. */
const MOST_BYTES = 256 * 1024 * 1024
/** The first byte of a body says how the rest is packed: zstd with the first dictionary. */
const FORMAT = 1

const LETTERS = { message: 'm', warning: 'w', error: 'e' } as const
const LEVELS = { m: 'message', w: 'warning', e: 'error' } as const

/** A log in columns, since like stands beside like then: half a run's size is saved against lines one after another. */
interface Packed {
  /** One letter a line. */
  levels: string
  /** Milliseconds since the line before that has a time; null where a line has none. */
  times: (number | null)[]
  /** Each tag once, and for each line its place among them. */
  tags: (string | null)[]
  tagOf: number[]
  texts: string[]
  versions: string[] | null
}

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
    if (this.#texts.length === 0 && versions === null) return null
    const packed: Packed = {
      levels: this.#levels,
      times: this.#times,
      tags: this.#tags,
      tagOf: this.#tagOf,
      texts: this.#texts,
      versions,
    }
    return compressed(Buffer.from(JSON.stringify(packed)))
  }
}

/** Null where there is nothing to keep. */
export function packLog(log: LogLine[], versionDates: string[] | null): Uint8Array | null {
  const columns = new LogColumns()
  const clock = minutes()
  for (const { level, at, tag, text } of log) columns.add(level, at === null ? null : clock(at), tag, text)
  return columns.pack(versionDates)
}

function compressed(text: Buffer): Uint8Array {
  const body = zstdCompressSync(text, {
    chunkSize: CHUNK,
    // Tables for as much as there is: those for a text of any length are a megabyte, to be made and thrown away each time.
    pledgedSrcSize: text.length,
    dictionary: logDictionary(),
    params: { [constants.ZSTD_c_compressionLevel]: LEVEL },
  })
  return Buffer.concat([Buffer.of(FORMAT), body])
}

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

export function unpackLog(body: Uint8Array): RunLog {
  if (body[0] !== FORMAT) throw new Error(`a stored log has the unknown format ${body[0]}`)
  const text = zstdDecompressSync(body.subarray(1), { dictionary: logDictionary(), maxOutputLength: MOST_BYTES })
  const { levels, times, tags, tagOf, texts, versions }: Packed = JSON.parse(text.toString('utf8'))
  const instants = fromSteps(times)
  return {
    lines: texts.map((line, i) => ({
      level: LEVELS[(levels[i] ?? 'm') as keyof typeof LEVELS],
      at: instants[i] == null ? null : new Date(instants[i]).toISOString(),
      tag: tags[tagOf[i] ?? 0] ?? null,
      text: line,
    })),
    versionDates: versions,
  }
}

function fromSteps(steps: (number | null)[]): (number | null)[] {
  let before = 0
  return steps.map((step) => {
    if (step === null) return null
    before += step
    return before
  })
}
