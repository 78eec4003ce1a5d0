/**
 * Text for a terminal, broken between words; as it is elsewhere. A word stays whole, since it may be an address to copy.
 * @param to where it is written
 * @param label columns that stand before it: further lines begin below the first
 */
export function folded(text: string, to: { columns?: number | undefined }, label = 0): string {
  const { columns } = to
  if (!columns) return text
  const lines = text.split('\n').flatMap((line) => rowsOf(line, columns - label))
  return lines.join(`\n${' '.repeat(label)}`)
}

function rowsOf(line: string, width: number): string[] {
  if (line.length <= width) return [line]
  const indent = /^ */.exec(line)?.[0] ?? ''
  const [first = '', ...words] = line.slice(indent.length).split(' ')
  const rows: string[] = []
  let row = indent + first
  for (const word of words) {
    if (row.length + 1 + word.length > width) {
      rows.push(row.trimEnd())
      row = indent + word
    } else row += ` ${word}`
  }
  return [...rows, row]
}
