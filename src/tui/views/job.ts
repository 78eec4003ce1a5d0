/** One job: what is known of it or a chart, and its runs. */
import type { JobView, RunView } from '../../fleet/model.ts'
import type { ChartValues } from '../../output/chart-view.ts'
import { clean, firstLine } from '../../output/escape.ts'
import { historyColumns } from '../../output/history-table.ts'
import { type Env, formatAt } from '../env.ts'
import { chartKey } from '../load-keys.ts'
import { memo } from '../memo.ts'
import { drawHead, drawRow, fitColumns, widest } from '../table.ts'
import { drawChart } from './chart.ts'
import { jobFacts } from './job-facts.ts'
import {
  facts,
  jobOf,
  listShape,
  loaded,
  type Painted,
  pending,
  remark,
  type Scene,
  type ViewModule,
  windowOf,
} from './view.ts'

/** Title and rule of the list of runs. */
const HEAD = 2
/** The list of runs keeps at least so many lines. */
const LEAST_RUNS = 6
/** Title, two values, axis and dates. */
const LEAST_CHART = 5

export const jobView: ViewModule = {
  needs: (scene) => [runsKey(scene), ...(showsChart(scene) ? [chartKey(scene.view.id ?? '', scene.state.list)] : [])],
  shape(scene) {
    const room = Math.max(1, scene.layout.bodyRows - above(scene).length - HEAD)
    return listShape(idsOf(runsOf(scene)), room)
  },
  draw(scene) {
    const job = jobOf(scene, scene.view.id)
    if (!job) return remark(scene, 'This job was removed.', scene.layout.columns)
    const head = above(scene)
    return [...head, ...drawRuns(scene, scene.layout.bodyRows - head.length)]
  },
  about(scene) {
    const job = jobOf(scene, scene.view.id)
    return job ? `${clean(job.server.name)}/${clean(job.name)}` : 'gone'
  },
}

const idsOf = memo((runs: readonly RunView[]) => runs.map(({ id }) => id))
const NO_RUNS: readonly RunView[] = []

function runsKey({ view }: Scene): string {
  return `history:${view.id}`
}

function runsOf(scene: Scene): readonly RunView[] {
  return loaded<RunView[]>(scene, runsKey(scene))?.value ?? NO_RUNS
}

function showsChart({ state }: Scene): boolean {
  return state.list.panel === 'metrics'
}

function above(scene: Scene): string[] {
  const { layout } = scene
  const job = jobOf(scene, scene.view.id)
  if (!job) return []
  const room = Math.max(3, Math.min(18, layout.bodyRows - LEAST_RUNS - HEAD))
  const rows = Math.min(room, Math.ceil(layout.bodyRows / 2))
  if (!showsChart(scene)) {
    const [status, ...others] = jobFacts(scene, job)
    const all = [...(status ? [status] : []), ['Why', why(scene, job)] as const, ...others]
    return [...facts(scene, all, layout.columns).slice(0, rows), '']
  }
  const key = chartKey(job.id, scene.state.list)
  const chart = loaded<ChartValues>(scene, key)?.value
  const size = { columns: layout.columns, rows: Math.max(LEAST_CHART, rows) }
  const lines = chart ? drawChart(scene, chart, size) : pending(scene, key, layout.columns)
  return [...Array.from({ length: size.rows }, (_, at) => lines[at] ?? ''), '']
}

/** What went wrong, where more is known than the runs below tell. */
function why({ env }: Scene, { failure, lastRun }: JobView): Painted | null {
  const text = failure?.message ?? lastRun?.exception
  return text == null ? null : { text: clean(firstLine(text)), paint: env.look.palette.red }
}

function drawRuns(scene: Scene, rows: number): string[] {
  const { env, view, layout } = scene
  const runs = runsOf(scene)
  if (!loaded(scene, runsKey(scene))) return pending(scene, runsKey(scene), layout.columns)
  if (runs.length === 0) return remark(scene, 'No runs are stored of this job.', layout.columns)
  const sized = columnsOf(runs, env, layout.columns)
  const shown = windowOf(runs, view.top, rows - HEAD)
  return [
    drawHead(sized, env.look),
    env.look.palette.dim(env.look.symbols.rule.repeat(layout.columns)),
    ...shown.map((run) => drawRow(sized, run, env.look, run.id === view.selected, layout.columns)),
  ]
}

/** None of the columns tells an age, so that they hold until there are other runs. */
const columnsOf = memo((runs: readonly RunView[], env: Env, width: number) => {
  const withOperation = runs.some(({ operation }) => operation !== 'Backup')
  const format = formatAt(env, { now: 0 })
  const columns = historyColumns({ look: env.look, format, width, withJob: false, withOperation })
  return fitColumns(columns, widest(runs), width)
})
