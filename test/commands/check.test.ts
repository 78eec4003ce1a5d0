import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import Check from '../../commands/check.ts'
import Status from '../../commands/status.ts'
import type { JobView, StatusView } from '../../src/fleet/model.ts'
import type { CheckView } from '../../src/output/check.ts'
import { openStore } from '../../src/store/index.ts'
import { temporaryFolder } from '../support/program.ts'
import { runCommand } from '../support/run-command.ts'
import { seed } from '../support/seed.ts'

const now = new Date('2026-11-24T12:00:00.000Z')
const folder = temporaryFolder()
const db = join(folder.path, 'fleet.db')
const check = (argv: string[], file = db) => runCommand(Check, ['--db', file, ...argv], { now })
const checkJson = async (argv: string[], file = db): Promise<CheckView> =>
  JSON.parse((await check(['--json', ...argv], file)).stdout)

beforeAll(() => seed(db, { servers: 3, jobsPerServer: 10, runsPerJob: 12, now }))
afterAll(() => folder[Symbol.dispose]())

/** The fleet after statements on its tables, in a file of its own. */
async function changed(...statements: string[]): Promise<string> {
  const file = join(folder.path, `changed-${Math.random().toString(36).slice(2)}.db`)
  await seed(file, { servers: 1, jobsPerServer: 3, runsPerJob: 2, now })
  const { default: Database } = await import('better-sqlite3')
  const raw = new Database(file)
  for (const statement of statements) raw.exec(statement)
  raw.close()
  return file
}

describe('check --json', () => {
  it('prints the object of json.md, with exactly these fields', async () => {
    const { stdout, stderr, exitCode } = await check(['--json'])
    const view: CheckView = JSON.parse(stdout)
    expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 2 })
    expect(Object.keys(view)).toEqual([
      ...['schemaVersion', 'state', 'exitCode', 'message', 'checkedAt', 'jobs', 'performance'],
    ])
    expect(view).toMatchObject({ schemaVersion: 1, state: 'CRITICAL', exitCode: 2, checkedAt: now.toISOString() })
    expect(Object.keys(view.jobs[0] ?? {})).toEqual(['server', 'job', 'state', 'reasons'])
    expect(view.jobs[0]?.server).toEqual({ id: 's1', name: 'server-1' })
    expect(Object.keys(view.performance[0] ?? {})).toEqual(['label', 'value', 'unit', 'warning', 'critical'])
  })

  it('calls a job what its state in status comes to', async () => {
    const status: StatusView = JSON.parse((await runCommand(Status, ['--db', db, '--json'], { now })).stdout)
    const meaning: Partial<Record<JobView['state'], string>> = {
      overdue: 'CRITICAL',
      failed: 'CRITICAL',
      warning: 'WARNING',
    }
    const states = new Map((await checkJson([])).jobs.map(({ job, state }) => [job.id, state]))
    expect(Object.fromEntries(states)).toEqual(
      Object.fromEntries(status.jobs.map(({ id, state }) => [id, meaning[state] ?? 'OK'])),
    )
    expect(new Set(states.values())).toEqual(new Set(['OK', 'WARNING', 'CRITICAL']))
  })
})

describe('the state of all', () => {
  const stale = `UPDATE job SET planned_at = ${now.getTime() - 100 * 60_000} WHERE id = 1; UPDATE server SET last_collected_at = 0`
  const failed = `UPDATE job SET failure_at = ${now.getTime()}, failure_message = 'no | way', failure_source = 'metadata' WHERE id = 2`
  const paused = 'UPDATE server SET paused = 1'
  const cases: [string, string[], string[], string, number][] = [
    ['well', [], [], 'OK', 0],
    ['paused', [paused], [], 'WARNING', 1],
    ['not looked at', [stale], [], 'UNKNOWN', 3],
    ['not looked at, another failed', [stale, failed], [], 'CRITICAL', 2],
    ['older than --warn-age', [], ['--warn-age', '1h'], 'WARNING', 1],
    ['older than --max-age', [], ['--max-age', '1h', '--warn-age', '30min'], 'CRITICAL', 2],
    ['younger than both', [], ['--max-age', '2d', '--warn-age', '1d'], 'OK', 0],
    ['not monitored', [failed, 'UPDATE job SET monitored = 0'], ['--max-age', '1h'], 'OK', 0],
  ]
  it.each(cases)('%s', async (_, statements, argv, state, exitCode) => {
    const file = await changed(...statements)
    const { stdout, exitCode: code } = await check([...argv, '--json'], file)
    expect([JSON.parse(stdout).state, code]).toEqual([state, exitCode])
  })

  it("holds a job's own limit of the age where none is given", async () => {
    const file = await changed(`INSERT INTO job_setting (job_id, field, value) VALUES (1, 'maxAge', '600')`)
    const view = await checkJson([], file)
    expect(view.jobs.map(({ job, state }) => `${job.id} ${state}`).sort()).toEqual(['j1 CRITICAL', 'j2 OK', 'j3 OK'])
    const age = view.performance.find(({ label }) => label === 'server-1/Documents')
    expect(age).toEqual({
      label: 'server-1/Documents',
      value: expect.any(Number),
      unit: 's',
      warning: null,
      critical: 600,
    })
  })

  it('is critical where a first start is past and the server had not begun it', async () => {
    const never = `UPDATE job SET last_run = NULL, last_success_at = NULL, runs = 0, recent = '', habits = '[]' WHERE id = 1`
    const planned = (minutes: number) => `UPDATE job SET planned_at = ${now.getTime() - minutes * 60_000} WHERE id = 1`
    const askedSince = await checkJson(['server-1/j1'], await changed(never, planned(20)))
    expect(askedSince.jobs[0]).toMatchObject({ state: 'CRITICAL', reasons: [expect.stringContaining('never ran')] })
    const notAsked = await checkJson(['server-1/j1'], await changed(never, planned(5)))
    expect(notAsked.jobs[0]).toMatchObject({ state: 'OK' })
  })
})

