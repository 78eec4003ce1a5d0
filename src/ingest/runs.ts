import type { RunFacts } from '../duplicati/model.ts'
import { packLog } from '../store/logs.ts'
import { add, nothingAdded, rollUp, rollUpAll } from '../store/rollup.ts'
import { addSource, enrich, sameAmong, toRow } from '../store/runs.ts'
import { type Db, type NewRun, type RunRow, WAYS, type Way } from '../store/schema.ts'
import { joinWhereRunsAgree } from './agreement.ts'
import { evidenceOf, jobOf } from './jobs.ts'
import type { Origin } from './servers.ts'
import type { IngestCounts } from './types.ts'

/** SQLite binds 32,766 values at most; a run has 31. */
const ROWS_A_STATEMENT = 500

export interface Arrival {
  origin: Origin
  /** Without `DB-`. */
  backupId: string
  backupName: string
  way: Way
  receivedAt: number
}

interface Fresh {
  row: NewRun
  run: RunFacts
}

/**
 * Stores runs of one job that came together: new ones are added, known ones learn what they lacked, the job's state is rolled up,
 * and servers whose runs agree are joined. Call it inside a transaction.
 */
export async function storeRuns(tx: Db, arrival: Arrival, runs: RunFacts[]): Promise<IngestCounts> {
  const { origin, backupId, backupName, receivedAt } = arrival
  const jobId = await jobOf(tx, origin.serverId, backupId, backupName)
  const counts: IngestCounts = { new: 0, known: 0, updated: 0 }
  if (runs.length === 0) return counts
  const evidenceId = await evidenceOf(tx, origin.sourceId, backupId, backupName)
  const way = WAYS.indexOf(arrival.way)
  const tellings = runs.map((run) => ({ row: toRow(jobId, run, receivedAt), run }))
  const { fresh, known } = await sortOut(tx, jobId, tellings)
  let retold = false
  for (const { stored, telling } of known) {
    counts.known += 1
    const learnt = await learn(tx, stored, telling, evidenceId, way)
    if (learnt !== 'nothing') retold = true
    if (learnt === 'figures') counts.updated += 1
  }
  if (counts.updated > 0) await rollUpAll(tx, jobId)
  else if (retold) await rollUp(tx, jobId, nothingAdded())
  if (fresh.length > 0) {
    counts.new = fresh.length
    const firstRunId = await insertAll(tx, fresh, evidenceId, way)
    const added = nothingAdded()
    for (const { row } of fresh) add(added, row)
    await rollUp(tx, jobId, added)
    const { serverId, agreed } = await joinWhereRunsAgree(tx, {
      jobId,
      serverId: origin.serverId,
      backupId,
      firstRunId,
      at: receivedAt,
    })
    origin.serverId = serverId
    counts.new -= agreed
    counts.known += agreed
  }
  return counts
}

/** Which of these are stored already. Two tellings of one run in one page are one run too. */
async function sortOut(tx: Db, jobId: number, tellings: Fresh[]) {
  const stored = await storedBetween(tx, jobId, tellings)
  const bySecond = Map.groupBy(stored, secondOf) as Map<number, (RunRow | NewRun)[]>
  const fresh: Fresh[] = []
  const known: { stored: RunRow; telling: Fresh }[] = []
  for (const telling of tellings) {
    const second = secondOf(telling.row)
    const near = bySecond.get(second) ?? []
    const same = sameAmong(near, telling.row)
    if (same === undefined) {
      fresh.push(telling)
      bySecond.set(second, [...near, telling.row])
    } else if (isStored(same)) {
      known.push({ stored: same, telling })
      bySecond.set(second, near.with(near.indexOf(same), asKnownNow(same, telling.row)))
    }
  }
  return { fresh, known }
}

/** A run that stood there in whole seconds is the first one that fits: another one of that second is another run. */
function asKnownNow(stored: RunRow, { began_at, began_ticks, duration_ticks }: NewRun): RunRow {
  if (stored.began_ticks !== null || began_ticks == null) return stored
  return { ...stored, began_at, began_ticks, duration_ticks: stored.duration_ticks ?? duration_ticks ?? null }
}

function isStored(run: RunRow | NewRun): run is RunRow {
  return run.id !== undefined
}

function secondOf(run: Pick<NewRun, 'began_at'>): number {
  return Math.floor(run.began_at / 1_000)
}

function storedBetween(tx: Db, jobId: number, tellings: Fresh[]): Promise<RunRow[]> {
  const seconds = tellings.map(({ row }) => secondOf(row))
  return tx
    .selectFrom('run')
    .selectAll()
    .where('job_id', '=', jobId)
    .where('began_at', '>=', seconds.reduce((a, b) => Math.min(a, b)) * 1_000)
    .where('began_at', '<', (seconds.reduce((a, b) => Math.max(a, b)) + 1) * 1_000)
    .execute()
}

/** A row that is read again has nothing to add; of reports there may be a short one and a rich one. */
async function learn(
  tx: Db,
  stored: RunRow,
  { row, run }: Fresh,
  evidenceId: number,
  way: number,
): Promise<'nothing' | 'source' | 'figures'> {
  const toldBefore = await tx
    .selectFrom('run_source')
    .select('run_id')
    .where('run_id', '=', stored.id)
    .where('evidence_id', '=', evidenceId)
    .where('way', '=', way)
    .executeTakeFirst()
  if (toldBefore && WAYS[way] === 'collect') return 'nothing'
  await addSource(tx, stored.id, evidenceId, way)
  return (await enrich(tx, stored, row, () => run)) ? 'figures' : 'source'
}

/** A page in a handful of statements; returns the first of the new ids, which rise in the order of the rows. */
async function insertAll(tx: Db, fresh: Fresh[], evidenceId: number, way: number): Promise<number> {
  let first: number | undefined
  for (let i = 0; i < fresh.length; i += ROWS_A_STATEMENT) {
    const piece = fresh.slice(i, i + ROWS_A_STATEMENT)
    const ids = await tx
      .insertInto('run')
      .values(piece.map(({ row }) => row))
      .returning('id')
      .execute()
    first ??= ids[0]?.id
    const logs = piece.flatMap(({ run }, at) =>
      run.log.length > 0 || run.versionDates !== null
        ? [{ run_id: ids[at]?.id ?? 0, body: packLog(run.log, run.versionDates) }]
        : [],
    )
    if (logs.length > 0) await tx.insertInto('run_log').values(logs).execute()
    await tx
      .insertInto('run_source')
      .values(ids.map(({ id }) => ({ run_id: id, evidence_id: evidenceId, way })))
      .execute()
  }
  return first ?? 0
}
