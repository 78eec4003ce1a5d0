/** Two servers that a person makes one, and two again: as if they had never been one. */
import { describe, expect, it } from 'vitest'
import type { Backup, RunFacts } from '../../src/duplicati/model.ts'
import { createIngest, type FullIngest } from '../../src/ingest/index.ts'
import { mergedIn, mergeServers, planMerge, undoMerge } from '../../src/ingest/merge.ts'
import { openAlert } from '../../src/store/alerts.ts'
import type { WritableStore } from '../../src/store/index.ts'
import { exactRun, listedBackup, logRow, serverInfo } from '../support/run-facts.ts'
import { testStore } from '../support/store.ts'

const DAY = 86_400_000
const FIRST = Date.parse('2026-11-10T02:00:00Z')
const AT = Date.parse('2026-11-24T12:00:00Z')
const URL = 'http://attic:8200'

type Telling = (ingest: FullIngest) => Promise<unknown>

const nas = { machineId: 'A', machineName: 'nas' }
const attic = { machineId: 'B', machineName: 'attic' }
const documents = { backupId: 'DB-1', backupName: 'Documents' }
const photos = { backupId: 'DB-2', backupName: 'Photos' }
const nightOf = (day: number, hours = 0) => new Date(FIRST + day * DAY + hours * 3_600_000).toISOString()

function runOf(
  day: number,
  { seed = 1, hours = 0, ...change }: Partial<RunFacts> & { seed?: number; hours?: number } = {},
) {
  const text = { level: 'warning' as const, at: null, tag: null, text: `of ${seed} on day ${day}` }
  return exactRun(nightOf(day, hours), seed * 1_111 + day, {
    durationSeconds: 60 + seed / 100 + day / 1_000,
    log: [text],
    ...change,
  })
}

/** A report that came an hour after its run began, and told the run of the next day. */
const report =
  (machine: typeof nas, job: typeof documents, run: RunFacts, next = true): Telling =>
  (ingest) =>
    ingest.addReported({
      ...machine,
      ...job,
      run,
      receivedAt: new Date(Date.parse(run.beganAt) + 3_600_000),
      nextScheduledRun: next ? new Date(Date.parse(run.beganAt) + DAY).toISOString() : null,
    })

/** A collection at the end of a day. */
const collect =
  (url: string, day: number, runs: RunFacts[], backup: Partial<Backup> = {}): Telling =>
  async (ingest) => {
    const at = new Date(FIRST + day * DAY + DAY / 2)
    const machineName = new globalThis.URL(url).hostname
    const collection = await ingest.openCollection({ url, info: serverInfo({ machineId: null, machineName }), at })
    const rows = runs.toReversed().map((run, index) => logRow(runs.length - index, run))
    await collection.addPage({ backupId: '1', name: 'Documents' }, rows)
    const schedule = { time: nightOf(day + 1, 3), repeat: '1D', allowedDays: [], lastRun: nightOf(day, 3) }
    const backups = [listedBackup({ schedule, tags: [url], destination: `file for ${url}`, ...backup })]
    await collection.finish({ backups, state: null, progress: null, notices: [] })
  }

async function told(tellings: readonly Telling[], into?: WritableStore): Promise<WritableStore> {
  const store = into ?? (await testStore())
  for (const tell of tellings) await tell(createIngest(store))
  return store
}

/** Everything that anybody can see, ids included. */
async function seen(store: WritableStore) {
  const { servers, jobs } = await store.read.status()
  const runs = await store.read.history({ jobIds: jobs.map(({ id }) => id), operation: null, limit: 1_000 })
  return {
    servers: servers.toSorted((a, b) => a.view.id.localeCompare(b.view.id)),
    jobs: jobs.toSorted((a, b) => a.id.localeCompare(b.id)),
    runs: runs.toSorted((a, b) => a.id.localeCompare(b.id)),
    logs: await Promise.all(runs.map(({ id }) => store.read.log(id))),
    sources: await Promise.all(servers.map(({ view }) => store.read.sources(view.id))),
    settings: [...(await store.settings.of(jobs.map(({ id }) => id)))].sort(),
    defaults: await Promise.all(servers.map(({ view }) => store.settings.ofServer(view.id))),
    access: (await store.servers.access(servers.map(({ view }) => view.id))).map(
      ({ secretOwner: _random, ...access }) => access,
    ),
  }
}

