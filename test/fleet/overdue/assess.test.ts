import { describe, expect, it } from 'vitest'
import type { JobFacts, ServerFacts } from '../../../src/fleet/facts.ts'
import type { RunningView } from '../../../src/fleet/model.ts'
import { type AssessOptions, assess, missedStarts } from '../../../src/fleet/overdue/assess.ts'
import { askedServer, jobFacts, ranAt, reportingServer } from '../../support/facts.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
/** Tuesday. */
const due = Date.parse('2026-11-24T02:00:00Z')
const late = due + 3 * HOUR

const daily = (next: number, change: object = {}) => ({
  schedule: { time: next, repeat: '1D', allowedDays: [], lastRun: null, ...change },
  plannedAt: next,
  plannedSeenAt: next - 12 * HOUR,
})
const nights = (count: number, last: number) => Array.from({ length: count }, (_, n) => last - n * DAY)
/** Collected after last night's run. */
const collected = (change: Partial<JobFacts> = {}) =>
  jobFacts({ ...ranAt(nights(12, due - DAY)), ...daily(due), ...change })
/** Told by last night's JSON report. */
const reported = (change: Partial<JobFacts> = {}) =>
  jobFacts({
    ...ranAt(nights(12, due - DAY), 20 * MINUTE),
    reportedNextAt: due,
    reportedNextSeenAt: due - DAY + 20 * MINUTE,
    lastReportAt: due - DAY + 20 * MINUTE,
    ...change,
  })
const at = (job: JobFacts, server: ServerFacts, now: number, options: Partial<AssessOptions> = {}) =>
  assess(job, server, { now, toleranceSeconds: 3600, ...options })
const running: RunningView = {
  phase: 'Backup_Begin',
  progress: null,
  startedAt: null,
  bytesPerSecond: null,
  remainingSeconds: null,
}

describe('where the expectation comes from', () => {
  const server = askedServer({ lastCollectedAt: late })
  const hand = { time: '2026-01-01T05:00:00Z', interval: '1D', weekdays: [], timeZone: 'UTC' }

  it('is a schedule set by hand before all others', () => {
    expect(at(collected({ manual: hand }), server, late).expectation).toMatchObject({
      from: 'manual',
      at: due - DAY + 3 * HOUR,
      anchorAt: Date.parse(hand.time),
    })
  })

  it("takes the server's clock time where only an interval was set, and else the last run's", () => {
    const manual = { ...hand, time: null, interval: '2D' }
    expect(at(collected({ manual }), server, late).expectation).toMatchObject({ from: 'manual', at: due })
    const known = jobFacts({ ...ranAt([due - DAY + 7 * HOUR]), manual })
    expect(at(known, reportingServer(), late).expectation).toMatchObject({ from: 'manual', at: due + DAY + 7 * HOUR })
    expect(at(jobFacts({ manual }), reportingServer(), late).expectation).toBeNull()
  })

  it('allows a clock that is a little ahead of the plan set by hand (T32)', () => {
    const early = collected({ manual: hand, lastBeganAt: due + 3 * HOUR - MINUTE })
    expect(at(early, server, late).expectation?.at).toBe(due + 3 * HOUR + DAY)
  })

  it('is what was told last: the answer of the server, or the report', () => {
    const report = {
      reportedNextAt: due + 5 * HOUR,
      reportedNextSeenAt: due - 13 * HOUR,
      lastReportAt: due - 13 * HOUR,
    }
    expect(at(collected(report), server, due).expectation).toMatchObject({ from: 'server', at: due, reported: false })
    const fresher = { ...report, reportedNextSeenAt: due - 11 * HOUR }
    expect(at(collected(fresher), server, due).expectation).toMatchObject({ from: 'report', at: due + 5 * HOUR })
  })

  it('is computed from what was told once a later run is known (T37, T72)', () => {
    expect(at(collected({ lastBeganAt: due + 4000 }), server, late).expectation).toMatchObject({
      from: 'computed',
      at: due + DAY,
      anchorAt: due,
    })
  })

  it("is computed in the server's zone, and in plain UTC for 2.1", () => {
    // The night of the change to winter time in Berlin.
    const before = Date.parse('2026-10-24T01:00:00Z')
    const job = jobFacts({ ...daily(before), ...ranAt([before + 1000]) })
    const berlin = askedServer({ timeZone: 'Europe/Berlin' })
    expect(at(job, berlin, before + HOUR).expectation?.at).toBe(Date.parse('2026-10-25T02:00:00Z'))
    expect(at(job, { ...berlin, keepClockTime: false }, before + HOUR).expectation?.at).toBe(before + DAY)
  })

  it('is learnt where nobody tells, and says of how many runs', () => {
    const job = jobFacts({ ...ranAt(nights(12, due - DAY)), lastReportAt: due - DAY })
    expect(at(job, reportingServer(), due).expectation).toMatchObject({
      from: 'learnt',
      at: due,
      learnt: { agreeing: 10, of: 10 },
    })
    expect(at(jobFacts(ranAt([due - DAY])), reportingServer(), late).expectation).toBeNull()
  })

  it('is learnt too after a run by hand that no later report tells more of', () => {
    const byHand = ranAt([due + 2 * HOUR, ...nights(12, due - DAY)])
    expect(at(reported(byHand), reportingServer(), late).expectation).toMatchObject({ from: 'learnt', at: due + DAY })
  })

  it('is nothing of a job that its server starts by no schedule, however regularly it runs (T25)', () => {
    const job = jobFacts({ ...ranAt(nights(12, due - DAY)), plannedSeenAt: due - HOUR })
    expect(at(job, server, late)).toMatchObject({ expectation: null, punctuality: 'unjudged', overdueAfter: null })
    expect(
      at(collected({ schedule: { time: due, repeat: null, allowedDays: [], lastRun: null } }), server, late),
    ).toMatchObject({ expectation: null, punctuality: 'unjudged' })
  })

  it('is not put off by a run that claims to begin in a far year (T53)', () => {
    const lastReceivedAt = due - DAY
    expect(at(collected({ lastReceivedAt, lastBeganAt: Date.UTC(2199, 0) }), server, late)).toMatchObject({
      punctuality: 'overdue',
      expectation: { at: due },
    })
  })
})

