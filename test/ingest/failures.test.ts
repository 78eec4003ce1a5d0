import { describe, expect, it } from 'vitest'
import type { Backup, RunFacts, ServerNotice } from '../../src/duplicati/model.ts'
import { createIngest } from '../../src/ingest/index.ts'
import type { WritableStore } from '../../src/store/index.ts'
import { listedBackup, logRow, runFacts, serverInfo } from '../support/run-facts.ts'
import { testStore } from '../support/store.ts'

const url = 'http://nas:8200'
const job = { backupId: '1', name: 'Documents' }
const good = runFacts({ beganAt: '2026-11-20T02:00:00.000Z', durationSeconds: 60 })
const finished = { lastFinishedAt: '2026-11-20T02:01:00.000Z' }
const failed = { lastErrorAt: '2026-11-21T02:00:01.000Z', lastErrorMessage: 'The script failed' }

const notice = (change: Partial<ServerNotice> = {}): ServerNotice => ({
  source: 'notification',
  level: 'error',
  at: '2026-11-21T02:00:02.000Z',
  backupId: '1',
  title: 'Error while running Documents',
  message: 'The required script failed',
  fingerprint: `${change.source} ${change.at} ${change.message}`,
  ...change,
})

interface Night {
  runs?: RunFacts[]
  metadata?: Partial<Backup['metadata']>
  notices?: ServerNotice[]
}

async function collect(store: WritableStore, { runs = [], metadata = {}, notices = [] }: Night) {
  const at = new Date('2026-11-24T12:00:00Z')
  const collection = await createIngest(store).openCollection({ url, info: serverInfo(), at })
  const rows = runs.map((run, i) => logRow(i, run))
  await collection.addPage(job, rows)
  await collection.finish({ backups: [listedBackup(job, metadata)], state: null, progress: null, notices })
}

async function failureOf(store: WritableStore) {
  return (await store.read.status()).jobs[0]?.facts.failure
}

async function failureAfter(...nights: Night[]) {
  const store = await testStore()
  for (const night of nights) await collect(store, night)
  return failureOf(store)
}

