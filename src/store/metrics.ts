import type { Database as Sqlite } from 'better-sqlite3'
import { type DailyValue, METRIC_FACTS, type Metric, type Span } from '../fleet/metrics.ts'
import { idOf, rowsOf } from './ids.ts'

/** The runs of some jobs in a time, by day; `spans` in order, each with the offset of its days. */
export interface MetricQuery {
  jobIds: string[]
  metric: Metric
  spans: readonly Span[]
}

const COLUMNS: Record<Metric, string> = {
  uploaded: 'uploaded_bytes',
  duration: 'duration_ticks / 10000000.0',
  files: 'examined_files',
  size: 'examined_bytes',
  storage: 'storage_bytes',
  versions: 'versions',
}

/** Runs of these jobs in the span, by the index `run_of_job`: what is older is not looked at. */
const RUNS = `FROM run WHERE job_id IN (SELECT value FROM json_each(@jobs)) AND began_at >= @from AND began_at < @to AND counting = 1`
/** The driver binds numbers as reals: without the cast the division would leave a fraction. */
const DAY = '(began_at + CAST(@offset AS INTEGER)) / 86400000'

/** One row a job, day and span, consolidated as the metric asks (fleet/metrics.ts). */
export function readMetrics(db: Sqlite, { jobIds, metric, spans }: MetricQuery): DailyValue[] {
  const statement = db.prepare<object, { job: number; day: number; value: number | null }>(sqlOf(metric))
  const jobs = JSON.stringify(rowsOf('j', jobIds))
  return spans.flatMap((span) =>
    statement.all({ jobs, ...span }).map(({ job, day, value }) => ({ jobId: idOf('j', job), day, value })),
  )
}

/**
 * The last value of each job before a time, by job: what still holds when a range begins.
 * @param at milliseconds since the epoch
 */
export function readMetricsBefore(
  db: Sqlite,
  { jobIds, metric, at }: { jobIds: string[]; metric: Metric; at: number },
): Map<string, number> {
  const statement = db.prepare<object, { job: number; value: number | null }>(sqlBefore(metric))
  const rows = statement.all({ jobs: JSON.stringify(rowsOf('j', jobIds)), at })
  return new Map(rows.flatMap(({ job, value }) => (value === null ? [] : [[idOf('j', job), value] as const])))
}

/** The statement, for its test too: one look by the index for each job, however long its history is. */
export function sqlBefore(metric: Metric): string {
  const column = COLUMNS[metric]
  return `SELECT value AS job, (SELECT ${column} FROM run WHERE job_id = json_each.value AND began_at < @at AND counting = 1
    AND ${column} IS NOT NULL ORDER BY began_at DESC LIMIT 1) AS value FROM json_each(@jobs)`
}

/** The statement, for its test too. */
export function sqlOf(metric: Metric): string {
  const column = COLUMNS[metric]
  const { daily } = METRIC_FACTS[metric]
  if (daily !== 'last')
    return `SELECT job_id AS job, ${DAY} AS day, ${daily}(${column}) AS value ${RUNS} GROUP BY job_id, day`
  return `SELECT job, day, value FROM (
    SELECT job_id AS job, ${DAY} AS day, ${column} AS value,
      row_number() OVER (PARTITION BY job_id, ${DAY} ORDER BY began_at DESC, began_ticks DESC, ended_at DESC, id DESC) AS place
    ${RUNS} AND ${column} IS NOT NULL) AS newest WHERE place = 1`
}
