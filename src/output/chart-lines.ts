import asciichart from 'asciichart'
import { type Columns, type Layer, seriesLook } from './chart.ts'
import type { Scale } from './chart-axis.ts'
import type { Look } from './look.ts'

/** What asciichart draws with: axis, axis, and then `╶ ╴ ─ ╰ ╭ ╮ ╯ │`. */
const UNICODE = ['┼', '┤', '╶', '╴', '─', '╰', '╭', '╮', '╯', '│']
const ASCII = ['+', '+', '-', '-', '-', "'", '.', '.', "'", '|']

export interface Drawn extends Columns {
  rows: number
  scale: Scale
  look: Look
}

/**
 * A layer of steps for each series. asciichart knows no gaps and no places: each stretch without a gap is drawn by itself and put
 * where it belongs. Days are steps, never slopes: nothing is drawn that was not measured (T50).
 */
export function lineLayers(drawn: Drawn): Layer[] {
  return drawn.series.map((values, at) => seriesLayer(values, at, drawn))
}

function seriesLayer(
  values: readonly (number | null)[],
  at: number,
  { series, rows, total, size, scale, look }: Drawn,
): Layer {
  const layer: Layer = Array.from({ length: rows + 1 }, () => new Array(total).fill(null))
  const { paint, mark } = seriesLook(at, look)
  const symbols = [...(look.symbols.rule === '─' ? UNICODE : ASCII)]
  // Beside others a line is drawn with its own glyph, so that it can be told without colour too.
  if (series.length > 1) symbols[4] = mark
  for (const { begin, points } of stretches(values, size)) {
    const config = { min: scale.min, max: scale.max, height: rows, offset: 1, symbols, format: () => ' ' }
    // One more point than columns: asciichart draws what is between two.
    const lines = asciichart.plot([...points, points.at(-1) ?? 0], config).split('\n')
    for (const [row, line] of lines.entries()) {
      const cells = layer[row]
      if (!cells) continue
      for (let column = 0; column < points.length; column++) {
        const drawn = line[column + 1]
        if (drawn !== undefined && drawn !== ' ') cells[begin + column] = { mark: drawn, paint }
      }
    }
  }
  return layer
}

/** Runs of known values, each value as often as it has columns. */
function stretches(values: readonly (number | null)[], size: number): { begin: number; points: number[] }[] {
  const found: { begin: number; points: number[] }[] = []
  let open: number[] | null = null
  for (const [at, value] of values.entries()) {
    if (value === null) {
      open = null
      continue
    }
    if (open === null) {
      open = []
      found.push({ begin: at * size, points: open })
    }
    for (let column = 0; column < size; column++) open.push(value)
  }
  return found
}
