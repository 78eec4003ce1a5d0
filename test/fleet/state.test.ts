import { describe, expect, it } from 'vitest'
import type { JobFacts, ServerFacts } from '../../src/fleet/facts.ts'
import { JOB_STATES, type RunningView } from '../../src/fleet/model.ts'
import { DEFAULT_TOLERANCE_SECONDS, judge } from '../../src/fleet/state.ts'
import { plainServer, unknownHabits } from '../support/facts.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const planned = Date.parse('2026-11-24T02:00:00Z')
const YEAR_1 = -62_135_596_800_000

const running: RunningView = {
  phase: 'Backup_ProcessingFiles',
  progress: 0.4,
  startedAt: null,
  bytesPerSecond: null,
  remainingSeconds: null,
}
const failure = { at: '2026-11-24T02:00:00.000Z', message: 'The script failed', source: 'notification' as const }
const schedule = { time: planned, repeat: '1D', allowedDays: [] as string[], lastRun: planned - DAY }

/** A job that ran yesterday on time and is planned for `planned`. */
const job = (change: Partial<JobFacts> = {}): JobFacts => ({
  monitored: true,
  snoozedUntil: null,
  running: null,
  queued: false,
  status: 'Success',
  partial: false,
  lastReceivedAt: null,
  lastBeganAt: planned - DAY,
  lastEndedAt: planned - DAY + MINUTE,
  lastSuccessAt: planned - DAY + MINUTE,
  lastVersionAt: null,
  skippedAt: null,
  schedule,
  plannedAt: planned,
  ...unknownHabits,
  failure: null,
  ...change,
})
/** A server that was asked when the job was two hours late. */
const server = (change: Partial<ServerFacts> = {}): ServerFacts => ({
  paused: null,
  lastCollectedAt: planned + 2 * HOUR,
  timeZone: 'UTC',
  ...plainServer,
  ...change,
})
const at = (facts: JobFacts, about: ServerFacts, now: number) => judge(facts, about, now, DEFAULT_TOLERANCE_SECONDS)
const before = planned - HOUR
const late = planned + 3 * HOUR

describe('the states, each by itself', () => {
  const unseen = server({ lastCollectedAt: planned - 5 * HOUR })
  const unscheduled = { schedule: null, plannedAt: null }
  it.each([
    ['unmonitored', job({ monitored: false }), server(), late],
    ['running', job({ running }), server(), late],
    ['paused', job(), server({ paused: { until: null } }), late],
    ['overdue', job(), server(), late],
    ['failed', job({ status: 'Error' }), server(), before],
    ['failed', job({ status: 'Fatal' }), server(), before],
    ['failed', job({ failure }), server(), before],
    ['stale', job(), unseen, late],
    ['warning', job({ status: 'Warning' }), server(), before],
    ['warning', job({ partial: true }), server(), before],
    ['never', job({ status: 'None', lastBeganAt: null }), server(), before],
    ['unscheduled', job({ ...unscheduled, status: 'None', lastBeganAt: null }), server(), late],
    ['ok', job(), server(), before],
    ['ok', job(unscheduled), server(), late],
    ['ok', job({ status: 'Unknown' }), server(), before],
  ] as const)('%s', (state, facts, about, now) => {
    expect(at(facts, about, now)).toMatchObject({ state, status: facts.status })
  })
})