/** The same where jobs that came to be meanwhile got other ids. */
function byName(all: Awaited<ReturnType<typeof seen>>) {
  const names = new Map(all.jobs.map(({ id, serverId, backupId }) => [id, `${serverId}/${backupId}`]))
  const named = JSON.parse(JSON.stringify(all).replace(/"j\d+"/g, (id) => JSON.stringify(names.get(id.slice(1, -1)))))
  const byId = (a: { id: string }, b: { id: string }) => a.id.localeCompare(b.id)
  return { ...named, jobs: named.jobs.sort(byId), settings: named.settings.sort() }
}

const merge = (store: WritableStore, one = 's1', other = 's2') =>
  mergeServers(store, { one, other, reason: 'one machine', at: AT })
const undo = (store: WritableStore, gone = 's2', dryRun = false) =>
  undoMerge(store, { keep: 's1', gone, reason: 'two after all', at: AT, dryRun })

/** Nights of two machines: the first reports, the second reports, is collected, or both. */
function nights(how: 'report' | 'collect' | 'both'): Telling[] {
  return Array.from({ length: 8 }, (_, day) => {
    const others = Array.from({ length: day + 1 }, (_, each) => runOf(each, { seed: 2, hours: 3 }))
    return [
      report(nas, documents, runOf(day, { status: day === 5 ? 'Error' : 'Success' })),
      ...(how === 'collect' ? [] : [report(attic, documents, runOf(day, { seed: 2, hours: 3 }))]),
      ...(how === 'report' ? [] : [collect(URL, day, others)]),
      report(nas, photos, runOf(day, { seed: 3, hours: 4 }), false),
    ]
  }).flat()
}

