import { describe, expect, it } from 'vitest'
import type { JobView } from '../../src/fleet/model.ts'
import { createLook } from '../../src/output/look.ts'
import { prepareWidths } from '../../src/output/width.ts'
import { BINDINGS } from '../../src/tui/keymap.ts'
import type { ViewName } from '../../src/tui/model.ts'
import { VIEWS } from '../../src/tui/views/index.ts'
import { jobOf, runOf, serverOf } from '../support/views.ts'
import { ENV, hostile, manyJobs, Session, snapshotOf } from './support.ts'

await prepareWidths(['\u6587'])

const SIZES = [
  { columns: 60, rows: 15 },
  { columns: 80, rows: 24 },
  { columns: 140, rows: 40 },
  { columns: 200, rows: 60 },
]
const LOOKS = [createLook({ color: true, unicode: true }), createLook({ color: false, unicode: false })]
const VIEW_NAMES = Object.keys(VIEWS) as ViewName[]

describe('every view', () => {
  it.each(SIZES)('fits $columns x $rows, with hostile names, in colour and in ASCII', (size) => {
    for (const look of LOOKS) {
      for (const name of VIEW_NAMES) {
        for (const panel of ['none', 'status', 'metrics'] as const) {
          for (const layout of ['table', 'cards'] as const) {
            const session = new Session(hostile(), size, { ...ENV, look })
            const view = { name, id: name === 'server' ? 's2' : 'j3', selected: null, index: 0, top: 0, filter: '' }
            session.state = {
              ...session.state,
              list: { ...session.state.list, panel, layout },
              views: name === 'jobs' ? session.state.views : [view],
            }
            for (let down = 0; down < 12; down++) session.press('j').lines()
          }
        }
      }
    }
  })

  it('says when the terminal is too small, and goes on when it is not', () => {
    const session = new Session(manyJobs(3), { columns: 59, rows: 20 })
    expect(session.text()).toContain('duplistatus needs 60x15, this is 59x20')
    session.send({ type: 'resize', size: { columns: 60, rows: 15 } })
    expect(session.text()).toContain('Job 1')
    session.send({ type: 'resize', size: { columns: 10, rows: 3 } })
    expect(session.lines()).toHaveLength(3)
  })
})

describe('the dashboard', () => {
  it('at 80x24', () => {
    expect(`\n${new Session(hostile(), { columns: 80, rows: 24 }).press('j').text()}\n`).toMatchInlineSnapshot(`
      "
      duplistatus  Jobs  12                                       data 1min ago ▶ live
      2 servers · 12 jobs · 1 overdue · 3 failed · 2,500 runs · 123,450 files
      50.0 GiB source · 40.0 GiB stored · 15.0 GiB uploaded
        Server        Job            Status                 Last run    Next
      ────────────────────────────────────────────────────────────────────────────────
        nas           By hand        ○ no schedule          –           no schedule
      ▌ nas           Documents      ✓ Success              2h ago      in 21h
        nas           Never          ○ never ran            –           in 21h
        nas           Off            ○ not monitored        2h ago      in 21h
        nas           Partial        ! partial              2h ago      in 21h
        nas           Photos of th…  ✗ overdue 5h, Error    2h ago      6h late
        nas           Running        ▶ running 42%          2h ago      in 21h
        nas           Skipped        ✓ Success, skipped     2h ago      in 21h
        文書サーバ…   Mail           ✗ Fatal                2h ago      in 21h
        文書サーバ…   Paused         ‖ paused until 14:00   2h ago      in 21h
        文書サーバ…   Stale          ? stale since 22 Nov   2h ago      due 1d 16h ago
        文書サーバ…   גיבוי          ✗ failed               2h ago      in 21h






      Enter open  / filter  p problems  s sort  b group  t cards  ? help  q quit
      "
    `)
  })

  it('tells how old the data is', () => {
    expect(new Session(manyJobs(1)).text()).toMatch(/data 1min ago . live/)
    expect(new Session(null).text()).toContain('reading')
  })

  it('shows what runs now, with its progress', () => {
    const session = new Session(hostile(), { columns: 140, rows: 40 }).press('/').type('running').press('enter')
    expect(session.text()).toContain('███████░░░░░░░░░ 42%')
  })
})

