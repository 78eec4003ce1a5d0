/** The flags that set what holds for jobs: `job edit --notify …`, and with `default-` before them `server edit --default-notify …`. */
import * as Flags from '@oclif/core/flags'
import { readInterval } from '../duplicati/interval.ts'
import { UsageError } from '../errors.ts'
import { dateOrNull, type OffsetMinutes, parseDuration } from '../fleet/durations.ts'
import { type JobSettings, NOTIFICATION_EVENTS, type NotificationEvent, type SettingField } from '../fleet/rules.ts'
import { NAMED_FIELDS, SETTING_HELP, SETTING_NAMES } from '../output/job-settings.ts'
import { emailsOf, isEmail, isTopic } from '../settings/check.ts'
import { splitList } from './screen.ts'

const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']
const DAY_NAMES = /^(?:mon(?:day)?|tue(?:sday)?|wed(?:nesday)?|thu(?:rsday)?|fri(?:day)?|sat(?:urday)?|sun(?:day)?)$/
const EVENTS = NOTIFICATION_EVENTS.join('|')
const MOST_ADDRESSES = 50

/** As a person typed them, by their names without the prefix. */
export interface GivenSettings {
  monitored?: boolean | undefined
  interval?: string | undefined
  weekdays?: string | undefined
  time?: string | undefined
  tolerance?: string | undefined
  'max-age'?: string | undefined
  notify?: string | undefined
  ntfy?: boolean | undefined
  email?: boolean | undefined
  'additional-emails'?: string | undefined
  'additional-ntfy-topic'?: string | undefined
  'additional-notify'?: string | undefined
}

type Prefix = '' | 'default-'
type Prefixed<P extends Prefix> = { [Name in keyof Required<GivenSettings> as `${P}${Name}`]: GivenSettings[Name] }

/** The flags by name; an empty text sets a field to nothing, which is not the same as inheriting it. */
export function settingFlags<P extends Prefix>(prefix: P) {
  const help = SETTING_HELP
  const made = {
    monitored: Flags.boolean({ description: help.monitored, allowNo: true }),
    interval: Flags.string({ description: help.expectedInterval, helpValue: '1D' }),
    weekdays: Flags.string({ description: help.allowedWeekDays, helpValue: 'DAYS' }),
    time: Flags.string({ description: help.time, helpValue: 'TIME' }),
    tolerance: Flags.string({ description: help.tolerance, helpValue: '1h' }),
    'max-age': Flags.string({ description: help.maxAge, helpValue: '3d' }),
    notify: Flags.string({ description: help.notificationEvent, options: [...NOTIFICATION_EVENTS] }),
    ntfy: Flags.boolean({ description: help.ntfyEnabled, allowNo: true }),
    email: Flags.boolean({ description: help.emailEnabled, allowNo: true }),
    'additional-emails': Flags.string({ description: help.additionalEmails, helpValue: 'ADDRESS,...' }),
    'additional-ntfy-topic': Flags.string({ description: help.additionalNtfyTopic, helpValue: 'TOPIC' }),
    'additional-notify': Flags.string({ description: help.additionalNotificationEvent, helpValue: EVENTS }),
  }
  const entries = Object.entries(made).map(([name, flag]) => [`${prefix}${name}`, flag])
  return Object.fromEntries(entries) as { [Name in keyof typeof made as `${P}${Name}`]: (typeof made)[Name] }
}

/** The flags of a prefix among others. */
export function givenSettings<P extends Prefix>(prefix: P, flags: Partial<Prefixed<P>>): GivenSettings {
  const all = flags as Record<string, unknown>
  const entries = NAMED_FIELDS.map((field) => [SETTING_NAMES[field], all[`${prefix}${SETTING_NAMES[field]}`]])
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined)) as GivenSettings
}

/**
 * What the flags set.
 * @param at the moment and the zone that a `--time` without date or offset is read by
 * @throws UsageError `bad_value` and what intervals, durations and times throw
 */
export function settingsFrom(given: GivenSettings, at: { now: number; offset: OffsetMinutes }): JobSettings {
  const { monitored, interval, weekdays, time, tolerance, notify, ntfy, email } = given
  const [maxAge, emails, topic, also] = [
    given['max-age'],
    given['additional-emails'],
    given['additional-ntfy-topic'],
    given['additional-notify'],
  ]
  return {
    ...(monitored !== undefined && { monitored }),
    ...(interval !== undefined && { expectedInterval: intervalOf(interval) }),
    ...(weekdays !== undefined && { allowedWeekDays: weekdaysOf(weekdays) }),
    ...(time !== undefined && { time: time === '' ? null : timeOf(time, at) }),
    ...(tolerance !== undefined && {
      tolerance: tolerance === '' ? null : tolerance === 'none' ? 0 : parseDuration(tolerance),
    }),
    ...(maxAge !== undefined && { maxAge: maxAge === '' || maxAge === 'none' ? null : parseDuration(maxAge) }),
    ...(notify !== undefined && { notificationEvent: notify as NotificationEvent }),
    ...(ntfy !== undefined && { ntfyEnabled: ntfy }),
    ...(email !== undefined && { emailEnabled: email }),
    ...(emails !== undefined && { additionalEmails: addressesOf(emails) }),
    ...(topic !== undefined && { additionalNtfyTopic: topicOf(topic) }),
    ...(also !== undefined && { additionalNotificationEvent: also === '' ? null : eventOf(also) }),
  }
}

