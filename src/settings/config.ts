/** The settings with their defaults and opened secrets, for those who act by them (notifications, the daemon). */
import { dirname } from 'node:path'
import { UserError } from '../errors.ts'
import { problemOf } from './check.ts'
import { lookUp, readSettingsFile, toleranceSeconds } from './reader.ts'
import { definitionOf, SETTING_KEYS, type SecretKey, type SettingKey, type SettingValues } from './schema.ts'
import { openSecrets } from './secrets.ts'

/** Where settings come from; a command's context is one. */
export interface ConfigPlace {
  configFile: string
  env: NodeJS.ProcessEnv
}

export interface Config {
  readonly file: string
  /** What holds for each key but the secrets: as it was set, else the default. */
  readonly values: Readonly<SettingValues>
  /** `overdue.tolerance` in seconds. */
  readonly toleranceSeconds: number
  /** A secret in clear; null where none is set. @throws UserError `key_changed`, `secret_damaged`, `key_unreadable` */
  secret(key: SecretKey): string | null
}

/**
 * Reads the settings file anew. Secrets are opened when they are asked for, so that a lost key costs nothing else.
 * @throws UserError `settings_unreadable`, or `settings_invalid` naming the first value that can't be
 */
export function loadConfig(place: ConfigPlace): Config {
  const { configFile: file, env } = place
  const raw = readSettingsFile(file)
  const states = SETTING_KEYS.map((key) => stateOf(raw, key, env))
  for (const { key, problem } of states) if (problem !== null) throw invalid(file, key, problem)
  const values = Object.fromEntries(states.map(({ key, value }) => [key, value])) as unknown as SettingValues
  return {
    file,
    values,
    toleranceSeconds: toleranceSeconds(values['overdue.tolerance']),
    secret: (key) => openSetting(lookUp(raw, key), key, place),
  }
}

/** A setting as it stands. */
export interface SettingState {
  key: SettingKey
  /** What holds; null for none, and for secrets. */
  value: string | number | null
  isSet: boolean
  source: 'file' | 'environment' | 'default'
  /** What is wrong with the value in the file. */
  problem: string | null
}

/** @param raw the parsed file */
export function stateOf(raw: Record<string, unknown>, key: SettingKey, env: NodeJS.ProcessEnv): SettingState {
  const definition = definitionOf(key)
  const own = lookUp(raw, key) ?? null
  const problem = own === null ? null : problemOf(key, own)
  if (definition.kind === 'secret') {
    return { key, value: null, isSet: own !== null, source: own === null ? 'default' : 'file', problem }
  }
  const given = definition.env === undefined ? undefined : env[definition.env]
  if (given) return { key, value: given, isSet: true, source: 'environment', problem }
  if (own === null) return { key, value: definition.default, isSet: false, source: 'default', problem }
  return { key, value: own as string | number, isSet: true, source: 'file', problem }
}

/** What holds for one key, whatever is wrong with the others; null for none. */
export function loadValue(key: SettingKey, { configFile, env }: ConfigPlace): string | number | null {
  return stateOf(readSettingsFile(configFile), key, env).value
}

/** A value in the file that cannot be used. @param problem a sentence without its end */
export function invalid(file: string, key: SettingKey, problem: string): UserError {
  return new UserError(`The settings file ${file} has a wrong value: ${problem}`, {
    code: 'settings_invalid',
    hint: `duplistatus config set ${key} VALUE, or: duplistatus config unset ${key}`,
  })
}

/** What a sealed setting is bound to, so that it opens under its own key only. */
function ownerOf(key: SecretKey): string {
  return `setting:${key}`
}

export function sealSetting(text: string, key: SecretKey, place: ConfigPlace): string {
  return openSecrets({ env: place.env, configDir: dirname(place.configFile) }).seal(text, ownerOf(key))
}

/** @param sealed as the file has it; nothing opens as null */
export function openSetting(sealed: unknown, key: SecretKey, { env, configFile }: ConfigPlace): string | null {
  if (sealed === undefined || sealed === null) return null
  try {
    return openSecrets({ env, configDir: dirname(configFile) }).open(String(sealed), ownerOf(key))
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    throw new UserError(`${key} can't be opened. ${error.message}`, {
      code: error.code,
      hint: `Everything else is intact. Put the old key back, or give it again: duplistatus config set ${key}`,
      cause: error,
    })
  }
}
