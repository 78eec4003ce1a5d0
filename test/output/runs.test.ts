import { describe, expect, it } from 'vitest'
import { createFormat } from '../../src/output/format.ts'
import { sortRuns } from '../../src/output/history-sort.ts'
import { csvField, historyCsv, renderHistory } from '../../src/output/history-table.ts'
import { createLook } from '../../src/output/look.ts'
import { renderRun, runTexts } from '../../src/output/run-details.ts'
import { renderVersions } from '../../src/output/versions-table.ts'
import { showView, versionsView } from '../../src/output/views.ts'
import { displayWidth, prepareWidths } from '../../src/output/width.ts'
import { hoursAgo, NOW, runOf } from '../support/views.ts'

const format = createFormat({ locale: 'en-GB', timeZone: 'UTC', now: NOW })
const options = { look: createLook({ color: false, unicode: true }), format, width: 80 }

describe('history', () => {
  const runs = [
    runOf({ id: 'r4', partial: true }),
    runOf({ id: 'r3', beganAt: hoursAgo(27), status: 'Warning', warnings: 3 }),
    runOf({ id: 'r2', beganAt: hoursAgo(51), interrupted: true }),
    runOf({ id: 'r1', beganAt: hoursAgo(75), status: 'Fatal', errors: 1, examinedBytes: null, durationSeconds: null }),
  ]

  it('tells partial and skipped runs from whole ones (T38, T66)', async () => {
    const lines = await renderHistory(runs, { ...options, withJob: false, withOperation: false })
    expect(`\n${lines.join('\n')}\n`).toMatchInlineSnapshot(`
      "
      Date                Status              W/E  Duration     Size  Uploaded
      ────────────────────────────────────────────────────────────────────────
      24 Nov 2026, 09:00  ! Success, partial  0/0   6min 3s  5.0 GiB   3.0 MiB
      23 Nov 2026, 09:00  ! Warning           3/0   6min 3s  5.0 GiB   3.0 MiB
      22 Nov 2026, 09:00  ○ skipped           0/0   6min 3s  5.0 GiB   3.0 MiB
      21 Nov 2026, 09:00  ✗ Fatal             0/1         –        –   3.0 MiB
      "
    `)
  })

  it.each([40, 60, 80, 120, 200])('fits %i columns', async (width) => {
    const lines = await renderHistory(runs, { ...options, width, withJob: true, withOperation: true })
    for (const line of lines) expect(displayWidth(line)).toBeLessThanOrEqual(width)
  })

  it('sorts by several keys', () => {
    expect(sortRuns(runs, ['status', '-date']).map(({ id }) => id)).toEqual(['r1', 'r3', 'r4', 'r2'])
    expect(() => sortRuns(runs, ['x'])).toThrow('--sort: "x" is no sort key')
  })
})

