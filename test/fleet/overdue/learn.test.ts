import { describe, expect, it } from 'vitest'
import { zoneOffsets } from '../../../src/duplicati/offsets.ts'
import type { Habit } from '../../../src/fleet/overdue/habits.ts'
import { learn } from '../../../src/fleet/overdue/learn.ts'
import { firstStartAfter } from '../../../src/fleet/overdue/starts.ts'
import { Random } from '../../support/duplicati/random.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const zone = 'Europe/Berlin'

const habits = (starts: number[]): Habit[] =>
  starts.toSorted((a, b) => b - a).map((beganAt) => ({ beganAt, duration: MINUTE, status: 'Success' }))
/** A local clock time on each of the days that are `wanted`, with up to three minutes of queue. */
const nightly = (from: string, count: number, wanted: (day: number) => boolean = () => true, clock = 2 * HOUR) => {
  const random = new Random(count)
  const offsetAt = zoneOffsets(zone)
  if (!offsetAt) throw new Error(zone)
  const first = Date.parse(`${from}T00:00:00Z`)
  return Array.from({ length: count }, (_, day) => first + day * DAY)
    .filter((at) => wanted(new Date(at).getUTCDay()))
    .map((at) => at + clock - offsetAt(at + clock) + Math.floor(random.next() * 3 * MINUTE))
}
const next = (starts: number[], after: string) => {
  const learnt = learn(habits(starts), zone)
  const at = learnt && firstStartAfter(learnt.rule, learnt.anchorAt, Date.parse(after))
  return at === null ? null : new Date(Math.floor(at / MINUTE) * MINUTE).toISOString()
}

