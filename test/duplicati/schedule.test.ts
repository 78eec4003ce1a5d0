import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type NextRunSchedule, nextRun } from '../../src/duplicati/schedule.ts'
import { ianaZone } from '../../src/duplicati/zone.ts'

interface Case extends Omit<NextRunSchedule, 'keepClockTime'> {
  id: number
  tag: string
  notBefore: string
  next: string | null
}

const folder = join(import.meta.dirname, '../fixtures/recordings/scheduler')
const cases = JSON.parse(readFileSync(join(folder, 'cases.json'), 'utf8')) as Case[]
const chains = JSON.parse(readFileSync(join(folder, 'chains.json'), 'utf8')) as (Omit<Case, 'next'> & {
  runs: string[]
})[]

/** The caller maps Windows names; an empty zone stays unknown, as in the recorded call. */
const mapZone = async (zone: string): Promise<string> => (zone === '' ? '' : ((await ianaZone(zone)) ?? zone))
const daily: NextRunSchedule = {
  time: '2024-03-29T09:00:00Z',
  repeat: '1D',
  allowedDays: null,
  timeZone: 'Europe/Berlin',
}
const next = (change: Partial<NextRunSchedule>, notBefore: string): string | null =>
  nextRun({ ...daily, ...change }, new Date(notBefore))?.toISOString() ?? null
const median = (times: number[]): number => times.sort((a, b) => a - b)[times.length >> 1]!
const timed = (run: () => void): number => {
  const times = Array.from({ length: 9 }, () => {
    const began = performance.now()
    run()
    return performance.now() - began
  })
  return median(times)
}

describe('nextRun against the real scheduler', () => {
  it('equals every recorded case (T30, T33)', async () => {
    const mapped = await Promise.all(cases.map(async (one) => ({ ...one, mapped: await mapZone(one.timeZone) })))
    const failing = mapped.filter((recorded) => {
      const result = nextRun({ ...recorded, timeZone: recorded.mapped }, new Date(recorded.notBefore))
      return (result?.getTime() ?? null) !== (recorded.next === null ? null : Date.parse(recorded.next))
    })
    expect(cases.length).toBe(2506)
    expect(failing.map(({ id, tag, repeat, timeZone }) => `#${id} ${tag} ${repeat} ${timeZone}`)).toEqual([])
  })

  it('equals every recorded chain, each run being the base of the next (T72)', () => {
    const failing = chains.flatMap((chain, index) => {
      let time = chain.time
      for (const run of chain.runs) {
        const result = nextRun({ ...chain, time }, new Date(Date.parse(time) + 1000))
        if (result?.getTime() !== Date.parse(run))
          return [`chain ${index}: ${chain.repeat} ${chain.timeZone} at ${run}`]
        time = result.toISOString()
      }
      return []
    })
    expect(chains.length).toBe(46)
    expect(failing).toEqual([])
  })
})

describe('daylight saving', () => {
  it('keeps the local clock time of a daily job over both changeovers', () => {
    expect(next({}, '2024-03-31T00:00:00Z')).toBe('2024-03-31T08:00:00.000Z')
    expect(next({ time: '2024-10-26T08:00:00Z' }, '2024-10-26T08:00:01Z')).toBe('2024-10-27T09:00:00.000Z')
  })

  it('takes texts with s, m or h as absolute, even "1D0h"', () => {
    for (const repeat of ['24h', '1D0h', '86400', '1440m']) {
      expect(next({ repeat }, '2024-03-31T00:00:00Z'), repeat).toBe('2024-03-31T09:00:00.000Z')
    }
  })

  it('steps in plain UTC for Duplicati 2.1, with weekdays of the given zone', () => {
    expect(next({ keepClockTime: false }, '2024-03-31T00:00:00Z')).toBe('2024-03-31T09:00:00.000Z')
    const late = { time: '2024-05-17T23:30:00Z', keepClockTime: false, allowedDays: ['sun'] }
    // 23:30 UTC on a Saturday is Sunday in Berlin.
    expect(next(late, '2024-05-17T23:30:01Z')).toBe('2024-05-18T23:30:00.000Z')
    expect(next({ ...late, timeZone: '-05:00' }, '2024-05-17T23:30:01Z')).toBe('2024-05-19T23:30:00.000Z')
  })

  it('shifts by an hour where an allowed weekday is reached over a changeover, and stays there (T72)', () => {
    const weekdays = { allowedDays: ['mon', 'tue', 'wed', 'thu', 'fri'] }
    expect(next(weekdays, '2024-03-29T09:00:01Z')).toBe('2024-04-01T09:00:00.000Z')
    expect(next({ ...weekdays, time: '2024-04-01T09:00:00Z' }, '2024-04-01T09:00:01Z')).toBe('2024-04-02T09:00:00.000Z')
  })

  it('stands still where a zone skips a day, until Duplicati gives up', () => {
    const apia = { time: '2011-12-29T12:00:00Z', timeZone: 'Pacific/Apia' }
    expect(next(apia, '2011-12-30T12:00:00Z')).toBeNull()
    expect(next({ ...apia, repeat: '24h' }, '2011-12-30T12:00:00Z')).toBe('2011-12-30T12:00:00.000Z')
  })
})

