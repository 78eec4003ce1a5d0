import { describe, expect, it } from 'vitest'
import type { RunFacts, ServerInfo } from '../../src/duplicati/model.ts'
import { createIngest, type FullIngest } from '../../src/ingest/index.ts'
import { rowOf } from '../../src/store/ids.ts'
import type { WritableStore } from '../../src/store/index.ts'
import { exactRun, inWholeSeconds, logRow, runFacts, serverInfo } from '../support/run-facts.ts'
import { testStore } from '../support/store.ts'

const at = new Date('2026-11-24T12:00:00Z')

interface Machine {
  id: string
  name: string
}

/** Something that a source tells, ready to be told in any order. */
type Telling = (ingest: FullIngest) => Promise<unknown>

const report =
  (machine: Machine, run: RunFacts, job = { backupId: 'DB-1', name: 'Documents' }): Telling =>
  (ingest) =>
    ingest.addReported({
      machineId: machine.id,
      machineName: machine.name,
      backupId: job.backupId,
      backupName: job.name,
      run,
      receivedAt: at,
    })

const collected =
  (
    url: string,
    runs: RunFacts[],
    info: Partial<ServerInfo> = {},
    job = { backupId: '1', name: 'Documents' },
  ): Telling =>
  async (ingest) => {
    const collection = await ingest.openCollection({ url, info: serverInfo(info), at })
    await collection.addPage(
      job,
      runs.map((run, i) => logRow(runs.length - i, run)),
    )
  }

const nights = (count: number, ticks = 1_234_567, seconds = 60.1234567) =>
  Array.from({ length: count }, (_, day) =>
    exactRun(`2026-11-${String(20 - day).padStart(2, '0')}T02:00:00Z`, ticks + day * 31, {
      durationSeconds: Number((seconds + day / 1_000).toFixed(7)),
    }),
  )

function orders<T>(items: T[]): T[][] {
  if (items.length < 2) return [items]
  return items.flatMap((item, i) => orders(items.toSpliced(i, 1)).map((rest) => [item, ...rest]))
}

async function told(tellings: Telling[]): Promise<WritableStore> {
  const store = await testStore()
  const ingest = createIngest(store)
  for (const tell of tellings) await tell(ingest)
  return store
}

/** What a person would see: servers with their jobs and runs. */
async function seen(store: WritableStore) {
  const { servers, jobs } = await store.read.status()
  const sources = await Promise.all(servers.map(({ view }) => store.read.sources(view.id)))
  const runs = await store.read.history({ jobIds: jobs.map(({ id }) => id), operation: null, limit: 1_000 })
  return {
    servers: servers.length,
    jobs: jobs.length,
    runs: runs.length,
    counted: jobs.reduce((sum, job) => sum + job.runs, 0),
    ways: [...new Set(runs.map((run) => run.sources.join('+')))].sort(),
    sources: sources.map((list) =>
      list.map((one) => one.address ?? `${one.machineId ?? ''}@${one.machineName}`).sort(),
    ),
    joins: (await store.audit.list(100)).filter(({ action }) => action === 'server.join').length,
  }
}

const nas = { id: 'A', name: 'nas' }
const both = nights(3)
const reports = both.toReversed().map((run) => report(nas, run))

