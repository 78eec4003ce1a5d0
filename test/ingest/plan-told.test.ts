import { describe, expect, it } from 'vitest'
import type { Backup } from '../../src/duplicati/model.ts'
import { assess } from '../../src/fleet/overdue/assess.ts'
import { createIngest } from '../../src/ingest/index.ts'
import type { WritableStore } from '../../src/store/index.ts'
import { serverInfo } from '../support/run-facts.ts'
import { testStore } from '../support/store.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const due = Date.parse('2026-11-24T02:00:00Z')
const iso = (at: number) => new Date(at).toISOString()
const nothing = {
  lastStartedAt: null,
  lastFinishedAt: null,
  lastVersionAt: null,
  lastErrorAt: null,
  lastErrorMessage: null,
  sourceFiles: null,
  sourceBytes: null,
  storageBytes: null,
  versions: null,
  freeBytes: null,
  totalBytes: null,
}
const backup = (time: number): Backup => ({
  backupId: '1',
  name: 'Documents',
  tags: [],
  destination: null,
  schedule: { time: iso(time), repeat: '1D', allowedDays: [], lastRun: null },
  metadata: nothing,
})

/** A collection that finds this plan. */
async function collect(store: WritableStore, at: number, time: number): Promise<void> {
  const collection = await createIngest(store).openCollection({
    url: 'http://nas:8200',
    info: serverInfo(),
    at: new Date(at),
  })
  await collection.finish({ backups: [backup(time)], state: null, progress: null, notices: [] })
}

async function expected(store: WritableStore, now: number) {
  const { jobs, servers } = await store.read.status()
  const [job, server] = [jobs[0], servers[0]]
  if (!job || !server) throw new Error('nothing was stored')
  const { expectation } = assess(job.facts, server.facts, { now, toleranceSeconds: 3600 })
  return { ...expectation, seenAt: job.facts.plannedSeenAt }
}

describe('when a plan was told', () => {
  it('is kept from its first telling, so that most collections write nothing', async () => {
    const store = await testStore()
    await collect(store, due - 12 * HOUR, due)
    await collect(store, due - 6 * HOUR, due)
    expect(await expected(store, due)).toMatchObject({ from: 'server', at: due, seenAt: due - 12 * HOUR })
    await collect(store, due + HOUR, due + DAY)
    expect(await expected(store, due)).toMatchObject({ from: 'server', at: due + DAY, seenAt: due + HOUR })
  })

  it('decides between the server and a report: the one that was told last is believed', async () => {
    const store = await testStore()
    await collect(store, due - 12 * HOUR, due)
    await store.transaction((tx) =>
      tx
        .updateTable('job')
        .set({ reported_next_at: due + 5 * HOUR, reported_next_seen_at: due - 6 * HOUR })
        .execute(),
    )
    expect(await expected(store, due)).toMatchObject({ from: 'report', at: due + 5 * HOUR })
    // The same plan told again is newer than the report now.
    await collect(store, due - HOUR, due)
    expect(await expected(store, due)).toMatchObject({ from: 'server', at: due, seenAt: due - HOUR })
  })
})
