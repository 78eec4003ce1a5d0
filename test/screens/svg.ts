/** Lines of a terminal as a picture: its colours are those of a usual dark theme. */
import { displayWidth } from '../../src/output/width.ts'

const COLUMN = 8.4
const ROW = 18
const MARGIN = 14
const BAR = 26
const THEME = { background: '#161b22', text: '#d0d7de', frame: '#30363d' }
const COLOURS: Record<number, string> = {
  30: '#484f58',
  31: '#ff7b72',
  32: '#56d364',
  33: '#e3b341',
  34: '#79c0ff',
  35: '#d2a8ff',
  36: '#76e3ea',
}

interface Style {
  colour: string | null
  bold: boolean
  dim: boolean
  inverse: boolean
}

const PLAIN: Style = { colour: null, bold: false, dim: false, inverse: false }

/** @param lines painted with SGR sequences; @param columns of the terminal */
export function svgOf(lines: readonly string[], columns: number, title: string): string {
  const width = Math.ceil(columns * COLUMN + 2 * MARGIN)
  const height = lines.length * ROW + BAR + 2 * MARGIN
  const dots = ['#ff5f57', '#febc2e', '#28c840'].map(
    (fill, at) => `<circle cx="${MARGIN + 4 + at * 18}" cy="${BAR / 2 + 2}" r="5" fill="${fill}"/>`,
  )
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escaped(title)}">`,
    `<rect width="${width}" height="${height}" rx="8" fill="${THEME.background}" stroke="${THEME.frame}"/>`,
    ...dots,
    `<g font-family="ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace" font-size="14" fill="${THEME.text}" xml:space="preserve">`,
    ...lines.flatMap((line, row) => lineOf(line, MARGIN + BAR + row * ROW)),
    '</g>',
    '</svg>',
    '',
  ].join('\n')
}

/** Each run of one style at its column, stretched to its columns: fonts differ, tables must not. */
function lineOf(line: string, top: number): string[] {
  let column = 0
  return runsOf(line).flatMap(({ text, style }) => {
    const columns = displayWidth(text)
    const x = MARGIN + column * COLUMN
    column += columns
    const parts: string[] = []
    const colour = style.colour ?? THEME.text
    if (style.inverse)
      parts.push(
        `<rect x="${round(x)}" y="${top}" width="${round(columns * COLUMN)}" height="${ROW}" fill="${colour}"/>`,
      )
    const trimmed = text.trimEnd()
    if (trimmed.trim() === '') return parts
    const fill = style.inverse ? ` fill="${THEME.background}"` : style.colour ? ` fill="${style.colour}"` : ''
    const weight = style.bold ? ' font-weight="bold"' : ''
    const faint = style.dim ? ' opacity="0.6"' : ''
    const length = round(displayWidth(trimmed) * COLUMN)
    parts.push(
      `<text x="${round(x)}" y="${top + 13}" textLength="${length}"${fill}${weight}${faint}>${escaped(trimmed)}</text>`,
    )
    return parts
  })
}

function runsOf(line: string): { text: string; style: Style }[] {
  const runs: { text: string; style: Style }[] = []
  let style = PLAIN
  for (const part of line.split(/(\u001b\[[\d;]*m)/)) {
    const codes = /^\u001b\[([\d;]*)m$/.exec(part)?.[1]
    if (codes === undefined) {
      if (part !== '') runs.push({ text: part, style })
    } else for (const code of codes.split(';')) style = applied(style, Number(code))
  }
  return runs
}

function applied(style: Style, code: number): Style {
  if (code === 1) return { ...style, bold: true }
  if (code === 2) return { ...style, dim: true }
  if (code === 22) return { ...style, bold: false, dim: false }
  if (code === 7) return { ...style, inverse: true }
  if (code === 27) return { ...style, inverse: false }
  if (code === 39) return { ...style, colour: null }
  return COLOURS[code] ? { ...style, colour: COLOURS[code] } : style
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
