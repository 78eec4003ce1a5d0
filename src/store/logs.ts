import type { RunFacts } from '../duplicati/model.ts'
import { unpackLog } from './log-unpack.ts'
import { quickRun } from './quick.ts'
import type { Db } from './schema.ts'

/** A run whose texts may be packed already: then `log` unpacks them for who asks, which storing them does not need. */
export type PackableRun = RunFacts & { packedLog?: Uint8Array | null }

/** @param packedLog its texts, null for none; `log` of `run` is not looked at */
export function withPackedLog(run: RunFacts, packedLog: Uint8Array | null): PackableRun {
  let lines: RunFacts['log'] | null = null
  return {
    ...run,
    packedLog,
    get log() {
      lines ??= packedLog === null ? [] : unpackLog(packedLog).lines
      return lines
    },
  }
}

/** Stores the texts of a run that has none yet. */
export async function addLog(db: Db, runId: number, run: PackableRun): Promise<void> {
  const body = run.packedLog === undefined ? await packed(run) : run.packedLog
  if (body !== null) await quickRun(db, 'INSERT INTO run_log (run_id, body) VALUES (?, ?)', runId, body)
}

/** Stores the texts of a run in place of those that it had; without any no row is needed. */
export async function writeLog(
  db: Db,
  runId: number,
  log: RunFacts['log'],
  versionDates: string[] | null,
): Promise<void> {
  const body = await packed({ log, versionDates })
  if (body === null) return
  await quickRun(
    db,
    'INSERT INTO run_log (run_id, body) VALUES (?, ?) ON CONFLICT (run_id) DO UPDATE SET body = excluded.body',
    runId,
    body,
  )
}

/** Most collections find nothing new: what packs is loaded with the first that is. */
let packer: typeof import('./log-pack.ts') | undefined

async function packed({ log, versionDates }: Pick<RunFacts, 'log' | 'versionDates'>): Promise<Uint8Array | null> {
  packer ??= await import('./log-pack.ts')
  return packer.packLog(log, versionDates)
}
