import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type {
  CollectResultView,
  HistoryView,
  NameRef,
  RunView,
  ServerTestView,
  ServerView,
  ShowView,
  StatusView,
  VersionsView,
} from '../../src/fleet/model.ts'
import { COMMANDS, SERVERS } from './support/commands.ts'
import { expectedRun, isResult, versionTimes } from './support/expected.ts'
import { fill, type MadeJob, makeJob, numbered, volumes } from './support/jobs.ts'
import { lengthenLog } from './support/log-rows.ts'
import { rotated } from './support/outcomes.ts'
import { PASSWORD, RealServer } from './support/server.ts'
import { User } from './support/user.ts'

const MOST = ['--operation', 'all', '--limit', '10000']

async function collect(user: User, args: string[] = ['--all'], code = 0): Promise<CollectResultView[]> {
  return (await user.json<{ results: CollectResultView[] }>(['collect', ...args], { code, input: `${PASSWORD}\n` }))
    .results
}

async function servers(user: User): Promise<ServerView[]> {
  return (await user.json<{ servers: ServerView[] }>(['server', 'list'])).servers
}

async function history(user: User, target = '*'): Promise<RunView[]> {
  return (await user.json<HistoryView>(['history', target, ...MOST])).runs
}

async function documentsOn(server: RealServer): Promise<MadeJob> {
  fill(server.path('src/documents'), numbered('letter', 5, 4_000))
  const job = await makeJob(server, { name: 'Documents', source: 'src/documents', destination: 'dst/documents' })
  await server.api.run(job.id)
  return job
}

describe.skipIf(COMMANDS.length === 0).each(SERVERS)('one server, whatever happens to it: $name', ({ command }) => {
  let server: RealServer
  let user: User
  let job: MadeJob
  let known: NameRef

  beforeAll(async () => {
    server = await RealServer.start(command, { timeZone: 'Asia/Kolkata', locale: 'de_DE.UTF-8' })
    user = new User()
    job = await documentsOn(server)
    await user.add(server.url)
    const [result] = await collect(user)
    known = result!.server!
  })

  afterAll(async () => {
    await server?.destroy()
    user?.leave()
  })

  /** What the log says now, held against the whole history. */
  async function expectWholeHistory(): Promise<void> {
    const rows = (await server.api.log(job.id)).filter(isResult).map(expectedRun)
    const newestFirst = rows.toSorted((a, b) => b.beganAt.localeCompare(a.beganAt))
    expect(await history(user)).toMatchObject(newestFirst)
  }

  it('keeps nothing of a server that refuses the password', async () => {
    const stranger = new User()
    try {
      const ended = await stranger.run(['server', 'add', server.url, '--password-stdin', '--json'], 'wrong\n')
      expect(ended.code).toBe(1)
      expect(JSON.parse(ended.stdout)).toMatchObject({ error: { code: 'wrong_password', hint: expect.any(String) } })
      expect(ended.stdout + ended.stderr).not.toContain('wrong\n')
      expect(await servers(stranger)).toEqual([])
    } finally {
      stranger.leave()
    }
  })

  it('names a wrong password as such in collect, and goes on with the right one', async () => {
    const ended = await user.run(['collect', server.url, '--password-stdin', '--json'], 'wrong\n')
    expect(ended.code).toBe(1)
    const [result] = (JSON.parse(ended.stdout) as { results: CollectResultView[] }).results
    expect(result).toMatchObject({ ok: false, error: { code: 'wrong_password' } })
    expect((await servers(user))[0]?.error).toMatchObject({ code: 'wrong_password' })
    expect(await collect(user)).toMatchObject([{ ok: true, server: known }])
    expect((await servers(user))[0]?.error).toBeNull()
  })

  it('tests every step of the way', async () => {
    const { results } = await user.json<{ results: ServerTestView[] }>(['server', 'test', '--all'])
    expect(results).toMatchObject([{ server: known, ok: true, error: null }])
    const steps = results[0]!.steps.map(({ step, ok }) => `${step} ${ok}`)
    expect(steps.filter((step) => !step.startsWith('tls'))).toEqual(['dns true', 'tcp true', 'login true', 'api true'])
  })

  it('tells which server it is', async () => {
    const { ServerVersion, MachineName } = await server.api.get<Record<string, string>>('/systeminfo')
    expect(await servers(user)).toMatchObject([
      {
        ...known,
        alias: null,
        machineName: MachineName,
        url: server.url,
        duplicatiVersion: ServerVersion,
        paused: null,
        error: null,
        lastReportAt: null,
      },
    ])
  })

  it('reads the times of log lines where the zone has half hours', async () => {
    const [run] = await history(user)
    const { log } = await user.json<ShowView>(['show', run!.id])
    expect(log.length).toBeGreaterThan(5)
    for (const { at } of log) {
      expect(Date.parse(at!)).toBeGreaterThanOrEqual(Date.parse(run!.beganAt) - 2_000)
      expect(Date.parse(at!)).toBeLessThanOrEqual(Date.parse(run!.endedAt!) + 2_000)
    }
  })

  it('stays one server over restarts, whatever its id becomes', async () => {
    for (const restart of [1, 2]) {
      await server.restart()
      expect(await collect(user)).toMatchObject([{ ok: true, server: known, new: 0 }])
      await server.api.run(job.id)
      expect(await collect(user)).toMatchObject([{ ok: true, server: known, new: 1 }])
      expect(await servers(user)).toHaveLength(1)
      expect(await history(user)).toHaveLength(1 + restart)
    }
    await expectWholeHistory()
  })

  it('stays one server when it is reached by a second address (identity case 13)', async () => {
    const second = `http://localhost:${server.port}`
    const before = await history(user)
    expect(await collect(user, [second, '--password-stdin'])).toMatchObject([{ ok: true, server: known, new: 0 }])
    expect(await servers(user)).toMatchObject([{ id: known.id }])
    expect((await history(user)).map(({ id }) => id)).toEqual(before.map(({ id }) => id))
    expect(await collect(user, [server.url, '--password-stdin'])).toMatchObject([{ ok: true, server: known, new: 0 }])
  })

  it('reads a long log page by page, and a second time hardly any of it', async () => {
    await lengthenLog(server.api, job.id, 1_200)
    const [first] = await collect(user)
    expect(first).toMatchObject({ ok: true, new: 1_200 })
    await expectWholeHistory()
    await server.api.run(job.id)
    const [second] = await collect(user)
    expect(second).toMatchObject({ ok: true, new: 1 })
    expect(second!.known).toBeLessThan(100)
    const { jobs } = await user.json<StatusView>(['status'])
    expect(jobs).toMatchObject([{ runs: 1_204, recent: Array(10).fill('Success') }])
  })

  it("keeps the history when Duplicati's own database is deleted and made anew", async () => {
    const before = await history(user)
    await server.api.post(`/backup/${job.id}/deletedb`)
    expect(await collect(user)).toMatchObject([{ ok: true, new: 0 }])
    await server.api.operate(job.id, 'repair', {})
    await server.api.run(job.id)
    const rows = (await server.api.log(job.id)).filter(isResult).map(expectedRun)
    expect(await collect(user)).toMatchObject([{ ok: true, new: rows.length }])
    const after = await history(user)
    expect(after).toHaveLength(before.length + rows.length)
    expect(after.slice(0, rows.length)).toMatchObject(rows)
    expect(await collect(user)).toMatchObject([{ ok: true, new: 0 }])
  })

  it('says that a server is down, keeps what it knows, and forgets the failure when it is back', async () => {
    const before = await history(user)
    await server.stop()
    expect(await collect(user, ['--all'], 1)).toMatchObject([{ ok: false, error: { code: 'refused' } }])
    const { results } = await user.json<{ results: ServerTestView[] }>(['server', 'test', '--all'], { code: 1 })
    expect(results).toMatchObject([{ ok: false, error: { code: 'refused' } }])
    expect(results[0]!.steps.find(({ ok }) => !ok)?.step).toBe('tcp')
    const [down] = await servers(user)
    expect(down?.error).toMatchObject({ code: 'refused' })
    expect(Date.parse(down!.error!.since)).toBeGreaterThan(Date.parse(down!.lastCollectedAt!))
    expect(await history(user)).toEqual(before)
    await server.resume()
    expect(await collect(user)).toMatchObject([{ ok: true, new: 0 }])
    expect((await servers(user))[0]?.error).toBeNull()
  })

  it("reads the dates of versions in the server's own locale", async () => {
    const job = await rotated(server)
    expect(await collect(user)).toMatchObject([{ ok: true, new: 4 }])
    const { count, versions } = await user.json<VersionsView>(['versions', '*/Rotated'])
    const times = versionTimes(volumes(server.path(job.spec.destination), 'dlist'))
    expect(times).toHaveLength(2)
    expect({ count, versions: versions.map(({ at }) => at) }).toEqual({ count: 2, versions: times })
  })
})

