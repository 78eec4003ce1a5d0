import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { WritableStore } from '../../src/store/index.ts'
import { effectiveServerSettings, effectiveSettingsOf } from '../../src/store/settings.ts'
import { seed } from '../support/seed.ts'
import { temporaryFolder, testStore } from '../support/store.ts'

const NOW = new Date('2026-11-24T12:00:00Z')
const DAY = 86_400_000

/** Two servers with two jobs each: j1, j2 on s1; j3, j4 on s2. */
async function fleet(): Promise<WritableStore> {
  const file = join(temporaryFolder(), 'duplistatus.db')
  await seed(file, { servers: 2, jobsPerServer: 2, runsPerJob: 3, now: NOW })
  return testStore({ file, now: () => NOW })
}

const factsOf = async (store: WritableStore, id: string) =>
  (await store.read.status()).jobs.find((job) => job.id === id)?.facts

describe('settings of jobs', () => {
  it('win over the server, the server over what is built in, also when they are empty', async () => {
    const store = await fleet()
    await store.settings.editServer('s1', {
      set: { notificationEvent: 'errors', additionalEmails: ['a@b.example'], tolerance: 7200 },
      inherit: [],
    })
    await store.settings.editJobs(['j1'], { set: { additionalEmails: [], tolerance: null }, inherit: [] })
    expect(await effectiveSettingsOf(store.db, 1)).toMatchObject({ notificationEvent: 'errors', additionalEmails: [] })
    expect(await effectiveSettingsOf(store.db, 2)).toMatchObject({ additionalEmails: ['a@b.example'], tolerance: 7200 })
    expect(await effectiveSettingsOf(store.db, 3)).toMatchObject({ notificationEvent: 'warnings' })
    expect(await effectiveServerSettings(store.db, 1)).toMatchObject({ notificationEvent: 'errors' })
    await store.settings.editJobs(['j1'], { set: {}, inherit: ['additionalEmails'] })
    expect(await effectiveSettingsOf(store.db, 1)).toMatchObject({ additionalEmails: ['a@b.example'], tolerance: null })
    expect((await store.settings.of(['j1', 'j3'])).get('j1')).toEqual({
      own: { tolerance: null },
      server: { notificationEvent: 'errors', additionalEmails: ['a@b.example'], tolerance: 7200 },
    })
  })

  it('reach the facts that lateness is judged by', async () => {
    const store = await fleet()
    await store.settings.editServer('s1', { set: { maxAge: 3 * 86_400 }, inherit: [] })
    await store.settings.editJobs(['j1'], {
      set: {
        monitored: false,
        tolerance: 60,
        expectedInterval: '1D',
        allowedWeekDays: ['mon'],
        time: '2026-11-24T02:00:00.000Z',
      },
      inherit: [],
    })
    expect(await factsOf(store, 'j1')).toMatchObject({
      monitored: false,
      toleranceSeconds: 60,
      maxAgeSeconds: 259_200,
      manual: { time: '2026-11-24T02:00:00.000Z', interval: '1D', weekdays: ['mon'], timeZone: null },
    })
    expect(await factsOf(store, 'j3')).toMatchObject({ monitored: true, toleranceSeconds: null, manual: null })
  })

  it('are written once, with an audit entry for each job that changes', async () => {
    const store = await fleet()
    const changes = { set: { notificationEvent: 'off' as const }, inherit: [] }
    expect(await store.settings.editJobs(['j1', 'j3'], changes)).toEqual(['j1', 'j3'])
    expect(await store.settings.editJobs(['j1', 'j2', 'j3'], changes)).toEqual(['j2'])
    await store.settings.editJobs(['j1'], { set: { notificationEvent: 'all' }, inherit: ['maxAge'] })
    const [last, ...others] = await store.audit.list(10)
    expect(last).toMatchObject({
      action: 'job.edit',
      serverId: 's1',
      data: {
        job: 'j1',
        name: 'Documents',
        before: { notificationEvent: 'off' },
        after: { notificationEvent: 'all' },
      },
    })
    expect(others.map(({ action }) => action)).toEqual(['job.edit', 'job.edit', 'job.edit'])
    expect(await store.settings.editServer('s2', changes)).toBe(true)
    expect(await store.settings.editServer('s2', changes)).toBe(false)
    expect((await store.audit.list(1))[0]).toMatchObject({ action: 'server.defaults', serverId: 's2' })
    await expect(store.settings.editServer('s9', changes)).rejects.toMatchObject({ code: 'unknown_server' })
  })
})