/**
 * The fields that `--inherit notify,email` names; `all` for every one that is not set beside.
 * @throws UsageError `bad_value`, also for one that is named and set
 */
export function fieldsOf(lists: readonly string[], set: JobSettings): SettingField[] {
  const names = lists.flatMap(splitList)
  if (names.includes('all')) return NAMED_FIELDS.filter((field) => !Object.hasOwn(set, field))
  return [...new Set(names)].map((name) => {
    const field = NAMED_FIELDS.find((one) => one === name || SETTING_NAMES[one] === name.replace(/^--/, ''))
    if (field && Object.hasOwn(set, field)) {
      throw bad(`${SETTING_NAMES[field]} can't be set and taken away at once`, 'Leave one of them out.')
    }
    if (field) return field
    const all = NAMED_FIELDS.map((one) => SETTING_NAMES[one]).join(', ')
    throw bad(`${JSON.stringify(name)} is no setting of a job`, `They are ${all}; or all.`)
  })
}

/** Days and time belong to a schedule set by hand, which only an interval makes. @param whose named in the error */
export function requireInterval(set: JobSettings, interval: string | null | undefined, whose: string): void {
  const needs = Boolean(set.time) || (set.allowedWeekDays?.length ?? 0) > 0
  if (!needs || interval) return
  throw bad(`${whose} has no interval set, and days or a time alone make no schedule`, 'Add --interval 1D.')
}

function intervalOf(text: string): string | null {
  const interval = text.trim()
  if (interval === '') return null
  const parts = readInterval(interval)
  if (!parts)
    throw bad(`Duplicati cannot repeat by ${JSON.stringify(text)}`, 'Digits with s, m, h, D, W, M or Y: 1D, 12h.')
  if (parts.every(({ value }) => value === 0)) throw bad(`An interval of ${interval} never passes`, 'Such as 1D.')
  return interval
}

function weekdaysOf(text: string): string[] {
  const days = new Set<string>()
  for (const part of splitList(text.toLowerCase())) {
    const [from, to = from, ...more] = part.split('-').map((name) => {
      const day = name.trim()
      return DAY_NAMES.test(day) ? DAYS.indexOf(day.slice(0, 3)) : -1
    })
    if (from === undefined || to === undefined || from < 0 || to < 0 || more.length > 0) {
      throw bad(
        `${JSON.stringify(part)} is no weekday`,
        'Write mon,tue,wed,thu,fri,sat,sun, or a range such as mon-fri.',
      )
    }
    for (let day = from; ; day = (day + 1) % 7) {
      days.add(DAYS[day] ?? '')
      if (day === to) break
    }
  }
  return DAYS.filter((day) => days.has(day))
}

/** A clock time is that of today. */
function timeOf(text: string, { now, offset }: { now: number; offset: OffsetMinutes }): string {
  const today = new Date(now + offset(now) * 60_000).toISOString().slice(0, 10)
  const full = /^\d\d:\d\d(?::\d\d)?$/.test(text.trim()) ? `${today}T${text.trim()}` : text
  const at = /^\d{4}-/.test(full.trim()) ? dateOrNull(full, now, offset) : null
  if (at === null) throw bad(`${JSON.stringify(text)} is no time`, 'Write 02:00 or 2026-11-24T02:00.')
  return new Date(at).toISOString()
}

function addressesOf(text: string): string[] {
  const addresses = emailsOf(text)
  const wrong = addresses.find((address) => !isEmail(address))
  if (wrong !== undefined) throw bad(`${JSON.stringify(wrong)} is no e-mail address`, 'Write them with commas.')
  if (addresses.length > MOST_ADDRESSES) throw bad(`More than ${MOST_ADDRESSES} addresses`, 'Use a mailing list.')
  return addresses
}

function topicOf(text: string): string {
  const topic = text.trim()
  if (topic === '' || isTopic(topic)) return topic
  throw bad(`${JSON.stringify(text)} is no ntfy topic`, 'Letters, digits, - and _, at most 64.')
}

function eventOf(text: string): NotificationEvent {
  const event = NOTIFICATION_EVENTS.find((one) => one === text)
  if (event) return event
  throw bad(
    `${JSON.stringify(text)} says not which runs`,
    `One of ${NOTIFICATION_EVENTS.join(', ')}, or an empty text.`,
  )
}

function bad(message: string, hint: string): UsageError {
  return new UsageError(message, { code: 'bad_value', hint })
}
