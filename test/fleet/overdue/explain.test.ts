import { describe, expect, it } from 'vitest'
import type { OpenAlert } from '../../../src/fleet/alerts/types.ts'
import type { JobFacts, ServerFacts } from '../../../src/fleet/facts.ts'
import { type ExplainOptions, explain } from '../../../src/fleet/overdue/explain.ts'
import { type Habit, packHabits } from '../../../src/fleet/overdue/habits.ts'
import { askedServer, jobFacts, ranAt, reportingServer } from '../../support/facts.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const due = Date.parse('2026-11-24T02:00:00Z')
const nights = Array.from({ length: 20 }, (_, n) => due - DAY - n * DAY)
const schedule = { time: due, repeat: '1D', allowedDays: [], lastRun: due - DAY }
const nightly = (change: Partial<JobFacts> = {}) =>
  jobFacts({ ...ranAt(nights), schedule, plannedAt: due, plannedSeenAt: due - HOUR, ...change })
const at = (job: JobFacts, server: ServerFacts, now: number, options: Partial<ExplainOptions> = {}) =>
  explain(job, server, {
    now,
    actually: now,
    toleranceSeconds: 3600,
    alert: null,
    ageAlert: null,
    reminder: 'default',
    ...options,
  })
const alert = (change: Partial<OpenAlert> = {}): OpenAlert => ({
  id: 1,
  kind: 'overdue',
  serverId: 's1',
  jobId: 'j1',
  since: due + HOUR,
  openedAt: due + HOUR,
  remindedAt: null,
  reminders: 0,
  data: {},
  ...change,
})

describe('the steps', () => {
  it('end with the expected start, whatever it comes from', () => {
    const asked = askedServer({ lastCollectedAt: due + 2 * HOUR })
    const cases: [string, JobFacts, ServerFacts][] = [
      ['server', nightly(), asked],
      ['computed', nightly({ lastBeganAt: due + 1000 }), asked],
      [
        'manual',
        nightly({ manual: { time: '2026-01-01T05:00:00Z', interval: '1D', weekdays: [], timeZone: null } }),
        asked,
      ],
      [
        'report',
        jobFacts({ ...ranAt(nights), reportedNextAt: due, reportedNextSeenAt: due - DAY, lastReportAt: due - DAY }),
        reportingServer(),
      ],
      ['learnt', jobFacts({ ...ranAt(nights), lastReportAt: due - DAY }), reportingServer()],
    ]
    for (const [from, job, server] of cases) {
      const { verdict, steps } = at(job, server, due + 2 * HOUR)
      expect(verdict.expectation?.from).toBe(from)
      expect(steps.at(-1)?.at, from).toBe(verdict.expectation?.at)
      expect(steps.at(-1)?.why, from).toContain('expected')
    }
  })

  it('say all that is waited for beside the tolerance', () => {
    const job = jobFacts({ ...ranAt(nights), lastReportAt: due - DAY })
    const why = (timeZone: string | null) =>
      at(job, reportingServer({ timeZone }), due + HOUR).judgement.map((step) => step.why)
    expect(why('UTC')).toEqual(['the tolerance ends, and the time that a run usually takes'])
    expect(why(null)).toEqual([
      'the tolerance ends, and an hour, since nobody knows its time zone and when its clock changes, and the time that a run usually takes',
    ])
  })

  it('say that a later start is waited for, where the monitor was away for the first', () => {
    const job = jobFacts({
      ...ranAt(nights),
      reportedNextAt: due,
      reportedNextSeenAt: due - DAY,
      lastReportAt: due - DAY,
    })
    const downtimes = [{ from: due - HOUR, to: due + HOUR }]
    const { judgement } = at(job, reportingServer(), due + 4 * HOUR, { downtimes })
    expect(judgement[0]?.at).toBeGreaterThan(due + DAY)
    expect(judgement[0]?.why).toMatch(
      /^the tolerance after a later start ends, since the monitor was away, and the time/,
    )
  })

  it('name a start that is not waited for, since a change of clocks may have moved it', () => {
    // Sunday to Thursday at midnight on Lord Howe, whose clocks went back on Sunday, 5 April.
    const thursday = Date.parse('2026-04-02T13:00:00Z')
    const starts = Array.from({ length: 40 }, (_, n) => thursday - n * DAY).filter(
      (time) => new Date(time).getUTCDay() < 5,
    )
    const job = jobFacts({ ...ranAt(starts), lastReportAt: thursday + HOUR })
    const { verdict, steps } = at(job, reportingServer({ timeZone: null }), thursday + 3.5 * DAY)
    expect(verdict.punctuality).toBe('onTime')
    expect(steps.slice(-2)).toEqual([
      { at: thursday + 3 * DAY, why: expect.stringContaining('a change of clocks may have moved it') },
      { at: thursday + 4 * DAY, why: 'the first planned start after it: expected' },
    ])
  })

  it('name the first planned starts that passed, and count the others', () => {
    const old = nightly({ plannedAt: due - 30 * DAY, schedule: { ...schedule, time: due - 30 * DAY } })
    const { steps } = at(old, askedServer({ lastCollectedAt: due }), due)
    expect(steps.map(({ why }) => why)).toEqual([
      'the server was asked, and told its next planned start',
      'the next start, as the server told it',
      'the last run began: no start before it is waited for',
      'the next planned start by 1D: passed',
      'the next planned start by 1D: passed',
      'the next planned start by 1D: passed',
      '26 more planned starts after it: passed',
      'the first planned start after it: expected',
    ])
  })

  it('cost no more for a job of 15 minutes that was silent for a year', () => {
    const silent = { ...schedule, time: due - 365 * DAY, repeat: '15m' }
    const began = performance.now()
    expect(at(nightly({ schedule: silent, plannedAt: silent.time }), askedServer(), due).steps).toHaveLength(8)
    expect(performance.now() - began).toBeLessThan(200)
  })

  it('say what holds the judgement back', () => {
    const last = (job: JobFacts, server: ServerFacts) => at(job, server, due + 3 * HOUR).judgement.at(-1)?.why
    const lastCollectedAt = due + 2 * HOUR
    expect(last(nightly(), askedServer({ lastCollectedAt }))).toBe('the server was asked, and nothing had run: overdue')
    expect(last(nightly(), askedServer({ lastCollectedAt: due }))).toBe('nobody has looked since')
    expect(last(nightly(), askedServer())).toBe('nobody has ever looked')
    expect(last(nightly(), askedServer({ lastCollectedAt, paused: { until: null } }))).toContain('paused')
    expect(last(nightly({ queued: true }), askedServer({ lastCollectedAt }))).toContain('queue')
    const silent = jobFacts({
      ...ranAt(nights),
      reportedNextAt: due,
      reportedNextSeenAt: due - DAY,
      lastReportAt: due - DAY,
    })
    expect(last(silent, reportingServer())).toBe('no report has come: overdue')
  })

  it('doubt the silence of a job that only ever reported warnings and failures (T12)', () => {
    const told = (status: Habit['status'], count: number) => {
      const habits = nights.slice(0, count).map((beganAt): Habit => ({ beganAt, duration: 60_000, status }))
      const next = { reportedNextAt: due, reportedNextSeenAt: due - DAY, lastReportAt: due - DAY }
      const job = jobFacts({ ...ranAt(nights), ...next, habits: packHabits(habits) })
      return at(job, reportingServer(), due + 3 * HOUR).judgement.map(({ why }) => why)
    }
    expect(told('Warning', 8)).toEqual([
      expect.stringContaining('the tolerance ends'),
      'none of its last 8 reports told a success: if send-http-level leaves those out, it may be well',
      'no report has come: overdue',
    ])
    expect(told('Warning', 4)).toHaveLength(2)
    expect(told('Success', 8)).toHaveLength(2)
  })
})