describe('snoozing', () => {
  it('lasts until its time, and says since when and why', async () => {
    const store = await fleet()
    const until = NOW.getTime() + DAY
    expect(await store.settings.snooze(['j1', 'j2'], { until, reason: 'holiday' })).toEqual(['j1', 'j2'])
    expect(await store.settings.snoozed(NOW.getTime())).toEqual([
      { jobId: 'j1', until, at: NOW.getTime(), reason: 'holiday' },
      { jobId: 'j2', until, at: NOW.getTime(), reason: 'holiday' },
    ])
    expect(await factsOf(store, 'j1')).toMatchObject({ snoozedUntil: until })
    expect(await store.settings.snoozed(until)).toEqual([])
    expect(await store.settings.snooze(['j1', 'j3'], null)).toEqual(['j1'])
    expect(await factsOf(store, 'j1')).toMatchObject({ snoozedUntil: null })
    const [clear] = await store.audit.list(1)
    expect(clear).toMatchObject({ action: 'job.unsnooze', data: { job: 'j1', before: until, after: null } })
  })
})

describe('archiving', () => {
  it('takes a job out of everything but its history, silently, until it is restored', async () => {
    const store = await fleet()
    await store.db
      .insertInto('alert')
      .values({ kind: 'overdue', server_id: 1, job_id: 1, since: 1, opened_at: 1 })
      .execute()
    await store.db
      .insertInto('log_mark')
      .values({ source_id: 1, backup_id: '1', row_id: 9, fingerprint: 'f' })
      .execute()
    expect(await store.settings.archive(['j1'])).toEqual(['j1'])
    expect(await store.settings.archive(['j1'])).toEqual([])
    expect((await store.read.status()).jobs.map(({ id }) => id)).toEqual(['j2', 'j3', 'j4'])
    expect((await store.read.status({ serverIds: ['s1'], jobIds: [] })).jobs.map(({ id }) => id)).toEqual(['j2'])
    expect((await store.read.status({ jobIds: ['j1'] })).jobs).toEqual([])
    expect((await store.read.status({ archived: true })).jobs.map(({ id }) => id)).toEqual(['j1'])
    expect((await store.read.names()).jobs[0]).toMatchObject({ id: 'j1', name: 'Documents (archived)' })
    expect(await store.read.history({ jobIds: ['j1'], limit: 9 })).toHaveLength(3)
    expect(await effectiveSettingsOf(store.db, 1)).toMatchObject({
      monitored: false,
      notificationEvent: 'off',
      additionalNotificationEvent: 'off',
    })
    expect(await store.db.selectFrom('alert').select('resolved_at').execute()).toEqual([{ resolved_at: NOW.getTime() }])
    expect(await store.settings.restore(['j1', 'j2'])).toEqual(['j1'])
    expect((await store.read.status()).jobs).toHaveLength(4)
    expect(await store.db.selectFrom('log_mark').selectAll().execute()).toEqual([])
    expect((await store.audit.list(9)).map(({ action }) => action)).toEqual(['job.restore', 'job.archive'])
  })
})

describe('removing', () => {
  it('deletes the history and leaves what keeps the job from coming back', async () => {
    const store = await fleet()
    await store.settings.editJobs(['j1'], { set: { monitored: false }, inherit: [] })
    await store.settings.remove(['j1'])
    const [kept] = (await store.read.status({ archived: true })).jobs
    expect(kept).toMatchObject({ id: 'j1', runs: 0, recent: [], uploadedBytes: 0, storageBytes: null })
    expect(kept?.lastRun).toBeNull()
    expect(kept?.facts).toMatchObject({ monitored: true, status: 'None', lastSuccessAt: null })
    expect(await store.read.history({ jobIds: ['j1'], limit: 9 })).toEqual([])
    expect((await store.settings.of(['j1'])).get('j1')?.own).toEqual({})
    expect((await store.audit.list(1))[0]).toMatchObject({ action: 'job.remove', data: { job: 'j1', runs: 3 } })
  })

  it('leaves nothing of a job that its server does not have any more', async () => {
    const store = await fleet()
    await store.db.updateTable('job').set({ gone_at: 1 }).where('id', '=', 1).execute()
    await store.settings.remove(['j1'])
    expect((await store.read.names()).jobs.map(({ id }) => id)).toEqual(['j2', 'j3', 'j4'])
    expect((await store.read.status({ archived: true })).jobs).toEqual([])
  })
})
