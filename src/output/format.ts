/** Numbers, sizes, times as people read them, in one locale and time zone, relative to one moment. */

export interface FormatOptions {
  /** BCP 47 tag. */
  locale: string
  /** IANA name; null: the machine's own zone. */
  timeZone: string | null
  /** Epoch milliseconds that ages are told from. */
  now: number
  /** Stands for null. */
  unknown?: string
}

/** Every function takes null for "not known". Times are ISO 8601 texts or epoch milliseconds. */
export interface Format {
  /** Whole number with the locale's grouping: `12,345`. */
  count(value: number | null): string
  /** Binary units: `512 B`, `1.5 KiB`, `240 GiB`. */
  bytes(value: number | null): string
  /** Seconds as the two largest units: `42s`, `12min 5s`, `1h 2min`, `2d 4h`. */
  duration(seconds: number | null): string
  /** Seconds as an age: `42s`, `12min`, `3h`, `2d 4h`, `23d`, `5mo`, `1y 2mo`. */
  age(seconds: number | null): string
  /** How long ago or how long still: `3h ago`, `in 5h`, `now`. */
  relative(time: string | number | null): string
  /** Date and clock time: `24 Nov 2026, 03:00`. */
  dateTime(time: string | number | null): string
  /** As short as it can be told: `14:00` within a day, `26 Nov` beyond. */
  moment(time: string | number | null): string
  /** `42%` of a share 0…1. */
  percent(share: number): string
}

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB']
const MINUTE = 60
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
/** As on the command line (fleet/durations.ts): what was given as 6mo or 1y reads back so. */
const MONTH = 30 * DAY
const YEAR = 365 * DAY
const CLOCK: Intl.DateTimeFormatOptions = { hour: '2-digit', minute: '2-digit' }
const DAY_OF_YEAR: Intl.DateTimeFormatOptions = { day: '2-digit', month: 'short' }
const STYLES = { dateTime: { ...DAY_OF_YEAR, year: 'numeric', ...CLOCK }, clock: CLOCK, day: DAY_OF_YEAR } as const
type Style = keyof typeof STYLES
const BRITISH_MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sept', 'Oct', 'Nov', 'Dec']

const dateFormats = new Map<string, Intl.DateTimeFormat>()
const numberFormats = new Map<string, Intl.NumberFormat>()

export function createFormat(options: FormatOptions): Format {
  const { locale, timeZone, now } = options
  const unknown = options.unknown ?? '–'
  const english = /^en(-(GB|US|AU|CA|NZ|IE))?$/.test(locale)
  const number = (value: number, decimals: number) =>
    english ? groupEnglish(value, decimals) : numberFormat(locale, decimals).format(value)
  const orUnknown = <T>(show: (value: T) => string) => {
    return (value: T | null) => (value === null ? unknown : show(value))
  }
  return {
    count: orUnknown((value) => number(value, 0)),
    bytes: orUnknown((value) => bytes(value, number)),
    duration: orUnknown((seconds) => duration(seconds, number)),
    age: orUnknown(age),
    relative: orUnknown((time) => relative(millis(time), now)),
    dateTime: orUnknown((time) => written(millis(time), 'dateTime', locale, timeZone)),
    moment: orUnknown((time) => {
      const at = millis(time)
      return written(at, Math.abs(at - now) < DAY * 1000 ? 'clock' : 'day', locale, timeZone)
    }),
    percent: (share) => `${number(Math.floor(Math.min(1, Math.max(0, share)) * 100), 0)}%`,
  }
}

/** `1 job`, `2 jobs`; `show` writes the number. */
export function plural(count: number, word: string, show: (count: number) => string = String): string {
  return `${show(count)} ${word}${count === 1 ? '' : 's'}`
}

/** Nothing where nothing is known. */
export function ifKnown(value: number | null, show: (value: number) => string): string {
  return value === null ? '' : show(value)
}

/** The texts that say something, after each other. */
export function listed(...texts: string[]): string {
  return texts.filter((text) => text !== '').join(', ')
}

/** Epoch milliseconds of an ISO text or of what already is milliseconds. */
export function millis(time: string | number): number {
  return typeof time === 'number' ? time : Date.parse(time)
}

function bytes(value: number, number: (value: number, decimals: number) => string): string {
  let amount = Math.abs(value)
  let unit = 0
  // 1,023.96 KiB would be shown as 1,024 KiB: what rounds up to the next unit is told in it.
  while (unit < UNITS.length - 1 && amount >= (unit === 0 ? 1024 : 1023.5)) {
    amount /= 1024
    unit++
  }
  const decimals = unit === 0 || amount >= 99.95 ? 0 : 1
  return `${number(value < 0 ? -amount : amount, decimals)} ${UNITS[unit]}`
}