describe('reports and an address of one server', () => {
  const oneServer = {
    servers: 1,
    jobs: 1,
    runs: 3,
    counted: 3,
    sources: [['A@nas', 'http://nas:8200']],
    joins: 1,
  }

  it.each([
    ['case 1 (T1, T4, T7): reports first', [...reports, collected('http://nas:8200', both)]],
    ['case 2: collected first', [collected('http://nas:8200', both), ...reports]],
    ['case 3 (T63): the API names no id', [...reports, collected('http://nas:8200', both, { machineId: null })]],
    ['collected between two reports', [reports[0]!, collected('http://nas:8200', both), ...reports.slice(1)]],
  ])('%s: are one', async (_, tellings) => {
    expect(await seen(await told(tellings))).toMatchObject(oneServer)
  })

  it('are one in every order, with each run once', async () => {
    for (const order of orders([...reports, collected('http://nas:8200', both)])) {
      expect(await seen(await told(order))).toMatchObject(oneServer)
    }
  })

  it('keep the older server with its id, and take over what it lacked', async () => {
    const store = await told(reports)
    const { id } = await store.servers.add({ url: 'http://nas:8200', alias: 'cellar', tags: ['home'] })
    await store.servers.setSecrets(id, { password: 'sealed' })
    const secretOwner = (await store.servers.access([id]))[0]?.secretOwner
    await collected('http://nas:8200', both)(createIngest(store))
    const { servers } = await store.read.status()
    expect(servers.map(({ view }) => view)).toMatchObject([
      { id: 's1', name: 'cellar', tags: ['home'], url: 'http://nas:8200', machineIds: ['A', 'B'] },
    ])
    expect(await store.servers.access()).toMatchObject([{ id: 's1', sealedPassword: 'sealed', secretOwner }])
  })

  it('say in the audit log why they were joined, and what is needed to part them', async () => {
    const store = await told([...reports, collected('http://nas:8200', both)])
    const [entry] = await store.audit.list(1)
    expect(entry).toMatchObject({ action: 'server.join', serverId: 's1', data: { joined: 's2', sources: [2] } })
    expect(entry?.reason).toContain('same run')
  })

  it('keep on every run what it came with', async () => {
    const store = await told([...reports, collected('http://nas:8200', both)])
    const evidence = await store.db
      .selectFrom('run_source')
      .innerJoin('evidence', 'evidence.id', 'run_source.evidence_id')
      .innerJoin('source', 'source.id', 'evidence.source_id')
      .select(['run_id', 'address', 'machine_id', 'machine_name', 'backup_id', 'backup_name', 'way'])
      .orderBy('run_id')
      .execute()
    expect(evidence).toHaveLength(6)
    expect(new Set(evidence.map(({ address, machine_id, way }) => `${address} ${machine_id} ${way}`))).toEqual(
      new Set([' A 0', 'http://nas:8200  1']),
    )
    expect((await seen(store)).ways).toEqual(['report+collect'])
  })
})

describe('an empty machine id (T63, T64)', () => {
  const before = report({ id: '', name: 'nas' }, both[2]!)
  const after = report({ id: 'C', name: 'nas' }, both[1]!)
  it('case 4: is the machine of that name which has the job, in either order', async () => {
    for (const order of orders([before, after])) {
      expect(await seen(await told(order))).toMatchObject({
        servers: 1,
        jobs: 1,
        runs: 2,
        sources: [['@nas', 'C@nas']],
      })
    }
  })

  it('joins nothing where the job differs', async () => {
    const other = report({ id: 'C', name: 'nas' }, both[1]!, { backupId: 'DB-1', name: 'Photos' })
    expect(await seen(await told([before, other]))).toMatchObject({ servers: 2, runs: 2 })
  })

  it('never makes one of two machines that have ids', async () => {
    const tellings = [
      report({ id: 'C', name: 'localhost' }, both[0]!),
      report({ id: 'D', name: 'localhost' }, both[1]!),
      report({ id: '', name: 'localhost' }, both[2]!),
    ]
    for (const order of orders(tellings)) {
      const store = await told([...order, ...order])
      const owners = (await store.read.status()).servers.map(({ view }) => view.machineIds)
      expect(owners.some((ids) => ids.includes('C') && ids.includes('D'))).toBe(false)
    }
  })
})

