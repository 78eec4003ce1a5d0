import { sql } from 'kysely'
import { HABITS, type Habit, packHabits } from '../fleet/overdue/habits.ts'
import { packRecent, TICKS } from './columns.ts'
import { newestFirst } from './runs.ts'
import type { Db, LastRun, NewRun, RunRow } from './schema.ts'

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
  if (run.operation === 'Backup' && run.interrupted && !run.dry_run)
    sum.lastInterruptedAt = later(sum.lastInterruptedAt, endedAt)
  if (!run.counting) return
  sum.runs += 1
  sum.uploadedBytes += run.uploaded_bytes ?? 0
  if ((run.status === 'Success' || run.status === 'Warning') && !run.partial)
    sum.lastSuccessAt = later(sum.lastSuccessAt, endedAt)
}

/**
 * Brings a job's rolled-up state up to date with runs that were just stored, in any order of arrival. Costs the last thirty runs by
 * the index, never the history.
 */
export async function rollUp(db: Db, jobId: number, added: Added): Promise<void> {
  const last = await lastRuns(db, jobId)
  await db
    .updateTable('job')
    .set({
      last_run: last[0] === undefined ? null : await copyOf(db, last[0].id),
      recent: packRecent(last.slice(0, RECENT).map(({ status }) => status)),
      habits: packHabits(last.map(habitOf)),
      failures_in_a_row: await failuresInARow(db, jobId, last),
      runs: sql`runs + ${added.runs}`,
      uploaded_bytes: sql`uploaded_bytes + ${added.uploadedBytes}`,
      last_success_at: latest('last_success_at', added.lastSuccessAt),
      last_interrupted_at: latest('last_interrupted_at', added.lastInterruptedAt),
    })
    .where('id', '=', jobId)
    .execute()
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
      >`max(coalesce(ended_at, began_at)) filter (where operation = 'Backup' and interrupted = 1 and dry_run = 0)`.as(
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

function lastRuns(db: Db, jobId: number): Promise<RecentRun[]> {
  const counting = db
    .selectFrom('run')
    .select(['id', 'status', 'began_at', 'duration_ticks'])
    .where('job_id', '=', jobId)
    .where('counting', '=', 1)
  return newestFirst(counting).limit(HABITS).execute()
}

function habitOf({ began_at, duration_ticks, status }: RecentRun): Habit {
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
  const run = await db.selectFrom('run').selectAll().where('id', '=', runId).executeTakeFirstOrThrow()
  const ways = await db.selectFrom('run_source').select('way').distinct().where('run_id', '=', runId).execute()
  const copy: LastRun = { ...run, ways: ways.map(({ way }) => way).sort() }
  return JSON.stringify(copy)
}

function latest(column: 'last_success_at' | 'last_interrupted_at', at: number | null) {
  return at === null
    ? sql<number | null>`${sql.ref(column)}`
    : sql<number>`max(coalesce(${sql.ref(column)}, ${at}), ${at})`
}

function later(a: number | null, b: number): number {
  return a === null || b > a ? b : a
}