function duration(seconds: number, number: (value: number, decimals: number) => string): string {
  if (seconds < 0) return `-${duration(-seconds, number)}`
  if (seconds < 9.95) return `${number(seconds, seconds === Math.floor(seconds) ? 0 : 1)}s`
  const whole = Math.round(seconds)
  if (whole < MINUTE) return `${whole}s`
  if (whole < HOUR) return two(whole, MINUTE, 'min', 1, 's')
  if (whole < DAY) return two(whole, HOUR, 'h', MINUTE, 'min')
  return two(whole, DAY, 'd', HOUR, 'h')
}

function age(seconds: number): string {
  if (seconds < 0) return `-${age(-seconds)}`
  const whole = Math.floor(seconds)
  if (whole < MINUTE) return `${whole}s`
  if (whole < HOUR) return `${Math.floor(whole / MINUTE)}min`
  if (whole < DAY) return `${Math.floor(whole / HOUR)}h`
  if (whole < 14 * DAY) return two(whole, DAY, 'd', HOUR, 'h')
  if (whole < 60 * DAY) return `${Math.floor(whole / DAY)}d`
  if (whole < YEAR) return `${Math.floor(whole / MONTH)}mo`
  const years = Math.floor(whole / YEAR)
  // Twelve such months are five days short of a year.
  const months = Math.min(11, Math.floor((whole - years * YEAR) / MONTH))
  return months === 0 ? `${years}y` : `${years}y ${months}mo`
}

/** How long still: rounded, since three days that begin now are not 2d 23h a second later. */
function ahead(seconds: number): string {
  const unit = seconds < MINUTE ? 1 : seconds < HOUR ? MINUTE : seconds < 14 * DAY ? HOUR : DAY
  return age(Math.round(seconds / unit) * unit)
}

function relative(time: number, now: number): string {
  const seconds = (now - time) / 1000
  if (Math.abs(seconds) < 5) return 'now'
  return seconds > 0 ? `${age(seconds)} ago` : `in ${ahead(-seconds)}`
}

/** `2d 4h`; the smaller unit is left out when it is zero. */
function two(seconds: number, large: number, largeName: string, small: number, smallName: string): string {
  const major = Math.floor(seconds / large)
  const minor = Math.floor((seconds - major * large) / small)
  return minor === 0 ? `${major}${largeName}` : `${major}${largeName} ${minor}${smallName}`
}

/** What Intl gives for English, without the milliseconds that loading its data costs. */
function groupEnglish(value: number, decimals: number): string {
  const [whole = '', fraction] = Math.abs(value).toFixed(decimals).split('.')
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ',')
  return `${value < 0 ? '-' : ''}${fraction === undefined ? grouped : `${grouped}.${fraction}`}`
}

function numberFormat(locale: string, decimals: number): Intl.NumberFormat {
  const key = `${locale}|${decimals}`
  const known = numberFormats.get(key)
  if (known) return known
  const created = new Intl.NumberFormat(locale, { minimumFractionDigits: decimals, maximumFractionDigits: decimals })
  numberFormats.set(key, created)
  return created
}

function written(time: number, style: Style, locale: string, timeZone: string | null): string {
  if (Number.isNaN(time)) return '?'
  // Date itself knows the machine's zone and UTC; loading Intl's time zone data takes as long as half a Node start.
  if (locale === 'en-GB' && (timeZone === null || timeZone === 'UTC')) return british(new Date(time), style, timeZone)
  const key = `${locale}|${timeZone ?? ''}|${style}`
  let format = dateFormats.get(key)
  if (!format) {
    format = new Intl.DateTimeFormat(locale, timeZone === null ? STYLES[style] : { ...STYLES[style], timeZone })
    dateFormats.set(key, format)
  }
  return format.format(time)
}

function british(date: Date, style: Style, timeZone: string | null): string {
  const [day, month, year, hours, minutes] = timeZone
    ? [date.getUTCDate(), date.getUTCMonth(), date.getUTCFullYear(), date.getUTCHours(), date.getUTCMinutes()]
    : [date.getDate(), date.getMonth(), date.getFullYear(), date.getHours(), date.getMinutes()]
  const clock = `${twoDigits(hours)}:${twoDigits(minutes)}`
  if (style === 'clock') return clock
  const dayOfYear = `${twoDigits(day)} ${BRITISH_MONTHS[month]}`
  return style === 'day' ? dayOfYear : `${dayOfYear} ${year}, ${clock}`
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0')
}
