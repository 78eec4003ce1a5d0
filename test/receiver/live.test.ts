import { describe, expect, it } from 'vitest'
import { type Lab, receiverLab, reportOf } from './lab.ts'

const START = '2026-11-20T02:00:00.1234567Z'

function liveOf(status: string, change: { reported?: string; progress?: object; job?: string; machine?: string } = {}) {
  const { reported = '2026-11-20T02:00:30Z', machine = 'nas' } = change
  return {
    operation: 'Backup',
    status,
    startedUtc: START,
    reportedUtc: reported,
    isCompleted: status === 'Completed',
    progress: change.progress ?? {
      phase: 'Backup_ProcessingFiles',
      progress: 0.25,
      fileSizeProcessed: 3_000,
      fileSize: 12_000,
    },
    metadata: {
      duplicatiVersion: '2.4.0.0',
      machineId: `${machine}-id`,
      machineName: machine,
      backupId: 'DB-1',
      backupName: change.job ?? 'Documents',
    },
  }
}

async function seen(lab: Lab) {
  const { jobs } = await lab.store.read.status()
  return jobs.map(({ facts }) => facts.running)
}

describe('live status', () => {
  it('is shown while it runs, the last one only, and over when it ends', async () => {
    const now = new Date('2026-11-20T02:00:31Z')
    const lab = await receiverLab({ open: true, now: () => now })
    await lab.post('/api/upload', reportOf({ begin: '2026-11-19T02:00:00Z' }))
    expect((await lab.post('/api/status', liveOf('Started', { progress: {} }))).status).toBe(200)
    expect((await lab.post('/api/status', liveOf('Progress'))).status).toBe(200)
    expect(await seen(lab)).toEqual([
      {
        phase: 'Backup_ProcessingFiles',
        progress: 0.25,
        startedAt: '2026-11-20T02:00:00.123Z',
        bytesPerSecond: 100,
        remainingSeconds: 90,
      },
    ])
    const { jobs } = await lab.store.read.status()
    expect(jobs[0]?.facts.liveAt).toBe(now.getTime())
    await lab.post('/api/status', liveOf('Completed'))
    expect(await seen(lab)).toEqual([null])
    expect((await lab.store.read.status()).jobs).toHaveLength(1)
    expect((await lab.store.read.size()).runs).toBe(1)
  })

  it('ends with the report of its run, also when the last status was lost', async () => {
    const lab = await receiverLab({ open: true, now: () => new Date('2026-11-20T02:01:05Z') })
    await lab.post('/api/upload', reportOf({ begin: '2026-11-19T02:00:00Z' }))
    await lab.post('/api/status', liveOf('Progress'))
    await lab.post('/api/upload', reportOf({ begin: '2026-11-19T02:00:00Z' }))
    expect((await seen(lab))[0]).not.toBeNull()
    await lab.post('/api/upload', reportOf({ begin: START }))
    expect(await seen(lab)).toEqual([null])
    // One that was held up on its way does not begin it anew (T20).
    await lab.post('/api/status', liveOf('Progress'))
    expect(await seen(lab)).toEqual([null])
    await lab.post('/api/status', liveOf('Progress', { reported: '2026-11-20T02:05:00Z' }))
    expect((await seen(lab))[0]).not.toBeNull()
  })

  it('is known wherever it is posted, and is never a run', async () => {
    const lab = await receiverLab({ open: true })
    await lab.post('/api/upload', reportOf())
    expect((await lab.post('/api/upload', liveOf('Progress'))).status).toBe(200)
    expect((await lab.post('/api/status', reportOf({ begin: '2026-11-21T02:00:00Z' }))).status).toBe(200)
    expect((await lab.store.read.size()).runs).toBe(2)
  })

  it('of a first backup makes its job, which its report then finds', async () => {
    const lab = await receiverLab({ open: true, now: () => new Date('2026-11-20T02:00:31Z') })
    expect((await lab.post('/api/status', liveOf('Started'))).status).toBe(200)
    await lab.post('/api/status', liveOf('Progress'))
    expect(await seen(lab)).toMatchObject([{ phase: 'Backup_ProcessingFiles', progress: 0.25 }])
    await lab.post('/api/status', liveOf('Completed'))
    expect(await seen(lab)).toEqual([null])
    await lab.post('/api/upload', reportOf({ begin: START }))
    const { servers, jobs } = await lab.store.read.status()
    expect(servers.map(({ view }) => view.machineName)).toEqual(['nas'])
    expect(jobs).toMatchObject([{ backupId: '1', name: 'Documents', runs: 1 }])
    const other = liveOf('Progress')
    Object.assign(other.metadata, { backupId: 'DB-2', backupName: 'Photos' })
    await lab.post('/api/status', other)
    expect((await lab.store.read.status()).jobs.map(({ name, facts }) => [name, facts.running !== null])).toEqual([
      ['Documents', false],
      ['Photos', true],
    ])
  })

  it('of what ended, or is no backup, makes no job where none is known', async () => {
    const lab = await receiverLab({ open: true })
    for (const status of ['Completed', 'Failed']) await lab.post('/api/status', liveOf(status))
    await lab.post('/api/status', { ...liveOf('Progress'), operation: 'Restore' })
    expect(await lab.store.read.status()).toEqual({ servers: [], jobs: [] })
    expect(await lab.store.quarantine.list()).toEqual([])
  })

  it('of a server that is only collected is shown at its job, where one alone can be meant', async () => {
    const lab = await receiverLab({ open: true })
    const { createIngest } = await import('../../src/ingest/index.ts')
    const { logRow, runFacts, serverInfo } = await import('../support/run-facts.ts')
    for (const name of ['nas', 'other']) {
      const collection = await createIngest(lab.store).openCollection({
        url: `http://${name}:8200`,
        info: serverInfo({ machineId: null, machineName: name }),
        at: new Date('2026-11-19T12:00:00Z'),
      })
      await collection.addPage({ backupId: '1', name: 'Documents' }, [
        logRow(1, runFacts({ durationSeconds: name.length })),
      ])
    }
    await lab.post('/api/status', liveOf('Progress'))
    // The server itself will tell of this one when it is collected.
    const fresh = liveOf('Progress')
    await lab.post('/api/status', { ...fresh, metadata: { ...fresh.metadata, backupId: 'DB-9' } })
    const { jobs, servers } = await lab.store.read.status()
    expect(jobs).toHaveLength(2)
    const running = jobs.filter(({ facts }) => facts.running).map(({ serverId }) => serverId)
    expect(running).toEqual(servers.filter(({ view }) => view.machineName === 'nas').map(({ view }) => view.id))
  })
})
