import { statSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import JobList from '../../commands/job/list.ts'
import Status from '../../commands/status.ts'
import type { StatusView } from '../../src/fleet/model.ts'
import { createIngest } from '../../src/ingest/index.ts'
import { openStore } from '../../src/store/index.ts'
import { temporaryFolder } from '../support/program.ts'
import { runCommand } from '../support/run-command.ts'
import { exactRun } from '../support/run-facts.ts'
import { seed } from '../support/seed.ts'

const now = new Date('2026-11-24T12:00:00.000Z')
const folder = temporaryFolder()
const db = join(folder.path, 'fleet.db')
const status = (argv: string[], options = {}) => runCommand(Status, ['--db', db, ...argv], { now, ...options })

beforeAll(() => seed(db, { servers: 3, jobsPerServer: 10, runsPerJob: 12, now }))
afterAll(() => folder[Symbol.dispose]())

describe('status --json', () => {
  it('is one object in the documented shape, on one line', async () => {
    const { stdout, stderr, exitCode } = await status(['--json'])
    expect({ stderr, exitCode, lines: stdout.trimEnd().split('\n').length }).toEqual({
      stderr: '',
      exitCode: 0,
      lines: 1,
    })
    const view: StatusView = JSON.parse(stdout)
    expect(Object.keys(view)).toEqual(['schemaVersion', 'generatedAt', 'summary', 'monitor', 'jobs'])
    expect(view.generatedAt).toBe(now.toISOString())
    expect(view.summary).toMatchObject({ servers: 3, jobs: 30, runs: 360, overdue: 1, failed: 1 })
    expect(view.monitor).toEqual({ lastCheckAt: null, stale: false, quarantined: 0, outboxWaiting: 0, outboxFailed: 0 })
    expect(Object.keys(view.jobs[0] ?? {}).sort()).toEqual(
      [
        'id',
        'backupId',
        'name',
        'server',
        'tags',
        'status',
        'state',
        'lastRun',
        'lastSuccessAt',
        'lastSuccessAgeSeconds',
        'lastVersionAt',
        'expectedAt',
        'expectedFrom',
        'toleranceSeconds',
        'overdue',
        'overdueSince',
        'queued',
        'removed',
        'running',
        'skippedAt',
        'schedule',
        'files',
        'sourceBytes',
        'storageBytes',
        'uploadedBytes',
        'versions',
        'warnings',
        'errors',
        'runs',
        'recent',
        'failure',
        'monitored',
        'snoozedUntil',
      ].sort(),
    )
  })

  it('sums what is listed (T60)', async () => {
    const view: StatusView = JSON.parse((await status(['--json', 'server-2'])).stdout)
    expect(view.summary).toMatchObject({ servers: 1, jobs: 10, runs: 120 })
    expect(view.summary.storageBytes).toBe(view.jobs.reduce((sum, job) => sum + (job.storageBytes ?? 0), 0))
  })
})

describe('status on a terminal', () => {
  it('fits it', async () => {
    const { stdout, stderr, exitCode } = await status([], { columns: 80 })
    expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 })
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80)
    expect(stdout).toContain('3 servers · 30 jobs · 1 overdue · 1 failed')
    expect(stdout).toContain('✗ server-3/Web: expected 10h ago')
  })

  it('has colours only where they are wanted', async () => {
    expect((await status([], { columns: 80 })).stdout).not.toContain('\u001b')
    const coloured = await status(['--overdue'], { columns: 80, env: { NO_COLOR: '' } })
    expect(coloured.stdout).toContain('\u001b[31m✗ overdue')
    expect((await status(['--no-color'], { columns: 80, env: { FORCE_COLOR: '1' } })).stdout).not.toContain('\u001b')
  })

  it('shows cards', async () => {
    expect((await status(['--layout', 'cards', 'server-1'], { columns: 80 })).stdout).toContain('│ Archive')
  })
})

describe('status in a pipe', () => {
  it('writes one line a job, with dates in the zone and language asked for', async () => {
    const { stdout } = await status(['server-1/Mail', '--tz', 'America/New_York', '--locale', 'en-US'])
    expect(stdout.split('\n').find((line) => line.startsWith('server-1'))).toMatch(
      /^server-1 {2}Mail {2}✓ Success {2}Nov 24, 2026, 02:\d\d AM {2}Nov 25, 2026, 02:\d\d AM/,
    )
  })

  it('speaks ASCII to a terminal that knows no more', async () => {
    const { stdout } = await status([], { env: { LANG: 'C' } })
    expect(stdout).toMatch(/^[\x20-\x7e\n]*$/)
  })
})

describe('machines without an id', () => {
  const reporting = join(folder.path, 'reporting.db')
  const DAY = 86_400_000
  const lines = async (later = 0) => {
    const { stdout } = await runCommand(Status, ['--db', reporting], { now: new Date(now.getTime() + later) })
    return stdout.split('\n').filter((line) => line.includes('machine id'))
  }
  const report = async (machineId: string, machineName: string, beganAt: string) => {
    const store = await openStore({ file: reporting, mode: 'write' })
    const named = { machineId, machineName, backupId: 'DB-1', backupName: 'Documents' }
    await createIngest(store).addReported({ ...named, run: exactRun(beganAt, 1234), receivedAt: now })
    await store.close()
  }

  it('are said once not to be told apart, for two weeks or until one gets an id', async () => {
    await report('', 'nas', '2026-11-24T02:00:00Z')
    await report('', 'nas', '2026-11-24T02:30:00Z')
    await report('A', 'web', '2026-11-24T05:00:00Z')
    const said = '? nas reports without a machine id: machines of that name cannot be told apart'
    expect(await lines()).toEqual([said])
    expect(await lines(13 * DAY)).toEqual([said])
    expect(await lines(15 * DAY)).toEqual([])
    await report('B', 'nas', '2026-11-24T03:00:00Z')
    expect(await lines()).toEqual([])
  })
})

