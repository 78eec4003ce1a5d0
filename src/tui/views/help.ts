/** All keys of the present view, from the keymap. */

import { cut, pad } from '../../output/width.ts'
import { bindingsOf, keyLabel } from '../keymap.ts'
import type { Scene } from './view.ts'

/** The whole help; the caller shows a window of it. */
export function helpLines({ state, env }: Pick<Scene, 'state' | 'env'>, width: number): string[] {
  const { palette, symbols } = env.look
  const all = bindingsOf(state).map((binding) => ({ ...binding, names: binding.keys.map(keyLabel).join(' ') }))
  const room = Math.max(...all.map(({ names }) => names.length)) + 2
  const groups = Map.groupBy(all, ({ group }) => group)
  return [...groups].flatMap(([group, bindings], at) => [
    ...(at === 0 ? [] : ['']),
    palette.bold(group),
    ...bindings.map(({ names, label }) => {
      const words = cut(label, Math.max(1, width - room - 2), symbols.ellipsis)
      return `  ${palette.blue(pad(names, room))}${words}`
    }),
  ])
}
