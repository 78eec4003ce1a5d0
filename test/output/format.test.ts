import { describe, expect, it } from 'vitest'
import { parseDuration } from '../../src/fleet/durations.ts'
import { createFormat } from '../../src/output/format.ts'

const NOW = Date.parse('2026-11-24T12:00:00.000Z')
const british = createFormat({ locale: 'en-GB', timeZone: 'UTC', now: NOW })
const german = createFormat({ locale: 'de-DE', timeZone: 'Europe/Berlin', now: NOW })

describe('bytes', () => {
  it.each([
    [null, '–'],
    [0, '0 B'],
    [1023, '1,023 B'],
    [1024, '1.0 KiB'],
    [1536, '1.5 KiB'],
    [1024 * 1024 - 1, '1.0 MiB'],
    [99.96 * 1024 ** 2, '100 MiB'],
    [240 * 1024 ** 3, '240 GiB'],
    [1.25 * 1024 ** 4, '1.3 TiB'],
    [Number.MAX_SAFE_INTEGER, '8.0 PiB'],
  ])('%s is %s', (value, text) => {
    expect(british.bytes(value)).toBe(text)
  })

  it('writes the decimals of the language', () => {
    expect(german.bytes(1536)).toBe('1,5 KiB')
  })
})

it('groups counts as the language does', () => {
  expect(british.count(1234567)).toBe('1,234,567')
  expect(british.count(-1234)).toBe('-1,234')
  expect(german.count(1234567)).toBe('1.234.567')
})

it.each(['en', 'en-GB', 'en-US', 'en-AU'])('groups %s without Intl just as Intl does', (locale) => {
  const format = createFormat({ locale, timeZone: 'UTC', now: NOW })
  for (const value of [0, 7, 999, 1000, 65_536, 10_000_000, -4321]) {
    expect(format.count(value)).toBe(new Intl.NumberFormat(locale).format(value))
  }
})

describe('duration', () => {
  it.each([
    [0, '0s'],
    [0.44, '0.4s'],
    [42.4, '42s'],
    [59.7, '1min'],
    [725, '12min 5s'],
    [3600, '1h'],
    [3725, '1h 2min'],
    [187_200, '2d 4h'],
  ])('%s seconds are %s', (seconds, text) => {
    expect(british.duration(seconds)).toBe(text)
  })
})

describe('age', () => {
  it.each([
    [42, '42s'],
    [725, '12min'],
    [3 * 3600 + 1800, '3h'],
    [2 * 86_400 + 4 * 3600, '2d 4h'],
    [23 * 86_400, '23d'],
    [60 * 86_400, '2mo'],
    [150 * 86_400, '5mo'],
    [800 * 86_400, '2y 2mo'],
    [(365 + 364) * 86_400, '1y 11mo'],
    [2 * 365 * 86_400, '2y'],
  ])('%s seconds are %s', (seconds, text) => {
    expect(british.age(seconds)).toBe(text)
  })
})

it('tells times from now', () => {
  expect(british.relative(NOW - 3 * 3_600_000)).toBe('3h ago')
  expect(british.relative(NOW + 5 * 3_600_000)).toBe('in 5h')
  expect(british.relative(NOW)).toBe('now')
  expect(british.relative(null)).toBe('–')
})

it.each(['45s', '15min', '2h', '26h', '3d', '2w', '6mo', '12mo', '1y'])('reads %s back, a moment later too', (text) => {
  const end = NOW + parseDuration(text) * 1000
  const told = createFormat({ locale: 'en-GB', timeZone: 'UTC', now: NOW + 400 }).relative(end)
  expect(told).toBe(british.relative(end))
  expect(told).toBe(`in ${{ '26h': '1d 2h', '2w': '14d' }[text] ?? text}`)
})

it('tells a moment as short as it can', () => {
  expect(british.moment('2026-11-24T14:00:00.000Z')).toBe('14:00')
  expect(british.moment('2026-11-26T14:00:00.000Z')).toBe('26 Nov')
  expect(german.moment('2026-11-24T14:00:00.000Z')).toBe('15:00')
})

describe('dateTime (T39)', () => {
  it('shows UTC times in the zone and language asked for', () => {
    expect(british.dateTime('2026-11-24T03:05:00.000Z')).toBe('24 Nov 2026, 03:05')
    expect(german.dateTime('2026-07-24T03:05:00.000Z')).toBe('24. Juli 2026, 05:05')
  })

  it('writes noon and midnight so that they cannot be mistaken', () => {
    expect(british.dateTime('2026-11-24T12:30:00.000Z')).toBe('24 Nov 2026, 12:30')
    expect(british.dateTime('2026-11-24T00:30:00.000Z')).toBe('24 Nov 2026, 00:30')
  })

  it('writes British dates without Intl just as Intl does', () => {
    const intl = new Intl.DateTimeFormat('en-GB', {
      day: '2-digit',
      month: 'short',
      year: 'numeric',
      hour: '2-digit',
      minute: '2-digit',
      timeZone: 'UTC',
    })
    for (let month = 0; month < 12; month++) {
      const time = Date.UTC(2026, month, 3 + month, month * 2, 5)
      expect(british.dateTime(time)).toBe(intl.format(time))
    }
  })
})
