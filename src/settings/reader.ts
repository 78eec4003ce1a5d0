import { readFileSync, statSync } from 'node:fs'
import { UserError } from '../errors.ts'
import { parseDuration } from '../fleet/durations.ts'

/** A settings file is a few lines; more than this is something else. */
const MOST_BYTES = 1_000_000

/** The settings that commands read at start. */
export interface Settings {
  locale?: string
  timeZone?: string
  'overdue.tolerance'?: string
  'collect.concurrency'?: number
}

/**
 * Reads the settings file without a schema library, since every command does so at start (`conf` alone costs as much as two
 * bare Node processes). Nested and dotted keys mean the same. A missing file is empty.
 * @throws UserError `settings_unreadable`, naming the file and what is wrong with it
 */
export function readSettings(file: string): Settings {
  return pick(readSettingsFile(file), file)
}

/** The whole file as it is; `{}` where there is none. @throws UserError as `readSettings` */
export function readSettingsFile(file: string): Record<string, unknown> {
  return parseSettings(readText(file) ?? '', file)
}

/** What the text of a settings file says. @param file is named in errors */
export function parseSettings(text: string, file: string): Record<string, unknown> {
  if (text.trim() === '') return {}
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch (error) {
    throw broken(file, error instanceof Error ? error.message : 'it is no JSON')
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) throw broken(file, 'it is no JSON object')
  return parsed as Record<string, unknown>
}

/** The text of the file, without a byte order mark; null where there is none. */
export function readText(file: string): string | null {
  try {
    if (statSync(file).size > MOST_BYTES) throw broken(file, `it is larger than ${MOST_BYTES} bytes`)
    // Editors on Windows write a byte order mark before the text.
    return readFileSync(file, 'utf8').replace(/^\uFEFF/, '')
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    if (code === 'ENOENT' || code === 'ENOTDIR') return null
    if (error instanceof UserError) throw error
    throw broken(file, code === 'EACCES' ? 'no permission' : code === 'EISDIR' ? 'it is a folder' : String(code))
  }
}

function pick(parsed: Record<string, unknown>, file: string): Settings {
  const settings: Settings = {}
  for (const key of ['locale', 'timeZone', 'overdue.tolerance'] as const) {
    const value = lookUp(parsed, key)
    if (value === undefined || value === null) continue
    if (typeof value !== 'string') throw broken(file, `"${key}" must be a text`)
    if (key === 'overdue.tolerance' && !isTolerance(value)) {
      throw broken(file, `"${key}" must be a duration such as 15min or 2h, or none`)
    }
    settings[key] = value
  }
  const concurrency = lookUp(parsed, 'collect.concurrency')
  if (concurrency !== undefined && concurrency !== null) {
    if (typeof concurrency !== 'number' || !Number.isInteger(concurrency) || concurrency < 1 || concurrency > 500) {
      throw broken(file, '"collect.concurrency" must be a whole number from 1 to 500')
    }
    settings['collect.concurrency'] = concurrency
  }
  return settings
}

/** Seconds of `overdue.tolerance`. @throws UsageError `bad_duration` */
export function toleranceSeconds(text: string): number {
  return text === 'none' ? 0 : parseDuration(text)
}

function isTolerance(text: string): boolean {
  try {
    toleranceSeconds(text)
    return true
  } catch {
    return false
  }
}

/** What a key has in the file, dotted or nested; undefined for nothing. */
export function lookUp(parsed: Record<string, unknown>, key: string): unknown {
  if (Object.hasOwn(parsed, key)) return parsed[key]
  let value: unknown = parsed
  for (const part of key.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined
    value = (value as Record<string, unknown>)[part]
  }
  return value
}

function broken(file: string, why: string): UserError {
  return new UserError(`The settings file ${file} can't be read: ${why}`, {
    code: 'settings_unreadable',
    hint: 'Mend it, move it away, or name another with --config.',
  })
}
