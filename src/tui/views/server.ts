/** One server: what is known of it, and its jobs. */
import { clean } from '../../output/escape.ts'
import { wrap } from '../../output/width.ts'
import { formatAt } from '../env.ts'
import { selectLines } from '../select.ts'
import { drawList, listWords, tableShape } from './jobs.ts'
import { drawPanel, joinPanel, panelNeeds } from './panel.ts'
import { facts, remark, type Scene, serverOf, type ViewModule } from './view.ts'

export const serverView: ViewModule = {
  needs: panelNeeds,
  shape: (scene) => tableShape(scene, head(scene).length),
  draw(scene) {
    const above = head(scene)
    const list = drawList(scene, above.length)
    return joinPanel(scene, [...above, ...list], drawPanel(scene))
  },
  about(scene) {
    const { state, view } = scene
    const words = listWords(state.snapshot ? selectLines(state.snapshot, state.list, view) : null)
    return `${clean(serverOf(scene, view.id)?.name ?? 'gone')} (${words})`
  },
}

function head(scene: Scene): string[] {
  const { env, state, layout, view } = scene
  const server = serverOf(scene, view.id)
  const width = layout.columns - 1
  if (!server) return remark(scene, 'This server was removed.', width)
  const format = formatAt(env, state)
  const { palette } = env.look
  const when = (time: string | null) =>
    time === null ? 'never' : `${format.dateTime(time)} (${format.relative(time)})`
  const state_ = server.error
    ? { text: `${env.look.symbols.bad} ${clean(server.error.message)}`, paint: palette.red }
    : server.paused
      ? {
          text: `${env.look.symbols.paused} paused${server.paused.until ? ` until ${format.dateTime(server.paused.until)}` : ''}`,
          paint: palette.blue,
        }
      : { text: `${env.look.symbols.ok} reachable when it was asked last`, paint: palette.green }
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
      [
        'State',
        server.lastCollectedAt === null && !server.error ? { text: 'not collected yet', paint: palette.dim } : state_,
      ],
      ['Tags', server.tags.length > 0 ? clean(server.tags.join(', ')) : null],
      ['Note', server.note === null ? null : (wrap(clean(server.note), width)[0] ?? null)],
    ],
    width,
  )
  return [...lines, '']
}
