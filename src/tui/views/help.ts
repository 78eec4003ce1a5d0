/** All keys of the present view, from the keymap. */

import { pad, wrap } from '../../output/width.ts'
import { bindingsOf, KEY_GROUPS, keyLabel } from '../keymap.ts'
import { layoutOf } from '../layout.ts'
import { type Scene, windowOf } from './view.ts'

export interface HelpWindow {
  /** The first line that is seen, wherever somebody wanted to go. */
  top: number
  room: number
  /** Of the whole help. */
  lines: number
  shown: string[]
}

/** The part of the help from a line on that the screen has room for; the last page is a full one. */
export function helpWindow(scene: Pick<Scene, 'state' | 'env'>, wanted: number): HelpWindow {
  const room = layoutOf(scene.state, scene.env).bodyRows
  const lines = helpLines(scene, scene.state.size.columns)
  const top = Math.max(0, Math.min(wanted, lines.length - room))
  return { top, room, lines: lines.length, shown: windowOf(lines, top, room) }
}

function helpLines({ state, env }: Pick<Scene, 'state' | 'env'>, width: number): string[] {
  const { palette, symbols } = env.look
  const all = bindingsOf(state).map((binding) => ({ ...binding, names: binding.keys.map(keyLabel).join(' ') }))
  const room = Math.max(...all.map(({ names }) => names.length)) + 2
  const keys = KEY_GROUPS.flatMap((name) => {
    const here = all.filter(({ group }) => group === name)
    const lines = here.flatMap(({ names, label }) =>
      wrap(label, Math.max(1, width - room - 2)).map(
        (words, at) => `  ${palette.blue(pad(at === 0 ? names : '', room))}${words}`,
      ),
    )
    return lines.length === 0 ? [] : [palette.bold(name), ...lines, '']
  })
  const { recent } = symbols
  const signs = RUNS.map((status) => `${recent[status]} ${status}`).join('  ')
  const about = wrap(`${signs}, the newest at the right`, Math.max(1, width - 2))
  return [...keys, palette.bold('Last ten'), ...about.map((line) => `  ${line}`)]
}

const RUNS = ['Success', 'Warning', 'Error', 'Fatal', 'Unknown'] as const
