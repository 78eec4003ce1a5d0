import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import Chart from '../../commands/chart.ts'
import Status from '../../commands/status.ts'
import type { ChartView } from '../../src/output/chart-view.ts'
import { temporaryFolder } from '../support/program.ts'
import { runCommand } from '../support/run-command.ts'
import { seed } from '../support/seed.ts'

const now = new Date('2026-11-24T12:00:00.000Z')
const folder = temporaryFolder()
const db = join(folder.path, 'fleet.db')
const run = (argv: string[], options = {}) => runCommand(Chart, ['--db', db, ...argv], { now, ...options })
const json = async (argv: string[]): Promise<ChartView> => JSON.parse((await run(['--json', ...argv])).stdout)

beforeAll(() => seed(db, { servers: 2, jobsPerServer: 4, runsPerJob: 60, now }))
afterAll(() => folder[Symbol.dispose]())

describe('chart --json', () => {
  it('has the documented shape', async () => {
    const view = await json(['server-1/Mail', '--range', '1w'])
    expect(Object.keys(view)).toEqual(['schemaVersion', 'metric', 'unit', 'range', 'series'])
    expect(view).toMatchObject({
      schemaVersion: 1,
      metric: 'uploaded',
      unit: 'bytes',
      range: { from: '2026-11-18T00:00:00.000Z', to: '2026-11-25T00:00:00.000Z' },
    })
    expect(view.series).toHaveLength(1)
    const [series] = view.series
    expect(series).toMatchObject({ server: { id: 's1', name: 'server-1' }, job: { name: 'Mail' } })
    expect(series?.points.map(({ day }) => day)).toEqual([
      '2026-11-18',
      '2026-11-19',
      '2026-11-20',
      '2026-11-21',
      '2026-11-22',
      '2026-11-23',
      '2026-11-24',
    ])
    expect(series?.points.at(-1)).toEqual({ day: '2026-11-24', value: 7_500_000 })
  })

  it('has a series for each job: all without a name', async () => {
    expect((await json([])).series).toHaveLength(8)
    expect((await json(['server-1'])).series).toHaveLength(4)
  })

  it.each([
    ['uploaded', 'bytes'],
    ['duration', 'seconds'],
    ['files', 'count'],
    ['size', 'bytes'],
    ['storage', 'bytes'],
    ['versions', 'count'],
  ])('--metric %s is in %s', async (metric, unit) => {
    const view = await json(['server-1/Mail', '--metric', metric])
    expect(view).toMatchObject({ metric, unit })
    expect(view.series[0]?.points.filter(({ value }) => typeof value === 'number').length).toBeGreaterThan(28)
  })

  it('has null on days without runs', async () => {
    const points = (await json(['server-1/Mail', '--range', '3mo'])).series[0]?.points ?? []
    expect(points).toHaveLength(90)
    expect(points.filter(({ value }) => value === null)).toHaveLength(30)
  })

  it('adds up with --sum', async () => {
    const all = await json(['--range', '1w'])
    const sum = await json(['--range', '1w', '--sum'])
    expect(sum.series).toHaveLength(1)
    expect(sum.series[0]).toMatchObject({ server: null, job: null })
    const total = (view: ChartView) =>
      view.series.flatMap(({ points }) => points).reduce((n, { value }) => n + (value ?? 0), 0)
    expect(total(sum)).toBe(total(all))
  })

  it('counts days in the zone of the reader', async () => {
    const day = async (zone: string) => (await json(['server-1/Mail', '--range', '1w', '--tz', zone])).range.from
    expect(await day('Europe/Berlin')).toBe('2026-11-17T23:00:00.000Z')
    expect(await day('Pacific/Auckland')).toBe('2026-11-18T11:00:00.000Z')
  })
})

describe('chart', () => {
  it('draws a job, in a pipe at 80 columns without colour', async () => {
    const { stdout, stderr, exitCode } = await run(['server-1/Mail', '--style', 'bar'])
    expect(stdout.split('\n')[0]).toBe('server-1/Mail: uploaded per day, last 30 days')
    expect(stdout).toContain('█')
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80)
    expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 })
  })

  it('is ASCII where the terminal speaks nothing else', async () => {
    const { stdout } = await run(['server-1', '--metric', 'size'], { env: { LANG: 'C', NO_COLOR: '1' } })
    expect(stdout).toMatch(/^[\x20-\x7e\n]*$/)
  })

  it('has colours on a terminal, and its width', async () => {
    const { stdout } = await run(['server-1'], {
      columns: 100,
      rows: 30,
      env: { NO_COLOR: '', TERM: 'xterm', LANG: 'en_GB.UTF-8' },
    })
    expect(stdout).toContain('\u001b[36m')
    for (const line of stdout.replace(/\u001b\[\d+m/g, '').split('\n')) expect(line.length).toBeLessThanOrEqual(100)
  })

  it('draws the highest of many jobs and says so', async () => {
    const { stdout, stderr } = await run(['--metric', 'size'])
    expect(stdout.match(/server-\d\/\w+: lowest/g)).toHaveLength(6)
    expect(stderr).toBe('The 6 of 8 jobs with the highest values; --sum adds all up.\n')
  })

  it('writes CSV of the same points', async () => {
    const { stdout } = await run(['server-1/Mail', '--csv', '--range', '1w', '--metric', 'files'])
    const view = await json(['server-1/Mail', '--range', '1w', '--metric', 'files'])
    const lines = view.series[0]?.points.map(({ day, value }) => `${day},server-1,Mail,files,count,${value ?? ''}`)
    expect(stdout).toBe(`${['day,server,job,metric,unit,value', ...(lines ?? [])].join('\r\n')}\r\n`)
  })

  it('says when there is nothing', async () => {
    expect((await runCommand(Chart, [], { now, env: { HOME: folder.path } })).stderr).toBe(
      'No jobs are known yet: duplistatus collect --all reads them from the servers that server add made known.\n',
    )
    const later = { now: new Date('2028-01-01T00:00:00Z') }
    expect((await run(['server-1/Mail'], later)).stdout).toContain('No runs in this time.')
  })

  it.each([
    [['--metric', 'speed'], 'uploaded'],
    [['--range', '5y'], '1w'],
    [['nobody'], 'nobody'],
    [['--csv', '--json'], 'csv'],
  ])('refuses %j', async (argv, word) => {
    const { stdout, stderr, exitCode } = await run(argv)
    expect(exitCode).toBe(2)
    expect(stdout + stderr).toContain(word)
  })
})

it('status has a column of sparklines when it is asked for', async () => {
  const { stdout } = await runCommand(Status, ['--db', db, 'server-1', '--columns', 'job,spark'], { now })
  expect(stdout).toMatch(/^Documents +[▁▂▃▄▅▆▇█ ]{10,14}$/m)
  const { stdout: usual } = await runCommand(Status, ['--db', db, 'server-1'], { now })
  expect(usual).not.toContain('Uploads')
})
