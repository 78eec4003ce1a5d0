/** All keys of the present view, from the keymap. */

import { cut, pad } from '../../output/width.ts'
import { bindingsOf, KEY_GROUPS, keyLabel } from '../keymap.ts'
import type { Scene } from './view.ts'

/** The whole help; the caller shows a window of it. */
export function helpLines({ state, env }: Pick<Scene, 'state' | 'env'>, width: number): string[] {
  const { palette, symbols } = env.look
  const all = bindingsOf(state).map((binding) => ({ ...binding, names: binding.keys.map(keyLabel).join(' ') }))
  const room = Math.max(...all.map(({ names }) => names.length)) + 2
  const keys = KEY_GROUPS.flatMap((name) => {
    const here = all.filter(({ group }) => group === name)
    const lines = here.map(({ names, label }) => {
      const words = cut(label, Math.max(1, width - room - 2), symbols.ellipsis)
      return `  ${palette.blue(pad(names, room))}${words}`
    })
    return lines.length === 0 ? [] : [palette.bold(name), ...lines, '']
  })
  const { recent } = symbols
  const signs = RUNS.map((status) => `${recent[status]} ${status}`).join('  ')
  return [...keys, palette.bold('Last ten'), cut(`  ${signs}, the newest at the right`, width, symbols.ellipsis)]
}

const RUNS = ['Success', 'Warning', 'Error', 'Fatal', 'Unknown'] as const
