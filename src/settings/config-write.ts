/** Writing the settings file: by `conf`, whole or not at all, readable for nobody else; one process at a time. */
import { chmodSync, existsSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { basename, dirname, extname } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { UserError } from '../errors.ts'
import { makeFolder } from '../folders.ts'
import { lookUp, parseSettings, readSettingsFile, readText } from './reader.ts'
import type { SettingKey } from './schema.ts'

type Raw = Record<string, unknown>

const LOCK_PATIENCE = 5_000
const LOCK_RETRY = 20
/** No change takes as long: such a lock belongs to a process that was killed. */
const LOCK_STALE = 10_000

/** Stores a value that has been checked, and sealed where it is a secret. */
export async function setSetting(file: string, key: SettingKey, value: string | number): Promise<void> {
  await changeSettings(file, (raw) => put(raw, key, value))
}

/** @returns whether it was set */
export async function unsetSetting(file: string, key: SettingKey): Promise<boolean> {
  let wasSet = false
  await changeSettings(file, (raw) => {
    wasSet = lookUp(raw, key) !== undefined
    remove(raw, key)
  })
  return wasSet
}

/**
 * The topic for messages. Where none is set the one that `make` gives is stored, once: of two processes that need it at the same
 * time the second takes the first one's.
 */
export async function ensureTopic(file: string, make: () => string): Promise<string> {
  const topicIn = (raw: Raw) => {
    const topic = lookUp(raw, 'ntfy.topic')
    return typeof topic === 'string' && topic !== '' ? topic : null
  }
  let topic = topicIn(readSettingsFile(file))
  if (topic !== null) return topic
  await changeSettings(file, (raw) => {
    topic = topicIn(raw) ?? make()
    put(raw, 'ntfy.topic', topic)
  })
  return topic ?? make()
}

/** Writes a draft beside the file, for an editor. @throws UserError `settings_refused` where it can't be written */
export function writeDraft(file: string, draft: string, text: string): void {
  try {
    makeFolder(dirname(file))
    writeFileSync(draft, text, { mode: 0o600, flag: 'wx' })
  } catch (error) {
    throw refused(file, error)
  }
}

/**
 * Puts a draft in place of the file, as it was written, as long as nobody else changed the file since its text was `before`.
 * @param draft a file in the same folder; gone afterwards
 */
export async function replaceSettings(file: string, draft: string, before: string | null): Promise<void> {
  await alone(file, () => {
    if (readText(file) !== before) {
      throw new UserError(`${file} was changed by somebody else meanwhile`, {
        code: 'settings_changed',
        hint: `Your text is kept in ${draft}.`,
      })
    }
    chmodSync(draft, 0o600)
    renameSync(draft, existsSync(file) ? realpathSync(file) : file)
  })
}

async function changeSettings(file: string, change: (raw: Raw) => void): Promise<void> {
  await alone(file, async () => {
    const raw = readSettingsFile(file)
    const before = JSON.stringify(raw)
    change(raw)
    if (JSON.stringify(raw) !== before) await write(file, raw)
  })
}

/** @throws UserError `settings_refused` where the file can't be written */
async function alone(file: string, work: () => Promise<void> | void): Promise<void> {
  try {
    makeFolder(dirname(file))
    const unlock = await lock(`${file}.lock`)
    try {
      await work()
    } finally {
      unlock()
    }
  } catch (error) {
    throw refused(file, error)
  }
}

/** What the system refuses, in a user's words; anything else as it is. */
function refused(file: string, error: unknown): unknown {
  const { code, syscall } = error as NodeJS.ErrnoException
  if (code === undefined || syscall === undefined) return error
  return new UserError(`The settings file ${file} can't be written (${code})`, {
    code: 'settings_refused',
    hint: 'Check the permissions of the file and its folder, or name another with --config.',
    cause: error,
  })
}

async function write(file: string, raw: Raw): Promise<void> {
  const { default: Conf } = await import('conf')
  const extension = extname(file)
  const conf = new Conf<Raw>({
    cwd: dirname(file),
    configName: basename(file, extension),
    fileExtension: extension.slice(1),
    configFileMode: 0o600,
    deserialize: (text) => parseSettings(text.replace(/^\uFEFF/, ''), file),
    serialize: (value) => `${JSON.stringify(value, null, 2)}\n`,
  })
  conf.store = raw
}

async function lock(path: string): Promise<() => void> {
  const until = performance.now() + LOCK_PATIENCE
  for (;;) {
    try {
      writeFileSync(path, `${process.pid}\n`, { flag: 'wx', mode: 0o600 })
      return () => rmSync(path, { force: true })
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
      if (isStale(path)) rmSync(path, { force: true })
      else if (performance.now() >= until) {
        throw new UserError(`Another process is changing the settings (${path})`, {
          code: 'settings_locked',
          hint: 'Try again; if nothing else runs, remove that file.',
        })
      }
    }
    await pause(LOCK_RETRY)
  }
}

function isStale(path: string): boolean {
  const made = statSync(path, { throwIfNoEntry: false })?.mtimeMs
  return made !== undefined && Date.now() - made > LOCK_STALE
}

/** Nested, whatever form the key had before. */
function put(raw: Raw, key: SettingKey, value: string | number): void {
  delete raw[key]
  const parts = key.split('.')
  const name = parts.pop() ?? key
  let place = raw
  for (const part of parts) {
    const below = Object.hasOwn(place, part) ? place[part] : undefined
    const next = isObject(below) ? below : {}
    place[part] = next
    place = next
  }
  place[name] = value
}

/** Groups that are left empty go too. */
function remove(raw: Raw, key: SettingKey): void {
  delete raw[key]
  const [group = '', name] = key.split('.')
  const below = raw[group]
  if (name === undefined || !Object.hasOwn(raw, group) || !isObject(below)) return
  delete below[name]
  if (Object.keys(below).length === 0) delete raw[group]
}

function isObject(value: unknown): value is Raw {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