describe('a failure that no run tells of (T68)', () => {
  it('is the error of the metadata that is newer than the last finished backup (T23)', async () => {
    expect(await failureAfter({ runs: [good], metadata: { ...finished, ...failed } })).toEqual({
      at: failed.lastErrorAt,
      message: 'The script failed',
      source: 'metadata',
    })
  })

  it('is none that is older: Duplicati never clears the error (T23)', async () => {
    const metadata = { ...failed, lastFinishedAt: '2026-11-22T02:01:00.000Z' }
    expect(await failureAfter({ runs: [good], metadata })).toBeNull()
  })

  it('goes by runs and end times, not by the last version, which an unchanged backup does not move (T65)', async () => {
    const unchanged = runFacts({ beganAt: '2026-11-22T02:00:00.000Z' })
    const metadata = { ...failed, lastVersionAt: '2026-11-01T02:00:00.000Z' }
    expect(await failureAfter({ runs: [unchanged, good], metadata })).toBeNull()
  })

  it('is known of a job that never ran', async () => {
    expect(await failureAfter({ metadata: failed })).toMatchObject({ source: 'metadata' })
  })

  it.each(['Error', 'Fatal'] as const)('is none when a run with %s tells of it', async (status) => {
    const run = runFacts({ beganAt: '2026-11-21T02:00:00.000Z', durationSeconds: 1, endedAt: null, status })
    for (const operation of ['Backup', 'Restore']) {
      const runs = [{ ...run, operation }, good]
      expect(await failureAfter({ runs, metadata: { ...finished, ...failed }, notices: [notice()] })).toBeNull()
    }
  })

  it('stays beside a skipped run, which finishes nothing (T66)', async () => {
    const skipped = runFacts({ beganAt: '2026-11-22T02:00:00.000Z', interrupted: true })
    const metadata = { ...finished, ...failed }
    expect(await failureAfter({ runs: [skipped, good], metadata })).toMatchObject({ at: failed.lastErrorAt })
  })

  it.each([
    ['a notification', notice(), 'notification'],
    ['the server log', notice({ source: 'serverLog', title: null }), 'serverLog'],
  ])('is told by %s alone', async (_, told, source) => {
    const failure = await failureAfter({ runs: [good], metadata: finished, notices: [told] })
    expect(failure).toEqual({ at: told.at, message: told.message, source })
  })

  it("is the scheduler's error about the job's own schedule, whose number is another job's id", async () => {
    const told = notice({ source: 'serverLog', backupId: null, scheduleId: '7', message: 'Scheduler failed' })
    const schedule = { time: '2026-11-25T02:00:00Z', repeat: '1D', allowedDays: [], lastRun: null }
    const failureWith = async (id: string) => {
      const store = await testStore()
      const collection = await createIngest(store).openCollection({ url, info: serverInfo(), at: new Date(told.at) })
      const backup = { ...listedBackup(job), schedule: { ...schedule, id } }
      await collection.finish({ backups: [backup], state: null, progress: null, notices: [told] })
      return failureOf(store)
    }
    expect(await failureWith('7')).toMatchObject({ message: 'Scheduler failed', source: 'serverLog' })
    expect(await failureWith('1')).toBeNull()
  })

  it('is told once, by the metadata before a notification before the server log', async () => {
    const notices = [
      notice({ source: 'serverLog', at: '2026-11-21T02:00:03.000Z', message: 'from the log' }),
      notice({ message: 'from the notification' }),
    ]
    const runs = [good]
    expect(await failureAfter({ runs, metadata: { ...finished, ...failed }, notices })).toMatchObject({
      source: 'metadata',
    })
    expect(await failureAfter({ runs, metadata: finished, notices })).toMatchObject({ source: 'notification' })
  })

  it('is the newest of several', async () => {
    const notices = [notice(), notice({ at: '2026-11-23T02:00:00.000Z', message: 'again' })]
    expect(await failureAfter({ runs: [good], metadata: { ...finished, ...failed }, notices })).toMatchObject({
      at: '2026-11-23T02:00:00.000Z',
      message: 'again',
    })
  })

  it.each([
    ['of another job', { backupId: '2' }],
    ['of no job', { backupId: null }],
    ['that is a warning', { level: 'warning' as const }],
  ])('is no notice %s', async (_, change) => {
    expect(await failureAfter({ runs: [good], metadata: finished, notices: [notice(change)] })).toBeNull()
  })

  it('is seen again though its notification has the id of an earlier one (T80)', async () => {
    const store = await testStore()
    const later = notice({ at: '2026-11-23T02:00:00.000Z', message: 'the second failure' })
    await collect(store, { runs: [good], metadata: finished, notices: [notice()] })
    await collect(store, { runs: [runFacts({ beganAt: '2026-11-22T02:00:00.000Z' })], notices: [later] })
    expect(await failureOf(store)).toMatchObject({ message: 'the second failure' })
    const kept = await store.db.selectFrom('notice').select('message').orderBy('at').execute()
    expect(kept.map(({ message }) => message)).toEqual(['The required script failed', 'the second failure'])
  })

  it('is over when a newer backup has finished', async () => {
    const newer = runFacts({ beganAt: '2026-11-22T02:00:00.000Z' })
    const metadata = { ...failed, lastFinishedAt: '2026-11-22T02:01:00.000Z' }
    expect(
      await failureAfter({ runs: [good], metadata: { ...finished, ...failed } }, { runs: [newer], metadata }),
    ).toBeNull()
  })

  it('is over as soon as a newer backup is known, before the server is asked again', async () => {
    const store = await testStore()
    await collect(store, { runs: [good], metadata: { ...finished, ...failed } })
    const newer = runFacts({ beganAt: '2026-11-22T02:00:00.000Z' })
    const collection = await createIngest(store).openCollection({
      url,
      info: serverInfo(),
      at: new Date('2026-11-24T13:00:00Z'),
    })
    expect(await failureOf(store)).not.toBeNull()
    await collection.addPage(job, [logRow(9, newer)])
    expect(await failureOf(store)).toBeNull()
  })

  it('stays when the server turns out to be one that is known by its reports', async () => {
    const store = await testStore()
    const ingest = createIngest(store)
    const reported = { machineId: 'A', machineName: 'nas', backupId: 'DB-1', backupName: 'Documents' }
    const older = runFacts({ beganAt: '2026-11-18T02:00:00.000Z', durationSeconds: 61 })
    await ingest.addReported({ ...reported, run: older, receivedAt: new Date('2026-11-18T02:02:00Z') })
    await collect(store, { runs: [good], metadata: { ...finished, ...failed } })
    expect((await store.read.status()).servers).toHaveLength(2)
    await ingest.addReported({ ...reported, run: good, receivedAt: new Date('2026-11-24T12:00:00Z') })
    const { servers, jobs } = await store.read.status()
    expect(servers).toHaveLength(1)
    expect(jobs).toMatchObject([{ runs: 2, facts: { failure: { source: 'metadata' } } }])
  })

  it('is forgotten with a job that its server does not list any more', async () => {
    const store = await testStore()
    await collect(store, { runs: [good], metadata: { ...finished, ...failed } })
    const at = new Date('2026-11-24T13:00:00Z')
    const collection = await createIngest(store).openCollection({ url, info: serverInfo(), at })
    await collection.finish({ backups: [], state: null, progress: null, notices: [] })
    expect((await store.read.status()).jobs).toMatchObject([{ gone: true, runs: 1, facts: { failure: null } }])
  })
})

it('keeps the newest notices of a server and no more', async () => {
  const store = await testStore()
  const notices = Array.from({ length: 450 }, (_, i) =>
    notice({ at: new Date(Date.parse('2026-11-01T00:00:00Z') + i * 60_000).toISOString(), message: `number ${i}` }),
  )
  for (const part of [notices.slice(0, 150), notices.slice(150, 300), notices]) await collect(store, { notices: part })
  const kept = await store.db.selectFrom('notice').select('message').orderBy('at').execute()
  expect(kept).toHaveLength(200)
  expect(kept[0]?.message).toBe('number 250')
})
