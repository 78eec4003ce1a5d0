/** Tables of which only a window is drawn: the widths hold for all rows, so that nothing moves sideways while one scrolls. */
import type { Look } from '../output/look.ts'
import type { Cell, Column } from '../output/table.ts'
import { cut, displayWidth, pad } from '../output/width.ts'
import { inverse } from './env.ts'

export interface Sized<Row> {
  column: Column<Row>
  width: number
}

const GAP = 2
/** The mark of the selected row and a space. */
export const MARGIN = 2

/**
 * The columns that fit, widest need first known: those of low priority go, the rest share what is left.
 * @param naturalOf how wide a column would like to be
 */
export function fitColumns<Row>(
  columns: readonly Column<Row>[],
  naturalOf: (column: Column<Row>) => number,
  width: number,
): Sized<Row>[] {
  let sized = columns.map((column) => {
    const natural = Math.max(naturalOf(column), displayWidth(column.title))
    return { column, natural, width: Math.min(natural, Math.max(column.soft ?? natural, column.min ?? 0)) }
  })
  const room = width - MARGIN
  const total = () => sized.reduce((sum, one) => sum + one.width, 0) + GAP * Math.max(0, sized.length - 1)
  const tight = () => total() - sized.reduce((sum, one) => sum + spare(one.column, one.width), 0)
  while (tight() > room) {
    const least = Math.max(...sized.map(({ column }) => column.drop ?? -1))
    if (least < 0) break
    sized = sized.filter(({ column }) => column.drop !== least)
  }
  const change = (by: number, can: (one: (typeof sized)[number]) => boolean, widest: boolean) => {
    const able = sized.filter(can)
    const chosen = able.reduce((best, one) => (widest === one.width > best.width ? one : best), able[0] ?? NOTHING)
    chosen.width += by
    return able.length > 0
  }
  while (total() > room && change(-1, ({ column, width: now }) => now > (column.min ?? now), true));
  while (total() > room && change(-1, ({ width: now }) => now > 1, true));
  while (total() < room && change(1, ({ natural, width: now }) => now < natural, false));
  return sized
}

const SOME_WORDS = 30
const SHORT_NAME = 12

/** What a column may give before another goes for it: a text what is beyond some words, a long name a quarter. */
function spare<Row>({ min, soft }: Column<Row>, width: number): number {
  if (min === undefined) return 0
  return Math.max(
    0,
    width - Math.max(min, soft === undefined ? SOME_WORDS : Math.max(SHORT_NAME, Math.ceil(width * 0.75))),
  )
}

const NOTHING = { column: null as never, natural: 0, width: 0 }

/** How wide the widest cell of a column is, for tables of few rows. */
export function widest<Row>(rows: readonly Row[]): (column: Column<Row>) => number {
  return (column) => rows.reduce((most, row) => Math.max(most, displayWidth(textOf(column.cell(row)))), 0)
}

/** The titles, under which the rows stand. */
export function drawHead<Row>(sized: readonly Sized<Row>[], { palette }: Look): string {
  const text = sized
    .map(({ column, width }) => pad(cut(column.title, width), width, column.align))
    .join(' '.repeat(GAP))
  return palette.bold(`${' '.repeat(MARGIN)}${text}`.trimEnd())
}

/** A row; the selected one in reverse video and with a mark, so that it is seen without either. */
export function drawRow<Row>(
  sized: readonly Sized<Row>[],
  row: Row,
  look: Look,
  selected: boolean,
  width: number,
): string {
  const { ellipsis } = look.symbols
  const cells = sized.map(({ column, width: size }) => {
    const cell = column.cell(row)
    const { text, paint } = typeof cell === 'string' ? { text: cell } : cell
    const shown = cut(text, size, ellipsis)
    const filling = ' '.repeat(Math.max(0, size - displayWidth(shown)))
    const painted = paint && !selected ? paint(shown) : shown
    return column.align === 'right' ? filling + painted : painted + filling
  })
  const text = cells.join(' '.repeat(GAP))
  if (!selected) return `${' '.repeat(MARGIN)}${text}`.trimEnd()
  return inverse(pad(`${look.symbols.selected} ${text}`, width))
}

function textOf(cell: Cell | string): string {
  return typeof cell === 'string' ? cell : cell.text
}
