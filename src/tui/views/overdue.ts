/** When a backup is expected, how that was reckoned, and what follows. */
import { clean } from '../../output/escape.ts'
import { cut } from '../../output/width.ts'
import { unpainted } from '../env.ts'
import { pageView } from './page.ts'
import { jobOf, loaded, type Scene } from './view.ts'

export const overdueView = pageView({
  key: keyOf,
  lines(scene, width) {
    const lines = loaded<string[]>(scene, keyOf(scene))?.value
    const { ellipsis } = scene.env.look.symbols
    // The texts are short; where one is not, its paint goes with its end.
    return lines?.map((line) => (unpainted(line).length > width ? cut(unpainted(line), width, ellipsis) : line)) ?? null
  },
  about(scene) {
    const job = jobOf(scene, scene.view.id)
    return job ? `${clean(job.server.name)}/${clean(job.name)}` : 'gone'
  },
})

function keyOf({ view }: Scene): string {
  return `explain:${view.id}`
}
