import { describe, expect, it } from 'vitest'
import { step } from '../../../src/fleet/alerts/step.ts'
import { type AlertSettings, type Finding, FORGOTTEN, REMINDERS } from '../../../src/fleet/alerts/types.ts'
import { Random } from '../../support/duplicati/random.ts'
import { Book } from './book.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const start = Date.parse('2026-11-24T03:00:00Z')
const settings: AlertSettings = { reminder: 'default', stormLimit: 10 }

const finding = (change: Partial<Finding> = {}): Finding => ({
  kind: 'overdue',
  serverId: 's1',
  jobId: 'j1',
  state: 'holds',
  since: start,
  data: { expectedAt: start - HOUR, lastRunAt: start - DAY },
  snoozed: false,
  again: false,
  renewed: false,
  missedRuns: null,
  failedRuns: 0,
  ...change,
})
const over = (change: Partial<Finding> = {}) => finding({ state: 'over', missedRuns: 3, ...change })

/** Checks at these days after the start; what was told, with the day. */
function sequence(days: [day: number, ...findings: Finding[]][], given: Partial<AlertSettings> = {}): string[] {
  const book = new Book()
  return days.flatMap(([day, ...findings]) => {
    const now = start + day * DAY
    const plan = step(book.open, findings, { ...settings, ...given }, now)
    const told = book.apply(plan, now)
    expect(step(book.open, findings.map(settled), { ...settings, ...given }, now).transitions, 'applied twice').toEqual(
      [],
    )
    return told.map((line) => `day ${day}: ${line}`)
  })
}

/** What a second look at the same facts finds once the plan was applied. */
function settled(one: Finding): Finding {
  return { ...one, again: false }
}

describe('an alert', () => {
  it('is told when it opens, by its schedule, and once when it ends (T44)', () => {
    const days = Array.from({ length: 21 }, (_, day): [number, Finding] => [day, finding()])
    expect(sequence([...days, [21, over()], [22, over()]])).toEqual([
      'day 0: overdue j1',
      'day 1: overdue j1 still',
      'day 8: overdue j1 still',
      'day 15: overdue j1 still',
      'day 21: overdue j1 over, missed 3, failed 0',
    ])
  })

  it.each([
    ['once', []],
    ['daily', [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21]],
    ['weekly', [7, 14, 21]],
    ['monthly', [30, 60]],
    ['default', [1, 8, 15, 22, 29, 36, 43, 50, 57]],
  ] as const)('is told again %s', (reminder, expected) => {
    const days = Array.from(
      { length: reminder === 'daily' || reminder === 'weekly' ? 22 : 62 },
      (_, day): [number, Finding] => [day, finding()],
    )
    const told = sequence(days, { reminder }).slice(1)
    expect(told).toEqual(expected.map((day) => `day ${day}: overdue j1 still`))
    expect(REMINDERS).toContain(reminder)
  })

  it.each([
    ['daily', 1],
    ['weekly', 7],
  ] as const)('is told again %s by a check that cron makes once a day, a moment sooner or later', (reminder, every) => {
    const moment = [0, 40, -35, 20, -60, 0, 55, -10].map((seconds) => seconds / 86_400)
    const days = Array.from({ length: 29 }, (_, day): [number, Finding] => [
      day + (moment[day % moment.length] ?? 0),
      finding(),
    ])
    const told = sequence(days, { reminder }).map((line) => Math.round(Number(/[\d.]+/.exec(line)?.[0])))
    expect(told).toEqual(Array.from({ length: Math.floor(28 / every) + 1 }, (_, i) => i * every))
  })

  it('is told again once after a longer silence of the monitor, not for each time that was missed', () => {
    expect(
      sequence(
        [
          [0, finding()],
          [40, finding()],
          [40.1, finding()],
        ],
        { reminder: 'daily' },
      ),
    ).toEqual(['day 0: overdue j1', 'day 40: overdue j1 still'])
  })

  it('is told again at once when a newer run came and the job is late once more, and from there by the schedule', () => {
    expect(
      sequence([
        [0, finding()],
        [1, finding()],
        [3, finding({ again: true, data: { expectedAt: start + 2 * DAY, lastRunAt: start + DAY } })],
        [3.5, finding()],
        [4, finding()],
        [5, finding()],
        [11, finding()],
      ]),
    ).toEqual([
      'day 0: overdue j1',
      'day 1: overdue j1 still',
      'day 3: overdue j1 again',
      'day 4: overdue j1 still',
      'day 11: overdue j1 still',
    ])
  })

  it('is told again at the next check when its reminders were forgotten, whatever the schedule', () => {
    for (const reminder of REMINDERS) {
      const book = new Book()
      const check = (day: number) => {
        const now = start + day * DAY
        return book.apply(step(book.open, [finding()], { ...settings, reminder }, now), now)
      }
      check(0)
      book.open = book.open.map((alert) => ({ ...alert, remindedAt: FORGOTTEN }))
      expect(check(0.1)).toEqual(['overdue j1 still'])
      expect(check(0.2)).toEqual([])
    }
  })

  it('stays as it is while nobody can tell', () => {
    const unknown = finding({ state: 'unknown' })
    expect(
      sequence([
        [0, finding()],
        [9, unknown],
        [10, unknown],
        [11, finding()],
        [12, over()],
      ]),
    ).toEqual(['day 0: overdue j1', 'day 11: overdue j1 still', 'day 12: overdue j1 over, missed 3, failed 0'])
  })

  it('ends without a word where nobody waits for it any more', () => {
    expect(
      sequence([
        [0, finding()],
        [1, finding({ state: 'dropped' })],
        [2, finding()],
      ]),
    ).toEqual(['day 0: overdue j1', 'day 2: overdue j1'])
  })
})

