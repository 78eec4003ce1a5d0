/** What views have to read beside the snapshot, as keys: `history:j7`, `chart:j7:storage:1mo`. */
import { METRICS, type Metric, RANGES, type Range } from '../fleet/metrics.ts'

export function chartKey(jobId: string, { metric, range }: { metric: Metric; range: Range }): string {
  return `chart:${jobId}:${metric}:${range}`
}

/** The parts of a key: what is read, and of which thing. */
export function partsOf(key: string): { kind: string; id: string; metric: Metric; range: Range } {
  const [kind = '', id = '', metric, range] = key.split(':')
  return {
    kind,
    id,
    metric: METRICS.find((one) => one === metric) ?? 'uploaded',
    range: RANGES.find((one) => one === range) ?? '1mo',
  }
}
