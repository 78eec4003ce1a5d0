import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { SaveFile } from '../../src/collect/save.ts'
import { toJson } from '../../src/output/json.ts'
import { htmlPage } from '../support/duplicati/faults.ts'
import { simJob } from '../support/duplicati/job.ts'
import { RunLog } from '../support/duplicati/log.ts'
import type { SimulatedDuplicati } from '../support/duplicati/server.ts'
import { jobWith, lab, logCalls, NOW, runs, simulated } from './lab.ts'

const RUNNING = { overall: 0.5, files: 1, bytes: 1, totalFiles: 2, totalBytes: 2 }

/** The most log calls that were open at once. */
function watchLogs(server: SimulatedDuplicati): { ofOneJob: number; ofAll: number } {
  const most = { ofOneJob: 0, ofAll: 0 }
  const { openLogs } = server
  const set = openLogs.set.bind(openLogs)
  openLogs.set = (id, open) => {
    set(id, open)
    most.ofOneJob = Math.max(most.ofOneJob, open)
    most.ofAll = Math.max(
      most.ofAll,
      [...openLogs.values()].reduce((sum, calls) => sum + calls, 0),
    )
    return openLogs
  }
  return most
}

describe('collecting from one server', () => {
  it('stores every run of 1,200 rows, page by page (T21)', async () => {
    await using here = await lab()
    await using server = await simulated({ jobs: [jobWith('1', 1200)] })
    const [result] = await here.collect([server])
    expect(result).toMatchObject({ ok: true, jobs: 1, new: 1200, known: 0, updated: 0, error: null })
    expect(logCalls(server, '1')[0]).toBe('pagesize=100')
    expect(logCalls(server, '1')).toHaveLength(13)
    const { jobs } = await here.store.read.status()
    expect(jobs[0]?.runs).toBe(1200)
  })

  it('logs in once and asks one small page a job when nothing is new', async () => {
    await using here = await lab()
    await using server = await simulated({ jobs: [jobWith('1', 150), jobWith('2', 30)] })
    await here.collect([server])
    server.requests.length = 0
    const [result] = await here.collect([server])
    expect(result).toMatchObject({ ok: true, new: 0, known: 0 })
    expect(server.count(/auth\/login/)).toBe(1)
    expect([logCalls(server, '1'), logCalls(server, '2')]).toEqual([['pagesize=10'], ['pagesize=10']])
  })

  it('asks for one page of a job at a time, for whole pages of one job at a time, and four things at once at most (T22)', async () => {
    await using here = await lab()
    const jobs = ['1', '2', '3', '4', '5', '6'].map((id) => jobWith(id, 250))
    await using server = await simulated({ release: 'canary', delayMs: 2, jobs })
    const most = watchLogs(server)
    const [first] = await here.collect([server])
    expect(first).toMatchObject({ ok: true, new: 1500 })
    expect(most).toEqual({ ofOneJob: 1, ofAll: 1 })
    expect(server.peak).toBeLessThanOrEqual(4)
    server.faults.add({ kind: 'together', requests: 2 }, { on: /pagesize=10$/, times: 2 })
    const [second] = await here.collect([server])
    expect(second).toMatchObject({ ok: true, new: 0 })
    expect(most.ofOneJob).toBe(1)
    expect(most.ofAll).toBeGreaterThan(1)
    expect(server.peak).toBeLessThanOrEqual(4)
  })

  it('waits for a database that is busy (T22)', async () => {
    await using here = await lab()
    await using server = await simulated({ release: 'canary', jobs: [jobWith('1', 20)] })
    server.faults.add({ kind: 'busy' }, { on: /\/log\?/, times: 3 })
    expect((await here.collect([server]))[0]).toMatchObject({ ok: true, new: 20 })
  })

  it('names a job whose database stays busy, and collects the others (T22)', async () => {
    await using here = await lab()
    await using server = await simulated({ release: 'canary', jobs: [jobWith('1', 20), jobWith('2', 5)] })
    server.faults.add({ kind: 'busy' }, { on: /backup\/1\/log/ })
    const [result] = await here.collect([server])
    expect(result).toMatchObject({ ok: false, jobs: 2, new: 5, error: { code: 'busy' } })
    expect(result?.error?.message).toContain('Job Job 1')
    const { servers } = await here.store.read.status()
    expect(servers[0]?.view.error?.code).toBe('busy')
    expect(servers[0]?.view.lastCollectedAt).toBe(NOW.toISOString())
  })

  it('leaves the locked log of a running job for the next time, without waiting and without calling it a failure (T78)', async () => {
    await using here = await lab()
    await using server = await simulated({ release: 'canary', jobs: [jobWith('1', 20), jobWith('2', 5)] })
    server.running = { ...RUNNING, jobId: '1' }
    const [result] = await here.collect([server])
    expect(result).toMatchObject({ ok: true, new: 5, error: null })
    expect(logCalls(server, '1')).toHaveLength(1)
    const { jobs } = await here.store.read.status()
    expect(jobs.find(({ backupId }) => backupId === '1')?.facts.running).toMatchObject({ progress: 0.5 })
    server.running = null
    expect((await here.collect([server]))[0]).toMatchObject({ ok: true, new: 20 })
  })

  it('does not call a job failed that began after the state was asked for (T78)', async () => {
    await using here = await lab()
    await using server = await simulated({ release: 'canary', jobs: [jobWith('1', 20)] })
    server.faults.add({ kind: 'busy' }, { on: /\/log\?/ })
    const [result] = await here.collect([server], {
      onEvent: ({ type }) => {
        if (type === 'jobs') server.running = { ...RUNNING, jobId: '1' }
      },
    })
    expect(result).toMatchObject({ ok: true, error: null })
  })

  it('collects the other jobs when one database is damaged', async () => {
    await using here = await lab()
    await using server = await simulated({
      jobs: [
        { ...jobWith('1', 20), database: 'corrupt' },
        jobWith('2', 5),
        { ...jobWith('3', 4), database: 'corrupt' },
      ],
    })
    const [result] = await here.collect([server])
    expect(result).toMatchObject({ ok: false, new: 5, error: { code: 'database_broken' } })
    expect(result?.error?.message).toMatch(/Job Job 1: .*; and 1 more: Job Job 3/)
  })

  it('reads a job again from the start when Duplicati made its database anew with as many rows', async () => {
    await using here = await lab()
    await using server = await simulated({ jobs: [jobWith('1', 60)] })
    await here.collect([server])
    server.job('1')!.log = runs(77, 80)
    expect((await here.collect([server]))[0]).toMatchObject({ ok: true, new: 80, known: 0 })
    server.requests.length = 0
    await here.collect([server])
    expect(logCalls(server, '1')).toEqual(['pagesize=10'])
  })

  it('reads a job again from the start when the new database has fewer rows, and counts what it knew', async () => {
    await using here = await lab()
    await using server = await simulated({ jobs: [jobWith('1', 60)] })
    await here.collect([server])
    const anew = new RunLog()
    for (const id of [58, 59, 60]) anew.add(server.job('1')!.log.run(id)!)
    server.job('1')!.log = anew
    expect((await here.collect([server]))[0]).toMatchObject({ ok: true, new: 0, known: 3 })
  })

  it('reads the rest when the mark was deleted with the old rows after 30 days', async () => {
    await using here = await lab()
    await using server = await simulated({ jobs: [jobWith('1', 30)] })
    await here.collect([server])
    const log = server.job('1')!.log as RunLog
    const later = runs(5, 25)
    for (let id = 1; id <= 25; id++) log.add(later.run(id)!)
    log.deleteBelow(40)
    expect((await here.collect([server]))[0]).toMatchObject({ ok: true, new: 16, known: 0 })
  })

  it('reads what an interrupted collection has not read, and counts nothing twice', async () => {
    await using here = await lab()
    await using server = await simulated({ jobs: [jobWith('1', 900)] })
    const controller = new AbortController()
    let pages = 0
    const [first] = await here.collect([server], {
      signal: controller.signal,
      onEvent: (event) => {
        if (event.type === 'rows' && ++pages === 2) controller.abort()
      },
    })
    expect(first).toMatchObject({ ok: false, new: 200, error: { code: 'interrupted' } })
    const { servers } = await here.store.read.status()
    expect(servers[0]?.view.error).toBeNull()
    const [second] = await here.collect([server])
    expect(second).toMatchObject({ ok: true, new: 700, known: 200 })
    server.requests.length = 0
    await here.collect([server])
    expect(logCalls(server, '1')).toEqual(['pagesize=10'])
  })

  it('keeps the jobs of a server whose connection breaks between two of them, and says why', async () => {
    await using here = await lab()
    await using server = await simulated({ jobs: [jobWith('1', 20), jobWith('2', 20)] })
    server.faults.add({ kind: 'drop' }, { on: /backup\/2\/log/ })
    const [result] = await here.collect([server])
    expect(result).toMatchObject({ ok: false, new: 20, error: { code: 'connection_closed' } })
    expect((await here.store.read.status()).servers[0]?.view.error?.code).toBe('connection_closed')
  })

  it('names the server that a broken connection was joined with on the way, and stores the failure there', async () => {
    await using here = await lab()
    await using older = await simulated({ machineName: 'older', jobs: [jobWith('1', 20)] })
    const [first] = await here.collect([older])
    await using younger = await simulated({ machineName: 'younger', jobs: [jobWith('1', 20), jobWith('2', 20)] })
    younger.faults.add({ kind: 'drop' }, { on: /backup\/2\/log/ })
    const [second] = await here.collect([younger])
    expect(second).toMatchObject({ ok: false, new: 0, known: 20, error: { code: 'connection_closed' } })
    expect(second?.server?.id).toBe(first?.server?.id)
    const { servers } = await here.store.read.status()
    expect(servers.map(({ view }) => [view.id, view.error?.code])).toEqual([[first?.server?.id, 'connection_closed']])
  })

  it('learns what a known server says of itself also when its logs cannot be read', async () => {
    await using here = await lab()
    await using server = await simulated({ jobs: [jobWith('1', 20)] })
    await here.collect([server])
    server.machineName = 'renamed'
    server.faults.add({ kind: 'drop' }, { on: /backup\/1\/log/ })
    const [result] = await here.collect([server])
    expect(result).toMatchObject({ ok: false, server: { name: 'renamed' }, error: { code: 'connection_closed' } })
  })

  it('asks for no further log when the server breaks off', async () => {
    await using here = await lab()
    const jobs = Array.from({ length: 20 }, (_, index) => jobWith(String(index + 1), 3))
    await using server = await simulated({ delayMs: 2, jobs })
    await here.collect([server])
    server.faults.add({ kind: 'drop' }, { on: /backup\/2\/log/ })
    const [result] = await here.collect([server])
    expect(result).toMatchObject({ ok: false, new: 0, error: { code: 'connection_closed' } })
    expect(logCalls(server, '20')).toHaveLength(1)
  })

  it('does without notifications and progress that cannot be read (T24)', async () => {
    await using here = await lab()
    await using server = await simulated({ jobs: [jobWith('1', 3)] })
    server.faults.add(
      { kind: 'answer', status: 500, body: { Error: 'An error occurred', Code: 500 } },
      { on: /notifications|logdata|progressstate/ },
    )
    server.running = { ...RUNNING, jobId: '1' }
    expect((await here.collect([server]))[0]).toMatchObject({ ok: true, jobs: 1, new: 3 })
  })

  it('names a row that cannot be understood once, and stores the others', async () => {
    await using here = await lab()
    const log = new RunLog()
    log.add(runs(1, 1).run(1)!)
    log.add(
      JSON.stringify({
        ID: 2,
        OperationID: 2,
        Timestamp: 1_795_000_000,
        Type: 'Result',
        Message: '{"MainOperation":"Back',
      }),
    )
    await using server = await simulated({ jobs: [simJob({ id: '1', name: 'Docs', log })] })
    const [first] = await here.collect([server])
    expect(first).toMatchObject({ ok: false, new: 1, error: { code: 'unreadable_rows' } })
    expect((await here.collect([server]))[0]).toMatchObject({ ok: true, new: 0 })
  })

  it('keeps memory bounded by pages: 5,000 rows in one job', { timeout: 60_000 }, async () => {
    await using here = await lab()
    await using server = await simulated({ jobs: [jobWith('1', 5000)] })
    let largest = 0
    const [result] = await here.collect([server], {
      onEvent: (event) => {
        if (event.type === 'rows') largest = Math.max(largest, event.rows)
      },
    })
    expect(result).toMatchObject({ ok: true, new: 5000 })
    expect(largest).toBe(100)
  })
})