describe('case 16: two servers that a person merges', () => {
  it.each(['report', 'collect', 'both'] as const)('are one for later reports and collections (%s)', async (how) => {
    const tellings = nights(how)
    const store = await told(tellings.slice(0, 8))
    const plan = await merge(store)
    expect(plan).toMatchObject({ keep: { id: 's1', name: 'nas', jobs: 2 }, gone: { id: 's2', name: 'attic', jobs: 1 } })
    await told(tellings.slice(8), store)
    const { servers, jobs, runs } = await seen(store)
    expect(servers.map(({ view }) => view.id)).toEqual(['s1'])
    expect(jobs.map(({ backupId, runs }) => [backupId, runs])).toEqual([
      ['1', 16],
      ['2', 8],
    ])
    expect(runs).toHaveLength(24)
    const [entry] = (await store.audit.list(100)).filter(({ action }) => action === 'server.join').slice(0, 1)
    expect(entry?.serverId).toBe('s1')
  })

  it.each(['report', 'collect', 'both'] as const)('are two again as if nothing had been (%s)', async (how) => {
    const tellings = nights(how)
    const control = await seen(await told(tellings))
    for (const mergedAfter of [4, 7, 8, 13, tellings.length]) {
      const store = await told(tellings.slice(0, mergedAfter))
      await merge(store)
      await told(tellings.slice(mergedAfter), store)
      await undo(store)
      expect(await seen(store), `merged after ${mergedAfter}`).toEqual(control)
    }
  })

  it('are two again whichever was there first', async () => {
    const tellings = nights('both').toSpliced(0, 0, collect(URL, -1, []))
    const control = byName(await seen(await told(tellings)))
    for (const mergedAfter of [3, 9, tellings.length]) {
      const store = await told(tellings.slice(0, mergedAfter))
      await merge(store, 's2', 's1')
      await told(tellings.slice(mergedAfter), store)
      await undo(store)
      expect(byName(await seen(store)), `merged after ${mergedAfter}`).toEqual(control)
    }
  })

  it('are merged, parted and merged again', async () => {
    const tellings = nights('both')
    const control = await seen(await told(tellings))
    const store = await told(tellings.slice(0, 6))
    await merge(store)
    await told(tellings.slice(6, 15), store)
    await undo(store)
    await told(tellings.slice(15, 20), store)
    await merge(store)
    await told(tellings.slice(20), store)
    await undo(store)
    expect(await seen(store)).toEqual(control)
  })

  it('go on as two after they were parted', async () => {
    const tellings = nights('both')
    const store = await told(tellings.slice(0, 6))
    await merge(store)
    await told(tellings.slice(6, 15), store)
    await undo(store)
    expect(await seen(await told(tellings.slice(15), store))).toEqual(await seen(await told(tellings)))
  })

  it('both collected: each has its runs again, and its schedule with its next collection', async () => {
    const runsOf = (seed: number, days: number) =>
      Array.from({ length: days }, (_, day) => runOf(day, { seed, hours: seed }))
    const days = Array.from({ length: 6 }, (_, day) => [
      collect('http://nas:8200', day, runsOf(1, day + 1)),
      collect(URL, day, runsOf(2, day + 1)),
    ]).flat()
    const last = [collect('http://nas:8200', 6, runsOf(1, 7)), collect(URL, 6, runsOf(2, 7))]
    const store = await told(days.slice(0, 4))
    await merge(store)
    await undo(await told(days.slice(4), store))
    const control = await told(days)
    expect((await seen(store)).runs).toEqual((await seen(control)).runs)
    expect((await store.read.status()).jobs.map(({ tags }) => tags)).toEqual([['http://nas:8200'], [URL]])
    expect(await seen(await told(last, store))).toEqual(await seen(await told(last, control)))
  })
})

describe('what people set', () => {
  async function withSettings(): Promise<WritableStore> {
    const store = await told(nights('both').slice(0, 12))
    await store.servers.edit('s2', { alias: 'under the roof', note: 'cold', tags: ['home'], url: URL, pin: 'pin' })
    await store.servers.edit('s1', { tags: ['office'] })
    await store.servers.setSecrets('s2', { password: 'sealed' })
    await store.settings.editServer('s2', { set: { tolerance: 7_200 }, inherit: [] })
    const jobs = (await store.read.names()).jobs
    const [own, other] = jobs.filter(({ backupId }) => backupId === '1')
    await store.settings.editJobs([own?.id ?? ''], { set: { tolerance: 60 }, inherit: [] })
    await store.settings.editJobs([other?.id ?? ''], { set: { monitored: false, maxAge: 3_600 }, inherit: [] })
    await store.settings.snooze([other?.id ?? ''], { until: AT + DAY, reason: 'noise' })
    return store
  }

  it('of the older server holds; what it lacks of names and address it takes over', async () => {
    const store = await withSettings()
    await merge(store)
    const { servers, jobs, access } = await seen(store)
    expect(servers[0]?.view).toMatchObject({
      alias: 'under the roof',
      note: 'cold',
      tags: ['office', 'home'],
      url: URL,
    })
    expect(access).toMatchObject([{ sealedPassword: 'sealed' }])
    const [documentsNow] = jobs
    expect(documentsNow?.facts).toMatchObject({ monitored: true, toleranceSeconds: 60, snoozedUntil: null })
  })

  it('comes back when they are parted', async () => {
    const store = await withSettings()
    const before = await seen(store)
    await merge(store)
    await undo(store)
    expect(await seen(store)).toEqual(before)
  })

  it('since the merge stays with the older server, and a new password with its address', async () => {
    const store = await withSettings()
    await merge(store)
    await store.servers.edit('s1', { alias: 'cellar' })
    await store.servers.setSecrets('s1', { password: 'changed' })
    await undo(store)
    const { servers, access } = await seen(store)
    expect(servers.map(({ view }) => view.alias)).toEqual(['cellar', 'under the roof'])
    expect(access).toMatchObject([
      { url: null, sealedPassword: null },
      { url: URL, sealedPassword: 'changed', pin: 'pin' },
    ])
  })

  it('of an alias or address that another server has by now is not taken from it', async () => {
    const store = await withSettings()
    await merge(store)
    await store.servers.edit('s1', { alias: 'cellar', url: 'http://cellar:8200' })
    await store.servers.add({ url: URL, alias: 'Under the Roof' })
    await undo(store)
    const { view } = (await store.read.status({ serverIds: ['s2'] })).servers[0] ?? {}
    expect(view).toMatchObject({ alias: null, url: 'http://cellar:8200' })
  })

  it('brings alerts back to the job that they were about', async () => {
    const store = await told(nights('report').slice(0, 6))
    const attics = (await store.read.names()).jobs.find(({ serverId }) => serverId === 's2')
    const alerts = () => store.db.selectFrom('alert').select(['server_id', 'job_id', 'resolved_at']).execute()
    const about = { kind: 'overdue', serverId: 's2', jobId: attics?.id ?? '', since: AT, at: AT, data: {} } as const
    await store.transaction((tx) => openAlert(tx, about))
    const before = await alerts()
    await merge(store)
    expect(await alerts()).toMatchObject([{ server_id: 1, job_id: 1, resolved_at: null }])
    await undo(store)
    expect(await alerts()).toEqual(before)
  })
})