describe('the line of messages', () => {
  it('tells where one is, wherever there is more than the screen shows', () => {
    const session = new Session(manyJobs(300), { columns: 80, rows: 24 })
    expect(session.lines().at(-2)).toMatch(/^ +1 of 300$/)
    expect(session.press('G').lines().at(-2)).toMatch(/ 300 of 300$/)
    expect(session.press('/').lines().at(-2)).toMatch(/^Filter: +300 of 300$/)
    expect(session.press('esc', '?').lines().at(-2)).toMatch(/^ +1-21 of \d+$/)
    expect(new Session(manyJobs(3)).lines().at(-2)).toBe('')
  })

  it('tells an error in full, over the end of the view', () => {
    const session = new Session(manyJobs(30), { columns: 60, rows: 15 })
    const text = `It failed. ${'Do this and that. '.repeat(4)}Then try again.`
    session.send({ type: 'notice', notice: { kind: 'error', text } })
    expect(session.lines().slice(-4, -1).join(' ')).toContain('Then try again.')
    session.send({ type: 'notice', notice: { kind: 'error', text: 'word '.repeat(100) } })
    expect(session.lines().at(-2)).toMatch(/word… +1 of 30$/)
    expect(session.press('j').lines().at(-3)).toContain('Job')
  })

  it('says that the database can not be read, and for how long that has been so, until it can', () => {
    const session = new Session(manyJobs(3)).send({ type: 'trouble', text: 'The database is gone' })
    expect(session.lines()[0]).toMatch(/data 1min ago ✗ lost$/)
    expect(session.press('j').lines().at(-2)).toBe('The database is gone')
    expect(session.text()).toContain('Job 3')
    session.send({ type: 'snapshot', snapshot: manyJobs(3), now: session.state.now })
    expect(session.lines()[0]).toMatch(/ live$/)
    expect(session.lines().at(-2)).toBe('')
  })
})

describe('a panel below', () => {
  it('leaves whole cards, and says where it has no room', () => {
    const low = new Session(manyJobs(9), { columns: 60, rows: 15 }).press('t', 'm')
    expect(low.text()).toContain('└───')
    expect(low.lines().at(-2)).toContain('The panel needs a higher terminal here')
    const high = new Session(manyJobs(9), { columns: 80, rows: 24 }).press('t', 'm')
    expect(high.text()).toContain('└───')
    expect(high.text()).toContain('nas/Job 1')
    const lost = new Session(manyJobs(9), { columns: 60, rows: 15 }).press('m', 'm')
    expect(lost.lines().at(-2)).not.toContain('higher')
    expect(lost.press('t').lines().at(-2), 'cards leave less').toContain('The panel needs a higher terminal here')
    expect(lost.press('5').lines().at(-2), 'another range').toContain('The panel needs a higher terminal here')
  })

  it('and keys are about nothing that the list does not show', () => {
    const session = new Session(manyJobs(9), { columns: 80, rows: 24 }).press('m', 'j', 'p')
    expect(session.text()).toContain('None of 9 jobs has a problem')
    expect(session.text()).not.toContain('nas/Job')
    expect(session.press('z').lines().at(-2)).toContain('No job is selected')
    expect(session.press('p').view.selected).toBe('j2')
  })

  it("leaves rows on a server's page", () => {
    const session = new Session(manyJobs(9), { columns: 80, rows: 24 }).press('S', 'm')
    expect(session.text()).toContain('nas/Job 1')
    expect(session.text()).toMatch(/▌ Job 1/)
  })

  it('of a job is its chart or its facts, one key apart', () => {
    const session = new Session(manyJobs(9), { columns: 80, rows: 24 }).press('enter', 'm')
    expect(session.state.list.panel).toBe('metrics')
    expect(session.press('m').text()).toContain('Last OK')
    expect(session.press('esc').text(), 'no panel that nobody asked for').not.toContain('Last OK')
  })
})

