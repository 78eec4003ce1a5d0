/** The dashboard: all jobs as a table or as cards, with a panel about the selected one. */
import { plural } from '../../output/format.ts'
import { CARD_LINES, CARD_WIDTH, jobCard } from '../../output/status-cards.ts'
import { formatAt, inverse } from '../env.ts'
import { selectLines } from '../select.ts'
import { drawJobTable, HEAD } from './job-table.ts'
import { drawPanel, joinPanel, panelNeeds } from './panel.ts'
import { optionsOf, remark, type Scene, type Shape, type ViewModule, windowOf } from './view.ts'

export const jobsView: ViewModule = {
  needs: panelNeeds,
  shape(scene) {
    return scene.state.list.layout === 'cards' ? cardShape(scene) : tableShape(scene)
  },
  draw(scene) {
    const { state, layout } = scene
    if (!state.snapshot) return remark(scene, 'Reading the database', layout.columns)
    const list = state.list.layout === 'cards' ? drawCards(scene) : drawList(scene)
    return joinPanel(scene, list, drawPanel(scene))
  },
  about: listWords,
}

/** `1,200` or `3 of 1,200`. */
export function listWords({ state, env, view }: Scene): string {
  if (!state.snapshot) return ''
  const { jobs, of } = selectLines(state.snapshot, state.list, view)
  const { count } = formatAt(env, state)
  return jobs.length === of ? count(of) : `${count(jobs.length)} of ${count(of)}`
}

/** The jobs of a server, or of all, as a list. */
export function tableShape({ state, view, layout }: Scene, above = 0): Shape {
  const selected = state.snapshot ? selectLines(state.snapshot, state.list, view) : null
  const ids = selected?.jobs.map(({ id }) => id) ?? []
  return {
    ids,
    lineOf: (index) => selected?.lineOf[index] ?? 0,
    lines: selected?.lines.length ?? 0,
    room: Math.max(1, layout.rows - HEAD - above),
    across: 1,
  }
}

/** @param above lines of the view that stand above the list */
export function drawList(scene: Scene, above = 0): string[] {
  const { state, view, layout } = scene
  if (!state.snapshot) return []
  const selected = selectLines(state.snapshot, state.list, view)
  if (selected.lines.length === 0) return remark(scene, emptyWords(scene, selected.of), layout.columns)
  const size = { columns: layout.columns, rows: layout.rows - above }
  return drawJobTable(scene, selected.lines, size, view.id === null)
}

function emptyWords({ state, env, view }: Scene, of: number): string {
  const jobs = plural(of, 'job', formatAt(env, state).count)
  if (of === 0 && state.snapshot?.servers.length === 0) return 'No server is known yet: duplistatus server add URL'
  if (of === 0) return 'No backups to show yet. C collects from all servers.'
  if (view.filter !== '') return `None of ${jobs} fits the filter ${JSON.stringify(view.filter)}. Esc ends it.`
  return `None of ${jobs} has a problem. p shows all.`
}

function cardsAcross(columns: number): number {
  return Math.max(1, Math.floor((columns + 1) / (CARD_WIDTH + 1)))
}

function cardShape({ state, view, layout }: Scene): Shape {
  const ids = state.snapshot ? selectLines(state.snapshot, state.list, view).jobs.map(({ id }) => id) : []
  const across = cardsAcross(layout.columns)
  return {
    ids,
    lineOf: (index) => Math.floor(index / across),
    lines: Math.ceil(ids.length / across),
    room: Math.max(1, Math.floor(layout.rows / CARD_LINES)),
    across,
  }
}

function drawCards(scene: Scene): string[] {
  const { state, view, layout } = scene
  if (!state.snapshot) return []
  const { jobs, of } = selectLines(state.snapshot, state.list, view)
  if (jobs.length === 0) return remark(scene, emptyWords(scene, of), layout.columns)
  const { across, room } = cardShape(scene)
  const width = Math.min(Math.floor((layout.columns + 1) / across) - 1, 60)
  const options = optionsOf(scene, width)
  const shown = windowOf(jobs, view.top * across, room * across)
  const cards = shown.map((job) =>
    jobCard(
      job,
      state.snapshot?.serverById.get(job.server.id),
      width,
      options,
      job.id === view.selected ? inverse : undefined,
    ),
  )
  const rows: string[] = []
  for (let from = 0; from < cards.length; from += across) {
    const row = cards.slice(from, from + across)
    for (let line = 0; line < CARD_LINES; line++) rows.push(row.map((card) => card[line] ?? '').join(' '))
  }
  return rows.slice(0, layout.rows)
}
