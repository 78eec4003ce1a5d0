/** What the selected row says in full, below a list whose columns had to cut it. */
import { clean } from '../../output/escape.ts'
import { cut, wrap } from '../../output/width.ts'
import type { Scene } from './view.ts'

const TEXT_ROWS = 2
/** The rule above and the text. */
export const DETAIL_ROWS = 1 + TEXT_ROWS

/** Exactly so many lines; an empty text leaves its place empty, so that the list does not jump. */
export function detailLines({ env, layout }: Scene, text: string): string[] {
  const { palette, symbols } = env.look
  const [first = '', ...rest] = wrap(clean(text), layout.columns)
  const second = cut(rest.join(' '), layout.columns, symbols.ellipsis)
  return [palette.dim(symbols.rule.repeat(layout.columns)), first, second]
}

/** A list of exactly so many lines, and the words about its selected row below. */
export function withDetail(scene: Scene, list: readonly string[], text: string): string[] {
  const rows = scene.layout.bodyRows - DETAIL_ROWS
  return [...Array.from({ length: rows }, (_, at) => list[at] ?? ''), ...detailLines(scene, text)]
}
