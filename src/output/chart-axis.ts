/** The axes of a chart: round values at the left with human units, dates below in the reader's locale. */
import type { MetricUnit } from '../fleet/metrics.ts'
import type { Format } from './format.ts'
import { displayWidth } from './width.ts'

export interface Scale {
  min: number
  max: number
  /** Labelled values, the lowest first; they divide the height evenly. */
  ticks: number[]
}

const MINUTE = 60
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const DURATION_STEPS = [
  ...[1, 2, 5, 10, 15, 30],
  ...[1, 2, 5, 10, 15, 30].map((minutes) => minutes * MINUTE),
  ...[1, 2, 3, 6, 12].map((hours) => hours * HOUR),
]

export interface ScaleOptions {
  unit: MetricUnit
  /** At most so many between the labels. */
  intervals: number
  /** Bars stand on zero; lines may begin higher, where small changes of large values show. */
  fromZero: boolean
  label(value: number): string
}

/** The smallest round step that covers the values in so many intervals and whose labels differ. */
export function scaleOf(values: readonly number[], { unit, intervals, fromZero, label }: ScaleOptions): Scale {
  const highest = values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY)
  const lowest = values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY)
  // Around zero there is nothing to gain from beginning higher.
  const low = fromZero || lowest < highest / 2 ? Math.min(0, lowest) : lowest
  for (const step of steps(unit, Math.max(Math.abs(low), highest))) {
    const first = Math.floor(low / step)
    const needed = Math.max(1, Math.ceil(highest / step) - first)
    if (needed > intervals) continue
    const ticks = Array.from({ length: needed + 1 }, (_, i) => (first + i) * step)
    if (new Set(ticks.map(label)).size === ticks.length)
      return { min: ticks[0] ?? low, max: ticks.at(-1) ?? highest, ticks }
  }
  return { min: low, max: low + 1, ticks: [low, low + 1] }
}

/** Round steps of a unit, growing; sizes in the unit that the highest value is told in. */
function* steps(unit: MetricUnit, highest: number): Generator<number> {
  if (unit === 'seconds') yield* DURATION_STEPS
  const base = unit === 'bytes' ? 1024 ** Math.floor(Math.log(Math.max(1, highest)) / Math.log(1024)) : 1
  const smallest = unit === 'seconds' ? DAY : base > 1 ? base / 10 : 1
  for (let size = smallest; size < 1e30; size *= 10) yield* [size, 2 * size, 5 * size]
}

/** A value with its unit: `20 MiB`, `1h 30min`, `1,200`. */
export function valueLabel(value: number | null, unit: MetricUnit, format: Format): string {
  if (unit === 'bytes') return format.bytes(value).replace(/[.,]0(?= )/, '')
  return unit === 'seconds' ? format.duration(value) : format.count(value === null ? null : Math.round(value))
}

/** Day and month of `2026-11-24`; month and year where the chart spans many months. */
export function dayLabels(days: readonly string[], locale: string): string[] {
  const options: Intl.DateTimeFormatOptions =
    days.length > 180 ? { month: 'short', year: '2-digit' } : { day: '2-digit', month: 'short' }
  const format = new Intl.DateTimeFormat(locale, { ...options, timeZone: 'UTC' })
  return days.map((day) => format.format(Date.parse(`${day}T00:00Z`)))
}

/** Where labels go: `column` is the middle of what they name. */
export interface Mark {
  column: number
  label: string
}

/** As many of the labels as stand beside each other with room between them; the newest always does. */
export function placeLabels(marks: readonly Mark[], width: number): { text: string; columns: number[] } {
  const row = new Array<string>(width).fill(' ')
  const columns: number[] = []
  let free = width
  for (const { column, label } of [...marks].reverse()) {
    const size = displayWidth(label)
    const begin = Math.min(Math.max(0, column - (size >> 1)), width - size)
    if (begin < 0 || begin + size > free) continue
    row.splice(begin, size, label, ...new Array<string>(size - 1).fill(''))
    columns.push(column)
    free = begin - 2
  }
  return { text: row.join('').trimEnd(), columns: columns.reverse() }
}