describe('the footer', () => {
  it('offers what is of use now', () => {
    const foot = (session: Session) => session.lines().at(-1) ?? ''
    const session = new Session(manyJobs(1), { columns: 140, rows: 40 })
    expect(foot(session)).not.toContain('metric')
    expect(foot(session.press('M'))).toContain('M metric  1-5 range')
    expect(foot(new Session(manyJobs(1), { columns: 60, rows: 15 }).press('M'))).toContain('M metric  1-5 range')
    expect(foot(session)).toContain('t cards')
    expect(foot(session.press('t'))).toContain('t table')
    expect(foot(session.press('w'))).not.toContain('w servers')
    expect(foot(session.press(',').loaded('settings', []))).toContain('Enter change')
    session.send({ type: 'collecting', collecting: { lines: [], running: true, cancelled: false, results: [] } })
    expect(foot(session.press('C'))).toContain('x stop')
    session.send({ type: 'collecting', collecting: { lines: [], running: false, cancelled: false, results: [] } })
    expect(foot(session)).not.toContain('x stop')
  })

  it('offers nothing about a job or a server where the list has none', () => {
    const session = new Session(snapshotOf([], []), { columns: 140, rows: 40 })
    for (const key of ['r', 'A', 'w']) {
      const foot = session.press(key).loaded('alerts', []).lines().at(-1)
      expect(foot, key).not.toMatch(/open|explain|versions|snooze|collect|test|browser/)
    }
  })

  it('has help and quit at any width', () => {
    for (const size of SIZES) expect(new Session(manyJobs(1), size).lines().at(-1)).toMatch(/\? help {2}q quit$/)
  })
})

describe('a run', () => {
  const log = Array.from({ length: 13_000 }, (_, at) => ({
    level: 'warning' as const,
    at: '2026-11-24T03:00:00.000Z',
    tag: 'Duplicati.Library.Main-Path',
    text: `Failed to process path: /data/locked-${at}.tmp \u001b[31mred ${'very '.repeat(20)}long`,
  }))
  const refs = { server: { id: 's1', name: 'nas' }, job: { id: 'j1', name: 'Documents' } }
  const show = { schemaVersion: 1, ...refs, run: runOf({ warnings: 13_000 }), log, logOmitted: 0, versions: [] }
  const opened = () => {
    const session = new Session(manyJobs(2)).press('enter').loaded('history:j1', [runOf()])
    return session.press('enter').loaded('run:r1', show)
  }

  it('names the key that leads to all its versions', () => {
    const versions = Array.from({ length: 7 }, () => ({ at: '2026-11-24T03:00:00.000Z' }))
    const session = new Session(manyJobs(2)).press('enter').loaded('history:j1', [runOf()]).press('enter')
    expect(session.loaded('run:r1', { ...show, log: [], versions }).text()).toMatch(/^ {2}and 2 more: v$/m)
  })

  it('of 13,000 warnings opens, scrolls and is searched at once', () => {
    const started = performance.now()
    const session = opened()
    session.lines()
    expect(performance.now() - started, 'opens').toBeLessThan(1_000)
    expect(session.press('G').text()).toContain('locked-12999')
    session.press('/').type('LOCKED-6543.').press('enter')
    expect(session.text()).toContain('locked-6543.tmp')
    session.press('/').type('locked-').press('enter', 'n', 'n', 'N')
    expect(session.state.notice?.text).toMatch(/of 13000$/)
    expect(performance.now() - started).toBeLessThan(5_000)
  })

  it('says when nothing is found, and shows fewer levels on demand', () => {
    const session = opened().press('/').type('nowhere').press('enter')
    expect(session.text()).toContain('"nowhere" is not in the log')
    session.press('f', 'f')
    expect(session.text()).toContain('(errors only)')
    expect(session.text()).not.toContain('locked-')
  })
})