describe('the next alarm', () => {
  const server = askedServer({ lastCollectedAt: due + 2 * HOUR })
  const next = (job: JobFacts, now: number, options: Partial<ExplainOptions> = {}) =>
    at(job, server, now, options).nextAlarmAt

  it('is the alert while nothing is late, then its reminders', () => {
    expect(next(nightly(), due - HOUR)).toBe(due + HOUR)
    expect(next(nightly(), due + 2 * HOUR)).toBe(due + 2 * HOUR)
    expect(next(nightly(), due + 2 * HOUR, { alert: alert() })).toBe(due + HOUR + DAY)
    const reminded = alert({ remindedAt: due + HOUR + DAY, reminders: 1 })
    expect(next(nightly(), due + 2 * DAY, { alert: reminded })).toBe(due + HOUR + 8 * DAY)
    expect(next(nightly(), due + 2 * HOUR, { alert: alert(), reminder: 'once' })).toBeNull()
  })

  it('waits for the end of a snooze, and never comes for a job that nobody watches', () => {
    expect(next(nightly({ snoozedUntil: due + 9 * DAY }), due + 2 * HOUR)).toBe(due + 9 * DAY)
    expect(next(nightly({ monitored: false }), due + 2 * HOUR)).toBeNull()
    expect(at(nightly(), { ...server, paused: { until: null } }, due + 3 * HOUR).nextAlarmAt).toBeNull()
  })
})

describe('another moment', () => {
  it('of the future takes it that somebody looks and nothing ran', () => {
    const server = askedServer({ lastCollectedAt: due - HOUR, failingSince: due - HOUR })
    const then = at(nightly(), server, due + 5 * HOUR, { actually: due - HOUR / 2 })
    expect(then).toMatchObject({ verdict: { punctuality: 'overdue' }, nextAlarmAt: due + HOUR + DAY })
    expect(then.judgement.at(-1)?.why).toBe('if somebody looks then, and nothing has run: overdue')
  })

  it('of the past goes by the runs until then', () => {
    const server = askedServer({ lastCollectedAt: due })
    const then = at(nightly(), server, due - 4 * DAY - HOUR, { actually: due })
    expect(then).toMatchObject({
      verdict: { punctuality: 'onTime', expectation: { from: 'computed', at: due - 4 * DAY } },
      lastRunAt: due - 5 * DAY,
    })
  })
})