describe('a pair that a person parted', () => {
  const shared = Array.from({ length: 3 }, (_, day) => runOf(day))
  const newer = { ...runOf(20), beganAt: new Date(AT + DAY).toISOString() }

  it('keeps a run that both told on each side', async () => {
    const store = await told([...shared.map((run) => report(nas, documents, run)), collect(URL, 3, shared)])
    expect((await seen(store)).servers).toHaveLength(1)
    await undo(store)
    const { servers, jobs, runs, logs } = await seen(store)
    expect(servers.map(({ view }) => view.name)).toEqual(['nas', 'attic'])
    expect(jobs.map((job) => job.runs)).toEqual([3, 3])
    expect(runs.map((run) => run.sources)).toEqual([...shared.map(() => ['report']), ...shared.map(() => ['collect'])])
    expect(new Set(logs.map(({ lines }) => lines[0]?.text)).size).toBe(3)
  })

  it('is not joined again for the same old runs', async () => {
    const store = await told(shared.slice(0, 2).map((run) => report(nas, documents, run)))
    await told([collect(URL, 1, shared.slice(0, 2))], store)
    await told([report(nas, documents, shared[2]!)], store)
    await undo(store)
    await told([collect(URL, 3, shared)], store)
    const { servers, jobs } = await seen(store)
    expect(servers).toHaveLength(2)
    expect(jobs.map((job) => job.runs)).toEqual([3, 3])
  })

  it('is joined again where a newer run proves that it is one', async () => {
    const store = await told([...shared.map((run) => report(nas, documents, run)), collect(URL, 3, shared)])
    await undo(store)
    await told([report(nas, documents, newer), collect(URL, 16, [...shared, newer])], store)
    expect((await seen(store)).servers).toHaveLength(1)
  })

  it('is not joined again because one has no machine id', async () => {
    const nameless = { machineId: '', machineName: 'nas' }
    const store = await told([report(nas, documents, runOf(0)), report(nameless, documents, runOf(1, { seed: 2 }))])
    expect((await seen(store)).servers).toHaveLength(1)
    await undo(store)
    await told([report(nameless, documents, runOf(2, { seed: 2 })), report(nas, documents, runOf(2))], store)
    expect((await seen(store)).jobs.map((job) => job.runs)).toEqual([2, 2])
  })
})