describe('choosing', () => {
  it.each([
    [['server-2/Mail', 'server-1'], 11],
    [['*/Mail'], 3],
    [['--filter', 'PHOTOS'], 3],
    [['--filter', 'server-1.example'], 10],
    [['--status', 'error'], 1],
    [['--status', 'warning,error'], 2],
    [['--overdue'], 1],
  ])('%j finds %i jobs', async (argv, count) => {
    const view: StatusView = JSON.parse((await status(['--json', ...argv])).stdout)
    expect(view.jobs).toHaveLength(count)
  })

  it('sorts the worst first', async () => {
    const view: StatusView = JSON.parse((await status(['--json', '--sort', 'status,-size'])).stdout)
    expect(view.jobs.slice(0, 3).map(({ state }) => state)).toEqual(['overdue', 'failed', 'warning'])
  })

  it('takes a key that is turned round', async () => {
    const view: StatusView = JSON.parse((await status(['--json', '--sort', '-size'])).stdout)
    const sizes = view.jobs.map(({ sourceBytes }) => sourceBytes ?? 0)
    expect(sizes).toEqual([...sizes].sort((a, b) => b - a))
  })

  it('says when nothing is left', async () => {
    expect(await status(['--filter', 'nothing'], { columns: 80 })).toEqual({
      stdout: '',
      stderr: 'No job is like what was asked for.\n',
      exitCode: 0,
    })
  })

  it('says what to do where servers are known and nothing was collected', async () => {
    using own = temporaryFolder()
    const store = await openStore({ file: join(own.path, 'new.db'), mode: 'write' })
    await store.servers.add({ url: 'https://nas:8200' })
    await store.close()
    expect((await runCommand(Status, ['--db', join(own.path, 'new.db')])).stderr).toBe(
      'No jobs are known yet: duplistatus collect --all reads them from the servers that server add made known.\n',
    )
  })
})

describe('wrong usage', () => {
  it.each([
    [['--columns', 'job,colour'], '--columns: "colour" is no column'],
    [['--columns', ''], '--columns: "" is no column'],
    [['--columns', 'toString'], 'is no column'],
    [['--layout', 'cards', '--columns', 'server'], '--columns is for the table'],
    [['--sort', ''], '--sort: "" is no sort key'],
    [['--status', ''], '--status: "" is no status'],
    [['--sort', 'colour'], '--sort: "colour" is no sort key'],
    [['--status', 'bad'], '--status: "bad" is no status'],
    [['--watch'], '--watch needs a terminal'],
    [['--layout', 'list'], 'Expected --layout to be one of: table, cards'],
    [['nowhere'], 'nowhere'],
  ])('%j ends with 2', async (argv, message) => {
    const { stdout, stderr, exitCode } = await status(argv)
    expect({ stdout, exitCode }).toEqual({ stdout: '', exitCode: 2 })
    expect(stderr).toContain(message)
    expect(stderr).toMatch(/^Error: .+\nTry: {3}.+/)
  })

  it('watching and JSON do not go together', async () => {
    const { stdout, exitCode } = await status(['--watch', '5', '--json'], { columns: 80 })
    expect(exitCode).toBe(2)
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'usage' } })
  })
})

it('tells a newcomer how to begin, and makes no file', async () => {
  const file = join(folder.path, 'duplistatus', 'duplistatus.db')
  const env = { XDG_DATA_HOME: folder.path }
  const { stdout, stderr, exitCode } = await runCommand(Status, [], { now, env })
  expect({ stdout, exitCode }).toEqual({ stdout: '', exitCode: 0 })
  expect(stderr).toMatch(/^No backups to show yet.*duplistatus server add/s)
  expect(() => statSync(file)).toThrow('ENOENT')
  const view: StatusView = JSON.parse((await runCommand(Status, ['--db', file, '--json'], { now })).stdout)
  expect(view).toMatchObject({ summary: { servers: 0, jobs: 0 }, jobs: [] })
})

it('says that there is no file of the name that was given', async () => {
  const file = join(folder.path, 'flete.db')
  const told = `There is no database at ${file}, which --db or DUPLISTATUS_DB names.\n`
  const byFlag = await runCommand(Status, ['--db', file], { now })
  expect(byFlag.stderr).toMatch(/^There is no database.*\nNo backups to show yet/)
  expect(byFlag.stderr).toContain(told)
  const env = { DUPLISTATUS_DB: file }
  expect((await runCommand(JobList, [], { now, env })).stderr).toContain(told)
  for (const flag of ['--quiet', '--json']) {
    expect((await runCommand(JobList, [flag], { now, env })).stderr).not.toContain(told)
  }
  expect(() => statSync(file)).toThrow('ENOENT')
})

describe('--watch', () => {
  it('draws on the alternate screen until it is ended, and leaves the last screen on the normal one', async () => {
    const running = status(['--watch', '3600', 'server-1/Mail'], { columns: 80, rows: 24 })
    // The interval is an hour: only the signal can end it.
    while (process.listenerCount('SIGINT') === 0) await new Promise((resolve) => setImmediate(resolve))
    process.emit('SIGINT')
    const { stdout, exitCode } = await running
    expect(exitCode).toBe(0)
    expect(stdout.startsWith('\u001b[?1049h\u001b[?25l')).toBe(true)
    const [, after = ''] = stdout.split('\u001b[?25h\u001b[?1049l')
    expect(after).toContain('server-1')
    expect(after).not.toContain('\u001b')
    expect(process.listenerCount('SIGINT')).toBe(0)
  })
})
