/**
 * Two machines that were taken for one that had changed: when the old source reports again beside the new one they are parted
 * (docs/identity.md). The runs go back to the sources that they came from.
 */
import { randomUUID } from 'node:crypto'
import { record } from '../store/audit.ts'
import { idOf } from '../store/ids.ts'
import { quickAll, quickGet, quickRun } from '../store/quick.ts'
import { addRemark } from '../store/remarks.ts'
import { rollUpAll } from '../store/rollup.ts'
import type { Db, JobRecord, ServerRecord } from '../store/schema.ts'
import { nameOf } from '../store/views.ts'
import { jobOf } from './jobs.ts'

/** The key of the table `monitor` that holds the joins that may have to be undone. */
const JOINS = 'recognised'
const MOST_KEPT = 500

/** Row ids, times in milliseconds. */
export interface RecognisedJoin {
  keep: number
  gone: number
  at: number
  oldSources: number[]
  newSources: number[]
  /** Between two planned starts of the job that was recognised. */
  interval: number
}

export async function rememberJoin(tx: Db, join: RecognisedJoin): Promise<void> {
  await writeJoins(tx, [...(await readJoins(tx)), join].slice(-MOST_KEPT))
}

/** @returns how many servers were parted */
export async function partWhereBothReport(tx: Db, now: number): Promise<number> {
  const joins = await readJoins(tx)
  const left: RecognisedJoin[] = []
  for (const join of joins) {
    if (await bothReport(tx, join)) await part(tx, join, now)
    else left.push(join)
  }
  if (left.length < joins.length) await writeJoins(tx, left)
  return joins.length - left.length
}

/** Whether there is anything to look for: a check need not write for it. */
export async function hasRecognised(db: Db): Promise<boolean> {
  return (await readJoins(db)).length > 0
}

/** Both were seen since they were joined, within one interval of each other. */
async function bothReport(tx: Db, { at, oldSources, newSources, interval }: RecognisedJoin): Promise<boolean> {
  const [old, fresh] = [await lastSeen(tx, oldSources), await lastSeen(tx, newSources)]
  return old > at && fresh > at && Math.abs(old - fresh) <= interval
}

async function lastSeen(tx: Db, sources: readonly number[]): Promise<number> {
  const row = await quickGet<{ at: number | null }>(
    tx,
    `SELECT max(last_seen_at) AS at FROM source WHERE address = '' AND id IN (SELECT value FROM json_each(?))`,
    JSON.stringify(sources),
  )
  return row?.at ?? 0
}

interface Undo {
  joined: string
  sources: number[]
  jobs: JobRecord[]
}

async function part(tx: Db, { keep, gone, oldSources }: RecognisedJoin, now: number): Promise<void> {
  const undo = await undoOf(tx, keep, gone)
  if (!undo) return
  const reason = 'both report beside each other: they are two machines'
  await tx.updateTable('server').set({ joined_into: null }).where('id', '=', gone).execute()
  await giveBackAccess(tx, keep, gone)
  const sources = undo.sources
  await tx.updateTable('source').set({ server_id: gone }).where('id', 'in', sources).execute()
  const returned: number[] = []
  for (const job of undo.jobs) returned.push(await giveBackJob(tx, job, { keep, gone }))
  const touched = await giveBackRuns(tx, { keep, gone, sources })
  for (const job of new Set([...returned, ...touched])) await rollUpAll(tx, job)
  for (const server of [keep, gone]) await seenAgain(tx, server)
  const names = await namesOf(tx, [keep, gone])
  await record(tx, now, {
    action: 'server.part',
    serverId: idOf('s', keep),
    reason,
    data: { parted: idOf('s', gone), sources, oldSources },
  })
  const text = `${names.join(' and ')} were taken for one machine that had changed; ${reason.replace(/:.*/, '')}, so they are two servers again`
  await addRemark(tx, `parted:${gone}`, { at: now, text })
}

/** What the join's entry in the audit log holds. */
async function undoOf(tx: Db, keep: number, gone: number): Promise<Undo | null> {
  const rows = await quickAll<{ data: string }>(
    tx,
    `SELECT data FROM audit WHERE action = 'server.join' AND server_id = ? ORDER BY id DESC`,
    keep,
  )
  const entries = rows.map(({ data }) => JSON.parse(data) as Undo)
  return entries.find(({ joined }) => joined === idOf('s', gone)) ?? null
}

