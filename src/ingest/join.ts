import { moveAlerts } from '../store/alerts.ts'
import { record } from '../store/audit.ts'
import { idOf } from '../store/ids.ts'
import { readLog } from '../store/log-reading.ts'
import { rollUpAll } from '../store/rollup.ts'
import { enrich, findSame } from '../store/runs.ts'
import type { Db, JobRecord, RunRow, ServerRecord } from '../store/schema.ts'
import { findingsOf } from './findings.ts'
import { JOINED, type Joined, withoutRuns, withoutSecrets } from './join-record.ts'

/**
 * Two servers turned out to be one: the sources, jobs and runs of the younger go to the older, which keeps its id, alias and
 * settings; what it lacks of address and names it takes over. What both tell of one run becomes one run. The audit entry holds what
 * is needed to part them again (part.ts), settings of jobs that fall together among it; the evidence stays on the runs. Returns the
 * row of the server that is left.
 */
export async function join(
  tx: Db,
  { one, other, reason, at }: { one: number; other: number; reason: string; at: number },
): Promise<number> {
  if (one === other) return one
  const [keep, gone] = one < other ? [one, other] : [other, one]
  const keptServer = await server(tx, keep)
  const goneServer = await server(tx, gone)
  const joined = await whatIsJoined(tx, keptServer, goneServer)

  await tx.updateTable('source').set({ server_id: keep }).where('server_id', '=', gone).execute()
  const isFresher = (goneServer.last_collected_at ?? 0) > (keptServer.last_collected_at ?? 0)
  const jobs = await tx.selectFrom('job').selectAll().where('server_id', '=', gone).execute()
  for (const job of jobs) await moveJob(tx, job, { keep, isFresher, at })
  await moveAlerts(tx, { from: { server: gone, job: null }, to: { server: keep, job: null }, at })
  await takeOver(tx, keptServer, goneServer)
  await tx.updateTable('server').set({ joined_into: keep }).where('id', '=', gone).execute()
  await tx.updateTable('server').set({ joined_into: keep }).where('joined_into', '=', gone).execute()
  await record(tx, at, { action: JOINED, serverId: idOf('s', keep), reason, data: joined })
  return keep
}

/** Both as they are before they are joined. */
async function whatIsJoined(tx: Db, keep: ServerRecord, gone: ServerRecord): Promise<Joined> {
  const jobsOf = async ({ id }: ServerRecord) =>
    (await tx.selectFrom('job').selectAll().where('server_id', '=', id).execute()).map(withoutRuns)
  const jobs = await jobsOf(gone)
  const ids = jobs.map(({ id }) => id)
  const sources = await tx.selectFrom('source').select('id').where('server_id', '=', gone.id).execute()
  const members = await tx.selectFrom('server').select('id').where('joined_into', '=', gone.id).execute()
  return {
    joined: idOf('s', gone.id),
    server: withoutSecrets(gone),
    sources: sources.map(({ id }) => id),
    members: members.map(({ id }) => id),
    jobs,
    settings: await tx.selectFrom('job_setting').selectAll().where('job_id', 'in', ids).execute(),
    alerts: await tx.selectFrom('alert').select(['id', 'job_id']).where('server_id', '=', gone.id).execute(),
    kept: { server: withoutSecrets(keep), jobs: await jobsOf(keep) },
  }
}

async function server(tx: Db, id: number): Promise<ServerRecord> {
  return tx.selectFrom('server').selectAll().where('id', '=', id).executeTakeFirstOrThrow()
}

/**
 * A job with the same backup id is the same job; of its settings the older server's stay.
 * @param isFresher the younger server was collected last, so what it said of the job is the newer
 */
