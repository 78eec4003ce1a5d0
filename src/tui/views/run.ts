/** One run in full: what it did, and its log, wrapped, searchable, of any length. */
import type { ShowView } from '../../fleet/model.ts'
import { clean } from '../../output/escape.ts'
import { plural } from '../../output/format.ts'
import { fixed, runFacts, runTexts } from '../../output/run-details.ts'
import { BlockLines } from '../block-lines.ts'
import { type Env, formatAt } from '../env.ts'
import { memo } from '../memo.ts'
import type { State } from '../model.ts'
import { highlighted } from '../search.ts'
import { loaded, pending, type Scene, textShape, type ViewModule } from './view.ts'

export const runView: ViewModule = {
  needs: ({ view }) => [`run:${view.id}`],
  shape(scene) {
    const parts = partsOf(scene)
    return textShape(parts ? parts.head.length + parts.texts.length : 0, scene.layout.bodyRows)
  },
  draw(scene) {
    const { view, layout, state } = scene
    const parts = partsOf(scene)
    if (!parts) return pending(scene, `run:${view.id}`, layout.columns)
    const from = parts.head.slice(view.top, view.top + layout.bodyRows)
    const begin = Math.max(0, view.top - parts.head.length)
    const lines = [...from, ...parts.texts.slice(begin, begin + layout.bodyRows - from.length)]
    return state.search === '' ? lines : lines.map((line) => highlighted(line, state.search))
  },
  matches(scene) {
    const parts = partsOf(scene)
    return parts ? matches(parts.texts, scene.state.search).map((at) => at + parts.head.length) : []
  },
  about(scene) {
    const run = loaded<ShowView>(scene, `run:${scene.view.id}`)?.value?.run
    const level = LEVEL_WORDS[scene.state.level]
    return run ? `${clean(run.server.name)}/${clean(run.job.name)}, ${clean(run.operation)} ${run.id}${level}` : ''
  },
}

const LEVEL_WORDS: Record<State['level'], string> = {
  all: '',
  warnings: ' (warnings and errors only)',
  errors: ' (errors only)',
}

const matches = memo((texts: BlockLines, search: string) => texts.placesOf(search))

function partsOf({ state, env, view, layout }: Scene): { head: string[]; texts: BlockLines } | null {
  const show = loaded<ShowView>({ state }, `run:${view.id}`)?.value
  if (!show) return null
  const level = state.level
  const width = layout.columns - 1
  return {
    head: runFacts(show, { look: env.look, format: formatAt(env, state), width, level, versionsBy: 'v' }),
    texts: textsOf(show, env, width, level),
  }
}

/** Thousands of lines are measured once for a width, and drawn where one looks. */
const textsOf = memo((show: ShowView, env: Env, width: number, level: State['level']): BlockLines => {
  const { look } = env
  const blocks = runTexts(show, { look, format: formatAt(env, { now: 0 }), width, level })
  if (show.logOmitted > 0) blocks.push(fixed('', look.palette.dim(`${plural(show.logOmitted, 'line')} not kept.`)))
  return new BlockLines(blocks)
})