describe('CSV', () => {
  it('has a header, one run a line, CRLF, exact numbers and UTC times (RFC 4180)', () => {
    const [header, line, rest] = historyCsv([runOf()]).split('\r\n')
    expect(header).toBe(
      'id,server,job,operation,status,beganAt,endedAt,durationSeconds,partial,interrupted,dryRun,warnings,errors,versions,examinedFiles,examinedBytes,uploadedBytes,downloadedBytes,storageBytes,exception',
    )
    expect(line).toBe(
      'r1,nas,Documents,Backup,Success,2026-11-24T09:00:00.000Z,2026-11-24T09:06:00.000Z,362.5,false,false,false,0,0,7,12345,5368709120,3145728,0,4294967296,',
    )
    expect(rest).toBe('')
  })

  it.each([
    ['=1+1', "'=1+1"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['-2', "'-2"],
    ['+2', "'+2"],
    ['\t=1', "' =1"],
    ['a,b', '"a,b"'],
    ['say "x"', '"say ""x"""'],
    ['=HYPERLINK("x","y")', '"\'=HYPERLINK(""x"",""y"")"'],
    ['two\r\nlines', '"two\nlines"'],
    ['\u001b[31m', '\ufffd[31m'],
  ])('writes %j as %j: no formula runs in a spreadsheet (T45)', (value, field) => {
    expect(csvField(value)).toBe(field)
  })

  it('leaves numbers as they are', () => {
    expect([csvField(-5), csvField(null), csvField(true)]).toEqual(['-5', '', 'true'])
  })
})

describe('one run', () => {
  const warning = {
    level: 'warning' as const,
    at: hoursAgo(2.95),
    tag: 'Duplicati.Library.Main.Operation-FileAccessError',
    text: 'Failed to process path: /data/x\u001b[2J\nAccess denied to a file with a very long name, which has to be broken into lines',
  }
  const view = showView(
    runOf({ status: 'Warning', warnings: 300, exception: 'System.Exception: disk\n   at Main()' }),
    { lines: [warning], versionDates: [hoursAgo(3), hoursAgo(27)] },
    'warnings',
  )

  it('says that its time is not believed (T53)', async () => {
    const doubted = { ...view, run: { ...view.run, timeDoubted: true } }
    const lines = await renderRun(doubted, { ...options, level: 'warnings' })
    expect(lines).toContain('Time       of its receipt: what it told is not believed')
  })

  it('shows figures, versions, exception and log with the true count (T69)', async () => {
    const lines = await renderRun(view, { ...options, level: 'warnings' })
    expect(`\n${lines.join('\n')}\n`).toMatchInlineSnapshot(`
      "
      nas/Documents – Backup r1

      Status     ! Warning
      Began      24 Nov 2026, 09:00 (3h ago)
      Ended      24 Nov 2026, 09:06
      Duration   6min 3s
      Files      12,345 examined, 20 opened
      Changes    12 added (2.0 MiB), 8 modified (1.0 MiB), 1 deleted
      Source     5.0 GiB
      Uploaded   3.0 MiB
      Storage    4.0 GiB
      Versions   7
      Log        0 errors, 300 warnings, 5 messages
      Duplicati  2.3.0.2
      Known by   collect

      Versions
        24 Nov 2026, 09:00 (3h ago)
        23 Nov 2026, 09:00 (1d 3h ago)

      Exception
        System.Exception: disk
           at Main()

      Warnings (1 of 300 shown)
        24 Nov 2026, 09:03  FileAccessError
          Failed to process path: /data/x�[2J
          Access denied to a file with a very long name, which has to be broken into
          lines
      "
    `)
  })

  it.each([40, 60, 80, 120])('fits %i columns', async (width) => {
    const lines = await renderRun(view, { ...options, width, level: 'all' })
    for (const line of lines) expect(displayWidth(line)).toBeLessThanOrEqual(width)
  })
})

describe('the texts of a run', () => {
  const texts = ['short', '', ' '.repeat(90), `${'word '.repeat(40)}end`, '文書'.repeat(40), 'x'.repeat(200)]
  const hostile = [
    '\u001b[2J\r\n\ttab\u2028and more',
    'one\n\n\nfour  \n',
    `e\u0301${'a\u0308'.repeat(60)}`,
    '👨‍👩‍👧‍👦 '.repeat(30),
  ]
  const log = [...texts, ...hostile].flatMap((text, at) => [
    { level: 'warning' as const, at: at % 2 === 0 ? hoursAgo(3) : null, tag: at % 3 === 0 ? 'Some-Tag' : null, text },
  ])
  const view = showView(
    runOf({ warnings: log.length, exception: 'long '.repeat(40) }),
    { lines: log, versionDates: null },
    'all',
  )

  it.each([20, 40, 59, 79, 139])(
    'are as many lines as was said before they were made, in %i columns',
    async (width) => {
      await prepareWidths(texts)
      for (const block of runTexts(view, { ...options, width, level: 'all' })) {
        expect(block.draw()).toHaveLength(block.rows)
      }
    },
  )
})

describe('versions', () => {
  const server = { id: 's1', name: 'nas' }
  const job = { id: 'j1', name: 'Documents' }

  it('have date and age', async () => {
    const view = versionsView(server, job, { run: runOf(), versionDates: [hoursAgo(3), hoursAgo(27)] }, NOW)
    expect(await renderVersions(view, options)).toEqual([
      'nas/Documents: 2 versions at the destination',
      '',
      '#  Date                  Age',
      '────────────────────────────',
      '0  24 Nov 2026, 09:00     3h',
      '1  23 Nov 2026, 09:00  1d 3h',
    ])
  })

  it('are only counted where their dates are unknown', async () => {
    const view = versionsView(server, job, { run: runOf({ versions: 1 }), versionDates: null }, NOW)
    expect(await renderVersions(view, options)).toEqual([
      'nas/Documents: 1 version at the destination',
      'Their dates were not logged.',
    ])
  })
})
