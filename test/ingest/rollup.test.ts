import { describe, expect, it } from 'vitest'
import type { RunFacts } from '../../src/duplicati/model.ts'
import { readHabits } from '../../src/fleet/overdue/habits.ts'
import { createIngest } from '../../src/ingest/index.ts'
import type { WritableStore } from '../../src/store/index.ts'
import { rollUpAll } from '../../src/store/rollup.ts'
import { Random } from '../support/duplicati/random.ts'
import { logRow, runFacts, serverInfo } from '../support/run-facts.ts'
import { testStore } from '../support/store.ts'

const DAY = 86_400_000
const start = Date.parse('2026-01-01T02:00:00Z')
const job = { backupId: '1', name: 'Documents' }

async function collect(store: WritableStore, pages: RunFacts[][]) {
  const collection = await createIngest(store).openCollection({
    url: 'http://nas:8200',
    info: serverInfo(),
    at: new Date('2026-11-24T12:00:00Z'),
  })
  for (const [i, page] of pages.entries())
    await collection.addPage(
      job,
      page.map((run, k) => logRow(i * 1_000 + k, run)),
    )
}

async function theJob(store: WritableStore) {
  const [row] = (await store.read.status()).jobs
  if (!row) throw new Error('no job')
  return row
}

/** What is rolled up, without ids, which depend on the order of arrival. */
async function rolledUp(store: WritableStore) {
  const { facts, recent, runs, uploadedBytes, files } = await theJob(store)
  const { status, lastBeganAt, lastEndedAt, lastSuccessAt, skippedAt, partial, failuresInARow } = facts
  const habits = readHabits(facts.habits)
  const times = { lastBeganAt, lastEndedAt, lastSuccessAt, skippedAt }
  return { status, ...times, partial, recent, runs, uploadedBytes, files, habits, failuresInARow }
}

function expected(runs: RunFacts[]): Awaited<ReturnType<typeof rolledUp>> {
  const newestFirst = runs.toSorted((a, b) => began(b) - began(a))
  const counting = newestFirst.filter((run) => run.operation === 'Backup' && !run.interrupted && !run.dryRun)
  const last = counting[0]
  const successes = counting.filter(({ status, partial }) => (status === 'Success' || status === 'Warning') && !partial)
  const skipped = newestFirst.filter((run) => run.operation === 'Backup' && run.interrupted && !run.dryRun)
  const skippedAt = Math.max(...skipped.map(ended))
  return {
    status: last?.status ?? 'None',
    lastBeganAt: last ? began(last) : null,
    lastEndedAt: last ? ended(last) : null,
    lastSuccessAt: successes.length > 0 ? Math.max(...successes.map(ended)) : null,
    skippedAt: skipped.length > 0 && (!last || skippedAt > began(last)) ? skippedAt : null,
    partial: last?.partial ?? false,
    recent: counting.slice(0, 10).map(({ status }) => status),
    runs: counting.length,
    uploadedBytes: counting.reduce((sum, run) => sum + (run.uploadedBytes ?? 0), 0),
    files: last?.examinedFiles ?? null,
    habits: counting.slice(0, 30).map((run) => ({
      beganAt: began(run),
      duration: run.durationSeconds === null ? null : Math.round(run.durationSeconds * 1000),
      status: run.status,
    })),
    failuresInARow: failuresBefore(counting),
  }
}

/** Error and Fatal runs before the first good one; what is Unknown is neither. */
function failuresBefore(newestFirst: RunFacts[]): number {
  const good = newestFirst.findIndex(({ status }) => status === 'Success' || status === 'Warning')
  const since = good < 0 ? newestFirst : newestFirst.slice(0, good)
  return since.filter(({ status }) => status === 'Error' || status === 'Fatal').length
}

const began = (run: RunFacts) => Date.parse(run.beganAt)
const ended = (run: RunFacts) => Date.parse(run.endedAt ?? run.beganAt)

/** A year of every kind of run, one a day. */
function someRuns(seed: number, count: number): RunFacts[] {
  const random = new Random(seed)
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random.next() * items.length)] as T
  return Array.from({ length: count }, (_, day) =>
    runFacts({
      beganAt: new Date(start + day * DAY + Math.floor(random.next() * 1_000)).toISOString(),
      beganTicks: Math.floor(random.next() * 10_000),
      durationSeconds: Math.round(random.next() * 6e10) / 1e7,
      operation: pick(['Backup', 'Backup', 'Backup', 'Backup', 'Compact', 'Restore', 'Test']),
      status: pick(['Success', 'Success', 'Warning', 'Error', 'Fatal', 'Unknown']),
      partial: random.next() < 0.1,
      interrupted: random.next() < 0.1,
      dryRun: random.next() < 0.1,
      uploadedBytes: random.next() < 0.1 ? null : Math.floor(random.next() * 1e9),
      examinedFiles: Math.floor(random.next() * 1e6),
    }),
  )
}

function shuffled<T>(items: T[], seed: number): T[] {
  const random = new Random(seed)
  return items
    .map((item) => ({ item, key: random.next() }))
    .sort((a, b) => a.key - b.key)
    .map(({ item }) => item)
}

function pages<T>(items: T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) => items.slice(i * size, (i + 1) * size))
}

