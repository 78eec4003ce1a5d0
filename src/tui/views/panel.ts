/** The panel beside or below the list: what is known of the selected job, or how one of its figures develops. */
import type { JobView } from '../../fleet/model.ts'
import type { ChartValues } from '../../output/chart-view.ts'
import { clean, firstLine } from '../../output/escape.ts'
import { cutMiddle, displayWidth, wrap } from '../../output/width.ts'
import { unpainted } from '../env.ts'
import { chartKey } from '../load-keys.ts'
import { drawChart } from './chart.ts'
import { jobFacts } from './job-facts.ts'
import { facts, jobOf, known, loaded, pending, remark, type Scene, serverOf } from './view.ts'

/** The chart of the selected job, when it is shown. */
export function panelNeeds({ state, view, layout }: Scene): string[] {
  return layout.panel?.kind === 'metrics' && view.selected !== null ? [chartKey(view.selected, state.list)] : []
}

/** Exactly as many lines as the panel has; nothing without a panel. */
export function drawPanel(scene: Scene): string[] {
  const { panel } = scene.layout
  if (!panel) return []
  const job = jobOf(scene, scene.view.selected)
  const width = panel.columns - (panel.side === 'right' ? 1 : 0)
  const inner = panel.side === 'below' ? panel.rows - 1 : panel.rows
  const lines = job ? content(scene, job, { columns: width, rows: inner }) : remark(scene, 'Nothing is selected', width)
  return Array.from({ length: inner }, (_, at) => lines[at] ?? '')
}

function content(scene: Scene, job: JobView, size: { columns: number; rows: number }): string[] {
  if (scene.layout.panel?.kind === 'metrics') {
    const key = chartKey(job.id, scene.state.list)
    const chart = loaded<ChartValues>(scene, key)?.value
    return chart ? drawChart(scene, chart, size) : pending(scene, key, size.columns)
  }
  const all = [...factLines(scene, job, size), ...trouble(scene, job, size.columns)]
  const lines = all.length < size.rows ? all : all.filter((line) => line !== '')
  return [title(scene, job, size.columns, lines.length >= size.rows), ...lines]
}

/** Whose facts they are; where not all have room, where they all are. */
function title({ env: { look } }: Scene, job: JobView, width: number, isCut: boolean): string {
  const more = isCut ? '  Enter shows all' : ''
  const name = cutMiddle(`${clean(job.server.name)}/${clean(job.name)}`, width - more.length, look.symbols.ellipsis)
  return look.palette.bold(name) + look.palette.dim(more)
}

/** What two columns of facts need beside each other. */
const TWO_COLUMNS = 76
const GAP = 2
/** The column with the dates may be the wider one. */
const LEFT_SHARE = 0.55

/** Below each other, or in two columns where the panel is too low for that. */
function factLines(scene: Scene, job: JobView, { columns, rows }: { columns: number; rows: number }): string[] {
  const all = known(jobFacts(scene, job))
  if (all.length < rows || columns < TWO_COLUMNS) return facts(scene, all, columns)
  // A bar and its words need a line of their own.
  const above = job.running ? all.slice(0, 2) : []
  const others = all.slice(above.length)
  const half = Math.ceil(others.length / 2)
  const left = facts(scene, others.slice(0, half), Math.floor(columns * LEFT_SHARE))
  const width = Math.max(...left.map((line) => displayWidth(unpainted(line)))) + GAP
  const right = facts(scene, others.slice(half), columns - width)
  return [...facts(scene, above, columns), ...left.map((line, at) => padPainted(line, width) + (right[at] ?? ''))]
}

/** What went wrong, in full, below the facts. */
function trouble(scene: Scene, job: JobView, width: number): string[] {
  const { palette } = scene.env.look
  const server = serverOf(scene, job.server.id)
  const texts = [job.failure?.message, job.lastRun?.exception, server?.error?.message].filter((text) => text != null)
  return texts.flatMap((text) => ['', ...wrap(clean(firstLine(text)), width).map((line) => palette.red(line))])
}

/** The list and the panel together: beside each other with a line between, or one below the other. */
export function joinPanel({ env, layout }: Scene, list: string[], panel: string[]): string[] {
  const { look } = env
  const { palette, symbols } = look
  if (layout.panel === null) return list.slice(0, layout.bodyRows)
  if (layout.panel.side === 'below') {
    const above = Array.from({ length: layout.rows }, (_, at) => list[at] ?? '')
    return [...above, palette.dim(symbols.rule.repeat(layout.columns)), ...panel]
  }
  return Array.from({ length: layout.bodyRows }, (_, at) => {
    const left = padPainted(list[at] ?? '', layout.columns)
    return `${left} ${palette.dim(symbols.box.side)} ${panel[at] ?? ''}`.trimEnd()
  })
}

function padPainted(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - displayWidth(unpainted(text))))
}
