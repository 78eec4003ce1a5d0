/** The settings of jobs in words: by the names that their flags have. */
import { type EffectiveSettings, type JobSettings, SETTING_FIELDS, type SettingField } from '../fleet/rules.ts'
import type { Format } from './format.ts'

/** A field's name on the command line: `--notify`, `--default-notify`, `--inherit notify`. */
export const SETTING_NAMES: Readonly<Record<SettingField, string>> = {
  monitored: 'monitored',
  expectedInterval: 'interval',
  allowedWeekDays: 'weekdays',
  time: 'time',
  tolerance: 'tolerance',
  maxAge: 'max-age',
  notificationEvent: 'notify',
  ntfyEnabled: 'ntfy',
  emailEnabled: 'email',
  additionalEmails: 'additional-emails',
  additionalNtfyTopic: 'additional-ntfy-topic',
  additionalNotificationEvent: 'additional-notify',
}

/** What each is for, and what may be written. */
export const SETTING_HELP: Readonly<Record<SettingField, string>> = {
  monitored: 'watch for lateness',
  expectedInterval: "schedule set by hand, by Duplicati's letters: 1D, 12h, 1W",
  allowedWeekDays: 'days of that schedule: mon,tue or mon-fri',
  time: 'one start of that schedule: 02:00 or 2026-11-24T02:00',
  tolerance: 'how late it may start: 30min, 2h, none',
  maxAge: 'how old the last success may be: 3d, none',
  notificationEvent: 'which runs are told',
  ntfyEnabled: 'tell by ntfy, to the topic of the settings',
  emailEnabled: 'tell by e-mail, to the recipients of the settings',
  additionalEmails: 'further recipients, with commas',
  additionalNtfyTopic: 'a further ntfy topic',
  additionalNotificationEvent: 'which runs go to the further ones; empty: as notify',
}

/** In the order of the names above. */
export const NAMED_FIELDS = Object.keys(SETTING_NAMES) as SettingField[]

/** A setting's value in words; null and empty ones say what they mean. */
export function settingWords(field: SettingField, value: unknown, format: Format): string {
  if (value === undefined) return 'unset'
  if (Array.isArray(value)) return value.join(',') || (field === 'allowedWeekDays' ? 'every day' : 'none')
  switch (field) {
    case 'monitored':
    case 'ntfyEnabled':
    case 'emailEnabled':
      return value ? 'yes' : 'no'
    case 'tolerance':
      return value === null ? 'general' : value === 0 ? 'none' : format.duration(Number(value))
    case 'maxAge':
      return value === null ? 'any' : format.duration(Number(value))
    case 'time':
      return value === null ? 'none' : format.dateTime(String(value))
    case 'expectedInterval':
      return value === null ? "the server's schedule" : String(value)
    case 'additionalNotificationEvent':
      return value === null ? 'as notify' : String(value)
    default:
      return String(value ?? '') || 'none'
  }
}

export interface SettingSource {
  value: unknown
  source: 'job' | 'server' | 'default'
}

/** What holds for a job, and whether the job, its server or nobody said so. */
export function settingSources(
  effective: EffectiveSettings,
  own: JobSettings,
  server: JobSettings,
): Record<SettingField, SettingSource> {
  const sources = SETTING_FIELDS.map((field): [SettingField, SettingSource] => [
    field,
    {
      value: effective[field],
      source: Object.hasOwn(own, field) ? 'job' : Object.hasOwn(server, field) ? 'server' : 'default',
    },
  ])
  return Object.fromEntries(sources) as Record<SettingField, SettingSource>
}

/** One field of a job or of a server's defaults before and after a change; undefined where it is not set. */
export interface SettingChange {
  field: SettingField
  before: unknown
  after: unknown
}

/** What a change does to one layer of settings. */
export function settingChanges(
  before: JobSettings,
  set: JobSettings,
  inherit: readonly SettingField[],
): SettingChange[] {
  return NAMED_FIELDS.flatMap((field): SettingChange[] => {
    const was = before[field]
    const isSet = Object.hasOwn(set, field)
    if (!isSet && !inherit.includes(field)) return []
    const after = isSet ? set[field] : undefined
    return JSON.stringify(was) === JSON.stringify(after) ? [] : [{ field, before: was, after }]
  })
}

/** `notify errors (was warnings)`. */
export function changeWords({ field, before, after }: SettingChange, format: Format): string {
  const words = (value: unknown) => (value === undefined ? 'inherited' : settingWords(field, value, format))
  return `${SETTING_NAMES[field]} ${words(after)} (was ${words(before)})`
}
