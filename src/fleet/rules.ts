/**
 * Who is told of what: the settings that hold for a job, and the destinations that follow from them. The meanings of the
 * settings are those of the duplistatus web application, so that its users' settings carry over (docs/notifications.md).
 */

/** Which runs are told. Each word contains the next one's. */
export const NOTIFICATION_EVENTS = ['all', 'warnings', 'errors', 'off'] as const
export type NotificationEvent = (typeof NOTIFICATION_EVENTS)[number]

/** What can be set for a job, and on its server as a default for all its jobs. */
export const SETTING_FIELDS = [
  'notificationEvent',
  'ntfyEnabled',
  'emailEnabled',
  'additionalEmails',
  'additionalNtfyTopic',
  'additionalNotificationEvent',
  'monitored',
  'expectedInterval',
  'allowedWeekDays',
  'time',
  'tolerance',
  'maxAge',
] as const
export type SettingField = (typeof SETTING_FIELDS)[number]

/** What holds for a job in the end. */
export interface EffectiveSettings {
  /** Which runs go to the standard destinations. */
  notificationEvent: NotificationEvent
  /** Switches of the standard destinations; for alerts too. */
  ntfyEnabled: boolean
  emailEnabled: boolean
  /** Further recipients. */
  additionalEmails: string[]
  /** A further topic on the same ntfy server; empty for none. */
  additionalNtfyTopic: string
  /** Which runs go to the additional destinations. */
  additionalNotificationEvent: NotificationEvent
  /** Whether the job is checked for lateness at all. */
  monitored: boolean
  /** A schedule set by hand: Duplicati's interval (`1D`), its days (empty: all) and an ISO 8601 time; null for none. */
  expectedInterval: string | null
  allowedWeekDays: string[]
  time: string | null
  /** Seconds after the planned start; null for the global tolerance. */
  tolerance: number | null
  /** Seconds that the last success may be old; null for any. */
  maxAge: number | null
}

/**
 * What somebody set: a field that is there counts, also when it is empty (`''`, `[]`, null). An empty
 * `additionalNotificationEvent` means the job's own `notificationEvent`.
 */
export type JobSettings = {
  [Field in SettingField]?: Field extends 'additionalNotificationEvent'
    ? NotificationEvent | null
    : EffectiveSettings[Field]
}

/** What holds where nobody set anything. */
export const BUILT_IN: Readonly<Omit<EffectiveSettings, 'additionalNotificationEvent'>> = {
  notificationEvent: 'warnings',
  ntfyEnabled: true,
  emailEnabled: true,
  additionalEmails: [],
  additionalNtfyTopic: '',
  monitored: true,
  expectedInterval: null,
  allowedWeekDays: [],
  time: null,
  tolerance: null,
  maxAge: null,
}

/** A field that the job sets wins, also when it is empty; then the server's default; then the built-in one. */
export function effectiveSettings(job: JobSettings, server: JobSettings = {}): EffectiveSettings {
  const own = { ...BUILT_IN, ...server, ...job }
  return { ...own, additionalNotificationEvent: own.additionalNotificationEvent ?? own.notificationEvent }
}

/** The settings in the store's rows (`field`, `value` as JSON). What is no known field, or has no value of its type, is not set. */
export function settingsOf(rows: readonly { field: string; value: string }[]): JobSettings {
  const settings: Record<string, unknown> = {}
  for (const { field, value } of rows) {
    if (!isField(field)) continue
    const parsed = parseJson(value)
    if (CHECKS[field](parsed)) settings[field] = parsed
  }
  return settings as JobSettings
}

function isField(name: string): name is SettingField {
  return SETTING_FIELDS.includes(name as SettingField)
}

const isEvent = (value: unknown) => NOTIFICATION_EVENTS.includes(value as NotificationEvent)
const isFlag = (value: unknown) => typeof value === 'boolean'
const isText = (value: unknown) => typeof value === 'string'
const isTexts = (value: unknown) => Array.isArray(value) && value.every(isText)
const isNumber = (value: unknown) => typeof value === 'number' && Number.isFinite(value)
const orNull = (check: (value: unknown) => boolean) => (value: unknown) => value === null || check(value)

