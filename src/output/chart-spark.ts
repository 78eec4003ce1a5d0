/** A row of marks as high as the values: a chart in a table's cell. */

const UNICODE = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█']
const ASCII = ['.', ':', '-', '=', '+', '*', '#', '@']

/** One mark a value, from the lowest to the highest of them; a day without runs is a space. */
export function sparkline(values: readonly (number | null)[], unicode: boolean): string {
  const marks = unicode ? UNICODE : ASCII
  const known = values.filter((value) => value !== null)
  const lowest = Math.min(...known)
  const highest = Math.max(...known)
  return values
    .map((value) => {
      if (value === null) return ' '
      // All alike is neither high nor low.
      const share = highest === lowest ? 0.4 : (value - lowest) / (highest - lowest)
      return marks[Math.min(marks.length - 1, Math.floor(share * marks.length))] ?? ''
    })
    .join('')
}
