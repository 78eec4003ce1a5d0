/**
 * Figures of runs by day, for charts: which day a run belongs to in a person's time zone, what several runs of one day make
 * together, and which days there are. Days are `YYYY-MM-DD`; a day without runs has no value, which is not 0 (T50).
 */
export const METRICS = ['uploaded', 'duration', 'files', 'size', 'storage', 'versions'] as const
export type Metric = (typeof METRICS)[number]

export const RANGES = ['1w', '2w', '1mo', '3mo', '1y'] as const
export type Range = (typeof RANGES)[number]

export type MetricUnit = 'bytes' | 'seconds' | 'count'

/** What the values are, and how the runs of one day become one: added up, the last one, or the highest. */
export const METRIC_FACTS: Record<Metric, { unit: MetricUnit; daily: 'sum' | 'last' | 'max' }> = {
  uploaded: { unit: 'bytes', daily: 'sum' },
  duration: { unit: 'seconds', daily: 'sum' },
  files: { unit: 'count', daily: 'sum' },
  size: { unit: 'bytes', daily: 'sum' },
  storage: { unit: 'bytes', daily: 'last' },
  versions: { unit: 'count', daily: 'max' },
}

const DAYS: Record<Range, number> = { '1w': 7, '2w': 14, '1mo': 30, '3mo': 90, '1y': 365 }
const DAY = 86_400_000

/** Milliseconds east of UTC at an instant, in the zone whose days are meant. */
export type OffsetAt = (at: number) => number

/** A stretch of time in which the zone's offset stays the same: inside it a day is a division. */
export interface Span {
  from: number
  /** Exclusive. */
  to: number
  offset: number
}

/** The days of a chart, oldest first, and the instants that they cover. */
export interface DayRange {
  days: string[]
  /** Number of the first day since 1970-01-01. */
  firstDay: number
  from: number
  /** Exclusive: the end of today. */
  to: number
  spans: Span[]
}

/** One job's value on one day (number of days since 1970-01-01), as the store reads it. */
export interface DailyValue {
  jobId: string
  day: number
  value: number | null
}

/** The last days up to today in a zone; today is the last one. @param now epoch milliseconds */
export function dayRange(range: Range, now: number, offsetAt: OffsetAt): DayRange {
  const today = Math.floor((now + offsetAt(now)) / DAY)
  const firstDay = today - DAYS[range] + 1
  const from = dayBegin(firstDay, offsetAt)
  const to = dayBegin(today + 1, offsetAt)
  const days = Array.from({ length: DAYS[range] }, (_, at) => dayText(firstDay + at))
  return { days, firstDay, from, to, spans: spansOf(from, to, offsetAt) }
}

/** `2026-11-24` of a number of days. */
export function dayText(day: number): string {
  return new Date(day * DAY).toISOString().slice(0, 10)
}

function dayBegin(day: number, offsetAt: OffsetAt): number {
  const wall = day * DAY
  const first = wall - offsetAt(wall)
  const second = wall - offsetAt(first)
  // A midnight that a changeover leaves out begins with the changeover.
  return second + offsetAt(second) === wall ? second : Math.max(first, second)
}

/** Cut where the offset changes, found by halving; zones change at most once a fortnight. */
function spansOf(from: number, to: number, offsetAt: OffsetAt): Span[] {
  const spans: Span[] = []
  let begin = from
  for (let at = from; at < to; ) {
    const next = Math.min(at + 7 * DAY, to)
    if (offsetAt(next) !== offsetAt(at)) {
      let [before, after] = [at, next]
      while (after - before > 1) {
        const middle = Math.floor((before + after) / 2)
        if (offsetAt(middle) === offsetAt(at)) before = middle
        else after = middle
      }
      spans.push({ from: begin, to: after, offset: offsetAt(before) })
      begin = after
    }
    at = next
  }
  if (begin < to) spans.push({ from: begin, to, offset: offsetAt(begin) })
  return spans
}

/**
 * One value a day for each job, null on days without runs. `found` is in the order of the spans: a day on which the clocks change
 * comes in two parts.
 */
export function consolidate(
  jobIds: readonly string[],
  found: readonly DailyValue[],
  metric: Metric,
  { firstDay, days }: DayRange,
): Map<string, (number | null)[]> {
  const series = new Map(jobIds.map((id) => [id, new Array<number | null>(days.length).fill(null)]))
  const { daily } = METRIC_FACTS[metric]
  for (const { jobId, day, value } of found) {
    const values = series.get(jobId)
    const at = day - firstDay
    if (!values || value === null || at < 0 || at >= values.length) continue
    const before = values[at] ?? null
    if (before === null || daily === 'last') values[at] = value
    else values[at] = daily === 'sum' ? before + value : Math.max(before, value)
  }
  return series
}

/** What is stored stays stored on days without a run; what a run did counts on its day alone. */
export function staysBetweenRuns(metric: Metric): boolean {
  return METRIC_FACTS[metric].daily !== 'sum'
}

/**
 * All jobs as one. The last known storage of a job counts on, also that from before the first day (`before`); whatever a run did
 * counts on its day alone.
 */
export function addUp(
  series: readonly { values: readonly (number | null)[]; before?: number | null }[],
  metric: Metric,
): (number | null)[] {
  const length = series[0]?.values.length ?? 0
  const stays = staysBetweenRuns(metric)
  const sums = new Array<number | null>(length).fill(null)
  for (const { values, before = null } of series) {
    let last: number | null = before
    for (let day = 0; day < length; day++) {
      const value: number | null = values[day] ?? (stays ? last : null)
      if (value === null) continue
      last = value
      sums[day] = (sums[day] ?? 0) + value
    }
  }
  return sums
}