describe('precedence', () => {
  const all = {
    unmonitored: { job: { monitored: false } },
    running: { job: { running } },
    paused: { server: { paused: { until: null } } },
    failed: { job: { failure } },
    warning: { job: { partial: true } },
    never: { job: { status: 'None', lastBeganAt: null } },
  } as const
  type Reason = keyof typeof all
  const facts = (reasons: Reason[]): [JobFacts, ServerFacts] => {
    const parts = reasons.map((reason) => all[reason] as { job?: Partial<JobFacts>; server?: Partial<ServerFacts> })
    return [
      job(Object.assign({}, ...parts.map((part) => part.job))),
      server(Object.assign({}, ...parts.map((part) => part.server))),
    ]
  }
  const reasons = Object.keys(all) as Reason[]
  const pairs = reasons.flatMap((first, index) => reasons.slice(index + 1).map((second) => [first, second] as const))

  it.each(pairs)('%s comes before %s', (first, second) => {
    expect(JOB_STATES.indexOf(first)).toBeLessThan(JOB_STATES.indexOf(second))
    expect(at(...facts([first, second]), before).state).toBe(first)
  })

  it.each([
    ['unmonitored', false],
    ['running', false],
    ['paused', false],
    ['failed', true],
    ['warning', true],
    ['never', true],
  ] as const)('a late job that is %s: overdue is said: %s', (reason, overdue) => {
    expect(at(...facts([reason]), late)).toMatchObject({ state: overdue ? 'overdue' : reason, overdue })
  })

  it.each([
    ['failed', 'failed'],
    ['warning', 'stale'],
    ['never', 'stale'],
  ] as const)('%s and stale: %s', (reason, state) => {
    const [facts_, about] = facts([reason])
    expect(at(facts_, { ...about, lastCollectedAt: null }, late)).toMatchObject({ state, overdue: false })
  })
})

describe('overdue', () => {
  it('begins after the tolerance, and says since when', () => {
    const asked = server({ lastCollectedAt: planned + HOUR + 1 })
    expect(at(job(), asked, planned + HOUR)).toMatchObject({ state: 'ok', overdue: false, overdueSince: null })
    expect(at(job(), asked, planned + HOUR + 1)).toEqual({
      status: 'Success',
      state: 'overdue',
      expectedAt: planned,
      expectedFrom: 'server',
      toleranceSeconds: 3600,
      overdue: true,
      overdueSince: planned + HOUR,
      skippedAt: null,
      running: false,
    })
    expect(judge(job(), server(), late, 10 * 60)).toMatchObject({ overdueSince: planned + 10 * MINUTE })
    expect(judge(job(), server(), late, 4 * 3600)).toMatchObject({ state: 'ok', overdueSince: null })
  })

  it('needs an answer of the server after the tolerance; else nobody has looked (T36)', () => {
    for (const lastCollectedAt of [null, before, planned + MINUTE, planned + HOUR]) {
      expect(at(job(), server({ lastCollectedAt }), late)).toMatchObject({ state: 'stale', overdue: false })
      expect(at(job(), server({ lastCollectedAt }), planned + 30 * MINUTE).state).toBe('ok')
    }
  })

  it('is not said while the backup runs or waits in the queue (T34, T79)', () => {
    expect(at(job({ running }), server(), late)).toMatchObject({ state: 'running', overdue: false, overdueSince: null })
    expect(at(job({ queued: true }), server(), late)).toMatchObject({ state: 'ok', overdue: false })
    expect(at(job({ queued: true, status: 'Error' }), server(), late).state).toBe('failed')
  })

  it('cannot come from what was queued when somebody looked too early', () => {
    expect(at(job({ queued: true }), server({ lastCollectedAt: planned + MINUTE }), late).state).toBe('stale')
  })

  it('is not said of a paused server, and judged anew when the pause has passed (T74)', () => {
    const until = planned + 4 * HOUR
    const paused = server({ paused: { until } })
    expect(at(job(), paused, until - 1)).toMatchObject({ state: 'paused', overdue: false })
    expect(at(job(), paused, until + 30 * MINUTE)).toMatchObject({ state: 'ok', overdue: false })
    // The look during the pause proves nothing about what came after it.
    expect(at(job(), paused, until + 2 * HOUR)).toMatchObject({ state: 'stale', overdue: false })
    expect(at(job(), server({ lastCollectedAt: until + 2 * HOUR }), until + 3 * HOUR).state).toBe('overdue')
    expect(at(job(), server({ paused: { until: null } }), late + 300 * DAY).state).toBe('paused')
  })

  it('ends with a run by hand after the planned start, not with one before it (T32)', () => {
    expect(at(job({ lastBeganAt: planned + 20 * MINUTE }), server(), late).state).toBe('ok')
    expect(at(job({ lastBeganAt: planned - 5 * MINUTE }), server(), late).state).toBe('overdue')
  })

  it('is not said of a run that a script skipped: Duplicati goes on to the next start (T66)', () => {
    expect(at(job({ skippedAt: planned + 1000 }), server(), late)).toMatchObject({
      state: 'ok',
      skippedAt: planned + 1000,
    })
    expect(at(job({ skippedAt: planned - DAY }), server(), late).state).toBe('overdue')
  })

  it('comes before a failure, and failing every night is failed (T35)', () => {
    expect(at(job({ status: 'Error' }), server(), late).state).toBe('overdue')
    expect(
      at(
        job({ status: 'Error', plannedAt: planned + DAY, schedule: { ...schedule, time: planned + DAY } }),
        server(),
        late,
      ),
    ).toMatchObject({ state: 'failed', overdue: false })
  })

  it('is not silenced by a snooze, and is not said of a job that is not monitored', () => {
    expect(at(job({ snoozedUntil: late + DAY }), server(), late).overdue).toBe(true)
    expect(at(job({ monitored: false }), server(), late)).toMatchObject({ overdue: false, overdueSince: null })
  })

  it('is said once of a server that was off for days: of the first start that was missed (T73)', () => {
    const now = planned + 3 * DAY
    expect(at(job(), server({ lastCollectedAt: now }), now)).toMatchObject({
      expectedAt: planned,
      overdueSince: planned + HOUR,
    })
  })
})

