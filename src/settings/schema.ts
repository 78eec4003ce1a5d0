/**
 * Every setting of the settings file: what it is for, what it may be, what holds where nobody set it. Data only; `check.ts` judges
 * values by it, the commands and docs/settings.md are written from it.
 */

interface Common {
  /** What it is for, as a phrase. */
  about: string
  /** Shown where a value was wrong, and in the reference. */
  example: string
  /** What holds where it is not set, in words; where `default` alone does not say it. */
  otherwise?: string
  /** The environment variable that wins over the file. */
  env?: string
}

/** A secret has no default, and its value is stored sealed. */
export type Definition = Common &
  (
    | { kind: 'secret' }
    | { kind: 'integer'; min: number; max: number; default: number | null }
    | { kind: 'choice'; choices: readonly string[]; default: string | null }
    | { kind: 'cron'; off: boolean; default: string }
    /** `private`: who knows it can use it, so lists show only where it leads. */
    | { kind: 'url'; private: boolean; default: string | null }
    | {
        kind: 'text' | 'host' | 'topic' | 'address' | 'addresses' | 'tolerance' | 'locale' | 'timeZone'
        default: string | null
      }
  )

export const SETTINGS = {
  'ntfy.url': {
    kind: 'url',
    private: false,
    default: 'https://ntfy.sh',
    about: 'address of the ntfy server',
    example: 'https://ntfy.example',
  },
  'ntfy.topic': {
    kind: 'topic',
    default: null,
    otherwise: 'made at random when it is first needed, then kept',
    about: 'topic that messages are published to; who knows it can read them',
    example: 'duplistatus-a1b2c3d4e5f6',
  },
  'ntfy.token': { kind: 'secret', about: 'access token of the ntfy server', example: '--stdin' },
  'smtp.host': { kind: 'host', default: null, otherwise: 'no e-mail', about: 'mail server', example: 'mail.example' },
  'smtp.port': {
    kind: 'integer',
    min: 1,
    max: 65_535,
    default: null,
    otherwise: '587 with starttls, 465 with tls, 25 with plain',
    about: 'port of the mail server',
    example: '587',
  },
  'smtp.security': {
    kind: 'choice',
    choices: ['plain', 'starttls', 'tls'],
    default: 'starttls',
    about: 'how the connection to the mail server is secured',
    example: 'starttls',
  },
  'smtp.user': {
    kind: 'text',
    default: null,
    otherwise: 'no login',
    about: 'name to log in to the mail server with',
    example: 'me@mail.example',
  },
  'smtp.password': { kind: 'secret', about: 'password of the mail server', example: '--stdin' },
  'smtp.from': {
    kind: 'address',
    default: null,
    otherwise: 'smtp.user',
    about: 'address that messages come from',
    example: 'duplistatus@mail.example',
  },
  'smtp.senderName': {
    kind: 'text',
    default: 'duplistatus',
    about: "name shown beside the sender's address",
    example: 'Backups',
  },
  'smtp.to': {
    kind: 'addresses',
    default: null,
    otherwise: 'nobody',
    about: 'recipients of every message, separated by commas',
    example: 'me@mail.example,you@mail.example',
  },
  'overdue.tolerance': {
    kind: 'tolerance',
    default: '1h',
    about: "how late a backup may start before it is overdue; a job's own tolerance wins",
    example: '2h',
  },
  'overdue.check': {
    kind: 'cron',
    off: false,
    default: '*/5 * * * *',
    about: 'when the daemon looks for overdue backups',
    example: '*/10 * * * *',
  },
  'overdue.reminder': {
    kind: 'choice',
    choices: ['default', 'once', 'daily', 'weekly', 'monthly'],
    default: 'default',
    about: 'how often an open alert is told again; default: after a day, then every week',
    example: 'daily',
  },
  'collect.schedule': {
    kind: 'cron',
    off: true,
    default: '0 */6 * * *',
    about: 'when the daemon collects from servers that have an address',
    example: '30 */2 * * *',
  },
  'collect.concurrency': {
    kind: 'integer',
    min: 1,
    max: 500,
    default: 25,
    about: 'how many servers are asked at once',
    example: '10',
  },
  'alerts.stormLimit': {
    kind: 'integer',
    min: 1,
    max: 10_000,
    default: 10,
    about: 'more new alerts of one check than this become one message per channel',
    example: '10',
  },
  'heartbeat.url': {
    kind: 'url',
    private: true,
    default: null,
    otherwise: 'none',
    about: 'address that is called after each check, so that something watches the watcher',
    example: 'https://hc-ping.com/your-uuid',
  },
  locale: {
    kind: 'locale',
    default: null,
    otherwise: "the system's",
    env: 'DUPLISTATUS_LOCALE',
    about: 'language of dates and numbers',
    example: 'de-DE',
  },
  timeZone: {
    kind: 'timeZone',
    default: null,
    otherwise: "the system's",
    env: 'DUPLISTATUS_TZ',
    about: 'time zone of dates, and of the cron expressions',
    example: 'Europe/Berlin',
  },
  language: {
    kind: 'choice',
    choices: ['en', 'de', 'fr', 'es', 'pt-BR', 'hi-Latn', 'zh-CN'],
    default: null,
    otherwise: "the locale's, else en",
    about: 'language of the messages',
    example: 'de',
  },
} as const satisfies Record<string, Definition>