describe('plug-in output', () => {
  it('has one line with performance data, then a line for each problem, the worst first', async () => {
    const { stdout, exitCode } = await check(['--max-age', '10d', '--warn-age', '9d'])
    const [first = '', ...details] = stdout.trimEnd().split('\n')
    expect(exitCode).toBe(2)
    expect(first).toMatch(/^DUPLISTATUS CRITICAL - 2 critical, 1 warning of 30 jobs: .* \| jobs=30;;;0 ok=27;;;0 /)
    expect(first).toContain(" 'oldest success'=122137s;777600;864000;0 ")
    expect(details.map((line) => line.split(' ')[0])).toEqual(['CRITICAL', 'CRITICAL', 'WARNING'])
    expect(details[0]).toMatch(/^CRITICAL server-\d\/\S+: /)
  })

  it('keeps to the grammar whatever jobs are called', async () => {
    const file = await changed(
      `UPDATE job SET name = 'it''s a = b | c' || char(27) || '[31m' || char(10) || 'x' WHERE id = 1`,
      `UPDATE job SET name = 'A very long name of a job, the first' WHERE id = 2`,
      `UPDATE job SET name = 'A very long name of a job, the second' WHERE id = 3`,
      `UPDATE job SET failure_at = ${now.getTime()}, failure_message = 'a | b' || char(10) || 'c', failure_source = 'metadata'`,
    )
    const { stdout } = await check([], file)
    const lines = stdout.trimEnd().split('\n')
    expect(lines).toHaveLength(4)
    expect(stdout).not.toMatch(/[^\x20-\x7e\n\ufffd]/)
    const [text, performance, ...rest] = (lines[0] ?? '').split('|')
    expect([rest, lines.slice(1).join('').includes('|')]).toEqual([[], false])
    expect(text).toContain('a / b')
    const labels = [...(performance ?? '').matchAll(/(?:'((?:[^']|'')+)'|([\w-]+))=\d+s?;\d*;\d*;\d*/g)].map(
      ([, quoted, bare]) => quoted?.replaceAll("''", "'") ?? bare ?? '',
    )
    expect(performance?.trim().replaceAll(/(?:'(?:[^']|'')+'|[\w-]+)=\d+s?;\d*;\d*;\d*( |$)/g, '')).toBe('')
    expect(labels.filter((label) => label.includes('='))).toEqual([])
    expect(new Set(labels.map((label) => label.slice(0, 19))).size).toBe(labels.length)
  })

  it('tells of many jobs by their counts', async () => {
    const many = join(folder.path, 'many.db')
    await seed(many, { servers: 12, jobsPerServer: 10, runsPerJob: 1, now })
    const { stdout } = await check([], many)
    const [first = ''] = stdout.split('\n')
    expect(first).toContain('jobs=120;;;0')
    expect(first.length).toBeLessThan(500)
    expect((await checkJson([], many)).performance.length).toBeGreaterThan(100)
  })
})

describe('what cannot be judged', () => {
  it.each([
    ['a server that nobody knows', ['no-such-server']],
    ['an unknown flag', ['--no-such-flag']],
    ['a duration that is none', ['--max-age', '3m']],
  ])('is UNKNOWN: %s', async (_, argv) => {
    const { stdout, exitCode } = await check(argv)
    expect(exitCode).toBe(3)
    expect(stdout).toMatch(/^DUPLISTATUS UNKNOWN - \S.*\n$/)
    const json = await check(['--json', ...argv])
    expect(json.exitCode).toBe(3)
    expect(JSON.parse(json.stdout)).toMatchObject({ state: 'UNKNOWN', exitCode: 3, jobs: [], error: { message: /./ } })
  })

  it('is UNKNOWN where the database is damaged', async () => {
    const file = join(folder.path, 'damaged.db')
    writeFileSync(file, 'no database at all, but long enough to be looked at '.repeat(50))
    const { stdout, stderr, exitCode } = await check([], file)
    expect({ exitCode, stderr }).toEqual({ exitCode: 3, stderr: '' })
    expect(stdout).toMatch(/^DUPLISTATUS UNKNOWN - .*damaged/)
  })

  it('is UNKNOWN where there is nothing, and makes no file', async () => {
    const file = join(folder.path, 'none.db')
    const { stdout, exitCode } = await check([], file)
    expect([stdout, exitCode, existsSync(file)]).toEqual([
      'DUPLISTATUS UNKNOWN - no jobs are known | jobs=0;;;0 ok=0;;;0 warning=0;;;0 critical=0;;;0 unknown=0;;;0\n',
      3,
      false,
    ])
  })
})

it('opens nothing for writing unless it is asked to', async () => {
  const store = await openStore({ file: db, mode: 'read' })
  const before = await store.read.monitor()
  await store.close()
  await check([])
  const after = await openStore({ file: db, mode: 'read' })
  expect(await after.read.monitor()).toEqual(before)
  await after.close()
})
