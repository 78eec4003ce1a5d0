/** One server: what is known of it, and its jobs. */
import type { ServerView } from '../../fleet/model.ts'
import { clean } from '../../output/escape.ts'
import type { Format } from '../../output/format.ts'
import type { Look } from '../../output/look.ts'
import { isOnlyReporting } from '../../output/server-tables.ts'
import { wrap } from '../../output/width.ts'
import { formatAt } from '../env.ts'
import { drawList, listWords, tableShape } from './jobs.ts'
import { drawPanel, joinPanel, panelNeeds } from './panel.ts'
import { facts, type Painted, remark, type Scene, serverOf, type ViewModule } from './view.ts'

export const serverView: ViewModule = {
  needs: panelNeeds,
  shape: (scene) => tableShape(scene, head(scene).length),
  draw(scene) {
    const above = head(scene)
    const list = drawList(scene, above.length)
    return joinPanel(scene, [...above, ...list], drawPanel(scene))
  },
  about(scene) {
    return `${clean(serverOf(scene, scene.view.id)?.name ?? 'gone')} (${listWords(scene)})`
  },
}

function head(scene: Scene): string[] {
  const { env, state, layout, view } = scene
  const server = serverOf(scene, view.id)
  const width = layout.columns - 1
  if (!server) return remark(scene, 'This server was removed.', width)
  const format = formatAt(env, state)
  const when = (time: string | null) =>
    time === null ? 'never' : `${format.dateTime(time)} (${format.relative(time)})`
  const lines = facts(
    scene,
    [
      ['Address', clean(server.url ?? 'none: it only reports')],
      [
        'Machine',
        clean(
          [server.machineName, server.duplicatiVersion && `Duplicati ${server.duplicatiVersion}`, server.timeZone]
            .filter(Boolean)
            .join(', '),
        ),
      ],
      [
        'Collected',
        `${when(server.lastCollectedAt)}${server.lastReportAt ? `, reported ${format.relative(server.lastReportAt)}` : ''}`,
      ],
      ...inLines('State', stateWords(server, format, env.look), scene),
      ['Tags', server.tags.length > 0 ? clean(server.tags.join(', ')) : null],
      ...(server.note ? inLines('Note', { text: clean(server.note) }, scene) : []),
    ],
    width,
  )
  return [...lines, '']
}

function stateWords(server: ServerView, format: Format, { palette, symbols }: Look): Painted {
  const { error, paused, lastCollectedAt } = server
  if (error) return { text: `${symbols.bad} ${clean(error.message)}`, paint: palette.red }
  if (isOnlyReporting(server)) return { text: 'only reports', paint: palette.dim }
  if (lastCollectedAt === null) return { text: 'not collected yet', paint: palette.dim }
  if (!paused) return { text: `${symbols.ok} reachable when it was asked last`, paint: palette.green }
  const until = paused.until ? ` until ${format.dateTime(paused.until)}` : ''
  return { text: `${symbols.paused} paused${until}`, paint: palette.blue }
}

/** From this height on a text of the head may take a second line. */
const ROOMY = 20
const NAMES = 11

/** A text that may be longer than a line: what is left of it after the last one is cut with a mark. */
function inLines(name: string, { text, paint }: Painted, { layout }: Scene): [string, Painted][] {
  const [first = '', ...rest] = wrap(text, layout.columns - 1 - NAMES)
  const lines = layout.bodyRows < ROOMY || rest.length === 0 ? [text] : [first, rest.join(' ')]
  return lines.map((line, at) => [at === 0 ? name : '', { text: line, paint }])
}
