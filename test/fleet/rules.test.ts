import { describe, expect, it } from 'vitest'
import {
  type Destination,
  destinationsFor,
  effectiveSettings,
  isNews,
  type JobSettings,
  NOTIFICATION_EVENTS,
  type NotificationEvent,
  type Occurrence,
  settingsOf,
} from '../../src/fleet/rules.ts'

/** The outcomes that can be: what is counted makes a Success a Warning. */
const OUTCOMES = (['Success', 'Warning', 'Error', 'Fatal', 'Unknown'] as const).flatMap((status) =>
  [0, 3].flatMap((warnings) => [0, 2].map((errors) => ({ kind: 'run' as const, status, warnings, errors }))),
)
const ALERT: Occurrence = { kind: 'alert' }
const GLOBALS = {
  ntfy: { configured: true, topic: 'all-of-us' },
  email: { configured: true, to: ['me@mail.example'] },
}
/** `undefined`: not set at all. */
type Choice<T> = T | undefined
const EVENTS: Choice<NotificationEvent>[] = [undefined, ...NOTIFICATION_EVENTS]
const FLAGS: Choice<boolean>[] = [undefined, true, false]
const MAILS: Choice<string[]>[] = [undefined, [], ['extra@mail.example', 'more@mail.example']]
const TOPICS: Choice<string>[] = [undefined, '', 'extra-topic']

function settings(given: Record<string, unknown>): JobSettings {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as JobSettings
}

/** The first of these that is set, however empty. */
function inherited<T>(own: Choice<T>, server: Choice<T>, builtIn: T): T {
  if (own !== undefined) return own
  return server !== undefined ? server : builtIn
}

/** rules in words: which runs a choice is for. */
const WANTS: Record<NotificationEvent, (run: (typeof OUTCOMES)[number]) => boolean> = {
  all: () => true,
  warnings: (run) => !(run.status === 'Success' && run.warnings + run.errors === 0),
  errors: (run) => ['Error', 'Fatal'].includes(run.status) || run.errors > 0,
  off: () => false,
}

interface Own {
  notificationEvent: Choice<NotificationEvent>
  ntfyEnabled: Choice<boolean>
  emailEnabled: Choice<boolean>
  additionalEmails: Choice<string[]>
  additionalNtfyTopic: Choice<string>
  additionalNotificationEvent: Choice<NotificationEvent | null>
}

/** The same rules, written another way: as text lines, built from the bottom. */
function oracle(occurrence: Occurrence, job: Own, server: Own): string[] {
  const main = inherited(job.notificationEvent, server.notificationEvent, 'warnings')
  const extra = inherited(job.additionalNotificationEvent, server.additionalNotificationEvent, null) ?? main
  let tellStandard: boolean
  let tellExtra: boolean
  if (occurrence.kind === 'run') {
    tellStandard = WANTS[main](occurrence)
    tellExtra = WANTS[extra](occurrence)
  } else {
    tellStandard = true
    tellExtra = extra !== 'off'
  }
  const told: string[] = []
  if (tellStandard) {
    if (inherited(job.ntfyEnabled, server.ntfyEnabled, true)) told.push('ntfy all-of-us')
    if (inherited(job.emailEnabled, server.emailEnabled, true)) told.push('email me@mail.example')
  }
  if (tellExtra) {
    const topic = inherited(job.additionalNtfyTopic, server.additionalNtfyTopic, '')
    if (topic !== '') told.push(`ntfy ${topic}`)
    for (const address of inherited(job.additionalEmails, server.additionalEmails, [])) told.push(`email ${address}`)
  }
  return told.sort()
}

const written = (destinations: Destination[]) => destinations.map((one) => `${one.channel} ${one.destination}`).sort()

const NOTHING: Own = {
  notificationEvent: undefined,
  ntfyEnabled: undefined,
  emailEnabled: undefined,
  additionalEmails: undefined,
  additionalNtfyTopic: undefined,
  additionalNotificationEvent: undefined,
}

/** Compares every occurrence for one pair of settings; one assertion for all, or a table this long takes minutes. */
function differences(job: Own, server: Own): string[] {
  const effective = effectiveSettings(settings({ ...job }), settings({ ...server }))
  return [...OUTCOMES, ALERT].flatMap((occurrence) => {
    const expected = oracle(occurrence, job, server)
    const actual = written(destinationsFor(occurrence, effective, GLOBALS))
    if (expected.join() === actual.join()) return []
    return [`${JSON.stringify({ occurrence, job, server })}: ${actual.join(', ')} instead of ${expected.join(', ')}`]
  })
}