describe('what is expected', () => {
  it("is the server's own next run (T72)", () => {
    const proposed = planned + 7 * HOUR
    const moved = job({ plannedAt: proposed, schedule: { ...schedule, allowedDays: ['tue'] } })
    expect(at(moved, server(), late)).toMatchObject({ expectedAt: proposed, expectedFrom: 'server', state: 'ok' })
  })

  it('is the time of the schedule where the server proposes nothing', () => {
    expect(at(job({ plannedAt: null }), server(), late)).toMatchObject({ expectedAt: planned, state: 'overdue' })
  })

  it('stays with the start that was missed when the server already proposes the next (T79)', () => {
    const proposed = { plannedAt: planned + DAY }
    expect(at(job(proposed), server(), late)).toMatchObject({ expectedAt: planned, state: 'overdue' })
    expect(at(job({ ...proposed, queued: true }), server(), late)).toMatchObject({ expectedAt: planned, state: 'ok' })
    expect(at(job({ ...proposed, lastBeganAt: planned + 3000 }), server(), late)).toMatchObject({
      expectedAt: planned + DAY,
      state: 'ok',
    })
  })

  it('does not take a time for a start that the scheduler has had, or may not allow', () => {
    const proposed = { plannedAt: planned + DAY }
    for (const change of [{ lastRun: planned + 1000 }, { allowedDays: ['mon'] }]) {
      const facts = job({ ...proposed, schedule: { ...schedule, ...change } })
      expect(at(facts, server(), late)).toMatchObject({ expectedAt: planned + DAY, state: 'ok' })
    }
  })

  it('is nothing without a schedule, without a repeat, or before a time was set (T15, T25)', () => {
    const never = { status: 'None', lastBeganAt: null } as const
    for (const facts of [
      job({ ...never, schedule: null, plannedAt: null }),
      job({ ...never, schedule: { ...schedule, repeat: '' } }),
      job({ ...never, schedule: { ...schedule, repeat: null } }),
      job({ ...never, schedule: { ...schedule, time: YEAR_1 }, plannedAt: null }),
      job({ ...never, schedule: { ...schedule, time: YEAR_1 }, plannedAt: YEAR_1 }),
    ]) {
      expect(at(facts, server(), late)).toMatchObject({
        expectedAt: null,
        expectedFrom: null,
        state: 'unscheduled',
        overdue: false,
      })
    }
  })
})
