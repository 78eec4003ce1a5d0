import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import History from '../../commands/history.ts'
import Show from '../../commands/show.ts'
import Versions from '../../commands/versions.ts'
import type { RunFacts } from '../../src/duplicati/model.ts'
import type { HistoryView, ShowView, VersionsView } from '../../src/fleet/model.ts'
import { createIngest } from '../../src/ingest/index.ts'
import { openStore } from '../../src/store/index.ts'
import { temporaryFolder } from '../support/program.ts'
import { runCommand } from '../support/run-command.ts'
import { exactRun } from '../support/run-facts.ts'
import { seed } from '../support/seed.ts'

const now = new Date('2026-11-24T12:00:00.000Z')
const folder = temporaryFolder()
const db = join(folder.path, 'fleet.db')
const run = (command: typeof History | typeof Show | typeof Versions, argv: string[], options = {}) =>
  runCommand(command, ['--db', db, ...argv], { now, ...options })

beforeAll(() => seed(db, { servers: 2, jobsPerServer: 10, runsPerJob: 60, now }))
afterAll(() => folder[Symbol.dispose]())

describe('history', () => {
  const history = async (argv: string[]): Promise<HistoryView> =>
    JSON.parse((await run(History, ['--json', ...argv])).stdout)

  it('lists the newest 50 runs of a job first', async () => {
    const view = await history(['server-1/Mail'])
    expect(view).toMatchObject({ schemaVersion: 1, server: { name: 'server-1' }, job: { name: 'Mail' } })
    expect(view.runs).toHaveLength(50)
    const dates = view.runs.map(({ beganAt }) => beganAt)
    expect(dates).toEqual([...dates].sort().reverse())
  })

  it('names no job where several match, and merges them by date', async () => {
    const view = await history(['server-1', '--limit', '12'])
    expect(view).toMatchObject({ server: { name: 'server-1' }, job: null })
    expect(new Set(view.runs.map(({ job }) => job.name)).size).toBe(10)
    expect((await history(['*/Mail'])).server).toBeNull()
  })

  it.each([
    [['--since', '3d'], 3],
    [['--since', '2026-11-23', '--until', '2026-11-23'], 1],
    [['--until', '2w', '--limit', '5'], 5],
    [['--status', 'warning', '--limit', '60'], 5],
    [['--operation', 'Restore'], 0],
    [['--operation', 'all', '--limit', '3'], 3],
  ])('%j finds %i runs', async (argv, count) => {
    expect((await history(['server-1/Mail', ...argv])).runs).toHaveLength(count)
  })

  it('reads dates in the zone that it shows them in (T39)', async () => {
    const { stdout } = await run(History, ['server-1/Mail', '--since', '2026-11-24', '--tz', 'Pacific/Auckland'])
    expect(stdout.match(/24 Nov 2026/g)).toHaveLength(1)
  })

  it('sorts', async () => {
    const { runs } = await history(['server-1/Mail', '--sort', '-duration'])
    const durations = runs.map(({ durationSeconds }) => durationSeconds ?? 0)
    expect(durations).toEqual([...durations].sort((a, b) => b - a))
  })

  it('fits the terminal', async () => {
    const { stdout } = await run(History, ['server-1'], { columns: 80 })
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80)
  })

  it('writes CSV', async () => {
    const { stdout } = await run(History, ['server-1/Mail', '--csv', '--limit', '2'])
    expect(stdout.split('\r\n')).toHaveLength(4)
    expect(stdout).toMatch(/^id,server,job,operation,status,/)
  })

  it('says when there is nothing', async () => {
    expect(await run(History, ['server-1/Mail', '--operation', 'Compact'])).toEqual({
      stdout: '',
      stderr: 'No such runs are stored.\n',
      exitCode: 0,
    })
  })

  it('takes an operation that the history holds, whatever Duplicati calls its own', async () => {
    using own = temporaryFolder()
    const file = join(own.path, 'own.db')
    const store = await openStore({ file, mode: 'write' })
    await createIngest(store).addReported({
      ...{ machineId: 'A', machineName: 'nas', backupId: 'DB-1', backupName: 'Documents' },
      run: exactRun('2026-11-24T01:00:00Z', 1234, { operation: 'Rotate' }),
      receivedAt: now,
    })
    await store.close()
    const ran = (operation: string) => runCommand(History, ['--db', file, 'nas', '--operation', operation], { now })
    expect((await ran('rotate')).stdout).toContain('Rotate')
    expect((await ran('foo')).stderr).toMatch(/The operations are Backup, Restore, .*, Rotate; or all\./s)
  })

  it.each([
    [['server-1/Mail', '--since', '5m'], '5m'],
    [['server-1/Mail', '--status', 'bad'], '--status: "bad" is no status of a run'],
    [['server-1/Mail', '--status', ''], '--status: "" is no status of a run'],
    [['server-1/Mail', '--sort', ' , '], '--sort: "" is no sort key'],
    [['server-1/Mail', '--sort', 'constructor'], '--sort: "constructor" is no sort key'],
    [['server-1/Mail', '--operation', 'foo'], '--operation: "foo" is no operation'],
    [['server-1/Nothing'], 'Nothing'],
    [['server-1/Mail', '--csv', '--json'], 'cannot also be provided'],
    [[], 'target'],
  ])('%j ends with 2', async (argv, message) => {
    const { stdout, stderr, exitCode } = await run(History, argv)
    expect(exitCode).toBe(2)
    expect(stdout + stderr).toContain(message)
  })
})

