import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import History from '../../commands/history.ts'
import Show from '../../commands/show.ts'
import Versions from '../../commands/versions.ts'
import type { HistoryView, ShowView, VersionsView } from '../../src/fleet/model.ts'
import { temporaryFolder } from '../support/program.ts'
import { runCommand } from '../support/run-command.ts'
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

  it.each([
    [['server-1/Mail', '--since', '5m'], '5m'],
    [['server-1/Mail', '--status', 'bad'], '--status: "bad" is no status of a run'],
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
