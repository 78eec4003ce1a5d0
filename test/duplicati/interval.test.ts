import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { intervalLength, parseInterval, readInterval } from '../../src/duplicati/interval.ts'
import { stepper } from '../../src/duplicati/steps.ts'
import { UserError } from '../../src/errors.ts'

interface Recorded {
  fn: 'ParseTimeSpan' | 'ParseTimeInterval' | 'DSTAwareParseTimeInterval'
  text: string
  from?: string
  to?: string
  seconds?: number
  error?: string
}

const file = join(import.meta.dirname, '../fixtures/recordings/scheduler/intervals.json')
const recorded = JSON.parse(readFileSync(file, 'utf8')) as Recorded[]
const of = (fn: Recorded['fn']): Recorded[] => recorded.filter((entry) => entry.fn === fn)
const utc = (): number => 0
/** One step in UTC, as ISO text without milliseconds; null where there is none. */
const step = ({ text, from }: Recorded): string | null => {
  const at = stepper(text, utc, true)?.step(Date.parse(from ?? '')) ?? null
  return at === null ? null : new Date(at).toISOString().replace('.000Z', 'Z')
}
/** The step parsers take points in time as well; those are no intervals. */
const DATES = /^(?:\d{4}-\d\d-\d\dT[\d:]+(?:Z|\+02:00)?|\d{8}T\d{6}|\d\d[./]\d\d[./]\d{4}|June 1 2024)$/

describe('intervalLength', () => {
  it('equals every recorded length, and is null where Duplicati throws', () => {
    const wrong = of('ParseTimeSpan').filter(({ text, seconds }) => intervalLength(text) !== (seconds ?? null))
    expect(of('ParseTimeSpan').length).toBeGreaterThan(120)
    expect(wrong).toEqual([])
  })

  it('wraps days in 32 bits and refuses what a .NET TimeSpan cannot hold', () => {
    expect(intervalLength('613566757W')).toBe(3 * 86_400)
    expect(intervalLength('2147483647M')).toBe(-30 * 86_400)
    expect(intervalLength('9223372036854775807')).toBeNull()
    expect(intervalLength('9223372036854775808')).toBeNull()
    expect(intervalLength('922337203685')).toBe(922_337_203_685)
    expect(intervalLength('922337203686')).toBeNull()
    expect(intervalLength('10675199D10675199D')).toBeNull()
  })

  it('takes the white space that .NET trims', () => {
    expect(intervalLength('\u00851D\u2003')).toBe(86_400)
    expect(intervalLength('\ufeff1D')).toBeNull()
  })
})

describe('stepping by an interval', () => {
  it('equals every recorded daylight-saving-aware step', () => {
    const entries = of('DSTAwareParseTimeInterval').filter(({ text }) => !DATES.test(text))
    const wrong = entries.filter((entry) => step(entry) !== (entry.to ?? null))
    expect(entries.length).toBeGreaterThan(120)
    expect(wrong).toEqual([])
  })

  it('equals every recorded plain step; there alone numbers have 64 bits', () => {
    const entries = of('ParseTimeInterval').filter(({ text }) => !DATES.test(text))
    const wrong = entries.filter((entry) => step(entry) !== (entry.to ?? null))
    expect(wrong.map(({ text }) => text).sort()).toEqual(['2147483648', '99999999999'])
  })

  it('does not step by points in time', () => {
    const texts = recorded.filter(({ text }) => DATES.test(text)).map(({ text }) => text)
    expect(texts.length).toBeGreaterThan(5)
    expect(texts.filter((text) => readInterval(text) !== null)).toEqual([])
  })
})

describe('parseInterval', () => {
  it('gives the segments in their order', () => {
    expect(parseInterval('1D')).toEqual([{ value: 1, unit: 'D' }])
    expect(parseInterval('2h30m')).toEqual([
      { value: 2, unit: 'h' },
      { value: 30, unit: 'm' },
    ])
    expect(parseInterval('1Y2M3W4D5h6m7s').map(({ value, unit }) => `${value}${unit}`)).toEqual([
      '1Y',
      '2M',
      '3W',
      '4D',
      '5h',
      '6m',
      '7s',
    ])
    expect(parseInterval('007m1m')).toEqual([
      { value: 7, unit: 'm' },
      { value: 1, unit: 'm' },
    ])
  })

  it('takes a bare 32-bit number as seconds, with a plus sign and spaces too', () => {
    for (const text of ['3600', ' 3600 ', '+3600', '\t3600\n', '03600']) {
      expect(parseInterval(text), JSON.stringify(text)).toEqual([{ value: 3600, unit: 's' }])
    }
    expect(parseInterval('-0')).toEqual([{ value: 0, unit: 's' }])
    expect(parseInterval('2147483647')).toEqual([{ value: 2_147_483_647, unit: 's' }])
  })

  it('takes an empty text as no step, and one line feed at the end', () => {
    expect(parseInterval('')).toEqual([])
    expect(parseInterval('1D\n')).toEqual([{ value: 1, unit: 'D' }])
  })

  it.each([
    ' 1D',
    '1D ',
    '1 D',
    '-1D',
    '+1D',
    '1D-1h',
    '1D 2h',
    '1d',
    '1H',
    '1w',
    '1y',
    '1S',
    '1D\n\n',
    '\n1D',
    '1DD',
    'D',
    '1D2',
    '1.5h',
    '-60',
    '2147483648',
    '2147483648s',
    '99999999999999999999D',
    '  ',
    'now',
    'P1D',
    '1:00:00',
    '2024-06-01',
    '٣D',
    '１D',
    '1D\u0000',
  ])('refuses %j', (text) => {
    expect(() => parseInterval(text)).toThrow(UserError)
    expect(() => parseInterval(text)).toThrow(expect.objectContaining({ code: 'bad_interval', exitCode: 1 }))
  })

  it('refuses a text without end, and shows little of it', () => {
    const endless = '1D'.repeat(500_000)
    const refuse = (): string => {
      try {
        return String(parseInterval(endless))
      } catch (error) {
        return (error as Error).message
      }
    }
    expect(refuse().length).toBeLessThan(300)
    expect(intervalLength(endless)).toBeNull()
  })
})