describe('evidence', () => {
  it('of a collected job is an answer of its server after the tolerance', () => {
    const asked = (lastCollectedAt: number | null) => at(collected(), askedServer({ lastCollectedAt }), late)
    expect(asked(due + HOUR + 1)).toMatchObject({
      punctuality: 'overdue',
      overdueSince: due + HOUR,
      overdueAfter: due + HOUR,
      evidence: 'collected',
      lookedAt: due + HOUR + 1,
      ask: false,
    })
    for (const before of [null, due - HOUR, due + HOUR]) {
      expect(asked(before)).toMatchObject({ punctuality: 'unseen', overdueSince: null, lookedAt: before, ask: true })
    }
  })

  it('is asked of nobody who cannot be asked', () => {
    const server = askedServer({ lastCollectedAt: due - HOUR, canBeAsked: false })
    expect(at(collected(), server, late)).toMatchObject({ punctuality: 'unseen', ask: false })
  })

  it('of a job that reports is a report that did not come within the usual duration (T34)', () => {
    const after = due + HOUR + 20 * MINUTE
    expect(at(reported(), reportingServer(), after)).toMatchObject({ punctuality: 'onTime', overdueAfter: after })
    expect(at(reported(), reportingServer(), after + 1)).toMatchObject({
      punctuality: 'overdue',
      overdueSince: after,
      evidence: 'reports',
      expectation: { from: 'report', at: due },
    })
    // Twenty hours is what it usually takes.
    const long = reported(ranAt(nights(12, due - DAY), 20 * HOUR))
    expect(at(long, reportingServer(), due + 20 * HOUR).punctuality).toBe('onTime')
    expect(at(long, reportingServer(), due + 21 * HOUR + 1).punctuality).toBe('overdue')
  })

  it('is not what a job does not tell that told nothing in its last two intervals', () => {
    const change = { ...daily(due), reportedNextAt: null, reportedNextSeenAt: null }
    const server = askedServer({ lastCollectedAt: due - HOUR })
    const told = (lastReportAt: number) => at(reported({ ...change, lastReportAt }), server, late).punctuality
    expect(told(due - 2 * DAY)).toBe('overdue')
    expect(told(due - 2 * DAY - 1)).toBe('unseen')
  })

  it('by missing reports is not enough while the server can be asked', () => {
    const both = reported({ ...daily(due) })
    const server = askedServer({ lastCollectedAt: due - HOUR })
    expect(at(both, server, late)).toMatchObject({ punctuality: 'overdue', evidence: 'reports', ask: true })
  })

  it('is none of a server that went out of reach as a whole, but is of one that only refuses to be asked', () => {
    const both = reported({ ...daily(due) })
    const gone = askedServer({ lastCollectedAt: due - HOUR, failingSince: due + HOUR, lastReportAt: due - HOUR })
    expect(at(both, gone, late)).toMatchObject({ punctuality: 'unseen', ask: true })
    const refusing = { ...gone, failingSince: due - 9 * DAY }
    expect(at(both, refusing, late)).toMatchObject({ punctuality: 'overdue', evidence: 'reports' })
  })

  it('is not held against a job whose reports the monitor could not receive (T36)', () => {
    const down = (from: number, to: number) => [{ from, to }]
    const silent = (downtimes: { from: number; to: number }[], now: number, job = reported(daily(due))) =>
      at(job, reportingServer(), now, { downtimes })
    expect(silent(down(due - HOUR, due + HOUR), late)).toMatchObject({ punctuality: 'unseen', overdueSince: null })
    expect(silent(down(due + HOUR, due + 2 * HOUR), late).punctuality).toBe('unseen')
    // What came before it was missed while somebody listened, and so was the start after it.
    expect(silent(down(due + 5 * HOUR, due + 6 * HOUR), due + 7 * HOUR).punctuality).toBe('overdue')
    const nextDay = silent(down(due - HOUR, due + HOUR), due + DAY + 2 * HOUR)
    expect(nextDay).toMatchObject({ punctuality: 'overdue', overdueSince: due + DAY + HOUR + 20 * MINUTE })
    // By habit too, where no schedule is known.
    expect(silent(down(due - HOUR, due + HOUR), late, reported()).punctuality).toBe('unseen')
    expect(silent(down(due - HOUR, due + HOUR), due + DAY + 2 * HOUR, reported()).punctuality).toBe('overdue')
  })

  it('is old when it is from before a downtime: the server is asked again', () => {
    const server = askedServer({ lastCollectedAt: due + 2 * HOUR })
    const downtimes = [{ from: due + 3 * HOUR, to: due + 9 * HOUR }]
    expect(at(collected(), server, due + 9 * HOUR, { downtimes })).toMatchObject({
      punctuality: 'overdue',
      isOld: true,
      ask: true,
    })
    expect(
      at(collected(), { ...server, lastCollectedAt: due + 9 * HOUR }, due + 10 * HOUR, { downtimes }),
    ).toMatchObject({
      isOld: false,
      ask: false,
    })
  })
})

