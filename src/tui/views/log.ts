/** Whether the daemon is at work, and its log where this machine keeps it. */
import { clean } from '../../output/escape.ts'
import { wrap } from '../../output/width.ts'
import { type Env, formatAt } from '../env.ts'
import { memo } from '../memo.ts'
import { pageView } from './page.ts'
import { loaded, type Scene } from './view.ts'

export const logView = pageView({
  key: () => 'log',
  lines(scene, width) {
    const found = loaded<{ lines: string[] | null }>(scene, 'log')?.value
    if (!found) return null
    return [checkWords(scene), '', ...textOf(found, scene.env, width)]
  },
})

function checkWords({ state, env }: Scene): string {
  const { palette } = env.look
  const { lastCheckAt = null, stale = false } = state.snapshot?.monitor ?? {}
  if (lastCheckAt === null) return palette.dim('No overdue check has run yet.')
  const text = `The last overdue check ran ${formatAt(env, state).relative(lastCheckAt)}.`
  return stale ? palette.yellow(`${text} Is duplistatus serve running?`) : text
}

const textOf = memo((found: { lines: string[] | null }, env: Env, width: number): string[] => {
  if (found.lines) return found.lines.flatMap((line) => wrap(clean(line), width - 1))
  const where = 'No journal of it is kept here: "duplistatus serve" writes its log to where it was started.'
  return wrap(where, width - 1).map((line) => env.look.palette.dim(line))
})