describe('two servers', () => {
  it('case 5 (T3): of one name with one job id and name, at different times', async () => {
    const a = nights(3).map((run) => report({ id: 'A', name: 'localhost' }, run))
    const b = nights(3)
      .map((run) => ({ ...run, beganAt: new Date(Date.parse(run.beganAt) + 1_800_000).toISOString() }))
      .map((run) => report({ id: 'B', name: 'localhost' }, run))
    expect(await seen(await told(a.flatMap((tell, i) => [tell, b[i]!])))).toMatchObject({
      servers: 2,
      jobs: 2,
      runs: 6,
      joins: 0,
    })
  })

  it('case 17: whose jobs of one name begin in the same second every night', async () => {
    const a = nights(3, 12_000, 60.1).map((run) => report({ id: 'A', name: 'alpha' }, run))
    const b = nights(3, 34_000, 75.2).map((run) => report({ id: 'B', name: 'beta' }, run))
    expect(await seen(await told(a.flatMap((tell, i) => [tell, b[i]!])))).toMatchObject({
      servers: 2,
      runs: 6,
      joins: 0,
    })
  })

  it.each([
    ['the duration differs by 100 ns', { durationSeconds: 60.1234568 }],
    ['the begin differs by 100 ns', { beganTicks: 4568 }],
    ['the operation differs', { operation: 'Compact' }],
    ['one does not tell its duration', { durationSeconds: null }],
  ])('whose runs differ in one thing: %s', async (_, change) => {
    const store = await told([
      collected('http://alpha:8200', [runFacts()], { machineName: 'alpha' }),
      collected('http://beta:8200', [runFacts(change)], { machineName: 'beta' }),
    ])
    expect(await seen(store)).toMatchObject({ servers: 2, runs: 2 })
  })

  it('case 9: a clone that shares the old log, when both went on', async () => {
    const old = nights(3)
    const original = [exactRun('2026-11-21T02:00:00Z', 11), ...old]
    const clone = [exactRun('2026-11-21T02:00:00Z', 22), ...old]
    for (const order of orders([
      collected('http://web1:8200', original, { machineId: 'A', machineName: 'web1' }),
      collected('http://web2:8200', clone, { machineId: 'A', machineName: 'web2' }),
    ])) {
      expect(await seen(await told(order))).toMatchObject({ servers: 2, jobs: 2, runs: 8, joins: 0 })
    }
  })

  it('case 9: a clone, though its log comes in pages', async () => {
    const old = nights(3)
    const store = await testStore()
    const ingest = createIngest(store)
    const job = { backupId: '1', name: 'Documents' }
    const one = await ingest.openCollection({ url: 'http://web1:8200', info: serverInfo({ machineName: 'web1' }), at })
    const two = await ingest.openCollection({ url: 'http://web2:8200', info: serverInfo({ machineName: 'web2' }), at })
    for (const [collection, ticks] of [
      [one, 11],
      [two, 22],
    ] as const) {
      await collection.addPage(job, [logRow(4, exactRun('2026-11-21T02:00:00Z', ticks))])
    }
    for (const [i, run] of old.entries()) {
      await one.addPage(job, [logRow(3 - i, run)])
      await two.addPage(job, [logRow(3 - i, run)])
    }
    expect(await seen(store)).toMatchObject({ servers: 2, runs: 8, joins: 0 })
  })

  it('case 9: a clone that only reports', async () => {
    const a = nights(3, 11, 60.1).map((run) => report({ id: 'A', name: 'web1' }, run))
    const b = nights(3, 22, 60.2).map((run) => report({ id: 'A', name: 'web2' }, run))
    expect(await seen(await told([...a, ...b]))).toMatchObject({ servers: 2, runs: 6 })
  })
})

describe('one server', () => {
  it('case 12 (T5): keeps the history of a job that is renamed', async () => {
    const store = await told([
      collected('http://nas:8200', [both[2]!], {}, { backupId: '3', name: 'Docs' }),
      collected('http://nas:8200', [both[1]!], {}, { backupId: '3', name: 'Papers' }),
      report(nas, both[1]!, { backupId: 'DB-3', name: 'Papers' }),
      report(nas, both[0]!, { backupId: 'DB-3', name: 'Papers' }),
    ])
    expect((await store.read.status()).jobs).toMatchObject([{ backupId: '3', name: 'Papers', runs: 3 }])
  })

  it('case 13: has two addresses', async () => {
    const lan = collected('http://nas:8200', both)
    const vpn = collected('https://vpn.example:8200', both)
    for (const order of orders([lan, vpn])) {
      expect(await seen(await told(order))).toMatchObject({
        servers: 1,
        runs: 3,
        counted: 3,
        sources: [['http://nas:8200', 'https://vpn.example:8200']],
      })
    }
  })

  it('case 13: knows the runs already that the second address tells', async () => {
    const store = await told([collected('http://nas:8200', both)])
    const collection = await createIngest(store).openCollection({
      url: 'https://vpn.example:8200',
      info: serverInfo(),
      at,
    })
    const rows = [exactRun('2026-11-21T02:00:00Z', 5), ...both].map((run, i) => logRow(both.length + 1 - i, run))
    const job = { backupId: '1', name: 'Documents' }
    expect(await collection.addPage(job, rows)).toEqual({ new: 1, known: both.length, updated: 0 })
  })

  it('case 13: has two addresses, though the second was asked a run later', async () => {
    const newer = exactRun('2026-11-21T02:00:00Z', 5)
    const store = await told([
      collected('http://nas:8200', both),
      collected('https://vpn.example:8200', [newer, ...both]),
      collected('http://nas:8200', [newer]),
    ])
    expect(await seen(store)).toMatchObject({ servers: 1, runs: 4 })
  })

  it('is recognised though a dry run was reported, which leaves no row (T70)', async () => {
    const dry = exactRun('2026-11-22T09:00:00Z', 5, { dryRun: true })
    const compact = exactRun('2026-11-21T02:01:01Z', 5, { operation: 'Compact' })
    const store = await told([...reports, report(nas, dry), collected('http://nas:8200', [compact, ...both])])
    expect(await seen(store)).toMatchObject({ servers: 1, runs: 5, counted: 3 })
  })

  it('case 14: has two jobs of one name', async () => {
    const store = await told([
      collected('http://nas:8200', [both[0]!], {}, { backupId: '1', name: 'Documents' }),
      collected('http://nas:8200', [both[0]!], {}, { backupId: '2', name: 'Documents' }),
    ])
    expect(await seen(store)).toMatchObject({ servers: 1, jobs: 2, runs: 2 })
  })
})