describe('a job that runs or waits', () => {
  const server = askedServer({ lastCollectedAt: late })

  it('is not overdue, and is asked after once more when that lasts (T34, T79)', () => {
    for (const change of [{ running }, { queued: true }]) {
      expect(at(collected(change), server, late + MINUTE)).toMatchObject({
        punctuality: 'busy',
        overdueSince: null,
        ask: false,
      })
      expect(at(collected(change), server, late + 2 * HOUR)).toMatchObject({ punctuality: 'busy', ask: true })
    }
  })

  it('is not known any more of a server that went out of reach over it', () => {
    const failing = { ...server, failingSince: late + HOUR }
    expect(at(collected({ running }), failing, late + 2 * HOUR)).toMatchObject({
      punctuality: 'unseen',
      running: false,
    })
  })

  it('is known by live status for as long as that comes', () => {
    const live = reported({ running, liveAt: late - MINUTE })
    expect(at(live, reportingServer(), late)).toMatchObject({ punctuality: 'busy', running: true })
    expect(at(live, reportingServer(), late + HOUR)).toMatchObject({ punctuality: 'overdue', running: false })
  })

  it('has ended when its run came in', () => {
    const lastReceivedAt = late + HOUR
    expect(at(collected({ running, lastReceivedAt }), server, late + 2 * HOUR).running).toBe(false)
  })
})

describe('a paused server (T74)', () => {
  it('is not judged for as long as its pause is known', () => {
    const paused = askedServer({ lastCollectedAt: late, paused: { until: null } })
    expect(at(collected(), paused, late + 30 * DAY)).toMatchObject({ punctuality: 'paused', overdueSince: null })
    const until = { ...paused, paused: { until: due + 6 * HOUR } }
    expect(at(collected(), until, due + 6 * HOUR - 1).punctuality).toBe('paused')
    expect(at(collected(), until, due + 7 * HOUR).punctuality).toBe('onTime')
    expect(at(collected(), { ...until, lastCollectedAt: due + 8 * HOUR }, due + 8 * HOUR)).toMatchObject({
      punctuality: 'overdue',
      overdueSince: due + 7 * HOUR,
    })
  })

  it('is over when a run began that could not have begun in it', () => {
    const paused = askedServer({ lastCollectedAt: due - HOUR, paused: { until: null } })
    const ran = collected({ lastBeganAt: due + 5000, lastReportAt: due + MINUTE })
    expect(at(ran, paused, due + DAY + 2 * HOUR)).toMatchObject({ paused: false, punctuality: 'overdue' })
  })
})

