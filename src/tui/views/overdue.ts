/** When a backup is expected, how that was reckoned, and what follows. */
import { clean } from '../../output/escape.ts'
import { displayWidth, wrap } from '../../output/width.ts'
import { unpainted } from '../env.ts'
import { pageView } from './page.ts'
import { jobOf, loaded, type Scene } from './view.ts'

export const overdueView = pageView({
  key: keyOf,
  lines(scene, width) {
    const lines = loaded<string[]>(scene, keyOf(scene))?.value
    return lines?.flatMap((line) => inWidth(line, width)) ?? null
  },
  about(scene) {
    const job = jobOf(scene, scene.view.id)
    return job ? `${clean(job.server.name)}/${clean(job.name)}` : 'gone'
  },
})

/** The texts are short; one that is broken loses its paint. */
function inWidth(line: string, width: number): string[] {
  const text = unpainted(line)
  if (displayWidth(text) <= width) return [line]
  const [first = '', ...rest] = wrap(text, width - INDENT.length)
  return [first, ...rest.map((more) => INDENT + more)]
}

const INDENT = '    '

function keyOf({ view }: Scene): string {
  return `explain:${view.id}`
}
