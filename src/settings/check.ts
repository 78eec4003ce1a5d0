/** Whether a value can be what a setting asks for, in words for people. */
import { UsageError } from '../errors.ts'
import { toleranceSeconds } from './reader.ts'
import { type Definition, definitionOf, isSettingKey, SETTING_KEYS, type SettingKey, validWords } from './schema.ts'

const LONGEST_TEXT = 200
/** One mailbox, without a name: enough to keep out what could be taken for several, or for another header. */
const ADDRESS = /^[^\s@<>(),;:\\"[\]\p{Cc}]{1,64}@[^\s@<>(),;:\\"[\]\p{Cc}]{1,255}$/u
const HOST = /^[^\s/@\p{Cc}]{1,255}$/u
/** `mail.example:587`; more than one colon is an IPv6 address. */
const HOST_AND_PORT = /^[^:]*:\d*$/
const TOPIC = /^[-_A-Za-z0-9]{1,64}$/
const CONTROLS = /[\p{Cc}\p{Zl}\p{Zp}]/u
/** Whether it looks like a cron expression; whether it is one is asked of the library (`requireCron`) when it is set. */
const CRON = /^[\w*/,?#-]{1,100}(?: +[\w*/,?#-]{1,100}){4}$/

/** @throws UsageError `unknown_setting` with the nearest keys */
export function requireKey(text: string): SettingKey {
  if (isSettingKey(text)) return text
  const near = SETTING_KEYS.filter((key) => isNear(key.toLowerCase(), text.toLowerCase()))
  throw new UsageError(`There is no setting ${JSON.stringify(text.slice(0, 60))}`, {
    code: 'unknown_setting',
    hint: near.length > 0 ? `Did you mean ${near.join(' or ')}?` : 'duplistatus config list shows them all.',
  })
}

function isNear(key: string, text: string): boolean {
  const last = key.slice(key.lastIndexOf('.') + 1)
  return text !== '' && (key.startsWith(text) || last === text || last === text.slice(text.lastIndexOf('.') + 1))
}

/** The value of a setting as somebody typed it, as it is stored. @throws UsageError `bad_setting` */
export async function valueFromText(key: SettingKey, text: string): Promise<string | number> {
  const definition = definitionOf(key)
  const trimmed = definition.kind === 'secret' ? text : text.normalize('NFC').trim()
  const value = definition.kind === 'integer' && /^\d{1,9}$/.test(trimmed) ? Number(trimmed) : trimmed
  if (!isValid(definition, value) || (definition.kind === 'cron' && !(await isCron(trimmed)))) {
    throw new UsageError(`${key} can't be ${shown(definition, text)}: needed is ${validWords(definition)}`, {
      code: 'bad_setting',
      hint: `Such as: duplistatus config set ${key} ${shellWord(definition.example)}`,
    })
  }
  return value
}

/** What is wrong with a value in the settings file, as a sentence without its end; null when it is right. */
export function problemOf(key: SettingKey, value: unknown): string | null {
  const definition = definitionOf(key)
  if (definition.kind === 'secret') {
    const isSealed = typeof value === 'string' && /^v\d+:/.test(value)
    return isSealed ? null : `${key} is not encrypted: remove it there, then run duplistatus config set ${key}`
  }
  return isValid(definition, value) ? null : wrongValue(key, value)
}

/** As `problemOf`, with what needs a library to be told. */
export async function fullProblemOf(key: SettingKey, value: unknown): Promise<string | null> {
  const definition = definitionOf(key)
  const problem = problemOf(key, value)
  if (problem !== null || definition.kind !== 'cron' || (await isCron(String(value)))) return problem
  return wrongValue(key, value)
}

/** Says that a value cannot be what the setting asks for. */
export function wrongValue(key: SettingKey, value: unknown): string {
  const definition = definitionOf(key)
  return `${key} can't be ${shown(definition, value)}: needed is ${validWords(definition)}`
}

async function isCron(text: string): Promise<boolean> {
  return text === 'off' || (await import('./cron.ts')).isCronExpression(text)
}

function isValid(definition: Definition, value: unknown): boolean {
  if (definition.kind === 'integer') {
    return Number.isInteger(value) && Number(value) >= definition.min && Number(value) <= definition.max
  }
  if (typeof value !== 'string' || value === '' || CONTROLS.test(value) || !value.isWellFormed()) return false
  switch (definition.kind) {
    case 'secret':
      return true
    case 'choice':
      return definition.choices.includes(value)
    case 'cron':
      return value === 'off' ? definition.off : CRON.test(value)
    case 'url':
      return isAddress(value, definition.private)
    case 'text':
      return value.length <= LONGEST_TEXT
    case 'host':
      return HOST.test(value) && !HOST_AND_PORT.test(value)
    case 'topic':
      return TOPIC.test(value)
    case 'address':
      return isEmail(value)
    case 'addresses':
      return emailsOf(value).length > 0 && emailsOf(value).every(isEmail)
    case 'tolerance':
      return succeeds(() => toleranceSeconds(value))
    case 'locale':
      return succeeds(() => Intl.getCanonicalLocales(value))
    case 'timeZone':
      return succeeds(() => new Intl.DateTimeFormat('en', { timeZone: value }))
  }
}

/** E-mail addresses of a list as people write it. */
export function emailsOf(list: string): string[] {
  return list
    .split(/[,;]/)
    .map((address) => address.trim())
    .filter((address) => address !== '')
}

/** One address without a name. */
export function isEmail(text: string): boolean {
  return ADDRESS.test(text)
}

/** A topic as ntfy takes it. */
export function isTopic(text: string): boolean {
  return TOPIC.test(text)
}

function isAddress(text: string, isPrivate: boolean): boolean {
  const url = URL.parse(text)
  if (url === null || !/^https?:$/.test(url.protocol) || text.length > 2_000) return false
  return isPrivate || (url.search === '' && url.hash === '' && url.username === '' && url.password === '')
}

function succeeds(work: () => unknown): boolean {
  try {
    work()
    return true
  } catch {
    return false
  }
}

/** A value in a message; what may be secret is not said again. */
function shown(definition: Definition, value: unknown): string {
  if (definition.kind === 'secret' || (definition.kind === 'url' && definition.private)) return 'that'
  const text = JSON.stringify(value) ?? 'that'
  return text.length > 80 ? `${text.slice(0, 80)}…` : text
}

function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text}'`
}
