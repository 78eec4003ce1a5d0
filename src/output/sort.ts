/** Sorting by several keys. */

export type Key = string | number | null

export interface Order<Row> {
  value: (row: Row) => Key
  descending: boolean
}

/** A sorted copy; what is equal keeps its order, unknown values come last in either direction. */
export function bySeveral<Row>(rows: Row[], orders: Order<Row>[]): Row[] {
  const known = new Map<string, string>()
  const ranked = rows.map((row) => ({ row, keys: orders.map(({ value }) => sortable(value(row), known)) }))
  const signs = orders.map(({ descending }) => (descending ? -1 : 1))
  ranked.sort((a, b) => {
    for (let i = 0; i < signs.length; i++) {
      const order = compare(a.keys[i] ?? null, b.keys[i] ?? null, signs[i] ?? 1)
      if (order !== 0) return order
    }
    return 0
  })
  return ranked.map(({ row }) => row)
}

type Sortable = number | string | null

/** Longer runs of digits are no numbers that anybody counts. */
const DIGITS = /\d{1,15}/g

/** Letters in any case, digits by their value (`nas2` before `nas10`), without Intl's collation, which costs time at start. */
function sortable(key: Key, known: Map<string, string>): Sortable {
  if (typeof key !== 'string') return key
  let folded = known.get(key)
  if (folded === undefined) {
    folded = key.toLowerCase().replace(DIGITS, (digits) => digits.padStart(15, '0'))
    known.set(key, folded)
  }
  return folded
}

function compare(a: Sortable, b: Sortable, sign: number): number {
  if (a === b) return 0
  if (a === null || b === null) return a === null ? 1 : -1
  return a < b ? -sign : sign
}
