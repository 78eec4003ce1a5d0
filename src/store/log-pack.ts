/** How the texts of a run stand in the database. Apart from the connection, since a thread without one packs them too. */
import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib'
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

export function packLog(log: LogLine[], versionDates: string[] | null): Uint8Array {
  const text = Buffer.from(JSON.stringify(inColumns(log, versionDates)))
  const body = zstdCompressSync(text, {
    chunkSize: CHUNK,
    // Tables for as much as there is: those for a text of any length are a megabyte, to be made and thrown away each time.
    pledgedSrcSize: text.length,
    dictionary: logDictionary(),
    params: { [constants.ZSTD_c_compressionLevel]: LEVEL },
  })
  return Buffer.concat([Buffer.of(FORMAT), body])
}

/** One pass: every report goes through it. */
function inColumns(log: LogLine[], versions: string[] | null): Packed {
  const packed: Packed = { levels: '', times: [], tags: [], tagOf: [], texts: [], versions }
  const places = new Map<string | null, number>()
  const clock = minutes()
  let before = 0
  let lastTag: string | null | undefined
  let lastPlace = 0
  for (const { level, at, tag, text } of log) {
    packed.levels += LETTERS[level]
    const time = at === null ? null : clock(at)
    packed.times.push(time === null ? null : time - before)
    if (time !== null) before = time
    if (tag !== lastTag) {
      lastPlace = places.get(tag) ?? packed.tags.push(tag) - 1
      places.set(tag, lastPlace)
      lastTag = tag
    }
    packed.tagOf.push(lastPlace)
    packed.texts.push(text)
  }
  return packed
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
