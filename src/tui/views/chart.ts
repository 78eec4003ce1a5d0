import { chartLines } from '../../output/chart.ts'
import type { ChartValues } from '../../output/chart-view.ts'
import { formatAt } from '../env.ts'
import type { Scene } from './view.ts'

/** Lines from which on there is room for a legend. */
const ROOMY = 12

/** One job's chart in a part of the screen: lines, with what is changed by which key. */
export function drawChart(
  { state, env }: Scene,
  chart: ChartValues,
  size: { columns: number; rows: number },
): string[] {
  const series = chart.series.map(({ server, job, values }) => ({
    name: server && job ? `${server.name}/${job.name}` : 'All jobs',
    values,
  }))
  return chartLines(
    { metric: chart.metric, days: chart.days, series },
    {
      look: env.look,
      format: formatAt(env, state),
      locale: env.locale,
      width: size.columns,
      height: size.rows,
      style: 'bar',
      compact: size.rows < ROOMY,
    },
  )
}