describe('a snooze', () => {
  const snoozed = finding({ snoozed: true })

  it('keeps a problem from opening until it ends', () => {
    expect(
      sequence([
        [0, snoozed],
        [3, snoozed],
        [4, finding()],
        [4.5, finding()],
      ]),
    ).toEqual(['day 4: overdue j1'])
    expect(
      sequence([
        [0, snoozed],
        [3, over()],
        [4, finding({ state: 'dropped' })],
      ]),
    ).toEqual([])
  })

  it('silences reminders of what is open, loses nothing, and lets it end without a word', () => {
    expect(
      sequence([
        [0, finding()],
        [1, snoozed],
        [5, snoozed],
        [6, finding()],
      ]),
    ).toEqual(['day 0: overdue j1', 'day 6: overdue j1 still'])
    expect(
      sequence([
        [0, finding()],
        [1, snoozed],
        [2, over({ snoozed: true })],
        [3, over()],
      ]),
    ).toEqual(['day 0: overdue j1'])
  })
})

describe('failed runs', () => {
  const failed = (failures: number) => finding({ kind: 'failed', data: { failures } })
  it('are told of by themselves; only their end is told here, with how many there were', () => {
    const good = finding({ kind: 'failed', state: 'over', failedRuns: 4 })
    expect(
      sequence([
        [0, failed(1)],
        [1, failed(2)],
        [30, failed(4)],
        [31, good],
      ]),
    ).toEqual(['day 31: failed j1 over, missed null, failed 4'])
  })

  it('are counted in the alert', () => {
    const book = new Book()
    for (const [day, failures] of [1, 2, 3].entries())
      book.apply(step(book.open, [failed(failures)], settings, day), day)
    expect(book.open).toMatchObject([{ kind: 'failed', data: { failures: 3 }, reminders: 0 }])
  })
})

