/** Years of planned runs in zones that change their clocks, watched from another zone: never late while they keep to the plan. */
import { describe, expect, it } from 'vitest'
import { nextRun } from '../../../src/duplicati/schedule.ts'
import type { JobFacts, ServerFacts } from '../../../src/fleet/facts.ts'
import { assess } from '../../../src/fleet/overdue/assess.ts'
import { askedServer, jobFacts, ranAt, reportingServer } from '../../support/facts.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const HOUR_OF_TOLERANCE = { toleranceSeconds: 3600 }
/** The zone of the monitor, which is none of the servers'. */
const MONITOR = 'Pacific/Auckland'

interface Plan {
  repeat: string
  allowedDays: string[]
  timeZone: string
  /** The first start. */
  from: string
}

/** The runs that Duplicati itself would make: a minute each, seconds after the planned start. */
function planned({ repeat, allowedDays, timeZone, from }: Plan, until: number): number[] {
  const starts: number[] = []
  for (let at: Date | null = new Date(from); at !== null && at.getTime() < until; ) {
    starts.push(at.getTime())
    at = nextRun({ time: at.toISOString(), repeat, allowedDays, timeZone }, new Date(at.getTime() + 1000))
  }
  return starts
}

/** The newest runs are all that is kept. */
function upTo(starts: number[], index: number): number[] {
  return starts.slice(Math.max(0, index - 29), index + 1)
}

type Known = (plan: Plan, starts: number[], index: number, now: number) => [JobFacts, ServerFacts]

/** What a monitor knows after run `index` when the next is due: by each way that it can know anything. */
const ways: Record<string, Known> = {
  'asked after each run': (plan, starts, index, now) => [
    jobFacts({
      ...ranAt(upTo(starts, index)),
      ...scheduleOf(plan, starts[index + 1] ?? 0),
      plannedSeenAt: starts[index] ?? 0,
    }),
    askedServer({ timeZone: plan.timeZone, lastCollectedAt: now }),
  ],
  'its plan learnt months ago, its runs by text reports': (plan, starts, index) => [
    jobFacts({
      ...ranAt(upTo(starts, index)),
      ...scheduleOf(plan, starts[0] ?? 0),
      plannedSeenAt: (starts[0] ?? 0) - HOUR,
      lastReportAt: (starts[index] ?? 0) + MINUTE,
    }),
    askedServer({ timeZone: plan.timeZone, lastCollectedAt: (starts[0] ?? 0) - HOUR, canBeAsked: false }),
  ],
  'by reports that tell the next run': (_, starts, index) => [
    jobFacts({
      ...ranAt(upTo(starts, index)),
      reportedNextAt: starts[index + 1] ?? 0,
      reportedNextSeenAt: (starts[index] ?? 0) + MINUTE,
      lastReportAt: (starts[index] ?? 0) + MINUTE,
    }),
    reportingServer(),
  ],
}

function scheduleOf({ repeat, allowedDays }: Plan, next: number): Partial<JobFacts> {
  return { schedule: { time: next, repeat, allowedDays, lastRun: null }, plannedAt: next }
}

const zones = ['Europe/Berlin', 'America/New_York', 'America/Sao_Paulo', 'Australia/Lord_Howe', 'Asia/Kolkata', 'UTC']
const plans = [
  { repeat: '1D', allowedDays: [], from: '2026-02-20T01:30:00Z' },
  { repeat: '1D', allowedDays: ['mon', 'tue', 'wed', 'thu', 'fri'], from: '2026-02-20T01:30:00Z' },
  { repeat: '1W', allowedDays: [], from: '2026-02-22T06:15:00Z' },
  { repeat: '6h', allowedDays: [], from: '2026-02-20T04:00:00Z' },
  { repeat: '1M', allowedDays: [], from: '2026-01-31T13:00:00Z' },
]
const cases = zones.flatMap((timeZone) => plans.map((plan) => ({ ...plan, timeZone })))

describe.each(Object.entries(ways))('a job that is known %s', (_, known) => {
  it.each(cases)(
    'is never late in $timeZone with $repeat $allowedDays, and at once when it is (T30, T33, T72)',
    (plan) => {
      const starts = planned(plan, Date.parse('2027-02-20T00:00:00Z'))
      for (const [index, start] of starts.slice(0, -2).entries()) {
        const next = starts[index + 1] ?? 0
        const at = (now: number) => {
          const [job, server] = known(plan, starts, index, now)
          return assess(job, server, { now, ...HOUR_OF_TOLERANCE, zone: MONITOR })
        }
        const iso = new Date(next).toISOString()
        expect(at(start + MINUTE).expectation?.at, iso).toBe(next)
        expect(at(next + HOUR).punctuality, iso).toBe('onTime')
        const late = at(next + HOUR + 2 * MINUTE)
        expect(late, iso).toMatchObject({ punctuality: 'overdue', expectation: { at: next } })
      }
      expect(starts.length).toBeGreaterThan(10)
    },
  )
})

describe('a job of which only text reports come', () => {
  const clean = { toleranceSeconds: 3600, zone: MONITOR }
  it.each(zones)('in %s is not called late over a year of nights that it keeps (T30)', (timeZone) => {
    const starts = planned({ repeat: '1D', allowedDays: [], timeZone, from: '2026-01-20T04:30:00Z' }, Date.UTC(2027, 0))
    let expected = 0
    for (const [index, start] of starts.slice(0, -1).entries()) {
      const next = starts[index + 1] ?? 0
      const job = jobFacts({ ...ranAt(upTo(starts, index)), lastReportAt: start + MINUTE })
      const verdict = assess(job, reportingServer(), { ...clean, now: next + 2 * MINUTE })
      expect(verdict.punctuality, new Date(next).toISOString()).not.toBe('overdue')
      const missed = assess(job, reportingServer(), { ...clean, now: next + 20 * HOUR })
      if (missed.punctuality === 'overdue') expected++
    }
    // Around each change of clocks the habit has to be learnt anew: a few nights a year of which nothing is known.
    expect(expected / starts.length).toBeGreaterThan(0.9)
  })

  it('keeps the clock of the server where its zone is known', () => {
    const plan = { repeat: '1D', allowedDays: [], timeZone: 'Europe/Berlin', from: '2026-01-20T03:30:00Z' }
    const starts = planned(plan, Date.UTC(2027, 0))
    for (const [index, start] of starts.slice(0, -1).entries()) {
      // A weekday that was not met yet is not planned.
      if (index < 7) continue
      const job = jobFacts({ ...ranAt(upTo(starts, index)), lastReportAt: start + MINUTE })
      const server = reportingServer({ timeZone: 'Europe/Berlin' })
      const { expectation } = assess(job, server, { ...clean, now: start + DAY / 2 })
      expect(expectation).toMatchObject({ from: 'learnt', at: starts[index + 1] })
    }
  })
})