describe('a failure', () => {
  const message = `https://nas:8200 presented a certificate ${'that nobody knows '.repeat(4)}and is not asked`

  it("is told in full on the server's page, where there are rows for it", () => {
    const failing = snapshotOf(
      [jobOf()],
      [serverOf({ error: { since: '2026-11-24T00:00:00.000Z', code: 'tls', message } })],
    )
    const tall = new Session(failing, { columns: 80, rows: 24 }).press('S').text()
    expect(tall.replace(/\s+/g, ' ')).toContain(message)
    expect(new Session(failing, { columns: 80, rows: 15 }).press('S').text()).toMatch(/State .*…$/m)
  })

  it('of a collection is told in full below its server', () => {
    const line = { label: 'nas', state: 'failed' as const, jobs: null, done: 0, rows: 0, error: message }
    const session = new Session(manyJobs(1), { columns: 80, rows: 24 }).press('C').send({
      type: 'collecting',
      collecting: { lines: [line, { ...line, error: 'refused' }], running: false, cancelled: false, results: [] },
    })
    expect(session.text().replace(/\s+/g, ' ')).toContain(message)
    expect(session.text()).toMatch(/░ refused$/m)
    expect(session.text()).toContain('2 of 2 servers: done, 2 failed')
  })
})

describe('a list whose columns cut their texts', () => {
  it('tells the selected one in full below', () => {
    const about = `what it is for, ${'at length '.repeat(8)}until here`
    const setting = { key: 'smtp.host', value: null, default: null, source: 'default', isSet: false, secret: false }
    const session = new Session(manyJobs(1), { columns: 80, rows: 24 }).press(',')
    session.loaded('settings', [{ ...setting, problem: null, about }]).press('G')
    expect(session.text()).toContain('until here')
    const alert = { id: 1, kind: 'unreachable', serverId: 's1', jobId: null, since: 0, openedAt: 0, remindedAt: null }
    const message = `refused: ${'why '.repeat(20)}indeed`
    session.press('A').loaded('alerts', [{ ...alert, reminders: 0, data: { message } }])
    expect(session.text()).toContain('indeed')
  })
})

describe('a name that is too long', () => {
  const server = { id: 's1', name: `nas-${'x'.repeat(90)}` }

  it('leaves the job in the title, and what a chart is of in its own', () => {
    const session = new Session(snapshotOf([jobOf({ server })]), { columns: 80, rows: 24 }).press('m')
    expect(session.lines().find((line) => line.includes('Enter shows all'))).toBeUndefined()
    expect(session.text()).toMatch(/^nas-x+…x+\/Documents$/m)
    const values = [1, 2, 3, 4, 5, 6, 7]
    const days = values.map((day) => `2026-11-1${day}`)
    session.press('enter', 'm', '1').loaded('chart:j1:uploaded:1w', {
      ...{ metric: 'uploaded', days, from: 0, to: 1 },
      series: [{ server, job: { id: 'j1', name: 'Documents' }, values }],
    })
    expect(session.lines()[0]).toMatch(/^duplistatus {2}Job {2}nas-x+…x+\/Documents {2}data/)
    expect(session.lines()[1]).toMatch(/^nas-x+…x+\/Documents: uploaded per day, last 7 days$/)
  })

  it('breaks the words about its start instead of cutting them', () => {
    const session = new Session(snapshotOf([jobOf({ server })]), { columns: 80, rows: 24 }).press('e')
    session.loaded('explain:j1', [`${'文'.repeat(45)}  not overdue: expected in 15h`])
    expect(session.text().replace(/\s+/g, ' ')).toContain('not overdue: expected in 15h')
  })
})