async function moveJob(
  tx: Db,
  job: JobRecord,
  { keep, isFresher, at }: { keep: number; isFresher: boolean; at: number },
): Promise<void> {
  const target = await tx
    .selectFrom('job')
    .select('id')
    .where('server_id', '=', keep)
    .where('backup_id', '=', job.backup_id)
    .executeTakeFirst()
  const from = { server: job.server_id, job: job.id }
  await moveAlerts(tx, { from, to: { server: keep, job: target?.id ?? job.id }, at })
  if (!target) {
    await tx.updateTable('job').set({ server_id: keep }).where('id', '=', job.id).execute()
    return
  }
  const runs = await tx.selectFrom('run').selectAll().where('job_id', '=', job.id).execute()
  for (const run of runs) await moveRun(tx, run, target.id)
  if (isFresher) await moveFindings(tx, job, target.id)
  await moveReported(tx, job, target.id)
  await tx.deleteFrom('job').where('id', '=', job.id).execute()
  await rollUpAll(tx, target.id)
}

/** Gives a run to another job; where that has the same run already the two become one. The jobs are not rolled up. */
export async function moveRun(tx: Db, run: RunRow, jobId: number): Promise<void> {
  const same = await findSame(tx, { ...run, job_id: jobId })
  if (!same) {
    await tx.updateTable('run').set({ job_id: jobId }).where('id', '=', run.id).execute()
    return
  }
  const texts = async () => {
    const { lines, versionDates } = await readLog(tx, run.id)
    return { log: lines, versionDates }
  }
  await enrich(tx, same, run, texts, run.set_aside === null)
  const sources = await tx.selectFrom('run_source').selectAll().where('run_id', '=', run.id).execute()
  for (const source of sources) {
    await tx
      .insertInto('run_source')
      .values({ ...source, run_id: same.id })
      .onConflict((conflict) => conflict.doNothing())
      .execute()
  }
  await tx.deleteFrom('run').where('id', '=', run.id).execute()
}

async function moveFindings(tx: Db, from: JobRecord, jobId: number): Promise<void> {
  await tx
    .updateTable('job')
    .set({ name: from.name, ...findingsOf(from) })
    .where('id', '=', jobId)
    .execute()
}

/** What reports and live status said of the job, whichever of the two was told last. */
async function moveReported(tx: Db, from: JobRecord, jobId: number): Promise<void> {
  const own = await tx.selectFrom('job').selectAll().where('id', '=', jobId).executeTakeFirstOrThrow()
  const tellsNext = (from.reported_next_seen_at ?? 0) > (own.reported_next_seen_at ?? 0)
  const isLive = (from.live_at ?? 0) > (own.live_at ?? 0)
  await tx
    .updateTable('job')
    .set({
      last_report_at: newer(own.last_report_at, from.last_report_at),
      log_read_at: newer(own.log_read_at, from.log_read_at),
      ...(tellsNext && { reported_next_at: from.reported_next_at, reported_next_seen_at: from.reported_next_seen_at }),
      ...(isLive && { running: from.running, live_at: from.live_at }),
    })
    .where('id', '=', jobId)
    .execute()
}

async function takeOver(tx: Db, keep: ServerRecord, gone: ServerRecord): Promise<void> {
  // A password belongs to its address and is bound to its owner: the three move together or not at all.
  const access =
    keep.url === null
      ? {
          url: gone.url,
          pin: gone.pin,
          secret_owner: gone.secret_owner,
          sealed_password: gone.sealed_password,
          sealed_headers: gone.sealed_headers,
        }
      : {}
  const tags = new Set<string>([...JSON.parse(keep.tags), ...JSON.parse(gone.tags)])
  await tx
    .updateTable('server')
    .set({
      ...access,
      alias: keep.alias ?? gone.alias,
      note: keep.note ?? gone.note,
      tags: JSON.stringify([...tags]),
      machine_name: keep.machine_name ?? gone.machine_name,
      duplicati_version: gone.duplicati_version ?? keep.duplicati_version,
      time_zone: gone.time_zone ?? keep.time_zone,
      keep_clock_time: gone.duplicati_version === null ? keep.keep_clock_time : gone.keep_clock_time,
      last_collected_at: newer(keep.last_collected_at, gone.last_collected_at),
      last_report_at: newer(keep.last_report_at, gone.last_report_at),
    })
    .where('id', '=', keep.id)
    .execute()
}

function newer(a: number | null, b: number | null): number | null {
  return a === null ? b : b === null ? a : Math.max(a, b)
}
