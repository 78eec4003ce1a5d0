import { describe, expect, it } from 'vitest'
import { METRICS } from '../../src/fleet/metrics.ts'
import { type ChartOptions, chartLines, highestFirst, renderChart } from '../../src/output/chart.ts'
import { scaleOf, valueLabel } from '../../src/output/chart-axis.ts'
import { sparkline } from '../../src/output/chart-spark.ts'
import { createFormat } from '../../src/output/format.ts'
import { createLook } from '../../src/output/look.ts'
import { displayWidth } from '../../src/output/width.ts'
import { NOW } from '../support/views.ts'

const MIB = 1024 ** 2
const format = createFormat({ locale: 'en-GB', timeZone: 'UTC', now: NOW })
const SGR = /\u001b\[\d+m/g
const days = (count: number) =>
  Array.from({ length: count }, (_, at) => new Date(NOW - (count - 1 - at) * 86_400_000).toISOString().slice(0, 10))
const look = (color: boolean, unicode: boolean) => createLook({ color, unicode })
const options = (changes: Partial<ChartOptions> = {}): ChartOptions => ({
  look: look(false, true),
  format,
  locale: 'en-GB',
  width: 60,
  height: 15,
  style: 'line',
  ...changes,
})
const week = [4, 4, null, 6, null, 9, 10].map((value) => value && value * MIB)
const one = { metric: 'uploaded' as const, days: days(7), series: [{ name: 'nas/Documents', values: week }] }
const two = {
  ...one,
  series: [...one.series, { name: 'nas/文書\u001b[2J', values: week.map((value) => value && value / 2) }],
}
const show = (lines: string[]) => `\n${lines.join('\n')}\n`

describe('a line chart', () => {
  it('draws steps, and gaps for days without runs (T50)', () => {
    expect(show(chartLines(one, options()))).toMatchInlineSnapshot(`
      "
      nas/Documents: uploaded per day, last 7 days

      10 MiB ┤                                         ╭───────
             │                                   ──────╯
             │
             │                     ───────
       5 MiB ┤
             │──────────────
             │
             │
         0 B ┤
             └───┬─────────────┬─────────────┬─────────────┬───
              18 Nov        20 Nov        22 Nov        24 Nov

      lowest 4 MiB, highest 10 MiB, last 10 MiB
      "
    `)
  })

  it('tells several jobs apart without colour, and in ASCII', async () => {
    expect(show(await renderChart(two, options({ look: look(false, false) })))).toMatchInlineSnapshot(`
      "
      Uploaded per day, last 7 days

      10 MiB +                                         .#######
             |                                   ######'
             |                     #######
       5 MiB +                                   **************
             |##############       *******
             |**************
         0 B +
             +---+-------------+-------------+-------------+---
              18 Nov        20 Nov        22 Nov        24 Nov

      # nas/Documents: lowest 4 MiB, highest 10 MiB, last 10 MiB
      * nas/文書�[2J: lowest 2 MiB, highest 5 MiB, last 5 MiB
      "
    `)
  })

  it.each([5, 6, 9, 11, 24])('in a corner of %i lines keeps its dates', (height) => {
    const lines = chartLines(one, options({ height, style: 'bar', compact: true }))
    expect(lines.length).toBeLessThanOrEqual(height)
    expect(lines[0]).toContain('uploaded per day')
    expect(lines.at(-1)).toMatch(/18 Nov .*24 Nov/)
  })

  it('has a colour for each job', () => {
    const text = chartLines(two, options({ look: look(true, true) })).join('\n')
    expect(text).toContain('\u001b[36m')
    expect(text).toContain('\u001b[33m')
  })
})

describe('a bar chart', () => {
  it('stands on zero', () => {
    expect(show(chartLines(one, options({ style: 'bar' })))).toMatchInlineSnapshot(`
      "
      nas/Documents: uploaded per day, last 7 days

      10 MiB ┤                                          ▄▄▄▄▄▄
             │                                   ▆▆▆▆▆▆ ██████
             │                                   ██████ ██████
             │                     ▂▂▂▂▂▂        ██████ ██████
       5 MiB ┤                     ██████        ██████ ██████
             │▆▆▆▆▆▆ ▆▆▆▆▆▆        ██████        ██████ ██████
             │██████ ██████        ██████        ██████ ██████
             │██████ ██████        ██████        ██████ ██████
         0 B ┤██████ ██████        ██████        ██████ ██████
             └───┬─────────────┬─────────────┬─────────────┬───
              18 Nov        20 Nov        22 Nov        24 Nov

      lowest 4 MiB, highest 10 MiB, last 10 MiB
      "
    `)
  })

  it('puts the bars of several jobs beside each other', async () => {
    expect(show(await renderChart(two, options({ style: 'bar', width: 50 })))).toMatchInlineSnapshot(`
      "
      Uploaded per day, last 7 days

      10 MiB ┤                                    ━━
             │                              ━━    ━━
             │                              ━━    ━━
       5 MiB ┤                  ━━          ━━    ━━••
             │━━    ━━          ━━          ━━••  ━━••
             │━━••  ━━••        ━━••        ━━••  ━━••
         0 B ┤━━••  ━━••        ━━••        ━━••  ━━••
             └───┬───────────┬───────────┬───────────┬──
              18 Nov      20 Nov      22 Nov      24 Nov

      ━ nas/Documents: lowest 4 MiB, highest 10 MiB, la…
      • nas/文書�[2J: lowest 2 MiB, highest 5 MiB, last…
      "
    `)
  })

  it('shows a 0 as something else than a gap', () => {
    const lines = chartLines(
      { ...one, series: [{ name: 'x', values: [0, null, 5, 5, 5, 5, 5] }] },
      options({ style: 'bar' }),
    )
    expect(lines.find((line) => line.includes('0 B'))).toMatch(/▁+ +█/)
  })
})

describe('every chart', () => {
  const long = Array.from({ length: 365 }, (_, at) => (at % 9 === 0 ? null : at * MIB))
  it.each([20, 40, 60, 80, 140, 200])('fits %i columns, in every style, metric and look', (width) => {
    for (const style of ['line', 'bar'] as const) {
      for (const metric of METRICS) {
        for (const unicode of [true, false]) {
          for (const count of [7, 30, 365]) {
            const values = long.slice(-count)
            const series = ['nas/Documents of everybody in the house', 'b', 'c'].map((name) => ({ name, values }))
            const data = { metric, days: days(count), series }
            for (const line of chartLines(data, options({ style, width, look: look(true, unicode) }))) {
              expect(displayWidth(line.replace(SGR, ''))).toBeLessThanOrEqual(width)
              if (!unicode) expect(line.replace(SGR, '')).toMatch(/^[\x20-\x7e]*$/)
            }
          }
        }
      }
    }
  })

  it('keeps to the height that it is given', () => {
    for (const height of [12, 16, 20, 30])
      expect(chartLines(one, options({ height })).length).toBeLessThanOrEqual(height)
  })

  it('lets no name reach the terminal', async () => {
    expect((await renderChart(two, options())).join('\n')).not.toContain('\u001b')
  })

  it('says when there is nothing', () => {
    const lines = chartLines({ ...one, series: [{ name: 'x', values: [null, null] }] }, options())
    expect(lines.at(-1)).toBe('No runs in this time.')
  })

  it('has its dates in the locale of the reader', () => {
    expect(chartLines(one, options({ locale: 'de-DE' })).join('\n')).toContain('24. Nov.')
    expect(chartLines(one, options({ locale: 'en-US' })).join('\n')).toContain('Nov 24')
  })

  const axisOf = (count: number, changes: Partial<ChartOptions>) => {
    const data = { ...one, days: days(count), series: [{ name: 'x', values: long.slice(-count) }] }
    const lines = chartLines(data, options(changes))
    const at = lines.findIndex((line) => line.includes('└'))
    return { rule: lines[at] ?? '', dates: lines[at + 1] ?? '' }
  }

  it.each([7, 14, 30, 90])('of %i days has its dates at even distances, today last', (count) => {
    for (const style of ['line', 'bar'] as const) {
      for (let width = 60; width <= 160; width++) {
        const { rule, dates } = axisOf(count, { width, style })
        const ticks = [...rule.matchAll(/┬/g)].map(({ index }) => index)
        const distances = new Set(ticks.slice(1).map((tick, at) => tick - (ticks[at] ?? 0)))
        const labels = dates.trim().split(/ {2,}/)
        expect(distances.size, `${width}: ${rule}`).toBe(1)
        expect(labels, dates).toHaveLength(ticks.length)
        expect(new Set(labels).size, dates).toBe(labels.length)
        expect(labels.at(-1)).toBe('24 Nov')
      }
    }
  })

  it('of a year names beginnings of months, and the year once', () => {
    expect(axisOf(365, { width: 110 }).dates.trim().split(/ {2,}/)).toEqual([
      'Dec',
      'Jan 2026',
      'Feb',
      'Mar',
      'Apr',
      'May',
      'Jun',
      'Jul',
      'Aug',
      'Sept',
      'Oct',
      'Nov',
    ])
    for (let width = 60; width <= 160; width++) {
      const { rule, dates } = axisOf(365, { width })
      const ticks = [...rule.matchAll(/┬/g)].map(({ index }) => index)
      const distances = ticks.slice(1).map((tick, at) => tick - (ticks[at] ?? 0))
      // Months differ by three days, and what is more than a column may fall on either side of it.
      expect(Math.max(...distances) - Math.min(...distances), rule).toBeLessThanOrEqual(2)
      expect(dates.match(/2026/g), dates).toHaveLength(1)
    }
  })

  it('takes the last of several days of storage, of all else the highest', () => {
    const values = Array.from({ length: 365 }, (_, at) => (at % 7 === 3 ? 900 : 100))
    const drawn = (metric: 'storage' | 'files') =>
      chartLines({ metric, days: days(365), series: [{ name: 'x', values }] }, options({ width: 80 }))
    expect(drawn('files')[0]).toContain('highest of 5 days')
    expect(drawn('storage')[0]).toContain('every 6 days')
  })
})

describe('the axis', () => {
  it.each([
    ['bytes', [7.17 * MIB, 7.18 * MIB], ['7.1 MiB', '7.2 MiB']],
    ['bytes', [0, 900 * MIB], ['0 B', '500 MiB', '1,000 MiB']],
    ['seconds', [10, 3_000], ['0s', '15min', '30min', '45min', '1h']],
    ['count', [12, 14], ['12', '13', '14']],
    ['count', [0, 0], ['0', '1']],
    ['count', [12, 12], ['0', '5', '10', '15']],
    ['seconds', [67], ['0s', '30s', '1min', '1min 30s']],
    ['bytes', [7.2 * MIB], ['0 B', '2 MiB', '4 MiB', '6 MiB', '8 MiB']],
  ] as const)('of %s %j has round values', (unit, values, labels) => {
    const label = (value: number) => valueLabel(value, unit, format)
    expect(scaleOf(values, { unit, intervals: 4, fromZero: false, label }).ticks.map(label)).toEqual(labels)
  })
})

it('puts the jobs with the highest values first', () => {
  const series = [
    { name: 'never', values: [null] },
    { name: 'low', values: [1, 2] },
    { name: 'high', values: [9, null] },
  ]
  expect(highestFirst(series).map(({ name }) => name)).toEqual(['high', 'low', 'never'])
})

it('draws sparklines', () => {
  expect(sparkline([1, 2, null, 8], true)).toBe('▁▂ █')
  expect(sparkline([1, 2, null, 8], false)).toBe('.: @')
  expect(sparkline([5, 5], true)).toBe('▄▄')
  expect(sparkline([null, null], true)).toBe('  ')
  expect(sparkline([], true)).toBe('')
})