describe('several that were merged into one', () => {
  const third = { machineId: 'C', machineName: 'shed' }
  const three = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, day) => [
      report(nas, documents, runOf(from + day)),
      report(attic, documents, runOf(from + day, { seed: 2, hours: 3 })),
      report(third, documents, runOf(from + day, { seed: 3, hours: 6 })),
    ]).flat()

  it('are parted one by one, in any order', async () => {
    const control = await seen(await told(three(0, 6)))
    for (const order of [
      ['s2', 's3'],
      ['s3', 's2'],
    ]) {
      const store = await told(three(0, 2))
      await merge(store, 's1', 's2')
      await told(three(2, 4), store)
      await merge(store, 's1', 's3')
      await told(three(4, 6), store)
      for (const gone of order) await undo(store, gone)
      expect(await seen(store)).toEqual(control)
    }
  })

  it('come back together where one had been merged into the other before', async () => {
    const store = await told(three(0, 2))
    await merge(store, 's2', 's3')
    await merge(store, 's1', 's2')
    expect((await mergedIn(store.db, 's1')).map(({ id }) => id)).toEqual(['s2'])
    await told(three(2, 6), store)
    await undo(store, 's2')
    expect((await mergedIn(store.db, null)).map(({ into, id }) => [into, id])).toEqual([['s2', 's3']])
    await undoMerge(store, { keep: 's2', gone: 's3', reason: 'three', at: AT, dryRun: false })
    expect(await seen(store)).toEqual(await seen(await told(three(0, 6))))
  })
})

describe('a plan', () => {
  it('names the jobs that fall together, and whether both ran beside each other', async () => {
    const store = await told(nights('report').slice(0, 12))
    await told([report(attic, { ...photos, backupName: 'Pictures' }, runOf(9))], store)
    const { together } = await planMerge(store.db, 's2', 's1')
    expect(together).toEqual([
      { backupId: '1', name: 'Documents', mergedName: 'Documents', bothRun: true, settingsAside: false },
      { backupId: '2', name: 'Photos', mergedName: 'Pictures', bothRun: false, settingsAside: false },
    ])
  })

  it('does not take one that began when the other had ended for two machines (case 8)', async () => {
    const old = Array.from({ length: 4 }, (_, day) => report(nas, documents, runOf(day)))
    const fresh = Array.from({ length: 4 }, (_, day) => report(attic, documents, runOf(day + 4, { seed: 2, hours: 9 })))
    const store = await told([...old, ...fresh])
    expect((await planMerge(store.db, 's1', 's2')).together).toMatchObject([{ bothRun: false }])
  })

  it('of a dry run changes nothing', async () => {
    const store = await told(nights('both').slice(0, 12))
    await merge(store)
    const before = await seen(store)
    expect(await undo(store, 's2', true)).toMatchObject({ keep: { runs: 6 }, gone: { runs: 3 } })
    expect(await seen(store)).toEqual(before)
    await expect(undo(store, 's7')).rejects.toMatchObject({ code: 'not_merged' })
    await expect(planMerge(store.db, 's1', 's1')).rejects.toMatchObject({ code: 'same_server' })
    await expect(planMerge(store.db, 's1', 's2')).rejects.toMatchObject({ code: 'unknown_server' })
  })

  it('says in the audit log who came back, and why', async () => {
    const store = await told(nights('report').slice(0, 8))
    await merge(store)
    await undo(store)
    const entries = (await store.audit.list(2)).map(({ action, serverId, reason }) => ({ action, serverId, reason }))
    expect(entries).toEqual([
      { action: 'server.part', serverId: 's1', reason: 'two after all' },
      { action: 'server.join', serverId: 's1', reason: 'one machine' },
    ])
  })
})
