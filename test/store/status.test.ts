import { describe, expect, it } from 'vitest'
import { createIngest } from '../../src/ingest/index.ts'
import { openStore, type WritableStore } from '../../src/store/index.ts'
import { KnownJobs } from '../../src/store/known-jobs.ts'
import { exactRun, listedBackup, logRow, runFacts, serverInfo } from '../support/run-facts.ts'
import { testStore } from '../support/store.ts'

const at = new Date('2026-11-24T12:00:00Z')

async function collect(store: WritableStore, name: string, backupIds: string[], runs = 3) {
  const info = serverInfo({ machineName: name, machineId: `id of ${name}` })
  const collection = await createIngest(store).openCollection({ url: `http://${name}:8200`, info, at })
  for (const [job, backupId] of backupIds.entries()) {
    const rows = Array.from({ length: runs }, (_, i) => {
      const beganAt = new Date(Date.parse('2026-11-01T02:00:00.123Z') + i * 86_400_000 + name.length * 1_000 + job)
      return logRow(i, runFacts({ beganAt: beganAt.toISOString(), durationSeconds: 60 + name.length + job }))
    })
    await collection.addPage({ backupId, name: `Job ${backupId}` }, rows)
  }
  await collection.finish({
    backups: backupIds.map((backupId) => listedBackup({ backupId })),
    state: null,
    progress: null,
    notices: [],
  })
  return collection.serverId
}

describe('the status', () => {
  it('has every job with its last run, and every server, one without jobs too', async () => {
    const store = await testStore()
    await collect(store, 'nas', ['1', '2'])
    await store.servers.add({ url: 'https://new:8200', alias: 'new' })
    const { servers, jobs } = await store.read.status()
    expect(servers.map(({ view }) => view.name)).toEqual(['nas', 'new'])
    expect(jobs).toHaveLength(2)
    for (const { lastRun, id, serverId, name } of jobs) {
      expect(lastRun).toMatchObject({
        server: { id: serverId, name: 'nas' },
        job: { id, name },
        sources: ['collect'],
      })
      expect(lastRun).toEqual(await store.read.latestRun(id))
    }
  })

  it('makes anew what changed since the same reader read it, and nothing else', async () => {
    let now = at
    const store = await testStore({ now: () => now })
    const nas = await collect(store, 'nas', ['1', '2', '3'])
    await collect(store, 'office', ['1'])
    const known = new KnownJobs()
    let before = (await store.read.status({}, known)).jobs
    const renewed = async () => {
      const { jobs } = await store.read.status({}, known)
      expect(jobs).toEqual((await store.read.status()).jobs)
      const fresh = jobs
        .filter((job) => !before.includes(job))
        .map(({ serverId, backupId }) => `${serverId}/${backupId}`)
      before = jobs
      return fresh
    }
    expect(await renewed()).toEqual([])
    await collect(store, 'nas', ['2'], 4)
    expect(await renewed(), 'what was collected, and what is gone for it').toEqual([`${nas}/1`, `${nas}/2`, `${nas}/3`])
    const [first] = before
    await store.settings.editJobs([first?.id ?? ''], { set: { tolerance: 60 }, inherit: [] })
    expect(await renewed()).toEqual([`${nas}/1`])
    await store.settings.snooze([first?.id ?? ''], { until: at.getTime() + 60_000, reason: null })
    expect(await renewed()).toEqual([`${nas}/1`])
    now = new Date(at.getTime() + 120_000)
    expect(await renewed(), 'the end of a snooze is seen').toEqual([`${nas}/1`])
    await store.servers.edit(nas, { alias: 'other' })
    expect(await renewed()).toEqual([`${nas}/1`, `${nas}/2`, `${nas}/3`])
    await store.settings.archive([first?.id ?? ''])
    expect(await renewed()).toEqual([])
    expect(before).toHaveLength(3)
  })

  it('is that of the named servers with their jobs, and of the named jobs with their servers', async () => {
    const store = await testStore()
    const nas = await collect(store, 'nas', ['1', '2'])
    const office = await collect(store, 'office', ['1', '2'])
    await collect(store, 'laptop', ['1'])
    const all = await store.read.status()
    const job = all.jobs.find(({ serverId, backupId }) => serverId === office && backupId === '2')?.id ?? ''
    const some = await store.read.status({ serverIds: [nas], jobIds: [job] })
    expect(some.servers.map(({ view }) => view.id).sort()).toEqual([nas, office].sort())
    expect(some.jobs.map(({ serverId, backupId }) => `${serverId}/${backupId}`).sort()).toEqual(
      [`${nas}/1`, `${nas}/2`, `${office}/2`].sort(),
    )
    expect(some.jobs.every((row) => all.jobs.some((same) => JSON.stringify(same) === JSON.stringify(row)))).toBe(true)
    expect(await store.read.status({ serverIds: [], jobIds: ['j999', 'nonsense'] })).toEqual({ servers: [], jobs: [] })
  })

  it('knows of a last run that it came by a second way, though it told nothing new', async () => {
    const store = await testStore()
    const ingest = createIngest(store)
    const run = exactRun('2026-11-20T02:00:00Z', 1_234_567)
    const report = {
      machineId: 'A',
      machineName: 'nas',
      backupId: 'DB-1',
      backupName: 'Documents',
      run,
      receivedAt: at,
    }
    await ingest.addReported(report)
    const collection = await ingest.openCollection({ url: 'http://nas:8200', info: serverInfo(), at })
    await collection.addPage({ backupId: '1', name: 'Documents' }, [logRow(1, run)])
    const [job] = (await store.read.status()).jobs
    expect(job?.lastRun?.sources).toEqual(['report', 'collect'])
    await ingest.addReported({ ...report, machineId: 'C' })
    expect((await store.read.status()).jobs).toHaveLength(1)
  })

  it('shows what a last run learnt afterwards', async () => {
    const store = await testStore()
    const ingest = createIngest(store)
    const run = runFacts({ versions: null })
    const report = {
      machineId: 'A',
      machineName: 'nas',
      backupId: 'DB-1',
      backupName: 'Documents',
      run,
      receivedAt: at,
    }
    await ingest.addReported(report)
    await ingest.addReported({ ...report, run: { ...run, versions: 7, warnings: 2 } })
    const [job] = (await store.read.status()).jobs
    expect(job).toMatchObject({ versions: 7, warnings: 2, runs: 1, lastRun: { versions: 7 } })
    expect(job?.lastRun).toEqual(await store.read.latestRun(job?.id ?? ''))
  })

  it('reads the same from a store that is open for reading only', async () => {
    const store = await testStore()
    await collect(store, 'nas', ['1', '2'], 12)
    const reader = await openStore({ file: store.file, mode: 'read' })
    try {
      expect(await reader.read.status()).toEqual(await store.read.status())
      expect(await reader.read.names()).toEqual(await store.read.names())
      const [job] = (await reader.read.names()).jobs
      expect(await reader.read.history({ jobIds: [job?.id ?? ''], limit: 5 })).toHaveLength(5)
    } finally {
      await reader.close()
    }
  })
})
