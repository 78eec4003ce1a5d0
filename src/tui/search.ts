import { inverse, unpainted } from './env.ts'

/** Places of the lines that have a text, in any case. */
export function linesWith(lines: readonly string[], search: string): number[] {
  const text = search.toLowerCase()
  return text === '' ? [] : lines.flatMap((line, at) => (unpainted(line).toLowerCase().includes(text) ? [at] : []))
}

/** Lines with paint of their own are headlines; there the match stays unmarked. */
export function highlighted(line: string, search: string): string {
  if (line.includes('\u001b')) return line
  const at = line.toLowerCase().indexOf(search.toLowerCase())
  if (at < 0) return line
  const end = at + search.length
  return line.slice(0, at) + inverse(line.slice(at, end)) + line.slice(end)
}
