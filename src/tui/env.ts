/** What drawing needs beside the state: made once for a terminal, and for each moment anew. Pure. */
import { createFormat, type Format } from '../output/format.ts'
import type { Look } from '../output/look.ts'
import type { State } from './model.ts'

export interface Env {
  look: Look
  /** BCP 47 tag. */
  locale: string
  /** IANA name; null: the machine's own. */
  timeZone: string | null
}

const formats = new WeakMap<Env, { now: number; format: Format }>()

/** Dates and ages at the state's moment. */
export function formatAt(env: Env, { now }: Pick<State, 'now'>): Format {
  const known = formats.get(env)
  if (known?.now === now) return known.format
  const { locale, timeZone, look } = env
  const format = createFormat({ locale, timeZone, now, unknown: look.symbols.unknown })
  formats.set(env, { now, format })
  return format
}

/** Reverse video, which is no colour: it stays with NO_COLOR. The line is filled up so that it reaches the edge. */
export function inverse(text: string): string {
  return `\u001b[7m${text}\u001b[27m`
}

const SGR = /\u001b\[[\d;]*m/g

/** The text without the escape sequences of our own paints. */
export function unpainted(text: string): string {
  return text.replace(SGR, '')
}
