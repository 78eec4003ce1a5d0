/** What a view is: pure functions from the state to lines. Types, and what several views share. */
import type { JobView, ServerView } from '../../fleet/model.ts'
import { clean } from '../../output/escape.ts'
import type { StatusOptions } from '../../output/status-columns.ts'
import { cut, pad, wrap } from '../../output/width.ts'
import { type Env, formatAt } from '../env.ts'
import type { Layout } from '../layout.ts'
import type { Loaded, State, View } from '../model.ts'

export interface Scene {
  state: State
  view: View
  env: Env
  layout: Layout
}

/** How far one can move: through rows with an id, or through lines of text. */
export interface Shape {
  ids: readonly string[]
  /** The line of the n-th row; a line is whatever `top` counts. */
  lineOf(index: number): number
  lines: number
  /** How many lines are seen at once. */
  room: number
  /** Rows beside each other. */
  across: number
}

export interface ViewModule {
  /** Keys of what has to be read for it (load.ts). */
  needs?(scene: Scene): string[]
  shape(scene: Scene): Shape
  /** At most `layout.bodyRows` lines, none wider than the terminal. */
  draw(scene: Scene): string[]
  /** Lines that have the text that is searched for, by the lines that `top` counts. */
  matches?(scene: Scene): number[]
  /** What stands after the view's name in the title. */
  about?(scene: Scene): string
}

/** The shape of a page of text. */
export function textShape(lines: number, room: number): Shape {
  return { ids: [], lineOf: () => 0, lines, room, across: 1 }
}

/** The shape of a list with one line a row. */
export function listShape(ids: readonly string[], room: number): Shape {
  return { ids, lineOf: (index) => index, lines: ids.length, room, across: 1 }
}

export function jobOf({ state }: Pick<Scene, 'state'>, id: string | null): JobView | null {
  return (id !== null && state.snapshot?.jobById.get(id)) || null
}

export function serverOf({ state }: Pick<Scene, 'state'>, id: string | null): ServerView | null {
  return (id !== null && state.snapshot?.serverById.get(id)) || null
}

/** What was read under a key; null while it was not. */
export function loaded<T>(
  { state }: Pick<Scene, 'state'>,
  key: string,
): { value: T | null; error: string | null } | null {
  const found: Loaded | undefined = state.loaded.get(key)
  return found ? { value: found.value as T | null, error: found.error } : null
}

export function optionsOf({ state, env }: Scene, width: number): StatusOptions {
  return { look: env.look, format: formatAt(env, state), now: state.now, width, absolute: false }
}

/** A remark in the middle of an empty view. */
export function remark({ env }: Scene, text: string, width: number): string[] {
  return ['', ...wrap(clean(text), Math.max(10, width - 4)).map((line) => `  ${env.look.palette.dim(line)}`)]
}

/** What stands there while something is read, or why it could not be. */
export function pending(scene: Scene, key: string, width: number): string[] {
  const error = scene.state.loaded.get(key)?.error
  return remark(scene, error ?? 'Reading…'.replace('…', scene.env.look.symbols.ellipsis), width)
}

/** The pairs of which something is known. */
export function known(pairs: readonly (readonly [string, string | Painted | null])[]): [string, Painted][] {
  return pairs.flatMap(([name, value]) => {
    const painted = typeof value === 'string' || value === null ? { text: value ?? '' } : value
    return painted.text === '' ? [] : [[name, painted] as [string, Painted]]
  })
}

/** Names and values below each other, values cut to the width. */
export function facts(
  { env }: Scene,
  pairs: readonly (readonly [string, string | Painted | null])[],
  width: number,
): string[] {
  const all = known(pairs)
  const names = Math.max(0, ...all.map(([name]) => name.length))
  return all.map(([name, { text, paint }]) => {
    const shown = cut(text, Math.max(1, width - names - 2), env.look.symbols.ellipsis)
    return `${env.look.palette.dim(pad(name, names))}  ${paint ? paint(shown) : shown}`
  })
}

export interface Painted {
  text: string
  paint?: ((text: string) => string) | undefined
}

/** The lines that are seen, from `top` on. */
export function windowOf<T>(lines: readonly T[], top: number, room: number): T[] {
  return lines.slice(top, top + room)
}
