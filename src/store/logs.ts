import type { RunFacts } from '../duplicati/model.ts'
import { unpackLog } from './log-unpack.ts'
import { quickRun } from './quick.ts'
import type { Db } from './schema.ts'

/** The texts of a run as they are stored, packed by who read them; null for none. */
export class PackedLog {
  readonly body: Uint8Array | null

  constructor(body: Uint8Array | null) {
    this.body = body
  }
}

/** A run whose texts may be packed already: few of those who store a run read them. */
export type PackableRun = Omit<RunFacts, 'log'> & { log: RunFacts['log'] | PackedLog }

/** The texts themselves. */
export function linesOf({ log }: Pick<PackableRun, 'log'>): RunFacts['log'] {
  if (!(log instanceof PackedLog)) return log
  return log.body === null ? [] : unpackLog(log.body).lines
}

/** Stores the texts of a run that has none yet. */
export async function addLog(db: Db, runId: number, run: PackableRun): Promise<void> {
  const { log, versionDates } = run
  const body = log instanceof PackedLog ? log.body : await packed({ log, versionDates })
  if (body !== null) quickRun(db, 'INSERT INTO run_log (run_id, body) VALUES (?, ?)', runId, body)
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
  quickRun(
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
