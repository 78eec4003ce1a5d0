import { type Layer, seriesLook } from './chart.ts'
import type { Drawn } from './chart-lines.ts'

const EIGHTHS = ['', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█']

/** A label's value is at the middle of its row. */
const LABEL_LINE = 0.5

/** Bars from the bottom, several jobs' beside each other; a day without runs has none, a day with 0 a line on the ground. */
export function barLayer({ series, rows, total, size, scale, look }: Drawn): Layer {
  const layer: Layer = Array.from({ length: rows + 1 }, () => new Array(total).fill(null))
  const unicode = look.symbols.rule === '─'
  // A space between days where there is room for one.
  const wide = Math.max(1, Math.floor((size > series.length ? size - 1 : size) / series.length))
  for (const [at, values] of series.entries()) {
    const { paint, mark } = seriesLook(at, look)
    const solid = unicode ? (series.length > 1 ? mark : '█') : series.length > 1 ? mark : '#'
    for (const [day, value] of values.entries()) {
      if (value === null) continue
      const share = (value - scale.min) / (scale.max - scale.min)
      const marks = column(value === 0 ? 0 : share * rows + LABEL_LINE, solid, unicode && series.length === 1)
      for (let x = 0; x < wide; x++) {
        const place = day * size + at * wide + x
        for (const [up, text] of marks.entries()) {
          const cells = layer[rows - up]
          if (cells && place < total) cells[place] = { mark: text, paint }
        }
      }
    }
  }
  return layer
}

/** A bar's marks from the ground up; what is left of a row as eighths where the terminal can draw them. */
function column(height: number, solid: string, eighths: boolean): string[] {
  const whole = Math.floor(eighths ? height : Math.round(height))
  const rest = eighths ? Math.round((height - whole) * 8) : 0
  const top = EIGHTHS[rest] ?? ''
  const marks = [...new Array<string>(whole).fill(solid), ...(top === '' ? [] : [top])]
  return marks.length > 0 ? marks : [eighths ? '▁' : '_']
}
