/** Reads the texts of a run as they stand in the database (`log-format.ts`). */
import { zstdDecompressSync } from 'node:zlib'
import { jsonDictionary, logDictionary } from './log-dictionary.ts'
import { AS_JSON, AS_LINES, END_OF_TEXT, LEVELS, type LogHead, type PackedJson } from './log-format.ts'
import type { RunLog } from './types.ts'

/** A stored body is ours, but the file may be damaged: no more than this is unpacked. */
const MOST_BYTES = 256 * 1024 * 1024

/** @throws Error for a body of a format that is not known, or that is damaged */
export function unpackLog(body: Uint8Array): RunLog {
  if (body[0] === AS_LINES) return fromLines(decompressed(body, logDictionary()))
  if (body[0] === AS_JSON) return fromColumns(JSON.parse(decompressed(body, jsonDictionary())) as PackedJson)
  throw new Error(`a stored log has the unknown format ${body[0]}`)
}

function decompressed(body: Uint8Array, dictionary: Uint8Array): string {
  return zstdDecompressSync(body.subarray(1), { dictionary, maxOutputLength: MOST_BYTES }).toString('utf8')
}

function fromLines(packed: string): RunLog {
  const [levels = '', times = '', tagOf = '', named = '[[],null]', ...rest] = packed.split('\n')
  const [tags, versions]: [LogHead['tags'], LogHead['versions']] = JSON.parse(named)
  const texts = levels === '' ? [] : rest.join('\n').split(END_OF_TEXT)
  const steps = times.split(',').map((step) => (step === '' ? null : Number(step)))
  return fromColumns({ levels, times: steps, tagOf: tagOf.split(',').map(Number), tags, versions, texts })
}

function fromColumns({ levels, times, tags, tagOf, texts, versions }: PackedJson): RunLog {
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