describe('the bounds of the calendar and of patience', () => {
  it('takes 50,000 steps and not one more, for closed forms too', () => {
    const base = Date.parse('2023-03-04T05:06:07Z')
    const at = (seconds: number): string => new Date(base + seconds * 1000).toISOString()
    for (const [repeat, seconds] of [
      ['1s', 1],
      ['6m', 360],
      ['1h', 3600],
      ['1D', 86_400],
    ] as const) {
      const schedule = { time: at(0), repeat, timeZone: 'UTC' }
      expect(next(schedule, at(50_000 * seconds)), repeat).toBe(at(50_000 * seconds))
      expect(next(schedule, at(50_000 * seconds + 1)), repeat).toBeNull()
    }
  })

  it('counts the steps to an allowed weekday apart from those to the date', () => {
    const base = { time: '2024-06-03T10:00:00Z', timeZone: 'UTC', allowedDays: ['tue'] }
    expect(next({ ...base, repeat: '2s' }, '2024-06-03T20:00:00Z')).toBe('2024-06-04T00:00:00.000Z')
    expect(next({ ...base, repeat: '1s' }, '2024-06-03T10:00:00Z')).toBeNull()
    expect(next({ ...base, repeat: '1s' }, '2024-06-03T10:06:40Z')).toBe('2024-06-04T00:00:00.000Z')
    expect(next({ ...base, repeat: '1s' }, '2024-06-03T10:06:39Z')).toBeNull()
  })

  it('finds a weekday of short intervals over a changeover', () => {
    const base = { time: '2024-03-30T23:10:00Z', repeat: '15m', allowedDays: ['mon'] }
    expect(next(base, '2024-03-30T23:10:00Z')).toBe('2024-03-31T22:10:00.000Z')
    expect(next({ ...base, time: '2024-10-26T22:10:00Z' }, '2024-10-26T22:10:00Z')).toBe('2024-10-27T23:10:00.000Z')
  })

  it('knows the year 1 and ends with the year 9999', () => {
    const unset = { time: '0001-01-01T00:00:00Z', timeZone: 'UTC' }
    expect(next(unset, '0001-01-01T00:00:00Z')).toBe('0001-01-01T00:00:00.000Z')
    expect(next(unset, '2024-01-01T00:00:00Z')).toBeNull()
    expect(next({ ...unset, repeat: '1M' }, '2024-01-15T00:00:00Z')).toBe('2024-02-01T00:00:00.000Z')
    // .NET's local times do not leave its calendar: the first day stays a Monday west of Greenwich.
    expect(next({ ...unset, timeZone: 'America/New_York', allowedDays: ['mon'] }, '0001-01-01T00:00:00Z')).toBe(
      '0001-01-01T00:00:00.000Z',
    )
    expect(next({ time: '9999-12-31T12:00:00Z' }, '9999-12-31T12:00:01Z')).toBeNull()
    expect(next({ time: '9999-12-31T12:00:00Z', repeat: '1h' }, '9999-12-31T23:30:00Z')).toBeNull()
  })

  it('wraps weeks in 32 bits, as Duplicati does', () => {
    expect(next({ repeat: '613566757W', timeZone: 'UTC' }, '2024-03-29T09:00:01Z')).toBe('2024-04-01T09:00:00.000Z')
    expect(next({ repeat: '306783379W', timeZone: 'UTC' }, '2024-03-29T09:00:01Z')).toBeNull()
  })

  it('clamps months to their last day, and stays clamped', () => {
    const monthly = { time: '2024-01-31T12:00:00Z', repeat: '1M', timeZone: 'UTC' }
    expect(next(monthly, '2024-02-01T00:00:00Z')).toBe('2024-02-29T12:00:00.000Z')
    expect(next(monthly, '2024-03-01T00:00:00Z')).toBe('2024-03-29T12:00:00.000Z')
    expect(next({ ...monthly, time: '2024-02-29T12:00:00Z', repeat: '4Y' }, '2025-01-01T00:00:00Z')).toBe(
      '2028-02-29T12:00:00.000Z',
    )
  })
})

