/**
 * Tables that fit: column widths are computed once over all rows, columns of low priority go first, names are cut, nothing
 * wraps. cli-table3 draws what has been laid out here: its own layout looks at all rows above for each cell (1,000 rows of 12
 * columns take half a second), so it gets finished lines as one column, in pieces.
 */
import type { Look, Paint } from './look.ts'
import { cut, displayWidth, pad } from './width.ts'

/** Text that is inert already (`clean`), with the paint of the whole cell. */
export interface Cell {
  text: string
  paint?: Paint
}

export interface Column<Row> {
  key: string
  title: string
  align?: 'left' | 'right'
  /** Columns with higher numbers go first when the terminal is narrow; null stays to the end. */
  drop: number | null
  /** Makes the column shrink, down to this many columns, before the last ones are dropped. */
  min?: number
  /** Width beyond which the column only grows into space that nobody else needs. */
  soft?: number
  cell(row: Row): Cell | string
}

export interface TableOptions {
  /** Terminal columns; Infinity leaves everything as long as it is. */
  width: number
  look: Look
}

/** A table as finished lines, without the terminal's escape sequences in the widths. */
export interface LaidOut {
  head: string
  rows: string[]
  width: number
  /** Keys of the columns that are shown. */
  shown: string[]
}

interface Sized<Row> {
  column: Column<Row>
  cells: Cell[]
  natural: number
  width: number
}

const GAP = 2
/** cli-table3's time grows with the square of a table's rows; pieces of this size keep it linear. */
const PIECE = 50

/** Computes widths, drops and shrinks columns, and writes each row as one line of at most `options.width` columns. */
export function layOut<Row>(columns: Column<Row>[], rows: Row[], options: TableOptions): LaidOut {
  const { look, width } = options
  const sized = fitInto(
    columns.map((column) => size(column, rows)),
    width,
  )
  const line = (text: (column: Sized<Row>) => Cell) =>
    sized
      .map((column, index) => {
        const { text: content, paint } = text(column)
        const shown = cut(content, column.width, look.symbols.ellipsis)
        const painted = paint ? paint(shown) : shown
        const isLast = index === sized.length - 1
        const filling = ' '.repeat(Math.max(0, column.width - displayWidth(shown)))
        if (column.column.align === 'right') return filling + painted
        return isLast ? painted : painted + filling
      })
      .join(' '.repeat(GAP))
  return {
    head: line(({ column }) => ({ text: column.title, paint: look.palette.bold })),
    rows: rows.map((_, index) => line(({ cells }) => cells[index] ?? { text: '' })),
    width: total(sized),
    shown: sized.map(({ column }) => column.key),
  }
}

/** cli-table3's borders, all switched off: rows are lines, and the rule under the head is ours. */
const NO_BORDERS = Object.fromEntries(
  ['top', 'bottom', 'left', 'right', 'mid', 'middle'].flatMap((side) =>
    ['', '-mid', '-left', '-right'].map((joint) => [`${side}${joint}`, '']),
  ),
)

/** The lines of a table for a terminal, drawn by cli-table3. */
export async function drawTable(table: LaidOut, look: Look): Promise<string[]> {
  const { default: Table } = await import('cli-table3')
  const lines: string[] = []
  for (let from = 0; from < table.rows.length; from += PIECE) {
    const piece = new Table({
      chars: NO_BORDERS,
      style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
    })
    piece.push(...table.rows.slice(from, from + PIECE).map((row) => [row]))
    lines.push(...piece.toString().split('\n'))
  }
  const rule = look.palette.dim(look.symbols.rule.repeat(table.width))
  return [table.head, rule, ...lines].map((line) => line.trimEnd())
}

/** The same lines without a frame, for pipes: nothing to load, nothing to cut. */
export function plainTable(table: LaidOut): string[] {
  return [table.head, ...table.rows].map((line) => line.trimEnd())
}

function size<Row>(column: Column<Row>, rows: Row[]): Sized<Row> {
  const cells = rows.map((row) => {
    const cell = column.cell(row)
    return typeof cell === 'string' ? { text: cell } : cell
  })
  let natural = displayWidth(column.title)
  for (const { text } of cells) natural = Math.max(natural, displayWidth(text))
  return { column, cells, natural, width: Math.min(natural, Math.max(column.soft ?? natural, column.min ?? 0)) }
}

function fitInto<Row>(all: Sized<Row>[], width: number): Sized<Row>[] {
  let columns = all
  while (total(columns) > width) {
    const next = leastImportant(columns)
    if (!next) break
    columns = columns.filter((column) => column !== next)
  }
  shrink(columns, width)
  while (total(columns) > width && columns.length > 1) columns = columns.slice(0, -1)
  const [first] = columns
  if (first && total(columns) > width) first.width = width
  grow(columns, width)
  return columns
}

function leastImportant<Row>(columns: Sized<Row>[]): Sized<Row> | undefined {
  let found: Sized<Row> | undefined
  for (const candidate of columns) {
    const { drop } = candidate.column
    if (drop !== null && drop > (found?.column.drop ?? -1)) found = candidate
  }
  return found
}

/** Takes from the widest column that can give, one at a time, so that two long names end up alike. */
function shrink<Row>(columns: Sized<Row>[], width: number): void {
  for (let excess = total(columns) - width; excess > 0; excess--) {
    const widest = columns
      .filter(({ column, width: now }) => column.min !== undefined && now > column.min)
      .reduce<Sized<Row> | null>((best, column) => (best && best.width >= column.width ? best : column), null)
    if (!widest) return
    widest.width--
  }
}

/** Gives what is left over to the columns that were held short, to the narrowest first. */
function grow<Row>(columns: Sized<Row>[], width: number): void {
  if (!Number.isFinite(width)) {
    for (const column of columns) column.width = column.natural
    return
  }
  for (let left = width - total(columns); left > 0; left--) {
    const neediest = columns
      .filter((column) => column.width < column.natural)
      .reduce<Sized<Row> | null>((best, column) => (best && best.width <= column.width ? best : column), null)
    if (!neediest) return
    neediest.width++
  }
}

function total<Row>(columns: Sized<Row>[]): number {
  return columns.reduce((sum, column) => sum + column.width, 0) + GAP * Math.max(0, columns.length - 1)
}

/** Two columns of names and values, as in the details of a run. */
export function keyValues(pairs: [string, string][], look: Look): string[] {
  const width = Math.max(...pairs.map(([name]) => displayWidth(name)))
  return pairs.map(([name, value]) => `${look.palette.dim(pad(name, width))}  ${value}`)
}
