/** Charts for terminals: lines (asciichart) or bars over days, with axes, gaps for days without runs, and a legend. */
import { METRIC_FACTS, type Metric, type MetricUnit } from '../fleet/metrics.ts'
import { placeDates, type Scale, scaleOf, valueLabel } from './chart-axis.ts'
import { barLayer } from './chart-bars.ts'
import { lineLayers } from './chart-lines.ts'
import { clean } from './escape.ts'
import type { Format } from './format.ts'
import type { Look, Paint } from './look.ts'
import { cut, cutMiddle, displayWidth, pad, prepareWidths } from './width.ts'

export interface ChartSeries {
  name: string
  /** One a day, null where nothing ran. */
  values: readonly (number | null)[]
}

export interface ChartData {
  metric: Metric
  days: readonly string[]
  series: readonly ChartSeries[]
}

export interface ChartOptions {
  look: Look
  format: Format
  /** BCP 47 tag of the dates below. */
  locale: string
  width: number
  /** Lines that the chart may take with all that belongs to it. */
  height: number
  style: 'line' | 'bar'
  /** Without empty lines and legend: for a corner of a screen. */
  compact?: boolean
}

/** One drawn cell; null is empty. */
export type Cell = { mark: string; paint: Paint } | null
/** Rows of cells, the highest first. */
export type Layer = Cell[][]

export const METRIC_TITLES: Record<Metric, string> = {
  uploaded: 'Uploaded',
  duration: 'Duration',
  files: 'Files examined',
  size: 'Source size',
  storage: 'Storage used',
  versions: 'Versions',
}

/** Charts with more lines than these are a tangle. */
export const MOST_SERIES = 6
/** Labelled intervals of the axis at the left, of at least two rows each where the height allows. */
const MOST_INTERVALS = 5
/** What stands around the rows: title, empty line, the row of the highest value, the axis and the dates below it. */
const AROUND = 5
const AROUND_COMPACT = 4
const WIDEST_DAY = 12
const AXIS = 2

/** The whole chart as lines, none wider than `options.width`. Days are put together where there are more than columns. */
export async function renderChart(data: ChartData, options: ChartOptions): Promise<string[]> {
  await prepareWidths(data.series.map(({ name }) => name))
  return chartLines(data, options)
}

/** As `renderChart`, for those who have prepared the widths. */
export function chartLines(data: ChartData, options: ChartOptions): string[] {
  const { look, width, style } = options
  const { unit } = METRIC_FACTS[data.metric]
  const values = data.series.flatMap((series) => series.values.filter((value) => value !== null))
  const legend = options.compact ? [] : legendLines(data, unit, options)
  const most = Math.max(1, options.height - legend.length - (options.compact ? AROUND_COMPACT : AROUND))
  const scale =
    values.length === 0
      ? null
      : scaleOf(values, {
          unit,
          intervals: Math.max(1, Math.min(MOST_INTERVALS, most >> 1)),
          fromZero: style === 'bar',
          label: (value) => valueLabel(value, unit, options.format),
        })
  const title = (days: number) => look.palette.bold(titleOf(data, days, options))
  if (scale === null) return [title(1), '', look.palette.dim('No runs in this time.')]

  const intervals = scale.ticks.length - 1
  const rows = Math.max(1, Math.floor(most / intervals)) * intervals
  const labels = scale.ticks.map((tick) => valueLabel(tick, unit, options.format))
  const labelWidth = labels.reduce((widest, label) => Math.max(widest, displayWidth(label)), 0)
  const room = Math.max(1, width - labelWidth - AXIS)
  const columns = layColumns(data, room, style)
  const drawn = { ...columns, rows, scale, look }
  const layers = style === 'bar' ? [barLayer(drawn)] : lineLayers(drawn)
  return [
    title(columns.daysEach),
    ...(options.compact ? [] : ['']),
    ...frame(layers, labels, labelWidth, rows, scale, look),
    ...dateAxis(data.days, columns, labelWidth, options),
    ...legend,
  ]
}

/** How the days are spread over the terminal's columns. */
export interface Columns {
  /** Values of each series after days were put together. */
  series: readonly (readonly (number | null)[])[]
  /** Terminal columns of one value, and of all. */
  size: number
  total: number
  daysEach: number
}

function layColumns({ days, series, metric }: ChartData, room: number, style: 'line' | 'bar'): Columns {
  // Bars of several jobs stand beside each other, with a space before the next day's.
  const least = style === 'bar' && series.length > 1 ? series.length + 1 : 1
  const daysEach = Math.max(1, Math.ceil((days.length * least) / room))
  const count = Math.ceil(days.length / daysEach)
  const size = Math.max(1, Math.min(Math.max(WIDEST_DAY, least), Math.floor(room / count)))
  return { series: series.map(({ values }) => together(values, daysEach, metric)), size, total: size * count, daysEach }
}

