/** The shapes of `chart --json` and `--csv`. */
import { METRIC_FACTS, type Metric, type MetricUnit } from '../fleet/metrics.ts'
import type { NameRef } from '../fleet/model.ts'
import { csvField } from './history-table.ts'

export interface SeriesView {
  /** Null where the series is a sum over several. */
  server: NameRef | null
  job: NameRef | null
  points: { day: string; value: number | null }[]
}

export interface ChartView {
  schemaVersion: 1
  metric: Metric
  unit: MetricUnit
  range: { from: string; to: string }
  series: SeriesView[]
}

/** One chart's values: a series a job, each with a value a day. */
export interface ChartValues {
  metric: Metric
  days: readonly string[]
  /** Epoch milliseconds; `to` is exclusive. */
  from: number
  to: number
  series: { server: NameRef | null; job: NameRef | null; values: readonly (number | null)[] }[]
}

/** `chart --json`: `value` is null on a day without runs. */
export function chartView({ metric, days, from, to, series }: ChartValues): ChartView {
  return {
    schemaVersion: 1,
    metric,
    unit: METRIC_FACTS[metric].unit,
    range: { from: new Date(from).toISOString(), to: new Date(to).toISOString() },
    series: series.map(({ server, job, values }) => ({
      server,
      job,
      points: days.map((day, at) => ({ day, value: values[at] ?? null })),
    })),
  }
}

/** The same points, one a line (RFC 4180). */
export function chartCsv(view: ChartView): string {
  const lines = view.series.flatMap(({ server, job, points }) =>
    points.map(({ day, value }) => [day, server?.name ?? null, job?.name ?? null, view.metric, view.unit, value]),
  )
  return [['day', 'server', 'job', 'metric', 'unit', 'value'], ...lines]
    .map((fields) => `${fields.map(csvField).join(',')}\r\n`)
    .join('')
}