describe('the rolled-up state of a job', () => {
  it.each([1, 2, 3, 4, 5, 6])('is the same in every order and size of pages (seed %i)', async (seed) => {
    const runs = someRuns(seed, 3 + seed * 12)
    const arrivals = [
      pages(runs.toReversed(), 7),
      pages(runs.toReversed(), 100),
      pages(shuffled(runs, seed + 100), 5),
      pages(shuffled(runs, seed + 200), 1),
      [...pages(shuffled(runs, seed + 300), 9), ...pages(runs, 11)],
    ]
    for (const arrival of arrivals) {
      const store = await testStore()
      await collect(store, arrival)
      expect(await rolledUp(store)).toEqual(expected(runs))
      await store.transaction((tx) => rollUpAll(tx, 1))
      expect(await rolledUp(store)).toEqual(expected(runs))
    }
  })

  it('takes one of two runs that began at the same time, and both into the sums (T6)', async () => {
    const one = runFacts({ durationSeconds: 1, status: 'Success' })
    const two = runFacts({ durationSeconds: 2, status: 'Error' })
    for (const page of [
      [one, two],
      [two, one],
    ]) {
      const store = await testStore()
      await collect(store, [page])
      const row = await theJob(store)
      expect((await store.read.status()).jobs).toHaveLength(1)
      expect(row.recent).toEqual(['Error', 'Success'])
      expect(row.facts.status).toBe('Error')
      expect(row.uploadedBytes).toBe(220)
      const [newest] = await store.read.history({ jobIds: [row.id], limit: 1 })
      expect(newest?.id).toBe(row.lastRun?.id)
      expect((await store.read.latestRun(row.id))?.id).toBe(row.lastRun?.id)
    }
  })

  it('orders two runs of one millisecond by their exact begin (T6)', async () => {
    const earlier = runFacts({ beganTicks: 1, durationSeconds: 5, status: 'Error' })
    const later = runFacts({ beganTicks: 2, durationSeconds: 5, status: 'Success' })
    for (const page of [
      [earlier, later],
      [later, earlier],
    ]) {
      const store = await testStore()
      await collect(store, [page])
      const row = await theJob(store)
      expect(row.recent).toEqual(['Success', 'Error'])
      const history = await store.read.history({ jobIds: [row.id], limit: 2 })
      expect(history.map(({ status }) => status)).toEqual(['Success', 'Error'])
      expect((await store.read.latestRun(row.id))?.status).toBe('Success')
    }
  })

  it.each([
    ['an interrupted run (T66)', { interrupted: true }],
    ['a dry run (T70)', { dryRun: true }],
    ['a restore', { operation: 'Restore' }],
  ])('is not touched by %s, which is kept all the same', async (_, change) => {
    const store = await testStore()
    const backup = runFacts({ uploadedBytes: 7 })
    const other = runFacts({ beganAt: '2026-11-21T02:00:00.000Z', status: 'Error', ...change })
    await collect(store, [[other, backup]])
    const row = await theJob(store)
    expect(row).toMatchObject({ runs: 1, uploadedBytes: 7, recent: ['Success'] })
    expect(row.facts).toMatchObject({ status: 'Success', lastSuccessAt: ended(backup) })
    expect(row.facts.skippedAt).toBe('interrupted' in change ? ended(other) : null)
    expect(await store.read.history({ jobIds: [row.id], operation: null, limit: 9 })).toHaveLength(2)
  })

  it('forgets that a run was skipped when a later one counted (T66)', async () => {
    const store = await testStore()
    const skipped = runFacts({ beganAt: '2026-11-19T02:00:00.000Z', interrupted: true })
    await collect(store, [[runFacts(), skipped]])
    expect((await theJob(store)).facts.skippedAt).toBeNull()
  })

  it('knows a last run beside the last success (T35): failing every night is no success', async () => {
    const store = await testStore()
    const good = runFacts({ beganAt: '2026-11-17T02:00:00.000Z' })
    const failing = [18, 19, 20].map((day) => runFacts({ beganAt: `2026-11-${day}T02:00:00.000Z`, status: 'Fatal' }))
    await collect(store, [[...failing.toReversed(), good]])
    expect((await theJob(store)).facts).toMatchObject({
      status: 'Fatal',
      lastSuccessAt: ended(good),
      lastBeganAt: Date.parse('2026-11-20T02:00:00Z'),
    })
  })

  it('counts failures in a row beyond what is kept of the newest runs', async () => {
    const store = await testStore()
    const failing = Array.from({ length: 45 }, (_, day) =>
      runFacts({ beganAt: new Date(start + (day + 1) * DAY).toISOString(), status: day === 7 ? 'Unknown' : 'Error' }),
    )
    await collect(store, [[...failing.toReversed(), runFacts({ beganAt: new Date(start).toISOString() })]])
    expect((await theJob(store)).facts.failuresInARow).toBe(44)
  })

  it('counts no partial run as a success', async () => {
    const store = await testStore()
    await collect(store, [[runFacts({ partial: true, status: 'Warning' })]])
    expect((await theJob(store)).facts).toMatchObject({ partial: true, lastSuccessAt: null, status: 'Warning' })
  })

  it('exists for a job whose log is empty', async () => {
    const store = await testStore()
    await collect(store, [[]])
    expect(await theJob(store)).toMatchObject({ runs: 0, recent: [], lastRun: null, facts: { status: 'None' } })
  })
})
