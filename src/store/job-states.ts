/** Snoozing, archiving and removing jobs. Everything is written in one transaction with an audit entry for each job. */
import { record } from './audit.ts'
import { idOf } from './ids.ts'
import type { Db, JobRecord } from './schema.ts'
import type { Snooze } from './types.ts'

type Job = Pick<
  JobRecord,
  'id' | 'server_id' | 'name' | 'backup_id' | 'gone_at' | 'archived_at' | 'snoozed_until' | 'snooze_reason' | 'runs'
>

async function jobsOf(tx: Db, ids: number[]): Promise<Job[]> {
  const wanted = new Set(ids)
  const columns = ['id', 'server_id', 'name', 'backup_id', 'gone_at', 'archived_at'] as const
  const rows = await tx
    .selectFrom('job')
    .select([...columns, 'snoozed_until', 'snooze_reason', 'runs'])
    .execute()
  return rows.filter(({ id }) => wanted.has(id))
}

async function told(tx: Db, at: number, action: string, job: Job, more: object, reason: string | null = null) {
  const data = { job: idOf('j', job.id), name: job.name, ...more }
  await record(tx, at, { action, serverId: idOf('s', job.server_id), reason, data })
}

export async function snooze(
  tx: Db,
  ids: number[],
  wanted: { until: number; reason: string | null } | null,
  at: number,
): Promise<string[]> {
  const { until = null, reason = null } = wanted ?? {}
  const jobs = (await jobsOf(tx, ids)).filter(({ snoozed_until, snooze_reason }) =>
    until === null ? snoozed_until !== null : snoozed_until !== until || snooze_reason !== reason,
  )
  for (const job of jobs) {
    await tx
      .updateTable('job')
      .set({ snoozed_until: until, snoozed_at: until === null ? null : at, snooze_reason: reason })
      .where('id', '=', job.id)
      .execute()
    const times = { before: job.snoozed_until, after: until }
    await told(tx, at, until === null ? 'job.unsnooze' : 'job.snooze', job, times, reason)
  }
  return jobs.filter(({ snoozed_until }) => until !== null || (snoozed_until ?? 0) > at).map(({ id }) => idOf('j', id))
}

export async function snoozed(db: Db, now: number): Promise<Snooze[]> {
  const rows = await db
    .selectFrom('job')
    .select(['id', 'snoozed_until', 'snoozed_at', 'snooze_reason'])
    .where('snoozed_until', '>', now)
    .where('archived_at', 'is', null)
    .orderBy('snoozed_until')
    .orderBy('id')
    .execute()
  return rows.map((row) => ({
    jobId: idOf('j', row.id),
    until: row.snoozed_until ?? now,
    at: row.snoozed_at,
    reason: row.snooze_reason,
  }))
}

export async function archive(tx: Db, ids: number[], at: number): Promise<string[]> {
  const jobs = (await jobsOf(tx, ids)).filter(({ archived_at }) => archived_at === null)
  for (const job of jobs) {
    await tx.updateTable('job').set({ archived_at: at }).where('id', '=', job.id).execute()
    await tx
      .updateTable('alert')
      .set({ resolved_at: at })
      .where('job_id', '=', job.id)
      .where('resolved_at', 'is', null)
      .execute()
    await told(tx, at, 'job.archive', job, {})
  }
  return jobs.map(({ id }) => idOf('j', id))
}

/** The next collection reads the log of such a job from its beginning, since a removed one has lost what was known. */
export async function restore(tx: Db, ids: number[], at: number): Promise<string[]> {
  const jobs = (await jobsOf(tx, ids)).filter(({ archived_at }) => archived_at !== null)
  for (const job of jobs) {
    await tx.updateTable('job').set({ archived_at: null }).where('id', '=', job.id).execute()
    await tx
      .deleteFrom('log_mark')
      .where('backup_id', '=', job.backup_id)
      .where('source_id', 'in', tx.selectFrom('source').select('id').where('server_id', '=', job.server_id))
      .execute()
    await told(tx, at, 'job.restore', job, {})
  }
  return jobs.map(({ id }) => idOf('j', id))
}

export async function remove(tx: Db, ids: number[], at: number): Promise<void> {
  for (const job of await jobsOf(tx, ids)) {
    await told(tx, at, 'job.remove', job, { backupId: job.backup_id, runs: job.runs })
    if (job.gone_at !== null) await tx.deleteFrom('job').where('id', '=', job.id).execute()
    else await empty(tx, job.id, at)
  }
}

/** What stays keeps the job from coming back by itself. */
async function empty(tx: Db, id: number, at: number): Promise<void> {
  for (const table of ['run', 'job_setting', 'alert'] as const) {
    await tx.deleteFrom(table).where('job_id', '=', id).execute()
  }
  await tx
    .updateTable('job')
    .set({
      archived_at: at,
      ...{ last_run: null, last_success_at: null, last_version_at: null, last_interrupted_at: null },
      ...{ recent: '', runs: 0, uploaded_bytes: 0, habits: '[]', failures_in_a_row: 0 },
      ...{ failure_at: null, failure_message: null, failure_source: null },
      ...{ snoozed_until: null, snoozed_at: null, snooze_reason: null },
    })
    .where('id', '=', id)
    .execute()
}
