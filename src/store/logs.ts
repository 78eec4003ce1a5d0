import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import type { LogLine } from '../duplicati/model.ts'
import type { Db } from './schema.ts'
import type { RunLog } from './types.ts'

/** The fastest level: a run's texts shrink to a tenth by it, and higher ones win a few per cent for a multiple of the time. */
const LEVEL = 1
/** A stored body is ours, but the file may be damaged: no more than this is unpacked. */
const MOST_BYTES = 256 * 1024 * 1024

const LETTERS = { message: 'm', warning: 'w', error: 'e' } as const
const LEVELS = { m: 'message', w: 'warning', e: 'error' } as const

/** A log in the order of its lines: `[level letter, milliseconds or null, tag or null, text]`. */
interface Packed {
  l: [keyof typeof LEVELS, number | null, string | null, string][]
  v: string[] | null
}

export function packLog(log: LogLine[], versionDates: string[] | null): Uint8Array {
  const packed: Packed = {
    l: log.map(({ level, at, tag, text }) => [LETTERS[level], at === null ? null : Date.parse(at), tag, text]),
    v: versionDates,
  }
  return zstdCompressSync(JSON.stringify(packed), { params: { [constants.ZSTD_c_compressionLevel]: LEVEL } })
}

export function unpackLog(body: Uint8Array): RunLog {
  const packed: Packed = JSON.parse(zstdDecompressSync(body, { maxOutputLength: MOST_BYTES }).toString('utf8'))
  return {
    lines: packed.l.map(([letter, at, tag, text]) => ({
      level: LEVELS[letter],
      at: at === null ? null : new Date(at).toISOString(),
      tag,
      text,
    })),
    versionDates: packed.v,
  }
}

export async function readLog(db: Db, runId: number): Promise<RunLog> {
  const row = await db.selectFrom('run_log').select('body').where('run_id', '=', runId).executeTakeFirst()
  return row ? unpackLog(row.body) : { lines: [], versionDates: null }
}

/** Stores the texts of a run; without any no row is needed. */
export async function writeLog(db: Db, runId: number, log: LogLine[], versionDates: string[] | null): Promise<void> {
  if (log.length === 0 && versionDates === null) return
  const body = packLog(log, versionDates)
  await db
    .insertInto('run_log')
    .values({ run_id: runId, body })
    .onConflict((conflict) => conflict.column('run_id').doUpdateSet({ body }))
    .execute()
}
