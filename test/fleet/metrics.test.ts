import { describe, expect, it } from 'vitest'
import { zoneOffsets } from '../../src/duplicati/offsets.ts'
import { addUp, consolidate, dayRange, dayText } from '../../src/fleet/metrics.ts'

const NOW = Date.parse('2026-11-24T12:00:00Z')
const HOUR = 3_600_000
const utc = () => 0
const zone = (name: string) => zoneOffsets(name) ?? utc

describe('the days of a chart', () => {
  it('end today, in the zone that dates are shown in', () => {
    const { days, from, to } = dayRange('1w', NOW, utc)
    expect(days).toHaveLength(7)
    expect([days[0], days.at(-1)]).toEqual(['2026-11-18', '2026-11-24'])
    expect([from, to].map((at) => new Date(at).toISOString())).toEqual([
      '2026-11-18T00:00:00.000Z',
      '2026-11-25T00:00:00.000Z',
    ])
    expect(dayRange('1w', NOW, zone('Pacific/Auckland')).days.at(-1)).toBe('2026-11-25')
  })

  it.each([
    ['1w', 7],
    ['2w', 14],
    ['1mo', 30],
    ['3mo', 90],
    ['1y', 365],
  ] as const)('%s are %i', (range, count) => expect(dayRange(range, NOW, utc).days).toHaveLength(count))

  it.each(['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'America/Sao_Paulo', 'Asia/Kolkata', 'UTC'])(
    'of %s each begin at its midnight, and the spans give every run its day',
    (name) => {
      const offsetAt = zone(name)
      const { days, spans, from, to, firstDay } = dayRange('1y', NOW, offsetAt)
      expect(spans[0]?.from).toBe(from)
      expect(spans.at(-1)?.to).toBe(to)
      for (const [at, span] of spans.entries()) if (at > 0) expect(span.from).toBe(spans[at - 1]?.to)
      const local = new Intl.DateTimeFormat('sv', { timeZone: name, dateStyle: 'short' })
      for (let at = from; at < to; at += 7 * HOUR + 13) {
        const span = spans.find((one) => at >= one.from && at < one.to)!
        const day = Math.floor((at + span.offset) / 86_400_000)
        expect(days[day - firstDay], new Date(at).toISOString()).toBe(local.format(at))
      }
    },
  )
})

describe('the runs of a day', () => {
  const range = dayRange('1w', NOW, utc)
  const day = range.firstDay
  const of = (metric: 'uploaded' | 'storage' | 'versions', values: (number | null)[]) =>
    consolidate(
      ['j1'],
      values.map((value) => ({ jobId: 'j1', day, value })),
      metric,
      range,
    ).get('j1')

  it('are added up, of storage the last counts, of versions the highest (two parts: a day with a clock change)', () => {
    expect(of('uploaded', [5, 7])?.[0]).toBe(12)
    expect(of('storage', [7, 5])?.[0]).toBe(5)
    expect(of('versions', [7, 5])?.[0]).toBe(7)
  })

  it('leave a gap where nothing ran or nothing is known (T50), which is not 0', () => {
    expect(of('uploaded', [null])).toEqual([null, null, null, null, null, null, null])
    expect(of('uploaded', [0])?.[0]).toBe(0)
  })

  it('of other jobs and days are left out', () => {
    const values = consolidate(
      ['j1'],
      [
        { jobId: 'j2', day, value: 1 },
        { jobId: 'j1', day: day - 1, value: 1 },
        { jobId: 'j1', day: day + 7, value: 1 },
      ],
      'files',
      range,
    )
    expect([...values]).toEqual([['j1', new Array(7).fill(null)]])
  })
})

it('adds jobs up: storage stays on days without a run, uploads do not', () => {
  const series = [{ values: [10, null, 30] }, { values: [null, 1, null] }]
  expect(addUp(series, 'storage')).toEqual([10, 11, 31])
  expect(addUp(series, 'uploaded')).toEqual([10, 1, 30])
  expect(addUp([{ values: [null, null] }], 'uploaded')).toEqual([null, null])
  expect(addUp([{ values: [null, 5], before: 3 }, { values: [1, null] }], 'storage')).toEqual([4, 6])
  expect(addUp([{ values: [null, 5], before: 3 }], 'uploaded')).toEqual([null, 5])
  expect(addUp([], 'storage')).toEqual([])
})

it('names days', () => expect(dayText(20_781)).toBe('2026-11-24'))
