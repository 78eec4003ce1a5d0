import { describe, expect, it } from 'vitest'
import { UsageError } from '../../src/errors.ts'
import { parseDuration, sinceDate, untilDate } from '../../src/fleet/durations.ts'

const now = Date.parse('2026-03-31T12:00:00Z')
const iso = (at: number): string => new Date(at).toISOString()
/** Central European time in 2026. */
const berlin = (at: number): number => (at >= Date.UTC(2026, 2, 29, 1) && at < Date.UTC(2026, 9, 25, 1) ? 120 : 60)
const caught = (run: () => unknown): UsageError => {
  try {
    run()
  } catch (error) {
    return error as UsageError
  }
  throw new Error('nothing was thrown')
}

describe('parseDuration', () => {
  it.each([
    ['90s', 90],
    ['15min', 900],
    ['2h', 7200],
    ['3d', 259_200],
    ['2w', 1_209_600],
    ['6mo', 15_552_000],
    ['1y', 31_536_000],
    ['1h30min', 5400],
    [' 2h ', 7200],
    ['007d', 604_800],
  ])('reads %j as %i seconds', (text, seconds) => {
    expect(parseDuration(text)).toBe(seconds)
  })

  it('refuses "m" alone, which could be minutes or months', () => {
    expect(caught(() => parseDuration('5m'))).toMatchObject({
      code: 'bad_duration',
      exitCode: 2,
      hint: '"m" could be minutes or months: write 5min or 5mo.',
    })
    expect(caught(() => parseDuration('5M')).hint).toContain('5min or 5mo')
    expect(caught(() => parseDuration('1h5m')).code).toBe('bad_duration')
  })

  it.each([
    '',
    ' ',
    '5',
    '1.5h',
    '1,5h',
    '-2h',
    '+2h',
    '0s',
    '0h0min',
    '2 h',
    '1D',
    '2H',
    '3W',
    'd',
    '2hours',
    '1e3s',
    '２h',
    '9999999999s',
    '1001y',
    '1h '.repeat(999),
  ])('refuses %j', (text) => {
    const error = caught(() => parseDuration(text))
    expect(error).toBeInstanceOf(UsageError)
    expect(error.code).toBe('bad_duration')
    expect(error.hint).not.toBe('')
    expect(error.message.length).toBeLessThan(100)
  })
})

describe('sinceDate and untilDate', () => {
  it.each([
    ['2h', '2026-03-31T10:00:00.000Z'],
    ['3d', '2026-03-28T12:00:00.000Z'],
    ['1mo', '2026-02-28T12:00:00.000Z'],
    ['1y', '2025-03-31T12:00:00.000Z'],
    ['13mo', '2025-02-28T12:00:00.000Z'],
    ['1y1mo2h', '2025-02-28T10:00:00.000Z'],
    ['2026-03-01', '2026-03-01T00:00:00.000Z'],
    ['2026-03-01T14:30', '2026-03-01T14:30:00.000Z'],
    ['2026-03-01 14:30:15', '2026-03-01T14:30:15.000Z'],
    ['2026-03-01T14:30:15.25Z', '2026-03-01T14:30:15.250Z'],
    ['2026-03-01T14:30+05:30', '2026-03-01T09:00:00.000Z'],
    ['2026-03-01T14:30-0500', '2026-03-01T19:30:00.000Z'],
  ])('%j means %s', (text, expected) => {
    expect(iso(sinceDate(text, now))).toBe(expected)
  })

  it('goes back to 29 February only in a leap year', () => {
    expect(iso(sinceDate('1mo', Date.parse('2024-03-31T12:00:00Z')))).toBe('2024-02-29T12:00:00.000Z')
  })

  it('reads dates and times without an offset in the zone of the reader (T39)', () => {
    expect(iso(sinceDate('2026-03-01', now, berlin))).toBe('2026-02-28T23:00:00.000Z')
    expect(iso(sinceDate('2026-03-29', now, berlin))).toBe('2026-03-28T23:00:00.000Z')
    expect(iso(sinceDate('2026-03-30', now, berlin))).toBe('2026-03-29T22:00:00.000Z')
    expect(iso(sinceDate('2026-03-01T14:30Z', now, berlin))).toBe('2026-03-01T14:30:00.000Z')
    // 02:30 does not exist on that day; an hour earlier by the clock it would have been 01:30 UTC.
    expect(iso(sinceDate('2026-03-29T02:30', now, berlin))).toBe('2026-03-29T01:30:00.000Z')
    expect(iso(sinceDate('1mo', now, berlin))).toBe('2026-02-28T13:00:00.000Z')
  })

  it('takes the whole day for --until, of 23 hours too', () => {
    expect(iso(untilDate('2026-03-01', now))).toBe('2026-03-01T23:59:59.999Z')
    expect(iso(untilDate('2026-03-29', now, berlin))).toBe('2026-03-29T21:59:59.999Z')
    expect(iso(untilDate('2026-03-01T14:30', now))).toBe('2026-03-01T14:30:00.000Z')
    expect(iso(untilDate('3d', now))).toBe(iso(sinceDate('3d', now)))
  })

  it.each([
    '',
    'yesterday',
    '01.11.2026',
    '11/01/2026',
    '2026-02-30',
    '2026-13-01',
    '2026-1-1',
    '2026-03-01T25:00',
    '2026-03-01T14',
    '14:30',
    '20260301',
  ])('refuses %j', (text) => {
    expect(caught(() => sinceDate(text, now))).toMatchObject({ code: 'bad_time', exitCode: 2 })
  })

  it('says what is wrong with a duration as a duration', () => {
    expect(caught(() => sinceDate('5m', now))).toMatchObject({ code: 'bad_duration' })
    expect(caught(() => sinceDate('2 hours', now))).toMatchObject({ code: 'bad_duration' })
  })
})