describe('what is learnt from usual starts', () => {
  it('is a clock time every day, kept over the change of clocks (T30)', () => {
    const starts = nightly('2026-03-10', 14, undefined, 4 * HOUR)
    expect(learn(habits(starts), zone)).toMatchObject({ rule: { repeat: '1D', allowedDays: [] }, agreeing: 10, of: 10 })
    expect(next(starts, '2026-03-27T12:00:00Z')).toMatch(/^2026-03-28T03:0/)
    expect(next(starts, '2026-03-28T12:00:00Z')).toMatch(/^2026-03-29T02:0/)
    expect(next(starts, '2026-04-28T12:00:00Z')).toMatch(/^2026-04-29T02:0/)
  })

  it('is nothing of fewer than five runs, nor of a single test by hand (T31)', () => {
    expect(learn(habits(nightly('2026-05-01', 4)), zone)).toBeNull()
    expect(learn(habits([Date.parse('2026-05-01T14:00:00Z')]), zone)).toBeNull()
    const withTest = [Date.parse('2026-04-30T14:00:00Z'), ...nightly('2026-05-01', 9)]
    expect(next(withTest, '2026-05-12T00:10:00Z')).toMatch(/^2026-05-13T00:0/)
  })

  it('pays no heed to runs by hand in between (T32)', () => {
    const starts = nightly('2026-05-01', 20)
    const byHand = [3, 8, 17].map((day) => Date.parse('2026-05-01T15:00:00Z') + day * DAY + day * 37 * MINUTE)
    expect(learn(habits([...starts, ...byHand]), zone)).toMatchObject({ rule: { repeat: '1D', allowedDays: [] } })
    expect(next([...starts, ...byHand], '2026-05-21T12:00:00Z')).toMatch(/^2026-05-22T00:0/)
  })

  it('plans no weekday on which nothing ever ran', () => {
    const workdays = (day: number) => day >= 1 && day <= 5
    // Monday to Friday of one week, then of four.
    for (const days of [5, 26]) {
      const starts = nightly('2026-05-04', days, workdays)
      expect(learn(habits(starts), zone)?.rule.allowedDays).toEqual(['mon', 'tue', 'wed', 'thu', 'fri'])
      expect(next(starts, '2026-05-29T12:00:00Z')).toMatch(/^2026-06-01T00:0/)
    }
  })

  it('plans no Sunday for one run by hand that chanced upon the usual time', () => {
    const workdays = (day: number) => day >= 1 && day <= 5
    const starts = nightly('2026-05-04', 40, workdays)
    const sunday = Date.parse('2026-06-07T00:20:00Z')
    expect(learn(habits([...starts, sunday]), zone)?.rule.allowedDays).toEqual(['mon', 'tue', 'wed', 'thu', 'fri'])
  })

  it('drops a weekday that was taken out of the schedule', () => {
    const withSaturday = nightly('2026-05-04', 14, (day) => day !== 0)
    const without = nightly('2026-05-18', 20, (day) => day !== 0 && day !== 6)
    expect(learn(habits(withSaturday), zone)?.rule.allowedDays).toContain('sat')
    expect(learn(habits([...withSaturday, ...without]), zone)?.rule.allowedDays).toEqual([
      'mon',
      'tue',
      'wed',
      'thu',
      'fri',
    ])
  })

  it.each([
    ['weekly', [0], '2026-07-05'],
    ['on two days', [2, 5], '2026-06-30'],
  ])('is %s', (_, days, expected) => {
    const starts = nightly('2026-04-01', 80, (day) => days.includes(day), 20 * HOUR)
    expect(next(starts, '2026-06-28T22:00:00Z')?.slice(0, 10)).toBe(expected)
  })

  it('is every third day', () => {
    const starts = nightly('2026-05-01', 40).filter((_, day) => day % 3 === 0)
    expect(learn(habits(starts), zone)?.rule).toMatchObject({ repeat: '3D', allowedDays: [] })
    expect(next(starts, '2026-06-10T12:00:00Z')).toMatch(/^2026-06-1[23]T/)
  })

  it('is the same day of each month', () => {
    const starts = ['01', '02', '03', '04', '05', '06'].map((month) => Date.parse(`2026-${month}-15T10:00:00Z`))
    expect(learn(habits(starts), 'UTC')?.rule.repeat).toBe('1M')
  })

  it.each([15, 60, 360, 720])('is every %i minutes', (minutes) => {
    const starts = Array.from({ length: 30 }, (_, n) => Date.parse('2026-05-01T00:07:00Z') + n * minutes * MINUTE)
    const learnt = learn(habits(starts), zone)
    expect(learnt?.rule).toMatchObject({ repeat: `${minutes}m`, allowedDays: [] })
    const last = starts.at(-1) ?? 0
    expect(firstStartAfter(learnt?.rule ?? never(), learnt?.anchorAt ?? 0, last)).toBe(last + minutes * MINUTE)
  })

  it.each([60, 360, 720])('is every %i minutes, however long runs wait in the queue', (minutes) => {
    for (let seed = 1; seed <= 50; seed++) {
      const random = new Random(seed)
      const planned = Array.from({ length: 30 }, (_, n) => Date.parse('2026-05-01T03:45:00Z') + n * minutes * MINUTE)
      const starts = planned.map((at) => at + random.next() * minutes * 0.08 * MINUTE)
      const learnt = learn(habits(starts), zone)
      const repeat = Number.parseInt(learnt?.rule.repeat ?? '', 10)
      expect(Math.abs(repeat - minutes) / minutes, `seed ${seed}: ${repeat}`).toBeLessThan(0.01)
      const [last = 0, due = 0] = [starts.at(-1), (planned.at(-1) ?? 0) + minutes * MINUTE]
      const next = firstStartAfter(learnt?.rule ?? never(), learnt?.anchorAt ?? 0, last + (learnt?.slack ?? 0)) ?? 0
      expect(Math.abs(next - due), `seed ${seed}`).toBeLessThan(minutes * 0.08 * MINUTE)
    }
  })

  it('is not the time between two queues: the night waits half an hour, the afternoon does not, and two runs are missing', () => {
    const days = (times: string) => times.split(' ').map((time) => Date.parse(`2026-${time}:00Z`))
    const usual = days('04-25T15:45 04-26T04:18 04-26T15:45 04-27T04:16 04-27T15:45 04-28T04:18 04-28T15:45')
    const newest = days('04-29T19:57 04-30T04:16 05-01T15:45')
    // They lie on a grid of 12.5 hours for as long as nobody looks further back.
    expect(learn(habits([...usual, ...newest]), zone)).toBeNull()
    const after = days(
      '05-02T04:12 05-02T15:45 05-03T04:18 05-03T15:45 05-04T04:16 05-04T15:45 05-05T04:18 05-05T15:45',
    )
    expect(learn(habits([...usual, ...newest, ...after]), zone)?.rule.repeat).toBe('720m')
  })

  it.each([60, 120, 360, 720])(
    'is every %i minutes where each hour of the day waits differently and some runs are missing',
    (minutes) => {
      const wrong: string[] = []
      for (let seed = 1; seed <= 200; seed++) {
        const random = new Random(seed)
        const waits = Array.from({ length: (24 * 60) / minutes }, () =>
          random.next() < 0.5 ? 0 : random.next() * minutes * 0.09,
        )
        const wait = (n: number) => ((waits[n % waits.length] ?? 0) + random.next() * 3) * MINUTE
        const planned = Array.from({ length: 40 }, (_, n) => start + n * minutes * MINUTE)
        const starts = planned.flatMap((at, n) => (n < 39 && random.next() < 0.06 ? [] : [at + wait(n)]))
        const learnt = learn(habits(starts), zone)
        if (learnt?.rule.repeat !== `${minutes}m`) wrong.push(`seed ${seed}: ${learnt?.rule.repeat}`)
        if (!learnt) continue
        const next = firstStartAfter(learnt.rule, learnt.anchorAt, (starts.at(-1) ?? 0) + learnt.slack) ?? 0
        const due = start + planned.length * minutes * MINUTE
        expect(next + learnt.lateness + HOUR, `seed ${seed}`).toBeGreaterThan(
          due + (waits[40 % waits.length] ?? 0) * MINUTE,
        )
      }
      expect(wrong.length, wrong.join(', ')).toBeLessThan(10)
    },
  )

  it('is whole minutes, however runs wander', () => {
    for (let seed = 1; seed <= 2_000; seed++) {
      const random = new Random(seed)
      const [gap, wandering] = [(5 + random.next() * 1_200) * MINUTE, random.next() / 2]
      const starts = Array.from({ length: 30 }, (_, n) => start + (n + random.next() * wandering) * gap)
      const repeat = learn(habits(starts), zone)?.rule.repeat ?? '1D'
      expect(repeat, `seed ${seed}`).toMatch(/^\d+[mDM]$/)
    }
  })

  it('is nothing of runs by hand at any time', () => {
    for (let seed = 1; seed <= 50; seed++) {
      const random = new Random(seed)
      const starts = Array.from({ length: 30 }, (_, day) => start + day * 2 * DAY + Math.floor(random.next() * 2 * DAY))
      expect(learn(habits(starts), zone), `seed ${seed}`).toBeNull()
    }
  })

  it('is given up when the newest runs keep another time, and learnt anew of five', () => {
    const before = nightly('2026-05-01', 20)
    const moved = nightly('2026-05-21', 6, undefined, 5 * HOUR)
    expect(learn(habits([...before, ...moved.slice(0, 2)]), zone)).toBeNull()
    expect(learn(habits([...before, ...moved.slice(0, 4)]), zone)).toBeNull()
    expect(next([...before, ...moved], '2026-05-27T12:00:00Z')).toMatch(/^2026-05-28T03:0/)
  })
})

const start = Date.parse('2026-02-01T00:00:00Z')
function never(): never {
  throw new Error('nothing was learnt')
}
