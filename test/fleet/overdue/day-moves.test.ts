import { describe, expect, it } from 'vitest'
import { type OffsetAt, zoneOffsets } from '../../../src/duplicati/offsets.ts'
import { assess } from '../../../src/fleet/overdue/assess.ts'
import { CHANGING_ZONES } from '../../../src/fleet/overdue/day-moves.ts'
import { expectationOf } from '../../../src/fleet/overdue/expectation.ts'
import { firstStartAfter } from '../../../src/fleet/overdue/starts.ts'
import { jobFacts, ranAt, reportingServer } from '../../support/facts.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
/** The monitor's own. */
const ZONE = 'Asia/Tokyo'
const WORKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri']

/** The starts of a Duplicati 2.1 from its first on for 21 months. */
function startsOf(timeZone: string, first: string, allowedDays: string[]): number[] {
  const rule = { repeat: '1D', allowedDays, timeZone, keepClockTime: false }
  const from = Date.parse(first)
  const starts: number[] = []
  for (let at = firstStartAfter(rule, from - 7 * DAY, from - 1); at !== null && at < from + 640 * DAY; ) {
    starts.push(at)
    at = firstStartAfter(rule, at, at)
  }
  return starts
}

/** A job of which nothing is known but the reports of its newest runs. */
function reportingJob(newestFirst: number[]) {
  const last = newestFirst[0] ?? 0
  return jobFacts({ ...ranAt(newestFirst.slice(0, 30)), lastReportAt: last + MINUTE })
}

const server = reportingServer({ timeZone: null, keepClockTime: false })
const expectedAfter = (newestFirst: number[]) => expectationOf(reportingJob(newestFirst), server, ZONE)?.at ?? null

/** `2026-04-05T13:00 Sun`, in UTC. */
const day = (at: number | null) =>
  at === null ? null : `${new Date(at).toISOString().slice(0, 16)} ${new Date(at).toUTCString().slice(0, 3)}`

describe('weekdays that a change of clocks moves', () => {
  it('raise no alert in nearly two years of a Duplicati 2.1 around midnight that only reports', () => {
    const cases: [zone: string, first: string, days: string[]][] = [
      ['Australia/Lord_Howe', '2026-01-05T13:00:00Z', WORKDAYS],
      ['Australia/Lord_Howe', '2026-01-05T13:15:00Z', ['tue', 'thu', 'sat']],
      ['Australia/Sydney', '2026-01-05T13:45:00Z', WORKDAYS],
      ['Europe/Berlin', '2026-01-05T22:00:00Z', WORKDAYS],
      ['Europe/Berlin', '2026-01-05T22:45:00Z', ['mon']],
      ['Europe/London', '2026-01-05T23:30:00Z', ['mon', 'wed', 'fri']],
      ['America/New_York', '2026-01-05T04:15:00Z', WORKDAYS],
      ['America/St_Johns', '2026-01-05T02:30:00Z', ['sat', 'sun']],
      ['Pacific/Auckland', '2026-01-05T11:00:00Z', WORKDAYS],
      ['America/Santiago', '2026-01-05T03:00:00Z', WORKDAYS],
    ]
    for (const [zone, first, days] of cases) {
      const starts = startsOf(zone, first, days)
      for (let index = 5; index < starts.length; index++) {
        const next = starts[index] ?? 0
        const at = expectedAfter(starts.slice(0, index).reverse())
        expect(at === null || at >= next, `${zone} ${days}: ${day(at)} is expected, ${day(next)} comes`).toBe(true)
      }
    }
  })

  it('still tell of a job that stops: with the second start that is missed, within a week where every day moves', () => {
    for (const days of [WORKDAYS, ['tue', 'thu', 'sat']]) {
      const starts = startsOf('Australia/Lord_Howe', '2026-01-05T13:00:00Z', days)
      const unlearnt: number[] = []
      for (let index = 30; index < starts.length - 2; index++) {
        const job = reportingJob(starts.slice(0, index).reverse())
        const late = days === WORKDAYS ? (starts[index + 1] ?? 0) : (starts[index] ?? 0) + 7 * DAY
        const now = late + 3 * HOUR
        const { punctuality, expectation } = assess(job, server, { now, toleranceSeconds: 3600, zone: ZONE })
        if (!expectation) unlearnt.push(starts[index] ?? 0)
        else expect(punctuality, `stopped before ${day(starts[index] ?? 0)}`).toBe('overdue')
      }
      // Where every day moved: from the third week to the fourth after each of three changes.
      expect(unlearnt.length, unlearnt.map(day).join()).toBeLessThanOrEqual(days === WORKDAYS ? 0 : 6)
    }
  })

  it('wait for the next day that is certain, in the weeks of a change alone', () => {
    const starts = startsOf('Australia/Lord_Howe', '2026-01-05T13:00:00Z', WORKDAYS)
    const expected = (last: string) => day(expectedAfter(starts.filter((at) => at <= Date.parse(last)).reverse()))
    // Sunday to Thursday in UTC while the clocks are ahead, Monday to Friday from 5 April to 4 October.
    expect(expected('2026-03-26T13:00:00Z')).toBe('2026-03-29T13:00 Sun')
    expect(expected('2026-04-02T13:00:00Z')).toBe('2026-04-06T13:00 Mon')
    expect(expected('2026-09-24T13:00:00Z')).toBe('2026-09-25T13:00 Fri')
    expect(expected('2026-10-08T13:00:00Z')).toBe('2026-10-11T13:00 Sun')
  })

  it('are not doubted far from midnight, nor where the zone of the server is known', () => {
    const starts = startsOf('Europe/Berlin', '2026-01-05T06:00:00Z', WORKDAYS)
    const before = starts.filter((at) => at < Date.parse('2026-03-30T00:00:00Z')).reverse()
    expect(day(expectedAfter(before))).toBe('2026-03-30T06:00 Mon')
    const late = startsOf('Europe/Berlin', '2026-01-05T22:30:00Z', WORKDAYS)
    const job = reportingJob(late.filter((at) => at < Date.parse('2026-04-03T00:00:00Z')).reverse())
    const known = reportingServer({ timeZone: 'Europe/Berlin' })
    expect(expectationOf(job, known, ZONE)?.doubted).toBeNull()
  })
})

describe('the zones whose clocks change', () => {
  it('are one for each way in which any does', () => {
    const listed = new Set(CHANGING_ZONES.flatMap(changes))
    const missing = Intl.supportedValuesOf('timeZone').filter((zone) =>
      changes(zone).some((change) => !listed.has(change)),
    )
    expect(missing).toEqual([])
  })
})

/** Each change of three years, as the moment (to the quarter of an hour) and both offsets. */
function changes(zone: string): string[] {
  const offsetAt = zoneOffsets(zone) as OffsetAt
  const found: string[] = []
  for (let at = Date.parse('2026-01-01T00:00:00Z'); at < Date.parse('2029-01-01T00:00:00Z'); at += 5 * DAY) {
    const [before, since] = [offsetAt(at), offsetAt(at + 5 * DAY)]
    if (before === since) continue
    let change = at
    while (offsetAt(change) === before) change += 15 * MINUTE
    found.push(`${new Date(change).toISOString()} ${before} ${since}`)
  }
  return found
}
