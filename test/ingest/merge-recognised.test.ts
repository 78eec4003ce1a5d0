/** Machines that the overdue check takes for one (identity, cases 6, 7, 10, 11), and what a person's word does to that. */
import { describe, expect, it } from 'vitest'
import { createIngest } from '../../src/ingest/index.ts'
import { mergedIn, mergeServers, undoMerge } from '../../src/ingest/merge.ts'
import { runOverdueCheck } from '../../src/ingest/overdue-check.ts'
import type { WritableStore } from '../../src/store/index.ts'
import { exactRun } from '../support/run-facts.ts'
import { testStore } from '../support/store.ts'

const DAY = 86_400_000
const HOUR = 3_600_000
const FIRST = Date.parse('2026-11-01T02:00:00Z')
const GLOBALS = { ntfy: { configured: true, topic: 'backups' }, email: { configured: false, to: [] } }
const old = { id: 'A', name: 'nas' }
const fresh = { id: 'D', name: 'nas' }

async function report(store: WritableStore, { id, name }: typeof old, day: number, later = 0): Promise<void> {
  const begin = FIRST + day * DAY + later
  const run = exactRun(new Date(begin).toISOString(), id.charCodeAt(0) * 100 + day)
  await createIngest(store).addReported({
    machineId: id,
    machineName: name,
    backupId: 'DB-1',
    backupName: 'Documents',
    run,
    receivedAt: new Date(begin + 120_000),
    nextScheduledRun: new Date(begin + DAY).toISOString(),
  })
}

function check(store: WritableStore, day: number, hours: number) {
  return runOverdueCheck({
    store,
    now: () => new Date(FIRST + day * DAY + hours * HOUR),
    listeningSince: 0,
    config: { toleranceSeconds: 3_600, zone: 'UTC', reminder: 'default', stormLimit: 10, globals: GLOBALS },
  })
}

/** A ran for eight nights and D since; the check that follows takes them for one. */
async function recognised(): Promise<WritableStore> {
  const store = await testStore()
  for (let day = 0; day < 8; day++) await report(store, old, day)
  await report(store, fresh, 8)
  expect(await check(store, 8, 3)).toMatchObject({ joined: 1, opened: 0 })
  return store
}

async function jobsOf(store: WritableStore) {
  const { jobs } = await store.read.status()
  return jobs.map(({ serverId, runs, facts }) => [serverId, runs, facts.reportedNextAt])
}

async function partings(store: WritableStore) {
  return (await store.audit.list(100)).filter(({ action }) => action === 'server.part')
}

const merge = (store: WritableStore) =>
  mergeServers(store, { one: 's1', other: 's2', reason: 'one', at: FIRST + 8 * DAY + HOUR })
const undo = (store: WritableStore) =>
  undoMerge(store, { keep: 's1', gone: 's2', reason: 'two', at: FIRST + 8 * DAY + 4 * HOUR, dryRun: false })

describe('a machine that was recognised under its new id', () => {
  it('case 7: has one history, and its plan', async () => {
    const store = await recognised()
    expect(await jobsOf(store)).toEqual([['s1', 9, FIRST + 9 * DAY]])
    expect((await mergedIn(store.db, 's1')).map(({ id, reason }) => [id, reason])).toEqual([
      ['s2', 'nas reports the job Documents under another machine id'],
    ])
  })

  it('case 10: has one history under its new name', async () => {
    const store = await testStore()
    for (let day = 0; day < 8; day++) await report(store, { id: 'A', name: 'web1' }, day)
    await report(store, { id: 'A', name: 'web2' }, 8)
    expect(await jobsOf(store)).toHaveLength(2)
    expect(await check(store, 8, 3)).toMatchObject({ joined: 1, opened: 0 })
    expect(await jobsOf(store)).toEqual([['s1', 9, FIRST + 9 * DAY]])
  })

  it('case 6: is none of those that reported beside it all the time', async () => {
    const store = await testStore()
    const other = { id: 'B', name: 'nas' }
    for (let day = 0; day < 8; day++) {
      await report(store, old, day)
      await report(store, other, day, HOUR / 2)
    }
    await report(store, other, 8, HOUR / 2)
    expect(await check(store, 8, 3)).toMatchObject({ joined: 0, opened: 1 })
    expect(await jobsOf(store)).toHaveLength(2)
  })

  it('case 11: is parted when both report beside each other, each with the runs and the plan of its own', async () => {
    const store = await recognised()
    for (const machine of [old, fresh]) await report(store, machine, 9)
    expect(await check(store, 9, 1)).toMatchObject({ parted: 1 })
    expect(await jobsOf(store)).toEqual([
      ['s1', 9, FIRST + 10 * DAY],
      ['s2', 2, FIRST + 10 * DAY],
    ])
    expect(await partings(store)).toMatchObject([{ reason: expect.stringContaining('two machines') }])
    const { remarks } = await store.read.monitor()
    expect(remarks).toEqual([
      { at: FIRST + 9 * DAY + HOUR, text: expect.stringMatching(/^nas \(s1\) and nas \(s2\) .* two servers again$/) },
    ])
    expect(await check(store, 9, 2)).toMatchObject({ parted: 0, joined: 0 })
  })

  it('stays two where a person says so', async () => {
    const store = await recognised()
    await undo(store)
    expect(await jobsOf(store)).toEqual([
      ['s1', 8, FIRST + 8 * DAY],
      ['s2', 1, FIRST + 9 * DAY],
    ])
    expect(await check(store, 8, 5)).toMatchObject({ joined: 0, parted: 0, opened: 1 })
    for (const machine of [old, fresh]) await report(store, machine, 9)
    expect(await check(store, 9, 1)).toMatchObject({ joined: 0, parted: 0 })
    expect(await partings(store)).toHaveLength(1)
  })

  it('merged by a person, is not parted by itself', async () => {
    const store = await testStore()
    for (let day = 0; day < 8; day++) await report(store, old, day)
    await report(store, fresh, 8)
    await merge(store)
    for (const machine of [old, fresh]) await report(store, machine, 9)
    expect(await check(store, 9, 1)).toMatchObject({ parted: 0 })
    expect(await jobsOf(store)).toEqual([['s1', 11, FIRST + 10 * DAY]])
  })
})