describe('collecting from many servers', () => {
  it('is not held up by a failing, a hanging and a lying server of fifty', { timeout: 60_000 }, async () => {
    await using here = await lab()
    const servers = await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        simulated({
          machineName: `server-${index}`,
          machineId: `id-${index}`,
          jobs: [simJob({ id: '1', name: 'Docs', log: runs(100 + index, 12) })],
        }),
      ),
    )
    try {
      const [failing, hanging, lying, old] = servers as [
        SimulatedDuplicati,
        SimulatedDuplicati,
        SimulatedDuplicati,
        SimulatedDuplicati,
      ]
      failing.faults.add(htmlPage(502, 'Bad gateway'))
      hanging.faults.add({ kind: 'hang' }, { on: /backups/ })
      lying.faults.add({ kind: 'answer', status: 200, body: [{ ID: 'x' }, { ID: -1 }] }, { on: /\/log\?/ })
      old.faults.add({ kind: 'endless' }, { on: /systeminfo/ })
      const ends: number[] = []
      const results = await here.collect(servers, {
        deadline: 8,
        onEvent: (event) => event.type === 'ended' && ends.push(event.index),
      })
      expect(results.map(({ ok }) => ok)).toEqual(servers.map((_, index) => index > 3))
      expect(results.slice(0, 4).map(({ error }) => error?.code)).toEqual([
        'proxy_page',
        'timed_out',
        'bad_answer',
        expect.any(String),
      ])
      expect(
        results.slice(4).every((result, index) => result.new === 12 && result.server?.name === `server-${index + 4}`),
      ).toBe(true)
      expect(ends.at(-1), 'nobody waits for the server that hangs').toBe(1)
      expect(results.every(({ error }) => error === null || error.message.length > 10)).toBe(true)
    } finally {
      await Promise.all(servers.map((server) => server.close()))
    }
  })

  it('asks at most as many servers at once as it is told', async () => {
    await using here = await lab()
    const servers = await Promise.all(
      Array.from({ length: 9 }, (_, index) =>
        simulated({
          machineName: `s${index}`,
          machineId: `id-${index}`,
          delayMs: 5,
          jobs: [simJob({ id: '1', name: 'Docs', log: runs(200 + index, 2) })],
        }),
      ),
    )
    try {
      let active = 0
      let most = 0
      await here.collect(servers, {
        concurrency: 3,
        onEvent: ({ type }) => {
          if (type === 'started') most = Math.max(most, ++active)
          if (type === 'ended') active--
        },
      })
      expect(most).toBe(3)
    } finally {
      await Promise.all(servers.map((server) => server.close()))
    }
  })

  it('tells every server that was not asked any more when it is interrupted', async () => {
    await using here = await lab()
    await using one = await simulated({ jobs: [jobWith('1', 3)] })
    await using two = await simulated({
      machineName: 'two',
      machineId: 'other',
      jobs: [simJob({ id: '1', name: 'Docs', log: runs(9, 3) })],
    })
    const controller = new AbortController()
    const results = await here.collect([one, two], {
      concurrency: 1,
      signal: controller.signal,
      onEvent: ({ type }) => type === 'ended' && controller.abort(),
    })
    expect(results.map(({ ok, error }) => [ok, error?.code ?? null])).toEqual([
      [true, null],
      [false, 'interrupted'],
    ])
    expect(two.requests).toEqual([])
  })

  it('stores why a known server could not even be reached', async () => {
    await using here = await lab()
    const server = await simulated({ jobs: [jobWith('1', 3)] })
    const [first] = await here.collect([server])
    await server.close()
    const url = first!.url!
    const known = { server: first!.server, label: 'nas', url, resolve: async () => ({ url, secret: 'x' }) }
    const [second] = await here.collect([known])
    expect(second).toMatchObject({ ok: false, server: first!.server, error: { code: 'refused' } })
    expect((await here.store.read.status()).servers[0]?.view.error).toMatchObject({ code: 'refused' })
  })
})

