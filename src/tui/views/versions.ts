/** The restore points of a job. */

import type { VersionsView } from '../../fleet/model.ts'
import { clean } from '../../output/escape.ts'
import { plural } from '../../output/format.ts'
import { pad } from '../../output/width.ts'
import { formatAt } from '../env.ts'
import { jobOf, loaded, pending, type Scene, textShape, type ViewModule, windowOf } from './view.ts'

export const versionsView: ViewModule = {
  needs: ({ view }) => [keyOf(view.id)],
  shape: (scene) => textShape(linesOf(scene)?.length ?? 0, scene.layout.bodyRows),
  draw(scene) {
    const lines = linesOf(scene)
    return lines
      ? windowOf(lines, scene.view.top, scene.layout.bodyRows)
      : pending(scene, keyOf(scene.view.id), scene.layout.columns)
  },
  about(scene) {
    const job = jobOf(scene, scene.view.id)
    return job ? `${clean(job.server.name)}/${clean(job.name)}` : 'gone'
  },
}

function keyOf(id: string | null): string {
  return `versions:${id}`
}

function linesOf(scene: Scene): string[] | null {
  const view = loaded<VersionsView>(scene, keyOf(scene.view.id))?.value
  if (!view) return null
  const { palette } = scene.env.look
  const format = formatAt(scene.env, scene.state)
  const dated = view.versions.flatMap(({ at }) => (at === null ? [] : [at]))
  const head = palette.bold(`${plural(view.count, 'version', format.count)} at the destination`)
  if (dated.length === 0)
    return [head, '', palette.dim(view.count === 0 ? 'None yet.' : 'Their dates were not logged.')]
  const rows = dated.map(
    (at, number) => `${pad(String(number), 6, 'right')}  ${pad(format.dateTime(at), 24)}  ${format.relative(at)}`,
  )
  return [head, '', palette.bold(`${pad('#', 6, 'right')}  ${pad('Date', 24)}  Age`), ...rows]
}