describe('the facts of a job', () => {
  it('stand beside each other in a low panel, with what went wrong below', () => {
    const failure = { message: 'The destination is gone', at: '2026-11-24T09:00:00Z', source: 'serverLog' as const }
    const job = jobOf({ state: 'failed', failure })
    const session = new Session(snapshotOf([job]), { columns: 80, rows: 24 }).press('m')
    expect(session.text()).toMatch(/^Last OK .* Uploaded +3.0 MiB, 1.5 GiB in 250 runs$/m)
    expect(session.text()).toMatch(/^The destination is gone$/m)
    expect(session.press('enter').text()).toMatch(/^Why +The destination is gone$/m)
    const running = { phase: 'Backup_ProcessingFiles', progress: 0.25, startedAt: null, bytesPerSecond: 2_097_152 }
    const busy = jobOf({ state: 'running', running: { ...running, remainingSeconds: 90 } as JobView['running'] })
    expect(new Session(snapshotOf([busy]), { columns: 80, rows: 24 }).press('m').text()).toMatch(
      /^Progress +████░{12} 25%, 2.0 MiB\/s, 1min 30s left\nLast run .* Storage/m,
    )
    expect(new Session(snapshotOf([job]), { columns: 60, rows: 15 }).press('m').text()).toContain('Enter shows all')
  })

  const UNKNOWN = { files: null, sourceBytes: null, storageBytes: null, versions: null, warnings: null, errors: null }

  it('leave out what nothing is known of', () => {
    const never = { lastRun: null, lastSuccessAt: null, lastVersionAt: null, recent: [], runs: 0 }
    const session = new Session(snapshotOf([jobOf({ ...UNKNOWN, ...never, state: 'never', status: 'None' })]))
    const names = session
      .press('enter')
      .lines()
      .slice(1, 7)
      .map((line) => line.split('  ')[0])
    expect(names).toEqual(['Status', 'Last run', 'Last OK', 'Next', 'Schedule', 'Asked'])
  })

  it('speak of one as of one', () => {
    const session = new Session(snapshotOf([jobOf({ files: 1, versions: 1, runs: 1 })])).press('enter')
    for (const words of ['5.0 GiB, 1 file', '4.0 GiB, 1 version', '3.0 MiB, 1.5 GiB in 1 run'])
      expect(
        session.lines().some((line) => line.endsWith(`  ${words}`)),
        words,
      ).toBe(true)
    expect(new Session(snapshotOf([jobOf({ files: 1, sourceBytes: null })])).press('enter').text()).toMatch(
      /Source +1 file$/m,
    )
  })
})

describe('the keymap', () => {
  it('has no key twice in one view', () => {
    for (const name of VIEW_NAMES) {
      const here = BINDINGS.filter(({ views, when }) => (!views || views.includes(name)) && !when)
      const keys = here.flatMap((binding) => binding.keys)
      expect(
        keys.filter((key, at) => keys.indexOf(key) !== at),
        name,
      ).toEqual([])
    }
  })

  it('is in the help, all of it', () => {
    const session = new Session(manyJobs(3), { columns: 110, rows: 70 }).press('w', '?')
    for (const { label, views } of BINDINGS) if (!views) expect(session.text()).toContain(label)
    expect(session.press('x').state.overlay).toBeNull()
  })

  it('is left for a list that still shows what is selected', () => {
    const session = new Session(manyJobs(300), { columns: 80, rows: 24 }).press('G', '?')
    session.send({ type: 'tick', now: session.state.now + 1_000 })
    expect(session.press('esc').text()).toMatch(/^▌.*Job 300 /m)
  })

  it.each([SIZES[0], SIZES[1]])('is read by scrolling at $columns x $rows, no word of it cut', (size) => {
    const session = new Session(manyJobs(3), size).press('?')
    const rows = new Set<string>()
    const read = () => {
      const lines = session.lines()
      for (const line of lines.slice(1, -2)) rows.add(line.trim())
      return lines
    }
    const [count] = /\d+$/.exec(read().at(-2) ?? '') ?? []
    expect(session.lines().at(-1)).toBe('j k scroll  PgUp PgDn a page  Esc leave')
    for (const key of ['pagedown', 'ctrl-f', 'space', 'ctrl-d', 'j', 'pagedown', 'pagedown']) {
      session.press(key)
      read()
    }
    expect(read().at(-2)).toMatch(new RegExp(`-${count} of ${count}$`))
    const words = [...rows].join(' ').replace(/ +/g, ' ')
    expect(words).not.toContain('…')
    for (const { label, views, when } of BINDINGS)
      if ((!views || views.includes('jobs')) && !when) expect(words).toContain(label)
    expect(session.press('g').lines()[1]).toBe('Move')
  })
})
