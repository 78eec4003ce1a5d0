import { sql } from 'kysely'
import { HABITS, type Habit, newestBegin, packHabits, prependHabit } from '../fleet/overdue/habits.ts'
import { packRecent, TICKS } from './columns.ts'
import { quickAll, quickGet, quickRun, type Value } from './quick.ts'
import { packLastRun, valuesOfRun } from './run-values.ts'
import { NEWEST_FIRST } from './runs.ts'
import type { Db, NewRun, RunRow } from './schema.ts'

const RECENT = 10

/** What newly stored runs of one job add up to, so that a page of them changes the job once. */
export interface Added {
  runs: number
  uploadedBytes: number
  lastSuccessAt: number | null
  lastInterruptedAt: number | null
}

export function nothingAdded(): Added {
  return { runs: 0, uploadedBytes: 0, lastSuccessAt: null, lastInterruptedAt: null }
}

export function add(sum: Added, run: NewRun): void {
  const endedAt = run.ended_at ?? run.began_at
  if (run.operation === 'Backup' && run.interrupted && !run.dry_run && !run.set_aside)
    sum.lastInterruptedAt = later(sum.lastInterruptedAt, endedAt)
  if (!run.counting) return
  sum.runs += 1
  sum.uploadedBytes += run.uploaded_bytes ?? 0
  if ((run.status === 'Success' || run.status === 'Warning') && !run.partial)
    sum.lastSuccessAt = later(sum.lastSuccessAt, endedAt)
}

/**
 * Adds what a known run that changed adds to the sums. False where that can only be told from all runs: a maximum may have shrunk.
 */
export function addChange(sum: Added, before: NewRun, after: NewRun): boolean {
  const [was, is] = [nothingAdded(), nothingAdded()]
  add(was, before)
  add(is, after)
  if (isLess(is.lastSuccessAt, was.lastSuccessAt) || isLess(is.lastInterruptedAt, was.lastInterruptedAt)) return false
  add(sum, after)
  sum.runs -= was.runs
  sum.uploadedBytes -= was.uploadedBytes
  return true
}

function isLess(a: number | null, b: number | null): boolean {
  return b !== null && (a === null || a < b)
}

const UPDATE = `UPDATE job SET last_run = ?, recent = ?, habits = ?, failures_in_a_row = ?, runs = runs + ?,
  uploaded_bytes = uploaded_bytes + ?,
  last_success_at = max(coalesce(last_success_at, ?), coalesce(?, last_success_at)),
  last_interrupted_at = max(coalesce(last_interrupted_at, ?), coalesce(?, last_interrupted_at))
  WHERE id = ?`

/**
 * Brings a job's rolled-up state up to date with runs that were just stored, in any order of arrival. Costs the last thirty runs by
 * the index, never the history.
 */
export async function rollUp(db: Db, jobId: number, added: Added): Promise<void> {
  const last = lastRuns(db, jobId)
  quickRun(
    db,
    UPDATE,
    last[0] === undefined ? null : await copyOf(db, last[0].id),
    packRecent(last.slice(0, RECENT).map(({ status }) => status)),
    packHabits(last.map(habitOf)),
    await failuresInARow(db, jobId, last),
    added.runs,
    added.uploadedBytes,
    added.lastSuccessAt,
    added.lastSuccessAt,
    added.lastInterruptedAt,
    added.lastInterruptedAt,
    jobId,
  )
}

/** What is kept of a job's runs, as far as a newer one needs it. */
export interface Kept {
  habits: string
  runs: number
}

/** What `job` says of its runs when a newer one stands before them; `valuesOfNewest` has its parameters. */
export const SET_NEWEST = `last_run = ?, recent = substr(? || recent, 1, ${RECENT}), habits = ?,
  failures_in_a_row = CASE ? WHEN 'bad' THEN failures_in_a_row + 1 WHEN 'good' THEN 0 ELSE failures_in_a_row END,
  runs = runs + 1, uploaded_bytes = uploaded_bytes + ?,
  last_success_at = max(coalesce(last_success_at, ?), coalesce(?, last_success_at))`
const UPDATE_NEWEST = `UPDATE job SET ${SET_NEWEST} WHERE id = ?`

/** Whether a run that counts began after all others of its job: then it stands before what is kept of them, which costs no run. */
export function isNewest({ habits, runs }: Kept, run: Pick<NewRun, 'counting' | 'began_at'>): boolean {
  if (!run.counting || (newestBegin(habits) ?? Number.NEGATIVE_INFINITY) >= run.began_at) return false
  // Brought from a version that kept none: they are made of the runs.
  return habits.length > 0 || runs === 0
}