describe('several alerts', () => {
  it('of a job that end together are one recovery that says all', () => {
    const kinds = ['failed', 'overdue', 'failedEarly'] as const
    const ends = [
      finding({ kind: 'failed', state: 'over', failedRuns: 4 }),
      over(),
      finding({ kind: 'failedEarly', state: 'over', failedRuns: 1 }),
    ]
    expect(
      sequence([
        [0, ...kinds.map((kind) => finding({ kind }))],
        [1, ...ends],
      ]),
    ).toEqual(['day 0: overdue j1', 'day 0: failedEarly j1', 'day 1: overdue j1 over, missed 3, failed 4'])
  })

  it('of more jobs than the limit are marked to become one message, openings and ends each', () => {
    const many = (count: number, change: Partial<Finding>) =>
      Array.from({ length: count }, (_, n) => finding({ jobId: `j${n}`, ...change }))
    const storm = (findings: Finding[], book = new Book()) => step(book.open, findings, settings, start).storm
    expect(storm(many(10, {}))).toEqual({ alerts: false, recoveries: false })
    expect(storm(many(11, {}))).toEqual({ alerts: true, recoveries: false })
    expect(storm(many(50, { kind: 'failed' }))).toEqual({ alerts: false, recoveries: false })
    const book = new Book()
    book.apply(step([], many(11, {}), settings, start), start)
    expect(storm(many(11, { state: 'over' }), book)).toEqual({ alerts: false, recoveries: true })
    expect(storm(many(11, { state: 'over', snoozed: true }), book)).toEqual({ alerts: false, recoveries: false })
    expect(step(book.open, many(11, {}), settings, start + DAY).storm.alerts).toBe(true)
  })

  it('open only of the kinds that may, and all of them end', () => {
    const only = { kinds: ['failed'] } as const
    expect(
      sequence(
        [
          [0, finding()],
          [1, finding()],
        ],
        only,
      ),
    ).toEqual([])
    const book = new Book()
    book.apply(step([], [finding()], settings, start), start)
    const told = book.apply(step(book.open, [over()], { ...settings, ...only }, start), start)
    expect(told).toEqual(['overdue j1 over, missed 3, failed 0'])
  })
})

/** Seeded histories of findings of a handful of jobs. `ALERT_SEED` takes another seed. */
describe('any history', () => {
  const seeds = process.env.ALERT_SEED ? [Number(process.env.ALERT_SEED)] : Array.from({ length: 60 }, (_, n) => n + 1)

  it.each(seeds)('tells each problem once, reminds in order, and ends what it began (seed %i)', (seed) => {
    const random = new Random(seed)
    const pick = <T>(items: readonly T[]): T => items[Math.floor(random.next() * items.length)] as T
    const reminder = pick(REMINDERS)
    const book = new Book()
    let now = start
    for (let check = 0; check < 400; check++) {
      now += Math.floor(random.next() * DAY)
      const kinds = (['overdue', 'tooOld', 'failedEarly', 'failed', 'unreachable'] as const).filter(
        () => random.next() < 0.5,
      )
      const findings = kinds.flatMap((kind) =>
        ['j1', 'j2', 'j3']
          .filter(() => random.next() < 0.7)
          .map((jobId) =>
            finding({
              kind,
              jobId,
              serverId: `s-${jobId}`,
              state: pick(['holds', 'holds', 'holds', 'over', 'dropped', 'unknown']),
              snoozed: random.next() < 0.1,
              again: random.next() < 0.05,
              data: kind === 'failed' ? { failures: check } : { lastRunAt: check },
            }),
          ),
      )
      const before = structuredClone(book.open)
      const plan = step(book.open, findings, { reminder, stormLimit: 3 }, now)
      expect(step(book.open, findings, { reminder, stormLimit: 3 }, now), 'no memory of its own').toEqual(plan)
      const told = book.apply(plan, now)
      expect(step(book.open, findings.map(settled), { reminder, stormLimit: 3 }, now).transitions).toEqual([])

      const silenced = findings.filter(({ snoozed, state }) => snoozed || state === 'unknown' || state === 'dropped')
      for (const { kind, jobId } of silenced) {
        expect(
          told.some((line) => line.startsWith(`${kind} ${jobId}`)),
          `${kind} ${jobId} at check ${check}`,
        ).toBe(false)
      }
      for (const alert of before) {
        const one = findings.find(({ kind, jobId }) => kind === alert.kind && jobId === alert.jobId)
        const stays = !one || one.state === 'holds' || one.state === 'unknown'
        expect(
          book.open.some(({ id }) => id === alert.id),
          `alert ${alert.id} at check ${check}`,
        ).toBe(stays)
      }
      for (const one of findings.filter(({ state, snoozed }) => state === 'holds' && !snoozed)) {
        expect(book.open.some(({ kind, jobId }) => kind === one.kind && jobId === one.jobId)).toBe(true)
      }
    }
    expect(book.told.some((line) => line.endsWith('failed still'))).toBe(false)
    expect(book.told.length).toBeGreaterThan(50)
  })
})