describe('runs between the planned ones', () => {
  const server = (lastCollectedAt: number) => askedServer({ lastCollectedAt })

  it('by hand are no planned run, but a fresh backup (T32)', () => {
    // Before the planned start: it is still due.
    expect(at(collected({ lastBeganAt: due - HOUR }), server(late), late).punctuality).toBe('overdue')
    // After the start that was missed: not overdue before the next has passed.
    const after = collected({ lastBeganAt: due + 2 * HOUR })
    expect(at(after, server(due + DAY), due + DAY + HOUR)).toMatchObject({
      punctuality: 'onTime',
      expectation: { at: due + DAY },
    })
    expect(at(after, server(due + DAY + 2 * HOUR), due + DAY + 2 * HOUR).punctuality).toBe('overdue')
  })

  it('are one for all starts that were missed while the server was off (T73)', () => {
    const back = due + 3 * DAY + 7 * HOUR
    expect(at(collected(), server(back), back)).toMatchObject({ punctuality: 'overdue', overdueSince: due + HOUR })
    const caughtUp = collected({ lastBeganAt: back + MINUTE })
    expect(at(caughtUp, server(back + DAY / 2), back + DAY / 2)).toMatchObject({
      punctuality: 'onTime',
      expectation: { from: 'computed', at: due + 4 * DAY },
    })
    expect(missedStarts(collected(), server(back), { from: due, to: back + MINUTE })).toBe(4)
  })

  it('that a script skipped, or that failed, are not late (T35, T66)', () => {
    expect(at(collected({ skippedAt: due + 1000 }), server(late), late).punctuality).toBe('onTime')
    expect(at(collected({ status: 'Fatal', lastBeganAt: due + 1000 }), server(late), late).punctuality).toBe('onTime')
  })

  it('are not there in a job that never ran and should have', () => {
    const never = jobFacts(daily(due))
    expect(at(never, server(late), late)).toMatchObject({
      punctuality: 'overdue',
      expectation: { from: 'server', at: due },
    })
    expect(at(never, server(due), due).punctuality).toBe('onTime')
  })
})

describe('the tolerance', () => {
  it("is the job's own where it has one", () => {
    const server = askedServer({ lastCollectedAt: due + 20 * MINUTE })
    const job = collected({ toleranceSeconds: 600 })
    expect(at(job, server, due + 20 * MINUTE)).toMatchObject({ toleranceSeconds: 600, overdueSince: due + 10 * MINUTE })
    expect(at(collected(), server, due + 20 * MINUTE)).toMatchObject({ toleranceSeconds: 3600, punctuality: 'onTime' })
  })
})

describe('the age of the last success', () => {
  const success = due - DAY + MINUTE
  const aged = (change: Partial<JobFacts> = {}) =>
    collected({ maxAgeSeconds: 2 * 86_400, ...daily(due + 30 * DAY), ...change })
  const old = success + 2 * DAY

  it('is too old by evidence only', () => {
    expect(at(aged(), askedServer({ lastCollectedAt: old }), old)).toMatchObject({
      tooOldSince: null,
      ageUnseen: false,
    })
    expect(at(aged(), askedServer({ lastCollectedAt: old + 1 }), old + 1).tooOldSince).toBe(old)
    expect(at(aged(), askedServer({ lastCollectedAt: old }), old + 1)).toMatchObject({
      tooOldSince: null,
      ageUnseen: true,
      ask: true,
    })
    expect(at(aged({ lastReportAt: success }), reportingServer(), old + 1).tooOldSince).toBe(old)
  })

  it('goes by success, whatever ran since, and by the first run where none succeeded', () => {
    const server = askedServer({ lastCollectedAt: old + 1 })
    expect(at(aged({ lastBeganAt: old - HOUR, status: 'Error' }), server, old + 1).tooOldSince).toBe(old)
    const never = aged({ lastSuccessAt: null })
    expect(at(never, server, old + 1).tooOldSince).toBe(due - 12 * DAY + 2 * DAY)
    expect(at(jobFacts({ maxAgeSeconds: 1 }), server, old).tooOldSince).toBeNull()
  })

  it('holds for jobs without a schedule (T25), and not for those that nobody watches', () => {
    const server = askedServer({ lastCollectedAt: old + 1 })
    const unplanned = { schedule: null, plannedAt: null }
    expect(at(aged(unplanned), server, old + 1)).toMatchObject({ punctuality: 'unjudged', tooOldSince: old })
    expect(at(aged({ monitored: false }), server, old + 1)).toMatchObject({ tooOldSince: null, ask: false })
  })
})
