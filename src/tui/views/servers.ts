/** All servers: when each was asked last, and why it could not be. */
import type { ServerView } from '../../fleet/model.ts'
import { serverColumns } from '../../output/server-tables.ts'
import { type Env, formatAt } from '../env.ts'
import { memo } from '../memo.ts'
import type { Snapshot } from '../model.ts'
import { drawHead, drawRow, fitColumns, widest } from '../table.ts'
import { DETAIL_ROWS, withDetail } from './detail.ts'
import { listShape, remark, type ViewModule, windowOf } from './view.ts'

const HEAD = 2
/** What stands around the rows. */
const AROUND = HEAD + DETAIL_ROWS

export const serversView: ViewModule = {
  shape: ({ state, layout }) =>
    listShape(state.snapshot ? idsOf(state.snapshot) : [], Math.max(1, layout.bodyRows - AROUND)),
  draw(scene) {
    const { state, env, view, layout } = scene
    if (!state.snapshot) return []
    const { servers } = state.snapshot
    if (servers.length === 0) return remark(scene, 'No server is known yet: duplistatus server add URL', layout.columns)
    const sized = columnsOf(state.snapshot, env, state.now, layout.columns)
    const list = [
      drawHead(sized, env.look),
      env.look.palette.dim(env.look.symbols.rule.repeat(layout.columns)),
      ...windowOf(servers, view.top, layout.bodyRows - AROUND).map((server) =>
        drawRow(sized, server, env.look, server.id === view.selected, layout.columns),
      ),
    ]
    const selected = servers.find(({ id }) => id === view.selected)
    return withDetail(scene, list, selected?.error?.message ?? selected?.note ?? selected?.url ?? '')
  },
  about: ({ state, env }) => (state.snapshot ? formatAt(env, state).count(state.snapshot.servers.length) : ''),
}

const idsOf = memo(({ servers }: Snapshot) => servers.map(({ id }) => id))

const columnsOf = memo((snapshot: Snapshot, env: Env, now: number, width: number) => {
  const jobs = new Map<string, number>()
  for (const { server } of snapshot.jobs) jobs.set(server.id, (jobs.get(server.id) ?? 0) + 1)
  const columns = serverColumns(jobs, { look: env.look, format: formatAt(env, { now }), width })
  return fitColumns<ServerView>(columns, widest(snapshot.servers), width)
})