/** The highest of the days that share a column, the last of what stays: adding them up would change what the axis says. */
function together(values: readonly (number | null)[], each: number, metric: Metric): readonly (number | null)[] {
  if (each === 1) return values
  const last = METRIC_FACTS[metric].daily === 'last'
  // Counted from the newest, so that the oldest column is the one with fewer days.
  const first = values.length % each || each
  const count = Math.ceil(values.length / each)
  return Array.from({ length: count }, (_, at) => {
    const part = values.slice(at === 0 ? 0 : first + (at - 1) * each, first + at * each)
    const known = part.filter((value) => value !== null)
    return known.length === 0 ? null : last ? (known.at(-1) ?? null) : Math.max(...known)
  })
}

const LEAST_NAME = 16

/** A long name gives way to what is drawn. */
function titleOf({ metric, series, days }: ChartData, daysEach: number, { width, look }: ChartOptions): string {
  const { daily } = METRIC_FACTS[metric]
  const { ellipsis } = look.symbols
  const each = daysEach === 1 ? '' : ` (${daily === 'last' ? 'every' : 'highest of'} ${daysEach} days)`
  const what = `${METRIC_TITLES[metric]}${daily === 'sum' ? ' per day' : ''}, last ${days.length} days${each}`
  const [only, ...others] = series
  if (!only || others.length > 0) return cut(what, width, ellipsis)
  const name = cutMiddle(clean(only.name), Math.max(LEAST_NAME, width - displayWidth(what) - 2), ellipsis)
  return cut(`${name}: ${what.charAt(0).toLowerCase()}${what.slice(1)}`, width, ellipsis)
}

/** The layers over each other, with the values of the ticks at the left. */
function frame(
  layers: Layer[],
  labels: string[],
  labelWidth: number,
  rows: number,
  scale: Scale,
  look: Look,
): string[] {
  const { dim } = look.palette
  const [line, tick] = look.symbols.rule === '─' ? ['│', '┤'] : ['|', '+']
  const every = rows / (scale.ticks.length - 1)
  return Array.from({ length: rows + 1 }, (_, row) => {
    const fromBelow = rows - row
    const label = fromBelow % every === 0 ? (labels[fromBelow / every] ?? '') : null
    const axis = `${pad(label ?? '', labelWidth, 'right')} ${dim(label === null ? line : tick)}`
    return (axis + paintRow(layers, row)).trimEnd()
  })
}

/** Later series over earlier ones; neighbours of one colour are painted together. */
function paintRow(layers: Layer[], row: number): string {
  const cells: Cell[] = []
  for (const layer of layers) {
    for (const [column, cell] of (layer[row] ?? []).entries()) {
      if (cell !== null || cells[column] === undefined) cells[column] = cell
    }
  }
  let text = ''
  for (let at = 0; at < cells.length; ) {
    const cell = cells[at] ?? null
    let marks = ''
    for (; at < cells.length && (cells[at] ?? null)?.paint === cell?.paint; at++) marks += cells[at]?.mark ?? ' '
    text += cell ? cell.paint(marks) : marks
  }
  return text
}

function dateAxis(
  days: readonly string[],
  columns: Columns,
  labelWidth: number,
  { look, locale, width }: ChartOptions,
): string[] {
  const { size, total, daysEach } = columns
  const margin = labelWidth + AXIS
  const columnOf = (day: number) =>
    margin + total - size * (1 + Math.floor((days.length - 1 - day) / daysEach)) + (size >> 1)
  const { text, columns: ticks } = placeDates({ days, daysEach, columnOf, width, locale })
  const [corner, line, tick] = look.symbols.rule === '─' ? ['└', '─', '┬'] : ['+', '-', '+']
  const rule = Array.from({ length: total }, (_, at) => (ticks.includes(margin + at) ? tick : line)).join('')
  return [`${' '.repeat(margin - 1)}${look.palette.dim(corner + rule)}`, text]
}

/** What each line is, and its lowest, highest and last value. */
function legendLines({ series }: ChartData, unit: MetricUnit, { look, format, width }: ChartOptions): string[] {
  const label = (value: number) => valueLabel(value, unit, format)
  const lines = series.map(({ name, values }, at) => {
    const known = values.filter((value) => value !== null)
    const { paint, mark } = seriesLook(at, look)
    const figures =
      known.length === 0
        ? 'no runs'
        : `lowest ${label(Math.min(...known))}, highest ${label(Math.max(...known))}, last ${label(known.at(-1) ?? 0)}`
    if (series.length === 1) return look.palette.dim(cut(figures, width, look.symbols.ellipsis))
    const text = `${clean(name)}: ${figures}`
    return `${paint(mark)} ${cut(text, width - displayWidth(mark) - 1, look.symbols.ellipsis)}`
  })
  return ['', ...lines]
}

/** Those with the highest values first; what never ran last. */
export function highestFirst<Series extends ChartSeries>(series: readonly Series[]): Series[] {
  const peak = ({ values }: Series) => values.reduce<number>((highest, value) => Math.max(highest, value ?? -1), -1)
  const ranked = series.map((one) => ({ one, peak: peak(one) }))
  return ranked.sort((a, b) => b.peak - a.peak).map(({ one }) => one)
}

/** Colour and glyph of the n-th series: without colour the glyph alone tells them apart. */
export function seriesLook(at: number, look: Look): { paint: Paint; mark: string } {
  const marks = look.symbols.series
  return { paint: look.series[at % look.series.length] ?? String, mark: marks[at % marks.length] ?? '*' }
}
