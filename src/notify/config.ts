import type { UserError } from '../errors.ts'
import type { Globals } from '../fleet/rules.ts'
import { LANGUAGES, type Language } from '../i18n/types.ts'
import {
  addressesOf,
  DEFAULT_PORTS,
  SMTP_SECURITY,
  type SmtpConfig,
  type SmtpSecurity,
} from './channels/email/config.ts'
import { DEFAULT_URL, type NtfyConfig } from './channels/ntfy/config.ts'

/** All that building and sending messages needs to know, read once a round: changed settings hold from the next one on. */
export interface NotifyConfig {
  ntfy: NtfyConfig
  /** Null: no `smtp.host` is set. */
  email: SmtpConfig | null
  /** Of the templates. */
  language: Language
  /** BCP 47 tag for dates and numbers, where it is of that language. */
  locale: string
  /** IANA name; null: the machine's own zone. */
  timeZone: string | null
}

/** The settings that count here, by their keys; what is missing or null has its default. */
export interface NotifySettings {
  'ntfy.url'?: string | null
  'ntfy.topic'?: string | null
  'smtp.host'?: string | null
  'smtp.port'?: number | null
  'smtp.security'?: string | null
  'smtp.user'?: string | null
  'smtp.from'?: string | null
  'smtp.senderName'?: string | null
  /** Several, separated by commas. */
  'smtp.to'?: string | null
  /** Of the templates; else the locale's language. */
  language?: string | null
}

/** Opened secrets, or why one cannot be opened. */
export interface NotifySecrets {
  'ntfy.token'?: string | UserError | null
  'smtp.password'?: string | UserError | null
}

/** Puts settings, secrets and the display's locale and zone together. Nothing is judged yet: each channel does when it is opened. */
export function notifyConfigOf(
  settings: NotifySettings,
  secrets: NotifySecrets,
  display: { locale: string; timeZone: string | null },
): NotifyConfig {
  return {
    ntfy: {
      url: filled(settings['ntfy.url']) ?? DEFAULT_URL,
      topic: filled(settings['ntfy.topic']),
      ...opened(secrets['ntfy.token'], 'token'),
    },
    email: smtpOf(settings, secrets),
    language: languageOf(filled(settings.language) ?? display.locale),
    ...display,
  }
}

function smtpOf(settings: NotifySettings, secrets: NotifySecrets): SmtpConfig | null {
  const host = filled(settings['smtp.host'])
  if (host === null) return null
  const user = filled(settings['smtp.user'])
  const security = (filled(settings['smtp.security']) ?? 'starttls') as SmtpSecurity
  return {
    host,
    port: settings['smtp.port'] ?? DEFAULT_PORTS[SMTP_SECURITY.includes(security) ? security : 'starttls'],
    security,
    user,
    // Without a user nobody logs in: a password that was kept, and cannot be opened, is in nobody's way.
    ...opened(user === null ? null : secrets['smtp.password'], 'password'),
    from: filled(settings['smtp.from']),
    senderName: filled(settings['smtp.senderName']),
    to: addressesOf(settings['smtp.to'] ?? ''),
  }
}

/** For the rules: what exists. ntfy always does, since it needs no account; without a topic it has no standard destination. */
export function globalsOf({ ntfy, email }: NotifyConfig): Globals {
  return {
    ntfy: { configured: true, topic: ntfy.topic },
    email: { configured: email !== null, to: email?.to ?? [] },
  }
}

/** The language that texts are written in for a locale: `de-AT` is `de`, `pt` and `pt-PT` are `pt-BR`; else English. */
export function languageOf(tag: string): Language {
  const exact = LANGUAGES.find((language) => language.toLowerCase() === tag.toLowerCase())
  const base = tag.toLowerCase().split('-')[0]
  return exact ?? LANGUAGES.find((language) => language.toLowerCase().split('-')[0] === base) ?? 'en'
}

function opened<Name extends string>(secret: string | UserError | null | undefined, name: Name) {
  const isText = typeof secret === 'string'
  const value = { [name]: isText && secret !== '' ? secret : null } as Record<Name, string | null>
  return { ...value, problem: isText ? null : (secret ?? null) }
}

function filled(text: string | null | undefined): string | null {
  const trimmed = text?.trim() ?? ''
  return trimmed === '' ? null : trimmed
}
