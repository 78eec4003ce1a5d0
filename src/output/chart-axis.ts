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
  // Around zero there is nothing to gain from beginning higher, nor where nothing changes.
  const low = fromZero || lowest < highest / 2 || lowest === highest ? Math.min(0, lowest) : lowest
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

/** What stands below the columns: the labels, and the columns that they are about. */
interface Placed {
  text: string
  columns: number[]
}

export interface DateAxis {
  /** `2026-11-24`, the oldest first. */
  days: readonly string[]
  /** Days that share a column. */
  daysEach: number
  /** The column of the screen that is the middle of the n-th day. */
  columnOf(day: number): number
  width: number
  locale: string
}

/** A chart of more days has months below it. */
const MOST_DAYS = 180
const MONTH_STEPS = [1, 2, 3, 4, 6, 12]
const DAY_STEPS = [1, 2, 3, 7, 14, 28]

/**
 * As many dates as stand beside each other at even distances: beginnings of months where there are many, else days back from the
 * newest one.
 */
export function placeDates({ days, daysEach, columnOf, width, locale }: DateAxis): Placed {
  const hasMonths = days.length > MOST_DAYS
  for (const step of hasMonths ? MONTH_STEPS : daySteps(days.length, daysEach)) {
    const named = hasMonths ? everyMonths(days, step, locale) : everyDays(days, step, locale)
    const placed = placeLabels(
      named.map(([day, label]) => [columnOf(day), label]),
      width,
    )
    if (placed) return placed
  }
  return { text: '', columns: [] }
}

/** Steps that people count in, then whatever leaves the columns between two dates alike. */
function daySteps(days: number, daysEach: number): number[] {
  const usual = DAY_STEPS.filter((step) => step < days && step % daysEach === 0)
  return [...usual, ...Array.from({ length: Math.ceil(days / daysEach) }, (_, at) => (at + 1) * daysEach)]
}

/** What is to be named: a place, and its label. */
type Named = readonly [at: number, label: string]

function everyDays(days: readonly string[], step: number, locale: string): Named[] {
  const format = dateFormat(locale, { day: '2-digit', month: 'short' })
  const newest = days.length - 1
  return days.flatMap((day, at): Named[] => ((newest - at) % step === 0 ? [[at, format(day)]] : []))
}

/** The first days of every so many months, counted from January; with its year the first of each, but for a lone one before. */
function everyMonths(days: readonly string[], step: number, locale: string): Named[] {
  const month = dateFormat(locale, { month: 'short' })
  const withYear = dateFormat(locale, { month: 'short', year: 'numeric' })
  const firsts = days.flatMap((day, at) =>
    day.endsWith('-01') && (Number(day.slice(5, 7)) - 1) % step === 0 ? [{ day, at, year: day.slice(0, 4) }] : [],
  )
  return firsts.map(({ day, at, year }, place) => {
    const isNew = year !== firsts[place - 1]?.year
    const isLone = place === 0 && year !== (firsts[1]?.year ?? year)
    return [at, isNew && !isLone ? withYear(day) : month(day)]
  })
}

function dateFormat(locale: string, options: Intl.DateTimeFormatOptions): (day: string) => string {
  const format = new Intl.DateTimeFormat(locale, { ...options, timeZone: 'UTC' })
  return (day) => format.format(Date.parse(`${day}T00:00Z`))
}

const LABEL_GAP = 2

/** Each label with its middle in its column, moved only where it would leave the chart; null where they do not all fit. */
function placeLabels(marks: readonly Named[], width: number): Placed | null {
  let text = ''
  for (const [column, label] of marks) {
    const size = displayWidth(label)
    const begin = Math.min(Math.max(0, column - (size >> 1)), width - size)
    const used = displayWidth(text)
    if (begin < (used === 0 ? 0 : used + LABEL_GAP)) return null
    text += ' '.repeat(begin - used) + label
  }
  return { text, columns: marks.map(([column]) => column) }
}