describe.skipIf(COMMANDS.length === 0)('servers of one machine name and one job name', () => {
  let user: User
  let started: RealServer[]

  beforeEach(() => {
    user = new User()
    started = []
  })

  afterEach(async () => {
    for (const server of started) await server.destroy()
    user.leave()
  })

  it('stay as many as they are (identity case 17)', async () => {
    for (const command of COMMANDS.length > 1 ? COMMANDS : [COMMANDS[0]!, COMMANDS[0]!]) {
      const server = await RealServer.start(command)
      started.push(server)
      await documentsOn(server)
    }
    for (const server of started) await user.add(server.url)
    expect(await collect(user)).toMatchObject(started.map(() => ({ ok: true, new: 1 })))
    await Promise.all(started.map((server) => server.api.run('1')))
    expect(await collect(user)).toMatchObject(started.map(() => ({ ok: true, new: 1 })))
    expect((await servers(user)).map(({ url }) => url).toSorted()).toEqual(started.map(({ url }) => url).toSorted())
    for (const { id } of await servers(user)) expect(await history(user, id)).toHaveLength(2)
  })

  it('are two when one is a clone and both go on (identity case 9)', async () => {
    const original = await RealServer.start(COMMANDS.at(-1)!)
    started.push(original)
    await documentsOn(original)
    // The id of a server may be empty before its first restart; a clone has the same one.
    await original.restart()
    await original.api.run('1')
    await user.add(original.url)
    expect(await collect(user)).toMatchObject([{ ok: true, new: 2 }])
    const clone = await RealServer.clone(original)
    started.push(clone)
    await original.api.run('1')
    await clone.api.run('1')
    expect(await collect(user)).toMatchObject([{ ok: true, new: 1 }])
    await user.add(clone.url)
    const results = await collect(user)
    expect(results).toMatchObject([{ ok: true }, { ok: true }])
    expect(new Set(results.map((result) => result.server?.id)).size).toBe(2)
    for (const { id } of await servers(user)) expect(await history(user, id)).toHaveLength(3)
  })
})