const CHECKS: Readonly<Record<SettingField, (value: unknown) => boolean>> = {
  notificationEvent: isEvent,
  ntfyEnabled: isFlag,
  emailEnabled: isFlag,
  additionalEmails: isTexts,
  additionalNtfyTopic: isText,
  additionalNotificationEvent: orNull(isEvent),
  monitored: isFlag,
  expectedInterval: orNull(isText),
  allowedWeekDays: isTexts,
  time: orNull(isText),
  tolerance: orNull(isNumber),
  maxAge: orNull(isNumber),
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

export const CHANNELS = ['ntfy', 'email'] as const
export type ChannelName = (typeof CHANNELS)[number]

/** A topic on the configured ntfy server, or an e-mail address. */
export interface Destination {
  channel: ChannelName
  destination: string
}

/** The standard destinations, and which channels exist at all: nothing is written for a channel that is not set up. */
export interface Globals {
  ntfy: { configured: boolean; topic: string | null }
  email: { configured: boolean; to: string[] }
}

/** A run as it is stored: the counts are the true ones. */
export interface RunOutcome {
  kind: 'run'
  status: 'Success' | 'Warning' | 'Error' | 'Fatal' | 'Unknown'
  warnings: number
  errors: number
}

export type Occurrence =
  | RunOutcome
  /** A job is overdue, too old or failed before it began; or its server cannot be reached (by the server's defaults). */
  | { kind: 'alert' }
  /** The end of it, for those who were told of the beginning. */
  | { kind: 'recovery'; told: readonly Destination[] }

/** Where a message goes; each destination once, standard ones first. */
export function destinationsFor(event: Occurrence, settings: EffectiveSettings, globals: Globals): Destination[] {
  if (event.kind === 'recovery') return unique(event.told.filter(({ channel }) => globals[channel].configured))
  const toStandard = event.kind === 'alert' || selects(settings.notificationEvent, event)
  const additional = settings.additionalNotificationEvent
  const toAdditional = event.kind === 'alert' ? additional !== 'off' : selects(additional, event)
  return unique([
    ...(toStandard ? standard(settings, globals) : []),
    ...(toAdditional ? additionalOnes(settings, globals) : []),
  ])
}

/** Whether a run is told to those who asked for `event`. A Success with warnings or errors counted is a Warning. */
export function selects(event: NotificationEvent, { status, warnings, errors }: RunOutcome): boolean {
  switch (event) {
    case 'all':
      return true
    case 'warnings':
      return status !== 'Success' || warnings > 0 || errors > 0
    case 'errors':
      return status === 'Error' || status === 'Fatal' || errors > 0
    case 'off':
      return false
  }
}

/** A run that ended longer before it arrived is history: a first collection of a year of failures is silent. */
const NEWS_MS = 24 * 60 * 60 * 1000

/** Whether a newly arrived run is news. Times in milliseconds. */
export function isNews({ endedAt, receivedAt }: { endedAt: number; receivedAt: number }): boolean {
  return receivedAt - endedAt < NEWS_MS
}

function standard(settings: EffectiveSettings, { ntfy, email }: Globals): Destination[] {
  return [
    ...(settings.ntfyEnabled && ntfy.configured && ntfy.topic ? [toTopic(ntfy.topic)] : []),
    ...(settings.emailEnabled && email.configured ? email.to.map(toAddress) : []),
  ]
}

function additionalOnes(settings: EffectiveSettings, { ntfy, email }: Globals): Destination[] {
  const topic = settings.additionalNtfyTopic.trim()
  return [
    ...(ntfy.configured && topic !== '' ? [toTopic(topic)] : []),
    ...(email.configured ? settings.additionalEmails.map(toAddress) : []),
  ]
}

function toTopic(topic: string): Destination {
  return { channel: 'ntfy', destination: topic }
}

function toAddress(address: string): Destination {
  return { channel: 'email', destination: address.trim() }
}

/** Addresses that differ in case only are one mailbox everywhere in practice. */
function unique(destinations: readonly Destination[]): Destination[] {
  const seen = new Map<string, Destination>()
  for (const one of destinations) {
    if (one.destination === '') continue
    const name = one.channel === 'email' ? one.destination.toLowerCase() : one.destination
    const key = `${one.channel} ${name}`
    if (!seen.has(key)) seen.set(key, one)
  }
  return [...seen.values()]
}