describe('who is told', () => {
  it('follows the rules in every combination of events, outcomes and inheritance', () => {
    const wrong: string[] = []
    let compared = 0
    for (const notificationEvent of EVENTS) {
      for (const serverEvent of EVENTS) {
        for (const additionalNotificationEvent of [...EVENTS, null]) {
          for (const serverAdditional of [...EVENTS, null]) {
            const job = {
              ...NOTHING,
              notificationEvent,
              additionalNotificationEvent,
              additionalNtfyTopic: 'extra-topic',
            }
            const server = {
              ...NOTHING,
              notificationEvent: serverEvent,
              additionalNotificationEvent: serverAdditional,
              additionalEmails: ['extra@mail.example'],
            }
            wrong.push(...differences(job, server))
            compared += OUTCOMES.length + 1
          }
        }
      }
    }
    expect(wrong).toEqual([])
    expect(compared).toBe(5 * 5 * 6 * 6 * 21)
  })

  it('follows the rules in every combination of switches, destinations and inheritance', () => {
    const wrong: string[] = []
    const owns: Own[] = []
    for (const ntfyEnabled of FLAGS) {
      for (const emailEnabled of FLAGS) {
        for (const additionalEmails of MAILS) {
          for (const additionalNtfyTopic of TOPICS) {
            owns.push({ ...NOTHING, ntfyEnabled, emailEnabled, additionalEmails, additionalNtfyTopic })
          }
        }
      }
    }
    const events = [
      { notificationEvent: 'off', additionalNotificationEvent: 'errors' },
      { notificationEvent: 'warnings', additionalNotificationEvent: undefined },
      { notificationEvent: 'all', additionalNotificationEvent: 'off' },
    ] as const
    for (const own of owns) {
      for (const server of owns) {
        for (const event of events) wrong.push(...differences({ ...own, ...event }, server))
      }
    }
    expect(wrong).toEqual([])
    expect(owns).toHaveLength(81)
  })

  it('sends overdue messages of a job whose runs are off, but not to additional destinations that follow it', () => {
    const effective = effectiveSettings({ notificationEvent: 'off', additionalNtfyTopic: 'extra-topic' })
    expect(written(destinationsFor(ALERT, effective, GLOBALS))).toEqual(['email me@mail.example', 'ntfy all-of-us'])
  })

  it('lets one job clear an address that it would inherit', () => {
    const server: JobSettings = { additionalEmails: ['customer@mail.example'], additionalNtfyTopic: 'customer' }
    expect(effectiveSettings({ additionalEmails: [] }, server).additionalEmails).toEqual([])
    expect(effectiveSettings({ additionalNtfyTopic: '' }, server).additionalNtfyTopic).toBe('')
    expect(effectiveSettings({}, server).additionalEmails).toEqual(['customer@mail.example'])
  })

  it('names each destination once', () => {
    const effective = effectiveSettings({
      additionalEmails: ['ME@mail.example', ' other@mail.example ', 'other@mail.example'],
      additionalNtfyTopic: 'all-of-us',
    })
    expect(written(destinationsFor(ALERT, effective, GLOBALS))).toEqual([
      'email me@mail.example',
      'email other@mail.example',
      'ntfy all-of-us',
    ])
  })

  it('writes nothing for a channel that is not set up', () => {
    const effective = effectiveSettings({
      additionalEmails: ['extra@mail.example'],
      additionalNtfyTopic: 'extra-topic',
    })
    const globals = { ntfy: { configured: true, topic: null }, email: { configured: false, to: [] } }
    expect(destinationsFor(ALERT, effective, globals)).toEqual([{ channel: 'ntfy', destination: 'extra-topic' }])
  })

  it('tells the end to those who were told of the beginning, whatever is set now', () => {
    const told: Destination[] = [
      { channel: 'email', destination: 'former@mail.example' },
      { channel: 'ntfy', destination: 'all-of-us' },
    ]
    const effective = effectiveSettings({ notificationEvent: 'off', ntfyEnabled: false, emailEnabled: false })
    expect(destinationsFor({ kind: 'recovery', told }, effective, GLOBALS)).toEqual(told)
    expect(destinationsFor({ kind: 'recovery', told: [] }, effectiveSettings({}), GLOBALS)).toEqual([])
  })
})

describe('stored settings', () => {
  it('are read by field, and what is no value of its type is not set', () => {
    const rows = [
      { field: 'notificationEvent', value: '"errors"' },
      { field: 'additionalEmails', value: '[]' },
      { field: 'additionalNotificationEvent', value: 'null' },
      { field: 'tolerance', value: '1800' },
      { field: 'ntfyEnabled', value: '"yes"' },
      { field: 'emailEnabled', value: 'broken' },
      { field: '__proto__', value: '{"monitored": false}' },
      { field: 'other', value: '1' },
    ]
    expect(settingsOf(rows)).toEqual({
      notificationEvent: 'errors',
      additionalEmails: [],
      additionalNotificationEvent: null,
      tolerance: 1800,
    })
  })
})

describe('news', () => {
  const HOUR = 3_600_000
  it('is a run that ended less than a day before it arrived', () => {
    expect(isNews({ endedAt: 0, receivedAt: 24 * HOUR - 1 })).toBe(true)
    expect(isNews({ endedAt: 0, receivedAt: 24 * HOUR })).toBe(false)
    expect(isNews({ endedAt: HOUR, receivedAt: 0 })).toBe(true)
  })
})
