import { describe, expect, it } from 'vitest'
import { createFormat } from '../../src/output/format.ts'
import { createLook } from '../../src/output/look.ts'
import { renderStatusCards } from '../../src/output/status-cards.ts'
import { STATUS_COLUMNS } from '../../src/output/status-columns.ts'
import { renderStatusTable } from '../../src/output/status-table.ts'
import { displayWidth } from '../../src/output/width.ts'
import { hostileFleet } from '../support/hostile-fleet.ts'
import { hoursAgo, jobOf, NOW, QUIET, serverOf, statusOf } from '../support/views.ts'

const format = createFormat({ locale: 'en-GB', timeZone: 'UTC', now: NOW })
const plain = { look: createLook({ color: false, unicode: true }), format, now: NOW, absolute: false }
const SGR = /\u001b\[\d+m/g

async function screen(width: number): Promise<string> {
  return `\n${(await renderStatusTable(hostileFleet(), { ...plain, width })).join('\n')}\n`
}

describe('the status table', () => {
  it('at 80 columns', async () => {
    expect(await screen(80)).toMatchInlineSnapshot(`
      "
      2 servers · 12 jobs · 1 overdue · 3 failed · 2,500 runs · 123,450 files
      50.0 GiB source · 40.0 GiB stored · 15.0 GiB uploaded

      Server          Job               Status                Last run  Next
      ────────────────────────────────────────────────────────────────────────────────
      nas             Documents         ✓ Success             2h ago    in 21h
      nas             Photos of the w…  ✗ overdue 5h, Error   2h ago    6h late
      文書サーバー�…  גיבוי             ✗ failed              2h ago    in 21h
      文書サーバー�…  Mail              ✗ Fatal               2h ago    in 21h
      文書サーバー�…  Stale             ? stale since 22 Nov  2h ago    due 1d 16h ago
      nas             Partial           ! partial             2h ago    in 21h
      nas             Never             ○ never ran           –         in 21h
      nas             By hand           ○ no schedule         –         no schedule
      文書サーバー�…  Paused            ‖ paused until 14:00  2h ago    in 21h
      nas             Running           ▶ running 42%         2h ago    in 21h
      nas             Skipped           ✓ Success, skipped    2h ago    in 21h
      nas             Off               ○ not monitored       2h ago    in 21h

      ✗ 文書サーバー�[31m could not be collected: Connection refused by 10.0.0.2:8200…
      ✗ nas/Photos of the whole family since 1970 👨‍👩‍👧: expected 6h ago, last success 1…
      ✗ 文書サーバー�[31m/גיבוי: No route (1h ago)
      ✗ 文書サーバー�[31m/Mail: Boom
      ? 文書サーバー�[31m/Stale: planned 1d 16h ago, the server was not asked for 2d…
      "
    `)
  })

  it('at 120 columns', async () => {
    expect(await screen(120)).toMatchInlineSnapshot(`
      "
      2 servers · 12 jobs · 1 overdue · 3 failed · 2,500 runs · 123,450 files · 50.0 GiB source · 40.0 GiB stored
      15.0 GiB uploaded

      Server             Job                 Status                Last run  Next            Last OK     Size  W/E    Last ten
      ────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────
      nas                Documents           ✓ Success             2h ago    in 21h               2h  5.0 GiB  0/0  ▂▂▂▂▂▂▂▂▂▂
      nas                Photos of the who…  ✗ overdue 5h, Error   2h ago    6h late           1d 6h  5.0 GiB  0/3       ?▂▄█▆
      文書サーバー�[31m  גיבוי               ✗ failed              2h ago    in 21h               2h  5.0 GiB  0/0  ▂▂▂▂▂▂▂▂▂▂
      文書サーバー�[31m  Mail                ✗ Fatal               2h ago    in 21h               2h  5.0 GiB  0/0  ▂▂▂▂▂▂▂▂▂▂
      文書サーバー�[31m  Stale               ? stale since 22 Nov  2h ago    due 1d 16h ago       2h  5.0 GiB  0/0  ▂▂▂▂▂▂▂▂▂▂
      nas                Partial             ! partial             2h ago    in 21h               2h  5.0 GiB  2/0  ▂▂▂▂▂▂▂▂▂▂
      nas                Never               ○ never ran           –         in 21h                –        –    –
      nas                By hand             ○ no schedule         –         no schedule           –        –    –
      文書サーバー�[31m  Paused              ‖ paused until 14:00  2h ago    in 21h               2h  5.0 GiB  0/0  ▂▂▂▂▂▂▂▂▂▂
      nas                Running             ▶ running 42%         2h ago    in 21h               2h  5.0 GiB  0/0  ▂▂▂▂▂▂▂▂▂▂
      nas                Skipped             ✓ Success, skipped    2h ago    in 21h               2h  5.0 GiB  0/0  ▂▂▂▂▂▂▂▂▂▂
      nas                Off                 ○ not monitored       2h ago    in 21h               2h  5.0 GiB  0/0  ▂▂▂▂▂▂▂▂▂▂

      ✗ 文書サーバー�[31m could not be collected: Connection refused by 10.0.0.2:8200 (for 2d, last collected 2d 2h ago)
      ✗ nas/Photos of the whole family since 1970 👨‍👩‍👧: expected 6h ago, last success 1d 6h ago
      ✗ 文書サーバー�[31m/גיבוי: No route (1h ago)
      ✗ 文書サーバー�[31m/Mail: Boom
      ? 文書サーバー�[31m/Stale: planned 1d 16h ago, the server was not asked for 2d 2h
      "
    `)
  })

  it('at 40 columns', async () => {
    expect(await screen(40)).toMatchInlineSnapshot(`
      "
      2 servers · 12 jobs · 1 overdue
      3 failed · 2,500 runs · 123,450 files
      50.0 GiB source · 40.0 GiB stored
      15.0 GiB uploaded

      Server        Job           Status
      ────────────────────────────────────────
      nas           Documents     ✓ Success
      nas           Photos of t…  ✗ overdue 5…
      文書サーバ…   גיבוי         ✗ failed
      文書サーバ…   Mail          ✗ Fatal
      文書サーバ…   Stale         ? stale sin…
      nas           Partial       ! partial
      nas           Never         ○ never ran
      nas           By hand       ○ no schedu…
      文書サーバ…   Paused        ‖ paused un…
      nas           Running       ▶ running 4…
      nas           Skipped       ✓ Success,…
      nas           Off           ○ not monit…

      ✗ 文書サーバー�[31m could not be collec…
      ✗ nas/Photos of the whole family since…
      ✗ 文書サーバー�[31m/גיבוי: No route (1h…
      ✗ 文書サーバー�[31m/Mail: Boom
      ? 文書サーバー�[31m/Stale: planned 1d 1…
      "
    `)
  })

  it('shows all columns where there is room', async () => {
    const lines = await renderStatusTable(
      { view: statusOf([jobOf()]), servers: [serverOf()] },
      { ...plain, width: 200 },
    )
    expect(lines.slice(2)).toMatchInlineSnapshot(`
      [
        "Server  Job        Status     Last run  Next    Last OK  Duration   Files     Size  Storage  Uploaded  Vers  W/E    Last ten",
        "────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────",
        "nas     Documents  ✓ Success  2h ago    in 21h       2h   6min 3s  12,345  5.0 GiB  4.0 GiB   1.5 GiB     7  0/0  ▂▂▂▂▂▂▂▂▂▂",
      ]
    `)
  })

  it('writes dates in full and cuts nothing in a pipe', async () => {
    const options = { ...plain, width: Number.POSITIVE_INFINITY, absolute: true }
    const lines = await renderStatusTable(hostileFleet(), options)
    const overdue = lines.find((line) => line.includes('Photos'))
    expect(overdue).toContain('Photos of the whole family since 1970')
    expect(overdue).toContain('24 Nov 2026, 06:00 (6h late)')
  })

  it('shows the columns that are asked for, in their order', async () => {
    const lines = await renderStatusTable(
      { view: statusOf([jobOf()]), servers: [serverOf()] },
      { ...plain, width: 80, columns: ['job', 'runs', 'id'] },
    )
    expect(lines.slice(-3)).toEqual(['Job        Runs  Id', '───────────────────', 'Documents   250  j1'])
  })

  it('lists the columns when one is unknown', async () => {
    const view = statusOf([jobOf()])
    const drawn = renderStatusTable({ view, servers: [] }, { ...plain, width: 80, columns: ['job', 'colour'] })
    await expect(drawn).rejects.toMatchObject({
      exitCode: 2,
      message: '--columns: "colour" is no column',
      hint: `The columns are ${STATUS_COLUMNS.join(', ')}.`,
    })
  })

  it('counts the problems that it has no room for', async () => {
    const jobs = Array.from({ length: 14 }, (_, index) =>
      jobOf({ id: `j${index}`, name: `Job ${index}`, state: 'failed', status: 'Error', errors: 1 }),
    )
    const lines = await renderStatusTable({ view: statusOf(jobs), servers: [serverOf()] }, { ...plain, width: 80 })
    expect(lines.at(-1)).toBe('and 4 more: --json tells them all')
  })

  it('draws 5,000 jobs quickly', async () => {
    const jobs = Array.from({ length: 5_000 }, (_, index) => jobOf({ id: `j${index}`, name: `Job ${index}` }))
    const view = statusOf(jobs)
    const started = performance.now()
    const lines = await renderStatusTable({ view, servers: [serverOf()] }, { ...plain, width: 120 })
    expect(lines.length).toBeGreaterThan(5_000)
    expect(performance.now() - started).toBeLessThan(3_000)
  })
})

describe('what is said beside the state', () => {
  async function row(job: Parameters<typeof jobOf>[0]) {
    const lines = await renderStatusTable(
      { view: statusOf([jobOf(job)]), servers: [serverOf()] },
      { ...plain, width: 100 },
    )
    return lines.find((line) => line.includes('Documents')) ?? lines.join('\n')
  }

  it('that a job waits in the queue', async () => {
    expect(await row({ name: 'Documents', queued: true })).toContain('✓ Success, queued')
  })

  it('that Duplicati does not know a job any more', async () => {
    expect(await row({ name: 'Documents', state: 'unmonitored', removed: true })).toContain('○ removed in Duplicati')
    expect(await row({ name: 'Documents', state: 'unmonitored' })).toContain('○ not monitored')
  })
})

describe('the monitor itself', () => {
  const AN_HOUR = 3_600_000

  async function said(monitor: Partial<typeof QUIET>) {
    const view = statusOf([jobOf({})], 1, { ...QUIET, ...monitor })
    const lines = await renderStatusTable({ view, servers: [serverOf()] }, { ...plain, width: 200 })
    return { stale: view.monitor.stale, lines: lines.slice(1, lines.indexOf('')) }
  }

  it('says nothing while all is well', async () => {
    expect(await said({})).toEqual({ stale: false, lines: [] })
    expect(await said({ lastCheckAt: NOW - 60_000, nextCheckAt: NOW + 240_000 })).toEqual({ stale: false, lines: [] })
    expect(await said({ lastCheckAt: NOW - 24 * AN_HOUR })).toEqual({ stale: false, lines: [] })
    expect(await said({ outboxWaiting: 3 })).toEqual({ stale: false, lines: [] })
  })

  it('says that the next check did not come (T48)', async () => {
    const { stale, lines } = await said({ lastCheckAt: NOW - AN_HOUR, nextCheckAt: NOW - AN_HOUR + 300_000 })
    expect(stale).toBe(true)
    expect(lines).toEqual(['! No overdue check has run since 11:00: is duplistatus serve running?'])
  })

  it('says that cron has not run a check for more than a day', async () => {
    expect((await said({ lastCheckAt: NOW - 26 * AN_HOUR })).stale).toBe(true)
  })

  it('counts what waits for somebody', async () => {
    expect((await said({ quarantined: 1, outboxFailed: 2 })).lines).toEqual([
      '! 2 messages could not be delivered: see duplistatus notify outbox',
      '! 1 report was not understood: see duplistatus quarantine list',
    ])
  })

  it('says what it decided by itself, inert and within the width', async () => {
    const screen = {
      view: statusOf([jobOf({})]),
      servers: [serverOf()],
      remarks: ['nas\u001b[2J are two servers again'],
    }
    const told = (lines: string[]) => lines.filter((line) => line.includes('two servers'))
    expect(told(await renderStatusTable(screen, { ...plain, width: 80 }))).toEqual([
      '? nas\ufffd[2J are two servers again',
    ])
    expect(told(await renderStatusCards(screen, { ...plain, width: 80 }))).toHaveLength(1)
    const [narrow] = await renderStatusTable({ ...screen, remarks: ['x'.repeat(90)] }, { ...plain, width: 40 }).then(
      (lines) => lines.filter((line) => line.includes('xx')),
    )
    expect(displayWidth(narrow ?? '')).toBe(40)
  })

  it('tells servers of one name apart by their ids, in rows and sentences', async () => {
    const job = (id: string, server: string) => jobOf({ id, state: 'stale', server: { id: server, name: 'nas' } })
    const screen = {
      view: statusOf([job('j1', 's1'), job('j2', 's2')]),
      servers: [serverOf({ id: 's1' }), serverOf({ id: 's2' }), serverOf({ id: 's3', name: 'web' })],
    }
    const table = await renderStatusTable(screen, { ...plain, width: 120 })
    expect(table.filter((line) => line.startsWith('nas (s'))).toHaveLength(2)
    expect(table.join('\n')).toContain('? nas (s2)/Documents: ')
    expect((await renderStatusCards(screen, { ...plain, width: 120 })).join('\n')).toContain('nas (s1)')
    expect(screen.view.jobs[0]?.server.name).toBe('nas')
    const one = { ...screen, servers: [serverOf({ id: 's1' })], view: statusOf([job('j1', 's1')]) }
    expect((await renderStatusTable(one, { ...plain, width: 120 })).join('\n')).not.toContain('(s1)')
  })

  it('says that reports of 2.1 name wrong jobs where nobody collects', async () => {
    const reporting = { duplicatiVersion: '2.1.0.5', lastCollectedAt: null, lastReportAt: hoursAgo(1) }
    const doubts = async (...servers: Parameters<typeof serverOf>[0][]) => {
      const screen = { view: statusOf([jobOf({})]), servers: servers.map((server) => serverOf(server)) }
      return (await renderStatusTable(screen, { ...plain, width: 120 })).filter((line) => line.includes('2.1'))
    }
    expect(await doubts(reporting)).toEqual([
      '? Duplicati 2.1 (nas) names the wrong job in some reports: collect too, or upgrade it',
    ])
    expect(await doubts(reporting, reporting, reporting, reporting)).toEqual([expect.stringContaining('(4 servers)')])
    expect(await doubts({ ...reporting, lastCollectedAt: hoursAgo(1) })).toEqual([])
    expect(await doubts({ ...reporting, duplicatiVersion: '2.2.0.3' })).toEqual([])
  })
})

describe('the status cards', () => {
  it('stand beside each other', async () => {
    const jobs = [jobOf(), jobOf({ id: 'j2', name: 'Photos', state: 'stale' })]
    const lines = await renderStatusCards({ view: statusOf(jobs), servers: [serverOf()] }, { ...plain, width: 80 })
    expect(`\n${lines.join('\n')}\n`).toMatchInlineSnapshot(`
      "
      1 server · 2 jobs · 0 overdue · 0 failed · 500 runs · 24,690 files
      10.0 GiB source · 8.0 GiB stored · 3.0 GiB uploaded

      ┌─────────────────────────────────────┐ ┌─────────────────────────────────────┐
      │ Documents                       nas │ │ Photos                          nas │
      │ ✓ Success                ▂▂▂▂▂▂▂▂▂▂ │ │ ? stale since 11:48      ▂▂▂▂▂▂▂▂▂▂ │
      │ Ran 2h ago, took 6min 3s        0/0 │ │ Ran 2h ago, took 6min 3s        0/0 │
      │ Next                         in 21h │ │ Next                         in 21h │
      │ Last OK                          2h │ │ Last OK                          2h │
      │ 12,345 files, 5.0 GiB    7 versions │ │ 12,345 files, 5.0 GiB    7 versions │
      │ 4.0 GiB stored     1.5 GiB uploaded │ │ 4.0 GiB stored     1.5 GiB uploaded │
      └─────────────────────────────────────┘ └─────────────────────────────────────┘

      ? nas/Photos: planned -21h ago, the server was not asked for 12min
      "
    `)
  })

  it('say nothing of what is not known, and one as one', async () => {
    const nothing = { files: null, sourceBytes: null, storageBytes: null, versions: null, warnings: null, errors: null }
    const never = { lastRun: null, lastSuccessAt: null, lastSuccessAgeSeconds: null, recent: [], runs: 0 }
    const jobs = [
      jobOf({ ...nothing, ...never, state: 'never', status: 'None', uploadedBytes: 0 }),
      jobOf({ id: 'j2', name: 'Photos', files: 1, versions: 1 }),
    ]
    const lines = await renderStatusCards({ view: statusOf(jobs), servers: [serverOf()] }, { ...plain, width: 80 })
    expect(`\n${lines.slice(3, 12).join('\n')}\n`).toMatchInlineSnapshot(`
      "
      ┌─────────────────────────────────────┐ ┌─────────────────────────────────────┐
      │ Documents                       nas │ │ Photos                          nas │
      │ ○ never ran                         │ │ ✓ Success                ▂▂▂▂▂▂▂▂▂▂ │
      │ No run yet                          │ │ Ran 2h ago, took 6min 3s        0/0 │
      │ Next                         in 21h │ │ Next                         in 21h │
      │ Last OK                       never │ │ Last OK                          2h │
      │                                     │ │ 1 file, 5.0 GiB           1 version │
      │                                     │ │ 4.0 GiB stored     1.5 GiB uploaded │
      └─────────────────────────────────────┘ └─────────────────────────────────────┘
      "
    `)
  })
})

describe.each([
  ['table', renderStatusTable],
  ['cards', renderStatusCards],
])('the %s', (_, render) => {
  it.each([20, 40, 60, 80, 120, 200])('never is wider than %i columns, whatever the names (T45)', async (width) => {
    for (const unicode of [true, false]) {
      const look = createLook({ color: true, unicode })
      const lines = await render(hostileFleet(), { ...plain, look, width })
      for (const line of lines) expect(displayWidth(line.replace(SGR, ''))).toBeLessThanOrEqual(width)
    }
  })

  it('puts no escape sequence of a name on the terminal (T45)', async () => {
    const text = (await render(hostileFleet(), { ...plain, width: 120 })).join('\n')
    expect(text.replaceAll('\n', '')).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e]/)
  })

  it('says everything without colour and without Unicode', async () => {
    const look = createLook({ color: false, unicode: false })
    const text = (await render(hostileFleet(), { ...plain, look, width: 120 })).join('\n')
    for (const word of [
      'overdue',
      'failed',
      'Fatal',
      'stale',
      'partial',
      'never ran',
      'no schedule',
      'paused',
      'running 42%',
      'skipped',
    ])
      expect(text).toContain(word)
    expect(text).toContain('?SWFE')
    expect(text).not.toMatch(/[─│✓✗…▂]/)
  })
})
