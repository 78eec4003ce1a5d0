/** What commands about servers take from a person, checked, and what they say in return. */
import { dirname } from 'node:path'
import { UsageError } from '../errors.ts'
import { openSecrets, type Secrets } from '../settings/secrets.ts'
import type { Context } from './context.ts'

const LONGEST_NAME = 100
const LONGEST_NOTE = 1_000
const LONGEST_TAG = 50
const MOST_TAGS = 50
/** Controls, line ends, marks that reorder or hide in a line: no name needs them, and a terminal obeys some. */
const UNWANTED = /[\p{Cc}\p{Zl}\p{Zp}\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff]/u

/** Seals and opens what is kept of servers; a key file that others can read is said once. */
export function secretsOf(context: Context, warn: (text: string) => void): Secrets {
  const secrets = openSecrets({ env: context.env, configDir: dirname(context.configFile) })
  const warning = secrets.warning()
  if (warning) warn(warning)
  return secrets
}

/** Null for the empty text, which clears; undefined where the flag was not given. */
export function aliasOf(text: string | undefined): string | null | undefined {
  return textOf(text, '--alias', LONGEST_NAME)
}

export function noteOf(text: string | undefined): string | null | undefined {
  return textOf(text, '--note', LONGEST_NOTE)
}

export function reasonOf(text: string | undefined): string | null | undefined {
  return textOf(text, '--reason', LONGEST_NOTE)
}

/** Each tag once; one empty tag alone clears all. */
export function tagsOf(tags: string[] | undefined): string[] | undefined {
  if (tags === undefined) return undefined
  const kept = new Set(tags.flatMap((tag) => textOf(tag, '--tag', LONGEST_TAG) ?? []))
  if (kept.size > MOST_TAGS) throw new UsageError(`--tag was given more than ${MOST_TAGS} times`)
  return [...kept]
}

/** One line of text, trimmed. Null for the empty text, undefined where the flag was not given. @throws UsageError `bad_name` */
export function textOf(text: string | undefined, flag: string, longest: number): string | null | undefined {
  if (text === undefined) return undefined
  const trimmed = text.normalize('NFC').trim()
  if (UNWANTED.test(trimmed) || !trimmed.isWellFormed()) {
    throw new UsageError(`${flag} has control or invisible characters in it`, { code: 'bad_name' })
  }
  if (trimmed.length > longest) {
    throw new UsageError(`${flag} is longer than ${longest} characters`, { code: 'bad_name' })
  }
  return trimmed === '' ? null : trimmed
}

/** A name as it has to be typed in a shell. */
export function shellWord(name: string): string {
  return /^[\w@%+=:,./-]+$/.test(name) ? name : `'${name.replaceAll("'", "'\\''")}'`
}