/** What the older server took over is the other's again. */
async function giveBackAccess(tx: Db, keep: number, gone: number): Promise<void> {
  const [own, other] = [await serverRow(tx, keep), await serverRow(tx, gone)]
  const tookAccess = own.url !== null && own.secret_owner === other.secret_owner
  await tx
    .updateTable('server')
    .set({
      ...(tookAccess && {
        url: null,
        pin: null,
        sealed_password: null,
        sealed_headers: null,
        secret_owner: randomUUID(),
      }),
      ...(own.alias !== null && own.alias === other.alias && { alias: null }),
    })
    .where('id', '=', keep)
    .execute()
}

function serverRow(tx: Db, id: number): Promise<ServerRecord> {
  return tx.selectFrom('server').selectAll().where('id', '=', id).executeTakeFirstOrThrow()
}

/** A job that only moved goes back; one that was merged is made again, with what was known of it. @returns its row id */
async function giveBackJob(
  tx: Db,
  { id, ...known }: JobRecord,
  { keep, gone }: { keep: number; gone: number },
): Promise<number> {
  const { changes } = await quickRun(
    tx,
    'UPDATE job SET server_id = ? WHERE id = ? AND server_id = ? AND backup_id = ?',
    gone,
    id,
    keep,
    known.backup_id,
  )
  if (changes > 0) return id
  const row = await tx
    .insertInto('job')
    .values({ ...known, server_id: gone })
    .returning('id')
    .executeTakeFirstOrThrow()
  return row.id
}

/** Runs that came by these sources alone. @returns the jobs whose runs changed */
async function giveBackRuns(
  tx: Db,
  { keep, gone, sources }: { keep: number; gone: number; sources: readonly number[] },
): Promise<Set<number>> {
  const list = JSON.stringify(sources)
  const rows = await quickAll<{
    run_id: number
    job_id: number
    backup_id: string
    backup_name: string
    began_at: number
  }>(
    tx,
    `SELECT run.id AS run_id, run.job_id, evidence.backup_id, evidence.backup_name, run.began_at
      FROM run JOIN job ON job.id = run.job_id AND job.server_id = ?
      JOIN run_source ON run_source.run_id = run.id JOIN evidence ON evidence.id = run_source.evidence_id
      GROUP BY run.id HAVING min(evidence.source_id IN (SELECT value FROM json_each(?))) = 1`,
    keep,
    list,
  )
  const touched = new Set<number>()
  for (const { run_id, job_id, backup_id, backup_name, began_at } of rows) {
    const own = await jobOf(tx, { serverId: gone, backupId: backup_id, name: backup_name, toldAt: began_at })
    await quickRun(tx, 'UPDATE run SET job_id = ? WHERE id = ?', own, run_id)
    touched.add(job_id).add(own)
  }
  for (const job of touched) await keepOwnPlan(tx, job)
  return touched
}

/** The next start that a report told is of the machine that sent the report: a job without that report forgets it. */
async function keepOwnPlan(tx: Db, job: number): Promise<void> {
  await quickRun(
    tx,
    `UPDATE job SET last_report_at = (SELECT max(received_at) FROM run WHERE job_id = job.id),
      reported_next_at = CASE WHEN EXISTS (SELECT 1 FROM run WHERE job_id = job.id AND received_at = reported_next_seen_at)
        THEN reported_next_at END
      WHERE id = ? AND last_report_at IS NOT NULL`,
    job,
  )
}

async function seenAgain(tx: Db, server: number): Promise<void> {
  await quickRun(
    tx,
    `UPDATE server SET last_report_at =
      (SELECT max(last_seen_at) FROM source WHERE server_id = server.id AND address = '') WHERE id = ?`,
    server,
  )
}

async function namesOf(tx: Db, ids: readonly number[]): Promise<string[]> {
  const names: string[] = []
  for (const id of ids) {
    const server = await serverRow(tx, id)
    names.push(`${nameOf(server)} (${idOf('s', id)})`)
  }
  return names
}

async function readJoins(db: Db): Promise<RecognisedJoin[]> {
  const row = await quickGet<{ value: string }>(db, 'SELECT value FROM monitor WHERE key = ?', JOINS)
  return row ? (JSON.parse(row.value) as RecognisedJoin[]) : []
}

async function writeJoins(tx: Db, joins: readonly RecognisedJoin[]): Promise<void> {
  await quickRun(
    tx,
    'INSERT INTO monitor (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value',
    JOINS,
    JSON.stringify(joins),
  )
}
