/** Colours and symbols of a terminal. Colour never says anything alone: a word or a symbol of its own shape stands with it. */
import type { JobState, JobStatus } from '../fleet/model.ts'

export type Paint = (text: string) => string

export interface Palette {
  red: Paint
  yellow: Paint
  green: Paint
  blue: Paint
  dim: Paint
  bold: Paint
}

export interface Symbols {
  ok: string
  bad: string
  warning: string
  running: string
  paused: string
  unsure: string
  none: string
  /** Stands for a value that nobody knows. */
  unknown: string
  ellipsis: string
  separator: string
  rule: string
  /** Marks the line that is selected. */
  selected: string
  recent: Record<Exclude<JobStatus, 'None'>, string>
  /** Glyphs of several lines or bars in one chart. */
  series: readonly string[]
  box: { topLeft: string; topRight: string; bottomLeft: string; bottomRight: string; side: string }
}

export interface Look {
  palette: Palette
  /** Colours of several lines in one chart, in an order that neighbours are told apart. */
  series: readonly Paint[]
  symbols: Symbols
}

const plain: Paint = (text) => text

/** SGR codes of the sixteen colours, readable on light and dark backgrounds; an empty text stays empty. */
function sgr(open: number, close: number): Paint {
  return (text) => (text === '' ? '' : `\u001b[${open}m${text}\u001b[${close}m`)
}

const COLOURS: Palette = {
  red: sgr(31, 39),
  yellow: sgr(33, 39),
  green: sgr(32, 39),
  blue: sgr(36, 39),
  dim: sgr(2, 22),
  bold: sgr(1, 22),
}
const SERIES: readonly Paint[] = [36, 33, 35, 32, 31, 34].map((code) => sgr(code, 39))
const NO_COLOURS: Palette = { red: plain, yellow: plain, green: plain, blue: plain, dim: plain, bold: plain }

/** Severity as height in the strip of recent runs, so that it reads without colour. */
const UNICODE: Symbols = {
  ok: '✓',
  bad: '✗',
  warning: '!',
  running: '▶',
  paused: '‖',
  unsure: '?',
  none: '○',
  unknown: '–',
  ellipsis: '…',
  separator: ' · ',
  rule: '─',
  selected: '▌',
  recent: { Success: '▂', Warning: '▄', Error: '▆', Fatal: '█', Unknown: '?' },
  series: ['━', '•', '×', '+', '○', '░'],
  box: { topLeft: '┌', topRight: '┐', bottomLeft: '└', bottomRight: '┘', side: '│' },
}

const ASCII: Symbols = {
  ok: '+',
  bad: 'x',
  warning: '!',
  running: '>',
  paused: '=',
  unsure: '?',
  none: 'o',
  unknown: '-',
  ellipsis: '~',
  separator: ', ',
  rule: '-',
  selected: '>',
  recent: { Success: 'S', Warning: 'W', Error: 'E', Fatal: 'F', Unknown: '?' },
  series: ['#', '*', 'x', '+', 'o', '%'],
  box: { topLeft: '+', topRight: '+', bottomLeft: '+', bottomRight: '+', side: '|' },
}

export function createLook(options: { color: boolean; unicode: boolean }): Look {
  return {
    palette: options.color ? COLOURS : NO_COLOURS,
    series: options.color ? SERIES : [plain],
    symbols: options.unicode ? UNICODE : ASCII,
  }
}

/** The symbol of a state and the paint that goes with it. */
export function stateLook(state: JobState, { palette, symbols }: Look): { symbol: string; paint: Paint } {
  switch (state) {
    case 'ok':
      return { symbol: symbols.ok, paint: palette.green }
    case 'overdue':
    case 'failed':
      return { symbol: symbols.bad, paint: palette.red }
    case 'warning':
      return { symbol: symbols.warning, paint: palette.yellow }
    case 'stale':
      return { symbol: symbols.unsure, paint: palette.yellow }
    case 'running':
      return { symbol: symbols.running, paint: palette.blue }
    case 'paused':
      return { symbol: symbols.paused, paint: palette.blue }
    default:
      return { symbol: symbols.none, paint: palette.dim }
  }
}

/** The symbol of a run's status and the paint that goes with it. */
export function statusLook(status: JobStatus, { palette, symbols }: Look): { symbol: string; paint: Paint } {
  switch (status) {
    case 'Success':
      return { symbol: symbols.ok, paint: palette.green }
    case 'Warning':
      return { symbol: symbols.warning, paint: palette.yellow }
    case 'Error':
    case 'Fatal':
      return { symbol: symbols.bad, paint: palette.red }
    case 'Unknown':
      return { symbol: symbols.unsure, paint: palette.yellow }
    default:
      return { symbol: symbols.none, paint: palette.dim }
  }
}
