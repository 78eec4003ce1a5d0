import type { Language } from '../i18n/types.ts'

/** Values as a message shows them, in one language and zone, told from one moment. Null is what the language says for it. */
export interface MessageFormat {
  count(value: number | null): string
  /** Binary units: `1.5 GiB`. */
  bytes(value: number | null): string
  /** Seconds as the two largest units: `1 hr, 2 min`. */
  duration(seconds: number | null): string
  /** Seconds in the largest unit, in words: `1 hour`. */
  span(seconds: number | null): string
  date(at: number | null): string
  /** How long ago: `3 days ago`. */
  ago(at: number | null): string
}

interface FormatOptions {
  language: Language
  /** Counts where it is of the template's language and script: `de-AT` for `de`. */
  locale: string
  timeZone: string | null
  /** Milliseconds. */
  now: number
  unknown: string
  never: string
}

type Unit = 'second' | 'minute' | 'hour' | 'day' | 'month' | 'year'

/** Seconds, from the largest on; months and years as many days as they have on average. */
const UNITS: readonly [Unit, number][] = [
  ['year', 365.25 * 86_400],
  ['month', 30.44 * 86_400],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
  ['second', 1],
]
const BYTE_UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB']
const FRENCH_BYTE_UNITS = ['o', 'Kio', 'Mio', 'Gio', 'Tio', 'Pio', 'Eio']

export function messageFormat(options: FormatOptions): MessageFormat {
  const { language, timeZone, now, unknown, never } = options
  const locale = localeFor([language, options.locale])
  const { number, dates, relative, inUnit } = formatsOf([locale, timeZone])
  const orElse = <T>(otherwise: string, show: (value: T) => string) => {
    return (value: T | null) => (value === null ? otherwise : show(value))
  }
  return {
    count: orElse(unknown, (value) => number(value, 0)),
    bytes: orElse(unknown, (value) => bytes(value, number, language === 'fr' ? FRENCH_BYTE_UNITS : BYTE_UNITS)),
    duration: orElse(unknown, (seconds) => {
      const parts = split(seconds).map(([value, unit]) => inUnit(value, unit, 'short'))
      return parts.join(' ')
    }),
    span: orElse(unknown, (seconds) => {
      const [value, unit] = exact(seconds)
      return inUnit(value, unit, 'long')
    }),
    date: orElse(never, (at) => dates.format(at)),
    ago: orElse(never, (at) => {
      const [[value, unit] = [0, 'second' as const]] = split(Math.abs(now - at) / 1000)
      return relative.format(at > now ? value : -value, unit)
    }),
  }
}

interface Formats {
  number(value: number, digits: number): string
  inUnit(value: number, unit: Unit, unitDisplay: 'short' | 'long'): string
  dates: Intl.DateTimeFormat
  relative: Intl.RelativeTimeFormat
}

/** To make a formatter takes a hundred times as long as to use it, and its memory is freed late. */
const formatsOf = kept(([locale, timeZone]: [string, string | null]): Formats => {
  const numbers = kept(
    ([digits]: [number]) =>
      new Intl.NumberFormat(locale, { minimumFractionDigits: digits, maximumFractionDigits: digits }),
  )
  const units = kept(
    ([unit, unitDisplay]: [Unit, 'short' | 'long']) =>
      new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay, maximumFractionDigits: 0 }),
  )
  return {
    number: (value, digits) => numbers([digits]).format(value),
    inUnit: (value, unit, unitDisplay) => units([unit, unitDisplay]).format(value),
    dates: new Intl.DateTimeFormat(locale, {
      dateStyle: 'medium',
      timeStyle: 'short',
      ...(timeZone !== null && { timeZone }),
    }),
    relative: new Intl.RelativeTimeFormat(locale, { numeric: 'always' }),
  }
})

/** Makes one thing for each key, of which there are few. */
function kept<Key extends readonly (string | number | null)[], Thing>(make: (key: Key) => Thing): (key: Key) => Thing {
  const made = new Map<string, Thing>()
  return (key) => {
    const name = key.join(' ')
    const thing = made.get(name) ?? make(key)
    made.set(name, thing)
    return thing
  }
}

/** The configured locale where it writes the template's language in the same script, else the language's own. */
const localeFor = kept(([language, locale]: [Language, string]): string => {
  const own = language === 'en' ? 'en-GB' : language
  try {
    const [asked, wanted] = [new Intl.Locale(locale).maximize(), new Intl.Locale(own).maximize()]
    return asked.language === wanted.language && asked.script === wanted.script ? locale : own
  } catch {
    return own
  }
})

/** The two largest units that are not zero. */
function split(seconds: number): [number, Unit][] {
  let rest = Math.max(0, Math.round(seconds))
  const parts: [number, Unit][] = []
  for (const [unit, size] of UNITS) {
    const value = Math.floor(rest / size)
    if (value === 0 && (parts.length > 0 || unit !== 'second')) {
      if (parts.length > 0) break
      continue
    }
    parts.push([value, unit])
    rest -= value * size
    if (parts.length === 2) break
  }
  return parts
}

/** In the largest unit that needs no fraction: 90 minutes are not 1 hour. */
function exact(seconds: number): [number, Unit] {
  for (const [unit, size] of UNITS) {
    if (unit === 'year' || unit === 'month') continue
    if (seconds >= size && seconds % size === 0) return [seconds / size, unit]
  }
  return [Math.round(seconds), 'second']
}

function bytes(value: number, number: (value: number, digits: number) => string, units: readonly string[]): string {
  let amount = Math.abs(value)
  let unit = 0
  while (unit < units.length - 1 && amount >= (unit === 0 ? 1024 : 1023.5)) {
    amount /= 1024
    unit++
  }
  return `${number(value < 0 ? -amount : amount, unit === 0 || amount >= 99.95 ? 0 : 1)} ${units[unit]}`
}
