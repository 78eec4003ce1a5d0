/**
 * How the texts of a run stand in the database. The first byte of a body says how the rest is packed; both are zstd with a
 * dictionary (`log-dictionary.ts`).
 */

/** JSON: what was packed before lines were, and what lines cannot hold. */
export const AS_JSON = 1
/** Lines: levels, times, places of tags, tags and versions as JSON; then the texts, each but the last with its end. */
export const AS_LINES = 2
export const END_OF_TEXT = '\0'

export const LETTERS = { message: 'm', warning: 'w', error: 'e' } as const
export const LEVELS = { m: 'message', w: 'warning', e: 'error' } as const

/** A log in columns, since like stands beside like then: half a run's size is saved against lines one after another. */
export interface LogHead {
  /** One letter a line. */
  levels: string
  /** Milliseconds since the line before that has a time; null where a line has none. */
  times: (number | null)[]
  /** Each tag once, and for each line its place among them. */
  tags: (string | null)[]
  tagOf: number[]
  versions: string[] | null
}

export interface PackedJson extends LogHead {
  texts: string[]
}
