import { UsageError } from '../errors.ts'
import { locations } from '../settings/paths.ts'
import { readSettings } from '../settings/reader.ts'

/** Where a command reads and writes; tests give their own. */
export interface Io {
  stdin: NodeJS.ReadStream
  stdout: NodeJS.WriteStream
  stderr: NodeJS.WriteStream
  env: NodeJS.ProcessEnv
  now: () => Date
}

/** What every command knows of its surroundings, computed once. */
export interface Context extends Omit<Io, 'now'> {
  /** Taken once, so that one command never judges by two clocks. */
  now: Date
  json: boolean
  quiet: boolean
  /** BCP 47 tag. */
  locale: string
  /** IANA name; null stands for the machine's own zone, which Date knows without loading ICU's data (28 ms at start). */
  timeZone: string | null
  /** Terminal columns; Infinity when stdout is no terminal (piped output is never cut). */
  width: number
  height: number
  isTTY: { stdin: boolean; stdout: boolean; stderr: boolean }
  color: boolean
  unicode: boolean
  dbFile: string
  configFile: string
}

export interface GlobalFlags {
  db?: string | undefined
  config?: string | undefined
  json?: boolean
  quiet?: boolean
  color?: boolean
  locale?: string | undefined
  tz?: string | undefined
}

export function processIo(): Io {
  return {
    // Few commands read it, and to ask for it makes it: a stream of a file loads a dozen of Node's own modules (4 ms).
    get stdin() {
      return process.stdin
    },
    stdout: process.stdout,
    stderr: process.stderr,
    env: process.env,
    now: () => new Date(),
  }
}

/**
 * Flags win over the environment, the environment over the settings file, that over the machine's defaults.
 * @param options.settings false where the settings file is not to be read, so that a broken one can be mended
 * @throws UsageError for an unknown locale or time zone.
 */
export function createContext(io: Io, flags: GlobalFlags, options: { settings?: boolean } = {}): Context {
  const { env } = io
  const { dbFile, configFile } = locations({ env, db: flags.db, config: flags.config })
  const settings = options.settings === false ? {} : readSettings(configFile)
  const isTTY = {
    get stdin() {
      return io.stdin.isTTY === true
    },
    stdout: io.stdout.isTTY === true,
    stderr: io.stderr.isTTY === true,
  }
  return {
    get stdin() {
      return io.stdin
    },
    stdout: io.stdout,
    stderr: io.stderr,
    env,
    now: io.now(),
    json: flags.json === true,
    quiet: flags.quiet === true,
    ...displayOf(env, flags, settings),
    width: isTTY.stdout ? io.stdout.columns || Number(env.COLUMNS) || 80 : Number.POSITIVE_INFINITY,
    height: io.stdout.rows || 24,
    isTTY,
    color: wantsColor(flags.color, isTTY.stdout, env),
    unicode: speaksUnicode(env),
    dbFile,
    configFile,
  }
}

/** In which language and zone things are shown. @throws UsageError for an unknown one */
export function displayOf(
  env: NodeJS.ProcessEnv,
  flags: Pick<GlobalFlags, 'locale' | 'tz'>,
  settings: { locale?: string | undefined; timeZone?: string | undefined },
): Pick<Context, 'locale' | 'timeZone'> {
  const { DUPLISTATUS_LOCALE: locale, DUPLISTATUS_TZ: timeZone } = env
  return {
    locale: localeOf(
      asked(['--locale', flags.locale], ['DUPLISTATUS_LOCALE', locale], ['locale', settings.locale]),
      env,
    ),
    timeZone: timeZoneOf(asked(['--tz', flags.tz], ['DUPLISTATUS_TZ', timeZone], ['timeZone', settings.timeZone])),
  }
}

type Asked = [from: string, value: string | undefined]

/** The first that says something, with where it was said. */
function asked(...places: Asked[]): { from: string; value: string } | null {
  const [from, value] = places.find(([, said]) => said !== undefined) ?? []
  return from !== undefined && value ? { from, value } : null
}

function localeOf(said: ReturnType<typeof asked>, env: NodeJS.ProcessEnv): string {
  if (said) {
    try {
      return Intl.getCanonicalLocales(said.value)[0] ?? 'en-GB'
    } catch {
      throw new UsageError(`${said.from} ${JSON.stringify(said.value)} is no language tag`, {
        hint: 'Write it like en-GB, de or pt-BR.',
      })
    }
  }
  const posix = (env.LC_ALL || env.LC_TIME || env.LANG || '').split('.')[0]?.replace('_', '-') ?? ''
  if (posix === '' || posix === 'C' || posix === 'POSIX') return 'en-GB'
  try {
    return Intl.getCanonicalLocales(posix.split('@')[0])[0] ?? 'en-GB'
  } catch {
    return 'en-GB'
  }
}

function timeZoneOf(said: ReturnType<typeof asked>): string | null {
  if (!said) return null
  try {
    return new Intl.DateTimeFormat('en', { timeZone: said.value }).resolvedOptions().timeZone
  } catch {
    throw new UsageError(`${said.from} ${JSON.stringify(said.value)} is no time zone`, {
      hint: 'Write it like Europe/Berlin, America/New_York or UTC.',
    })
  }
}

/** The order of no-color.org and style guides: the flag, FORCE_COLOR, NO_COLOR (non-empty), then whether it is a terminal. */
function wantsColor(flag: boolean | undefined, isTTY: boolean, env: NodeJS.ProcessEnv): boolean {
  if (flag !== undefined) return flag
  if (env.FORCE_COLOR) return env.FORCE_COLOR !== '0' && env.FORCE_COLOR !== 'false'
  if (env.NO_COLOR || env.DUPLISTATUS_NO_COLOR || env.TERM === 'dumb') return false
  return isTTY
}

/** Only a locale that names another character set speaks against UTF-8: containers often set none at all. */
function speaksUnicode(env: NodeJS.ProcessEnv): boolean {
  const locale = env.LC_ALL || env.LC_CTYPE || env.LANG || ''
  if (env.TERM === 'dumb') return false
  return locale === '' || process.platform === 'win32' || /utf-?8/i.test(locale)
}