describe('show', () => {
  it('shows the latest run of a job', async () => {
    const { stdout, exitCode } = await run(Show, ['server-2/Projects', '--log', 'all'], { columns: 80 })
    expect(exitCode).toBe(0)
    expect(stdout).toContain('server-2/Projects – Backup r')
    expect(stdout).toContain('Messages (1 of 8 shown)')
  })

  it('shows a run by its id, the whole log for programs', async () => {
    const { stdout } = await run(History, ['server-1/Mail', '--json', '--limit', '1'])
    const [listed] = (JSON.parse(stdout) as HistoryView).runs
    const view: ShowView = JSON.parse((await run(Show, [listed?.id ?? '', '--json'])).stdout)
    expect(view.run).toEqual(listed)
    expect(Object.keys(view)).toEqual(['schemaVersion', 'server', 'job', 'run', 'log', 'logOmitted', 'versions'])
    expect(view.log).toHaveLength(1)
    expect(view.logOmitted).toBe(7)
    expect(view.versions).toHaveLength(12)
  })

  it('says that there is no such run where an id was meant', async () => {
    const { stdout, exitCode } = await run(Show, ['r99999', '--json'])
    expect(exitCode).toBe(2)
    expect(JSON.parse(stdout).error).toMatchObject({
      code: 'unknown_run',
      message: expect.stringContaining('no run r99999'),
    })
  })

  it('lists the candidates where a server has several jobs', async () => {
    const { stderr, exitCode } = await run(Show, ['server-1'])
    expect(exitCode).toBe(2)
    expect(stderr).toContain('Documents')
  })
})

describe('versions', () => {
  it('have date and age', async () => {
    const view: VersionsView = JSON.parse((await run(Versions, ['server-1/Mail', '--json'])).stdout)
    expect(view).toMatchObject({ schemaVersion: 1, server: { name: 'server-1' }, job: { name: 'Mail' }, count: 12 })
    expect(view.versions[0]?.ageSeconds).toBeGreaterThan(0)
    expect((await run(Versions, ['server-1/Mail'], { columns: 60 })).stdout).toContain('12 versions at the destination')
  })
})

describe('runs that were set aside', () => {
  const reports = join(folder.path, 'reports.db')
  const asked = async (command: typeof History | typeof Show | typeof Versions, argv: string[]) =>
    (await runCommand(command, ['--db', reports, ...argv], { now })).stdout

  beforeAll(async () => {
    const store = await openStore({ file: reports, mode: 'write' })
    const report = (hour: string, change: Partial<RunFacts>) =>
      createIngest(store).addReported({
        ...{ machineId: 'A', machineName: 'nas', backupId: 'DB-1', backupName: 'Documents', remoteCalls: 0 },
        run: exactRun(`2026-11-24T${hour}:00:00Z`, 1234, { duplicatiVersion: '2.1.0.5', versions: 7, ...change }),
        receivedAt: new Date(`2026-11-24T${hour}:30:00Z`),
      })
    await report('01', {})
    await report('02', { dryRun: true, versions: 0 })
    await report('03', { interrupted: true, versions: 0 })
    await store.close()
  })

  it('are named in the history, with the reason for programs', async () => {
    expect(await asked(History, ['nas/Documents'])).toMatch(/03:00 +○ set aside.*\n.*02:00 +✓ Success, dry run/)
    const { runs }: HistoryView = JSON.parse(await asked(History, ['nas/Documents', '--json']))
    expect(runs.map(({ setAside }) => setAside)).toEqual([expect.stringContaining('name of another job'), null, null])
  })

  it('are not the latest of the job, and are shown with the reason when they are named', async () => {
    expect(await asked(Show, ['nas/Documents'])).toContain('Backup r2')
    expect(await asked(Show, ['r3'])).toMatch(/○ set aside\nBecause +Duplicati 2.1 reports what a script stopped/)
  })

  it('tell nothing of the versions: neither do dry runs and skipped ones', async () => {
    expect(await asked(Versions, ['nas/Documents'])).toContain('7 versions at the destination')
  })
})