type Schema = typeof SETTINGS
export type SettingKey = keyof Schema
export type SecretKey = { [K in SettingKey]: Schema[K] extends { kind: 'secret' } ? K : never }[SettingKey]
export type PlainKey = Exclude<SettingKey, SecretKey>

type Wide<D> = D extends { kind: 'integer' }
  ? number
  : D extends { choices: readonly (infer Choice)[] }
    ? Choice
    : string
type ValueOf<D> = D extends { default: null } ? Wide<D> | null : Wide<D>
/** What holds for each key but the secrets: as it was set, else the default. */
export type SettingValues = { [K in PlainKey]: ValueOf<Schema[K]> }

export const SETTING_KEYS = Object.keys(SETTINGS) as SettingKey[]

export function definitionOf(key: SettingKey): Definition {
  return SETTINGS[key]
}

export function isSettingKey(text: string): text is SettingKey {
  return Object.hasOwn(SETTINGS, text)
}

export function isSecret(key: SettingKey): key is SecretKey {
  return SETTINGS[key].kind === 'secret'
}

/** What holds where it is not set, in words. */
export function defaultWords(definition: Definition): string {
  if (definition.otherwise !== undefined) return definition.otherwise
  return definition.kind === 'secret' ? 'none' : String(definition.default ?? 'none')
}

/** What a value must be, as words that follow "needed is" and stand in the reference. */
export function validWords(definition: Definition): string {
  switch (definition.kind) {
    case 'integer':
      return `a whole number from ${definition.min} to ${definition.max}`
    case 'choice':
      return `one of ${definition.choices.join(', ')}`
    case 'cron':
      return `a cron expression of five fields (minute hour day month weekday)${definition.off ? ', or off' : ''}`
    case 'url':
      return `an address that begins with http:// or https://${definition.private ? '' : ', without a password, ? or # in it'}`
    default:
      return WORDS[definition.kind]
  }
}

const WORDS = {
  secret: 'one line of text',
  text: 'one line of text, at most 200 characters',
  host: 'a host name or IP address, without a port',
  topic: 'letters, digits, - and _, at most 64',
  address: 'one e-mail address, without a name',
  addresses: 'e-mail addresses, separated by commas',
  tolerance: 'a duration such as 15min, 2h or 1d, or none',
  locale: 'a language tag such as en-GB, de or pt-BR',
  timeZone: 'a time zone such as Europe/Berlin, America/New_York or UTC',
} as const
