import { quickAll, quickRun } from '../store/quick.ts'
import { insertRun } from '../store/runs.ts'
import type { Db, NewRun } from '../store/schema.ts'
import type { Side } from './part.ts'

/** Rows of runs by who told them; what nobody is noted of is told by neither. */
export type Owners = Record<Side | 'both', number[]>

/** @param sources those of the side `gone` */
export async function ownersOfRuns(tx: Db, jobId: number, sources: readonly number[]): Promise<Owners> {
  const rows = quickAll<{ id: number; least: number; most: number }>(
    tx,
    `SELECT run_id AS id, min(isGone) AS least, max(isGone) AS most FROM (
        SELECT run_id, source_id IN (SELECT value FROM json_each(?)) AS isGone
        FROM run JOIN run_source ON run_source.run_id = run.id JOIN evidence ON evidence.id = evidence_id WHERE job_id = ?)
      GROUP BY run_id ORDER BY run_id`,
    JSON.stringify(sources),
    jobId,
  )
  const of = (least: number, most: number) =>
    rows.filter((row) => row.least === least && row.most === most).map(({ id }) => id)
  return { keep: of(0, 0), gone: of(1, 1), both: of(0, 1) }
}

export async function giveRuns(tx: Db, runs: readonly number[], jobId: number): Promise<void> {
  quickRun(tx, 'UPDATE run SET job_id = ? WHERE id IN (SELECT value FROM json_each(?))', jobId, JSON.stringify(runs))
}

/** Runs that both told: each side gets one, with its own evidence. */
export async function copyRuns(
  tx: Db,
  ids: readonly number[],
  { jobId, sources, side }: { jobId: number; sources: readonly number[]; side: Side },
): Promise<void> {
  const list = JSON.stringify(sources)
  for (const id of ids) {
    const { id: _id, ...run } = await tx.selectFrom('run').selectAll().where('id', '=', id).executeTakeFirstOrThrow()
    const copy = insertRun(tx, { ...run, job_id: jobId } satisfies NewRun)
    quickRun(tx, 'INSERT INTO run_log (run_id, body) SELECT ?, body FROM run_log WHERE run_id = ?', copy, id)
    quickRun(tx, side === 'gone' ? GIVE_THEIRS : GIVE_OTHERS, copy, id, list)
  }
}

const GIVE = `UPDATE run_source SET run_id = ? WHERE run_id = ? AND (SELECT source_id FROM evidence WHERE id = evidence_id)`
const GIVE_THEIRS = `${GIVE} IN (SELECT value FROM json_each(?))`
const GIVE_OTHERS = `${GIVE} NOT IN (SELECT value FROM json_each(?))`