describe('saving what was collected', () => {
  it('writes one file a server, of mode 0600, without secrets', async () => {
    await using here = await lab()
    await using server = await simulated({
      machineName: '../n a/s\u001b[31m',
      password: 'pw-Secret-77',
      jobs: [jobWith('1', 250), jobWith('2', 2)],
    })
    const dir = join(here.folder, 'saved')
    const [result] = await here.collect([server], {
      recorder: (target, secrets) =>
        new SaveFile({ dir, name: target.server?.name ?? null, label: target.label, at: NOW, secrets, toJson }),
    })
    expect(result?.ok).toBe(true)
    const files = await readdir(dir)
    expect(files).toEqual(['n_a_s_31m_collected_20261124T120000Z.json'])
    const file = join(dir, files[0]!)
    expect((await stat(file)).mode & 0o777).toBe(0o600)
    const text = await readFile(file, 'utf8')
    const saved = JSON.parse(text)
    expect(saved.logs.map((log: { backupId: string; rows: unknown[] }) => [log.backupId, log.rows.length])).toEqual([
      ['1', 250],
      ['2', 2],
    ])
    expect(text).not.toMatch(/pw-Secret-77|s3cret-destination|auth-password|\u001b/)
  })

  it('leaves no half file of a server that failed', async () => {
    await using here = await lab()
    await using server = await simulated({ jobs: [jobWith('1', 5), jobWith('2', 5)] })
    server.faults.add({ kind: 'drop' }, { on: /backup\/2\/log/ })
    const dir = join(here.folder, 'saved')
    await here.collect([server], {
      recorder: (target, secrets) => new SaveFile({ dir, name: null, label: target.label, at: NOW, secrets, toJson }),
    })
    expect(await readdir(dir)).toEqual([])
  })

  it('keeps an older file of the same second', async () => {
    await using here = await lab()
    await using server = await simulated({ jobs: [jobWith('1', 2)] })
    const dir = join(here.folder, 'saved')
    const recorder = () => new SaveFile({ dir, name: 'nas', label: 'nas', at: NOW, secrets: [], toJson })
    await here.collect([server], { recorder })
    await here.collect([server], { recorder })
    expect((await readdir(dir)).sort()).toEqual([
      'nas_collected_20261124T120000Z.json',
      'nas_collected_20261124T120000Z_2.json',
    ])
  })
})