describe('case 15: one run, told in many ways', () => {
  const exact = exactRun('2026-11-20T02:00:00Z', 1_234_567, { warnings: 300, log: [] })
  const texts = Array.from({ length: 20 }, (_, i) => ({
    level: 'warning' as const,
    at: null,
    tag: null,
    text: `warning ${i}`,
  }))
  const short = report(nas, { ...exact, log: texts.slice(0, 2) })
  const text = report(nas, { ...inWholeSeconds(exact), warnings: 0, storageBytes: null })
  const row = collected('http://nas:8200', [{ ...exact, warnings: 20, log: texts }])
  const whole = {
    sources: ['report', 'collect'],
    warnings: 300,
    storageBytes: 5_000,
    beganAt: '2026-11-20T02:00:00.123Z',
  }

  async function theRun(store: WritableStore) {
    const { servers, jobs } = await store.read.status()
    expect(servers).toHaveLength(1)
    expect(jobs).toMatchObject([{ runs: 1, uploadedBytes: 110 }])
    return { run: jobs[0]?.lastRun, log: await store.read.log(jobs[0]?.lastRun?.id ?? '') }
  }

  it('is one run with the true counts and the richest texts, in every order and twice each (T7, T69)', async () => {
    for (const order of orders([short, text, row])) {
      const { run, log } = await theRun(await told([...order, ...order]))
      expect(run).toMatchObject(whole)
      expect(log.lines).toHaveLength(20)
    }
  })

  it('is one run when two programs store it at once', async () => {
    const first = await testStore()
    const second = await testStore({ file: first.file })
    const sides = [createIngest(first), createIngest(second)]
    await Promise.all(sides.flatMap((side) => [short, text, row, short, text, row].map((tell) => tell(side))))
    const { run, log } = await theRun(second)
    expect(run).toMatchObject(whole)
    expect(log.lines).toHaveLength(20)
  })
})

describe('case 18: a job that runs twice within one second', () => {
  const first = exactRun('2026-11-20T09:00:00Z', 1_000_000, { durationSeconds: 0.1 })
  const second = exactRun('2026-11-20T09:00:00Z', 6_000_000, { durationSeconds: 0.1 })

  it('has two runs, from one page or from two', async () => {
    expect(await seen(await told([collected('http://nas:8200', [second, first])]))).toMatchObject({ runs: 2 })
    const store = await told([report(nas, first), report(nas, second), collected('http://nas:8200', [second, first])])
    expect(await seen(store)).toMatchObject({ servers: 1, runs: 2, ways: ['report+collect'] })
  })

  it('has two runs, though one was told in whole seconds before', async () => {
    const coarse = { ...inWholeSeconds(first), durationSeconds: null, endedAt: null }
    const store = await told([
      collected('http://nas:8200', []),
      report({ id: 'A', name: 'nas' }, coarse),
      report({ id: 'A', name: 'nas' }, first),
      report({ id: 'A', name: 'nas' }, second),
    ])
    expect((await seen(store)).runs).toBe(2)
  })

  it('has two runs, though a page brings both beside one in whole seconds', async () => {
    const coarse = { ...inWholeSeconds(first), durationSeconds: null, endedAt: null }
    const store = await told([collected('http://nas:8200', [coarse]), collected('http://nas:8200', [second, first])])
    expect((await seen(store)).runs).toBe(2)
  })
})

it('hands on the collections of a server that was joined meanwhile', async () => {
  const store = await testStore()
  const ingest = createIngest(store)
  await report(nas, both[1]!)(ingest)
  const { id } = await store.servers.add({ url: 'http://nas:8200' })
  await collected('http://nas:8200', both)(ingest)
  expect(rowOf('s', id)).toBe(2)
  const late = await ingest.openCollection({ url: 'http://vpn:8200', serverId: id, info: serverInfo(), at })
  expect(late.serverId).toBe('s1')
  expect(await seen(store)).toMatchObject({ servers: 1, joins: 1 })
})
