import { statSync } from 'node:fs'
import { sql } from 'kysely'
import type { RunView } from '../fleet/model.ts'
import { rowOf, rowsOf } from './ids.ts'
import { readLog } from './log-reading.ts'
import { newestFirst } from './runs.ts'
import { type Db, type RunRow, WAYS } from './schema.ts'
import type { HistoryQuery, Reading } from './types.ts'
import { iso, nameOf, runView } from './views.ts'

/** SQLite's limit on variables is far above this; lists of ids are read in pieces of it. */
const PIECE = 500
const ORDER = ['id', 'began_at', 'began_ticks', 'ended_at'] as const
type Order = Pick<RunRow, (typeof ORDER)[number]>

/** What is read of runs, beside `statusReading`: each costs what it shows, never the history, but where it says so. */
export function runReading(
  db: Db,
  file: string,
): Pick<Reading, 'history' | 'operations' | 'run' | 'latestRun' | 'latestVersions' | 'sources' | 'size'> {
  return {
    history: (query) => readHistory(db, query),
    operations: async () => {
      const rows = await db.selectFrom('run').select('operation').distinct().orderBy('operation').execute()
      return rows.map(({ operation }) => operation)
    },
    run: async (id) => (await readRuns(db, rowsOf('r', [id])))[0] ?? null,
    latestRun: (jobId) => latest(db, jobId),
    latestVersions: (jobId) => latestVersions(db, jobId),
    sources: (serverId) => readSources(db, serverId),
    size: async () => {
      const { n } = await db.selectFrom('run').select(sql<number>`count(*)`.as('n')).executeTakeFirstOrThrow()
      return { runs: n, bytes: statSync(file).size }
    },
  }
}

async function runsById(db: Db, ids: number[]): Promise<Map<number, RunRow>> {
  const found = new Map<number, RunRow>()
  for (let i = 0; i < ids.length; i += PIECE) {
    const piece = ids.slice(i, i + PIECE)
    for (const run of await db.selectFrom('run').selectAll().where('id', 'in', piece).execute()) found.set(run.id, run)
  }
  return found
}

async function readWays(db: Db, ids: number[]): Promise<Map<number, RunView['sources']>> {
  const found: { run_id: number; way: number }[] = []
  for (let i = 0; i < ids.length; i += PIECE) {
    const piece = ids.slice(i, i + PIECE)
    found.push(...(await db.selectFrom('run_source').select(['run_id', 'way']).where('run_id', 'in', piece).execute()))
  }
  return groupWays(found)
}

/** Names of the ways that a run came by, each once, in the order of WAYS. */
function groupWays(rows: { run_id: number; way: number }[]): Map<number, RunView['sources']> {
  const bits = new Map<number, number>()
  for (const { run_id, way } of rows) bits.set(run_id, (bits.get(run_id) ?? 0) | (1 << way))
  return new Map([...bits].map(([id, set]) => [id, WAYS.filter((_, way) => set & (1 << way))]))
}

/** Runs in the order of the ids, as views. */
async function readRuns(db: Db, ids: number[]): Promise<RunView[]> {
  if (ids.length === 0) return []
  const rows = await runsById(db, ids)
  const ways = await readWays(db, ids)
  const owners = await readOwners(db, [...new Set([...rows.values()].map(({ job_id }) => job_id))])
  return ids.flatMap((id) => {
    const run = rows.get(id)
    const owner = run && owners.get(run.job_id)
    return run && owner ? [runView(run, owner, ways.get(id) ?? [])] : []
  })
}

async function readOwners(db: Db, jobIds: number[]) {
  const rows = await db
    .selectFrom('job')
    .innerJoin('server', 'server.id', 'job.server_id')
    .select([
      'job.id as jobId',
      'job.name as jobName',
      'server.id as serverId',
      'server.alias',
      'server.machine_name',
      'server.url',
    ])
    .where('job.id', 'in', jobIds)
    .execute()
  return new Map(
    rows.map((row) => [
      row.jobId,
      {
        jobId: row.jobId,
        jobName: row.jobName,
        serverId: row.serverId,
        serverName: nameOf({ id: row.serverId, alias: row.alias, machine_name: row.machine_name, url: row.url }),
      },
    ]),
  )
}

/** Each job's newest by the index, then merged: with many jobs named the cost stays at jobs × limit. */
async function readHistory(
  db: Db,
  { jobIds, since, until, status, operation, limit }: HistoryQuery,
): Promise<RunView[]> {
  const wanted = operation === undefined ? 'backup' : operation?.toLowerCase()
  const found: Order[] = []
  for (const job of rowsOf('j', jobIds)) {
    let query = db.selectFrom('run').select(ORDER).where('job_id', '=', job)
    if (since != null) query = query.where('began_at', '>=', since)
    if (until != null) query = query.where('began_at', '<', until)
    if (status != null) query = query.where('status', 'in', status)
    if (wanted != null) query = query.where(sql`lower(operation)`, '=', wanted)
    found.push(...(await newestFirst(query).limit(limit).execute()))
  }
  const newest = found.sort(byNewest).slice(0, limit)
  return readRuns(
    db,
    newest.map(({ id }) => id),
  )
}

/** As `newestFirst` has it, for runs of several jobs. */
function byNewest(a: Order, b: Order): number {
  for (const column of ['began_at', 'began_ticks', 'ended_at'] as const) {
    const difference = (b[column] ?? -1) - (a[column] ?? -1)
    if (difference !== 0) return difference
  }
  return b.id - a.id
}

async function latest(db: Db, jobId: string): Promise<RunView | null> {
  const job = rowOf('j', jobId) ?? 0
  const newest = newestFirst(db.selectFrom('run').select('id').where('job_id', '=', job)).limit(1)
  const backups = newest.where('operation', '=', 'Backup')
  const row =
    (await backups.where('set_aside', 'is', null).executeTakeFirst()) ??
    (await backups.executeTakeFirst()) ??
    (await newest.executeTakeFirst())
  return row ? ((await readRuns(db, [row.id]))[0] ?? null) : null
}

async function latestVersions(db: Db, jobId: string) {
  const telling = db
    .selectFrom('run')
    .select('id')
    .where('job_id', '=', rowOf('j', jobId) ?? 0)
    .where('counting', '=', 1)
    .where('versions', 'is not', null)
  const row = await newestFirst(telling).limit(1).executeTakeFirst()
  const run = row && (await readRuns(db, [row.id]))[0]
  return run ? { run, versionDates: (await readLog(db, row.id)).versionDates } : null
}

async function readSources(db: Db, serverId: string) {
  const rows = await db
    .selectFrom('source')
    .selectAll()
    .where('server_id', '=', rowOf('s', serverId) ?? 0)
    .orderBy('last_seen_at', 'desc')
    .execute()
  return rows.map((row) => ({
    address: row.address || null,
    machineId: row.machine_id || null,
    machineName: row.machine_name || null,
    lastSeenAt: iso(row.last_seen_at),
  }))
}
