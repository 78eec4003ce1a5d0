/** What was set for jobs and as their servers' defaults: one row a field, whose value is JSON. */
import { type EffectiveSettings, effectiveSettings, type JobSettings, settingsOf } from '../fleet/rules.ts'
import { record } from './audit.ts'
import { idOf, rowsOf, serverRow, unknownServer } from './ids.ts'
import { archive, remove, restore, snooze, snoozed } from './job-states.ts'
import { quickAll, quickGet } from './quick.ts'
import type { Db, JobRecord } from './schema.ts'
import type { JobSettingsStore, SettingChanges, SettingLayers } from './types.ts'

type Transact = <T>(work: (tx: Db) => Promise<T>) => Promise<T>
type Row = { field: string; value: string }

export function jobSettings(db: Db, transact: Transact, now: () => Date): JobSettingsStore {
  const at = () => now().getTime()
  return {
    of: (ids) => layersOf(db, rowsOf('j', ids)),
    ofServer: async (id) => settingsOf(serverRows(db, serverRow(id))),
    editJobs: (ids, changes) => transact((tx) => editJobs(tx, rowsOf('j', ids), changes, at())),
    editServer: (id, changes) => transact((tx) => editServer(tx, serverRow(id), changes, at())),
    snooze: (ids, until) => transact((tx) => snooze(tx, rowsOf('j', ids), until, at())),
    snoozed: (time) => snoozed(db, time),
    archive: (ids) => transact((tx) => archive(tx, rowsOf('j', ids), at())),
    restore: (ids) => transact((tx) => restore(tx, rowsOf('j', ids), at())),
    remove: (ids) => transact((tx) => remove(tx, rowsOf('j', ids), at())),
  }
}

/** Nothing is told of a job that was put aside. */
const SILENT = { monitored: false, notificationEvent: 'off', additionalNotificationEvent: 'off' } as const

/** What holds for a job, for those who write events in a transaction of their own. @param jobId the row */
export async function effectiveSettingsOf(db: Db, jobId: number): Promise<EffectiveSettings> {
  const job = quickGet<Pick<JobRecord, 'server_id' | 'archived_at'>>(
    db,
    'SELECT server_id, archived_at FROM job WHERE id = ?',
    jobId,
  )
  const own = jobRows(db, jobId)
  const settings = effectiveSettings(settingsOf(own), settingsOf(job ? serverRows(db, job.server_id) : []))
  return job?.archived_at == null ? settings : { ...settings, ...SILENT }
}

/** What holds for a server as a whole, such as for an alert that it cannot be reached. @param serverId the row */
export async function effectiveServerSettings(db: Db, serverId: number): Promise<EffectiveSettings> {
  return effectiveSettings({}, settingsOf(serverRows(db, serverId)))
}

async function layersOf(db: Db, jobs: number[]): Promise<Map<string, SettingLayers>> {
  const wanted = new Set(jobs)
  const owners = (await db.selectFrom('job').select(['id', 'server_id']).execute()).filter(({ id }) => wanted.has(id))
  const own = Map.groupBy(await db.selectFrom('job_setting').selectAll().execute(), (row) => row.job_id)
  const defaults = Map.groupBy(await db.selectFrom('server_setting').selectAll().execute(), (row) => row.server_id)
  return new Map(
    owners.map(({ id, server_id }) => [
      idOf('j', id),
      { own: settingsOf(own.get(id) ?? []), server: settingsOf(defaults.get(server_id) ?? []) },
    ]),
  )
}

function jobRows(db: Db, job: number): Row[] {
  return quickAll<Row>(db, 'SELECT field, value FROM job_setting WHERE job_id = ?', job)
}

function serverRows(db: Db, server: number): Row[] {
  return quickAll<Row>(db, 'SELECT field, value FROM server_setting WHERE server_id = ?', server)
}

async function editJobs(tx: Db, jobs: number[], changes: SettingChanges, at: number): Promise<string[]> {
  const wanted = new Set(jobs)
  const found = (await tx.selectFrom('job').select(['id', 'server_id', 'name']).execute()).filter(({ id }) =>
    wanted.has(id),
  )
  const edited: string[] = []
  for (const { id, server_id, name } of found) {
    const change = changeOf(jobRows(tx, id), changes)
    if (change === null) continue
    if (change.gone.length > 0) {
      await tx.deleteFrom('job_setting').where('job_id', '=', id).where('field', 'in', change.gone).execute()
    }
    if (change.rows.length > 0) {
      await tx
        .insertInto('job_setting')
        .values(change.rows.map((row) => ({ job_id: id, ...row })))
        .execute()
    }
    const data = { job: idOf('j', id), name, before: change.before, after: change.after }
    await record(tx, at, { action: 'job.edit', serverId: idOf('s', server_id), reason: null, data })
    edited.push(idOf('j', id))
  }
  return edited
}

async function editServer(tx: Db, server: number, changes: SettingChanges, at: number): Promise<boolean> {
  const known = await tx
    .selectFrom('server')
    .select('id')
    .where('id', '=', server)
    .where('joined_into', 'is', null)
    .executeTakeFirst()
  if (!known) throw unknownServer(idOf('s', server))
  const change = changeOf(serverRows(tx, server), changes)
  if (change === null) return false
  if (change.gone.length > 0) {
    await tx.deleteFrom('server_setting').where('server_id', '=', server).where('field', 'in', change.gone).execute()
  }
  if (change.rows.length > 0) {
    await tx
      .insertInto('server_setting')
      .values(change.rows.map((row) => ({ server_id: server, ...row })))
      .execute()
  }
  const data = { before: change.before, after: change.after }
  await record(tx, at, { action: 'server.defaults', serverId: idOf('s', server), reason: null, data })
  return true
}

/** What a change comes to: rows that go, rows that come, and what both said; null where all is so already. */
function changeOf(rows: Row[], { set, inherit }: SettingChanges) {
  const present = new Map(rows.map(({ field, value }) => [field, value]))
  const wanted = Object.entries(set).map(([field, value]) => ({ field, value: JSON.stringify(value) }))
  const news = wanted.filter(({ field, value }) => present.get(field) !== value)
  const dropped = inherit.filter((field) => present.has(field) && !Object.hasOwn(set, field))
  if (news.length === 0 && dropped.length === 0) return null
  const gone = [...dropped, ...news.map(({ field }) => field).filter((field) => present.has(field))]
  const before = settingsOf(rows.filter(({ field }) => gone.includes(field)))
  return { gone, rows: news, before, after: settingsOf(news) as JobSettings }
}
