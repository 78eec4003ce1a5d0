import { addLog, type PackableRun } from '../store/logs.ts'
import { quickAll, quickGet } from '../store/quick.ts'
import { type Added, add, addChange, nothingAdded, rollUp, rollUpAll, rollUpNewest } from '../store/rollup.ts'
import { addSource, enrich, insertRun, type Receipt, sameAmong, startOfSecond, toRow } from '../store/runs.ts'
import { type Db, type NewRun, type RunRow, WAYS, type Way } from '../store/schema.ts'
import { joinWhereRunsAgree } from './agreement.ts'
import type { Arrived, TellRuns } from './events.ts'
import { evidenceOf } from './jobs.ts'
import type { Origin } from './servers.ts'
import type { IngestCounts } from './types.ts'

export interface Arrival {
  origin: Origin
  jobId: number
  /** As they came, without `DB-`; null where only the name is told. */
  backupId: string | null
  backupName: string
  /** Of the source and these names, where it was looked up already. */
  evidenceId?: number | null | undefined
  way: Way
  receipt: Receipt
  /** Writes what new runs tell people; null for nobody. */
  tell: TellRuns | null
}

interface Fresh {
  row: NewRun
  run: PackableRun
}

/**
 * Stores runs of one job that came together: new ones are added, known ones learn what they lacked, the job's state is rolled up,
 * and servers whose runs agree are joined. Call it inside a transaction.
 */
export async function storeRuns(tx: Db, arrival: Arrival, runs: PackableRun[]): Promise<IngestCounts> {
  const { origin, jobId, backupId, backupName, receipt } = arrival
  const counts: IngestCounts = { new: 0, known: 0, updated: 0 }
  if (runs.length === 0) return counts
  const evidenceId = arrival.evidenceId ?? (await evidenceOf(tx, origin.sourceId, backupId ?? '', backupName))
  const way = WAYS.indexOf(arrival.way)
  const tellings = runs.map((run) => ({ row: toRow(jobId, run, receipt), run }))
  const { fresh, known } = await sortOut(tx, jobId, tellings)
  const added = nothingAdded()
  const proven: Arrived[] = []
  let retold = false
  let resum = false
  for (const { stored, telling } of known) {
    counts.known += 1
    const learnt = await learn(tx, stored, telling, evidenceId, way)
    if (!learnt) continue
    retold = true
    if (learnt.changed) counts.updated += 1
    if (!addChange(added, stored, learnt.run)) resum = true
    if (stored.set_aside !== null && learnt.run.set_aside === null)
      proven.push({ id: stored.id, backupId, row: learnt.run, run: telling.run })
  }
  const firstRunId = await insertAll(tx, fresh, evidenceId, way)
  for (const { row } of fresh) add(added, row)
  const only = retold || fresh.length > 1 ? undefined : fresh[0]
  if (resum) await rollUpAll(tx, jobId)
  else if (only) await rollUpOne(tx, { ...only.row, id: firstRunId }, way, added)
  else if (retold || fresh.length > 0) await rollUp(tx, jobId, added)
  const agreed = await joinAgreeing(tx, arrival, fresh.length === 0 ? null : firstRunId)
  counts.new = fresh.length - agreed.size
  counts.known += agreed.size
  const arrived = fresh.map(({ row, run }, at): Arrived => ({ id: firstRunId + at, backupId, row, run }))
  // A run that another server has told already is no news.
  await arrival.tell?.(tx, [...proven, ...arrived.filter(({ id }) => !agreed.has(id))])
  return counts
}

/** @returns the new runs that another server had told before */
async function joinAgreeing(
  tx: Db,
  { origin, jobId, backupId, receipt }: Arrival,
  firstRunId: number | null,
): Promise<ReadonlySet<number>> {
  if (firstRunId === null || backupId === null) return new Set()
  const about = { jobId, serverId: origin.serverId, backupId, firstRunId, at: receipt.receivedAt }
  const { serverId, agreed } = await joinWhereRunsAgree(tx, about)
  origin.serverId = serverId
  return agreed
}

/** A run that counts and began last, as most reports tell it, needs no look at the others. */
async function rollUpOne(tx: Db, run: NewRun & { id: number }, way: number, added: Added): Promise<void> {
  if (rollUpNewest(tx, run, [way])) return
  await rollUp(tx, run.job_id, added)
}

/** Which of these are stored already. Two tellings of one run in one page are one run too. */
async function sortOut(tx: Db, jobId: number, tellings: Fresh[]) {
  const stored = storedBetween(tx, jobId, tellings)
  const bySecond = Map.groupBy(stored, ({ began_at }) => startOfSecond(began_at)) as Map<number, (RunRow | NewRun)[]>
  const fresh: Fresh[] = []
  const known: { stored: RunRow; telling: Fresh }[] = []
  for (const telling of tellings) {
    const second = startOfSecond(telling.row.began_at)
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

function storedBetween(tx: Db, jobId: number, tellings: Fresh[]): RunRow[] {
  const seconds = tellings.map(({ row }) => startOfSecond(row.began_at))
  return quickAll<RunRow>(
    tx,
    'SELECT * FROM run WHERE job_id = ? + 0 AND began_at >= ? + 0 AND began_at < ? + 0 ORDER BY id',
    jobId,
    seconds.reduce((a, b) => Math.min(a, b)),
    seconds.reduce((a, b) => Math.max(a, b)) + 1_000,
  )
}

/** A row that is read again has nothing to add: null. Of reports there may be a short one and a rich one. */
async function learn(tx: Db, stored: RunRow, { row, run }: Fresh, evidenceId: number, way: number) {
  const isCollected = WAYS[way] === 'collect'
  const toldBefore = quickGet(
    tx,
    'SELECT 1 FROM run_source WHERE run_id = ? AND evidence_id = ? AND way = ?',
    stored.id,
    evidenceId,
    way,
  )
  if (toldBefore && isCollected) return null
  addSource(tx, stored.id, evidenceId, way)
  // A row of the job's own log proves whose run it is.
  return enrich(tx, stored, row, () => run, isCollected)
}

/** Returns the first of the new ids, which follow on each other in the order of the rows: nobody else writes meanwhile. */
async function insertAll(tx: Db, fresh: Fresh[], evidenceId: number, way: number): Promise<number> {
  let first = 0
  for (const { row, run } of fresh) {
    const id = insertRun(tx, row)
    first ||= id
    await addLog(tx, id, run)
    addSource(tx, id, evidenceId, way)
  }
  return first
}