/** @param copy of the run (`packLastRun`) */
export function valuesOfNewest({ habits }: Kept, run: NewRun, copy: string): Value[] {
  const added = nothingAdded()
  add(added, run)
  return [
    copy,
    packRecent([run.status]),
    prependHabit(habits, habitOf(run)),
    GOOD.includes(run.status) ? 'good' : BAD.includes(run.status) ? 'bad' : 'neither',
    added.uploadedBytes,
    added.lastSuccessAt,
    added.lastSuccessAt,
  ]
}

/**
 * As `rollUp`, for one run that began after all others of its job, as most do. False where it did not: then nothing was changed.
 */
export function rollUpNewest(db: Db, run: NewRun & { id: number }, ways: readonly number[]): boolean {
  const kept = quickGet<Kept>(db, 'SELECT habits, runs FROM job WHERE id = ?', run.job_id)
  if (!kept || !isNewest(kept, run)) return false
  const copy = packLastRun(run.id, ways, valuesOfRun(run))
  quickRun(db, UPDATE_NEWEST, ...valuesOfNewest(kept, run, copy), run.job_id)
  return true
}

/** Computes the rolled-up state from all runs: after runs were moved, changed or deleted. */
export async function rollUpAll(db: Db, jobId: number): Promise<void> {
  const sums = await db
    .selectFrom('run')
    .select([
      sql<number>`count(*) filter (where counting = 1)`.as('runs'),
      sql<number>`coalesce(sum(uploaded_bytes) filter (where counting = 1), 0)`.as('uploaded'),
      sql<
        number | null
      >`max(coalesce(ended_at, began_at)) filter (where counting = 1 and partial = 0 and status in ('Success', 'Warning'))`.as(
        'success',
      ),
      sql<
        number | null
      >`max(coalesce(ended_at, began_at)) filter (where operation = 'Backup' and interrupted = 1 and dry_run = 0 and set_aside is null)`.as(
        'interrupted',
      ),
    ])
    .where('job_id', '=', jobId)
    .executeTakeFirstOrThrow()
  await db
    .updateTable('job')
    .set({ runs: 0, uploaded_bytes: 0, last_success_at: null, last_interrupted_at: null })
    .where('id', '=', jobId)
    .execute()
  await rollUp(db, jobId, {
    runs: sums.runs,
    uploadedBytes: sums.uploaded,
    lastSuccessAt: sums.success,
    lastInterruptedAt: sums.interrupted,
  })
}

type RecentRun = Pick<RunRow, 'id' | 'status' | 'began_at' | 'duration_ticks'>

const LAST = `SELECT id, status, began_at, duration_ticks FROM run WHERE job_id = ? AND counting = 1
  ORDER BY ${NEWEST_FIRST} LIMIT ${HABITS}`

function lastRuns(db: Db, jobId: number): RecentRun[] {
  return quickAll<RecentRun>(db, LAST, jobId)
}

function habitOf({
  began_at,
  duration_ticks = null,
  status,
}: Pick<NewRun, 'began_at' | 'duration_ticks' | 'status'>): Habit {
  const duration = duration_ticks === null ? null : duration_ticks / (TICKS / 1000)
  return { beganAt: began_at, duration, status: status as Habit['status'] }
}

const GOOD = ['Success', 'Warning']
const BAD = ['Error', 'Fatal']

/** Failures since the last good run. Only where the newest runs hold no good one the older ones are counted. */
async function failuresInARow(db: Db, jobId: number, last: RecentRun[]): Promise<number> {
  const good = last.findIndex(({ status }) => GOOD.includes(status))
  const newer = good < 0 ? last : last.slice(0, good)
  const failed = newer.filter(({ status }) => BAD.includes(status)).length
  if (good >= 0 || last.length < HABITS) return failed
  const counting = db.selectFrom('run').where('job_id', '=', jobId).where('counting', '=', 1)
  const newestGood = counting.where('status', 'in', GOOD).select(sql<number | null>`max(began_at)`.as('at'))
  const { failures } = await counting
    .select(sql<number>`count(*)`.as('failures'))
    .where('status', 'in', BAD)
    .where('began_at', '>', sql<number>`coalesce((${newestGood}), 0)`)
    .executeTakeFirstOrThrow()
  return failures
}

/** The last run is kept with the job: a thousand jobs' last runs stand on as many pages of the file, their jobs on a tenth. */
async function copyOf(db: Db, runId: number): Promise<string> {
  const run = quickGet<RunRow>(db, 'SELECT * FROM run WHERE id = ?', runId)
  if (!run) throw new Error(`run ${runId} is gone while its job is rolled up`)
  const ways = quickAll<{ way: number }>(db, 'SELECT DISTINCT way FROM run_source WHERE run_id = ? ORDER BY way', runId)
  const told = ways.map(({ way }) => way)
  return packLastRun(runId, told, valuesOfRun(run))
}

function later(a: number | null, b: number): number {
  return a === null || b > a ? b : a
}