describe('what is refused', () => {
  it('finds nothing in an unknown zone, whatever is asked', () => {
    for (const timeZone of ['', 'Nowhere/Land', '+25:00', '-15:00', '05:00', 'W. Europe Standard Time']) {
      expect(next({ timeZone }, '2024-03-29T09:00:00Z'), timeZone).toBeNull()
    }
  })

  it('takes fixed offsets and zone names in any case', () => {
    const friday = { time: '2024-05-18T03:00:00Z', repeat: '1W', allowedDays: ['fri'] }
    expect(next({ ...friday, timeZone: '-05:00' }, friday.time)).toBe('2024-05-18T03:00:00.000Z')
    expect(next({ ...friday, timeZone: '+05:30' }, friday.time)).toBe('2024-05-24T03:00:00.000Z')
    expect(next({ timeZone: 'europe/berlin' }, '2024-03-31T00:00:00Z')).toBe('2024-03-31T08:00:00.000Z')
  })

  it('takes short and full day names in any case, and refuses all others', () => {
    for (const day of ['mon', 'Mon', 'MONDAY', ' monday ']) {
      expect(next({ allowedDays: [day] }, '2024-03-30T00:00:00Z'), day).toBe('2024-04-01T09:00:00.000Z')
    }
    for (const day of ['foo', '1', 'any', '', 'mo', 'tues', null as unknown as string]) {
      expect(next({ allowedDays: ['mon', day] }, '2024-03-30T00:00:00Z'), String(day)).toBeNull()
    }
  })

  it('finds nothing from a base or a limit that is no time', () => {
    for (const time of ['', 'now', '2024-03-29', '2024-13-01T00:00:00Z', '29.03.2024 09:00']) {
      expect(next({ time }, '2024-03-29T09:00:00Z'), time).toBeNull()
    }
    expect(next({}, 'never')).toBeNull()
  })

  it('reads a time without an offset as UTC, and one with as it says', () => {
    expect(next({ time: '2024-03-29T09:00:00' }, '2024-03-29T09:00:00Z')).toBe('2024-03-29T09:00:00.000Z')
    expect(next({ time: '2024-03-29T09:00:00.0000000+01:00' }, '2024-03-29T08:00:00Z')).toBe('2024-03-29T08:00:00.000Z')
  })

  it('returns the base of an empty repeat, and nothing after it', () => {
    for (const repeat of [null, '']) {
      expect(next({ repeat }, '2024-03-29T09:00:00Z')).toBe('2024-03-29T09:00:00.000Z')
      expect(next({ repeat }, '2024-03-29T09:00:01Z')).toBeNull()
    }
  })
})

describe('cost', () => {
  it('lets a 15-minute job that was silent for a year cost no more than a daily one (T33)', () => {
    const year = new Date('2025-03-29T10:05:00Z')
    const short = { ...daily, repeat: '15m' }
    expect(nextRun(short, year)?.toISOString()).toBe('2025-03-29T10:15:00.000Z')
    expect(nextRun(daily, year)?.toISOString()).toBe('2025-03-30T08:00:00.000Z')
    const rounds = (schedule: NextRunSchedule) => () => {
      for (let i = 0; i < 200; i++) nextRun(schedule, year)
    }
    expect(timed(rounds(short))).toBeLessThanOrEqual(timed(rounds(daily)))
  })

  it('takes the longest walk that Duplicati allows in less than a second', () => {
    const began = performance.now()
    expect(next({ time: '1900-01-01T12:00:00Z', timeZone: 'America/New_York' }, '2036-11-23T00:00:00Z')).not.toBeNull()
    expect(performance.now() - began).toBeLessThan(1000)
  })
})
