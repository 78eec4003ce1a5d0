/** From the words of a command line to a chart's values. */
import {
  addUp,
  consolidate,
  dayRange,
  type Metric,
  type OffsetAt,
  type Range,
  staysBetweenRuns,
} from '../fleet/metrics.ts'
import type { NameRef } from '../fleet/model.ts'
import type { ChartValues } from '../output/chart-view.ts'
import type { Reading } from '../store/types.ts'

export interface ChartQuestion {
  metric: Metric
  range: Range
  /** Epoch milliseconds. */
  now: number
  offsetAt: OffsetAt
  /** All jobs as one series. */
  sum: boolean
}

/** A job with the server it belongs to. */
export interface ChartJob {
  server: NameRef
  job: NameRef
}

/** Reads the runs of the range alone, whatever the history is, and for a sum what each job had when it began. */
export async function loadChart(
  read: Reading,
  jobs: readonly ChartJob[],
  { metric, range, now, offsetAt, sum }: ChartQuestion,
): Promise<ChartValues> {
  const time = dayRange(range, now, offsetAt)
  const ids = jobs.map(({ job }) => job.id)
  const found = await read.metrics({ jobIds: ids, metric, spans: time.spans })
  const byJob = consolidate(ids, found, metric, time)
  const { days, from, to } = time
  const all = jobs.map(({ server, job }) => ({ server, job, values: byJob.get(job.id) ?? [] }))
  if (!sum) return { metric, days, from, to, series: all }
  const before = staysBetweenRuns(metric) ? await read.metricsBefore({ jobIds: ids, metric, at: from }) : new Map()
  const values = addUp(
    all.map((series) => ({ values: series.values, before: before.get(series.job.id) ?? null })),
    metric,
  )
  return { metric, days, from, to, series: [{ server: null, job: null, values }] }
}

/** The offset of the zone that dates are shown in; null is the machine's own. */
export async function offsetOf(timeZone: string | null): Promise<OffsetAt> {
  if (timeZone === null) return (at) => -new Date(at).getTimezoneOffset() * 60_000
  const { zoneOffsets } = await import('../duplicati/offsets.ts')
  return zoneOffsets(timeZone) ?? (() => 0)
}
