import { addLog, type PackableRun } from '../store/logs.ts'
import { quickRun } from '../store/quick.ts'
import { isNewest, type Kept, SET_NEWEST, valuesOfNewest } from '../store/rollup.ts'
import { packLastRun, valuesOfRun } from '../store/run-values.ts'
import { addSource, insertValues, type Receipt, toRow } from '../store/runs.ts'
import { type Db, type NewRun, WAYS } from '../store/schema.ts'
import type { TellRuns } from './events.ts'
import { misnames } from './misnamed.ts'
import { notesOf, tellingsOf } from './report-job.ts'
import { type KnownSource, noteServer } from './report-source.ts'

const REPORT = WAYS.indexOf('report')
const NOTE = notesOf(`, ${SET_NEWEST}`)

/** A usual report: its run, and what one look found. */
export interface Usual {
  known: KnownSource
  job: Kept & { id: number }
  evidenceId: number
  run: PackableRun
  row: NewRun
  receipt: Receipt
}

/**
 * Most reports tell of a backup that is new, that counts, and that began after all others of a job that is known under this name,
 * at a moment at which no other run is known to have begun. Of them nothing else needs to be found out, and nothing that is stored
 * changes but their job. Null for all others, which `storeRuns` takes.
 */
export function usualRun(
  known: KnownSource,
  { backupName, run, receipt }: { backupName: string; run: PackableRun; receipt: Receipt },
): Usual | null {
  const { job_id: id, habits, runs, evidence_id: evidenceId } = known
  if (known.hasNamesake || known.hasSecond || known.hasMoment || known.job_name !== backupName) return null
  if (id === null || habits === null || runs === null || evidenceId === null) return null
  // A begin that is told to the second may be any of those in it.
  if (misnames(run.duplicatiVersion) || run.beganTicks === null) return null
  const row = toRow(id, run, receipt)
  const job = { id, habits, runs }
  return isNewest(job, row) ? { known, job, evidenceId, run, row, receipt } : null
}

/** Stores such a run as `storeRuns` does, in four statements. */
export async function storeUsual(
  tx: Db,
  { known, job, evidenceId, run, row, receipt }: Usual,
  { backupId, tell }: { backupId: string | null; tell: TellRuns | null },
): Promise<void> {
  const { receivedAt: at, nextAt = null } = receipt
  noteServer(tx, { serverId: known.server_id, known }, { at, version: run.duplicatiVersion })
  const values = valuesOfRun(row)
  const id = insertValues(tx, values)
  await addLog(tx, id, run)
  addSource(tx, id, evidenceId, REPORT)
  const told = tellingsOf({ run, at, nextAt })
  const newest = valuesOfNewest(job, row, packLastRun(id, [REPORT], values))
  quickRun(tx, NOTE[told.tells], ...told.values, ...newest, job.id)
  await tell?.(tx, [{ id, backupId, row, run }])
}
