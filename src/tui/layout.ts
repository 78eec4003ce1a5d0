/** How the screen is divided: a title, the sums, the view itself with a panel beside or below it, and two lines at the foot. */
import { CARD_LINES } from '../output/status-cards.ts'
import { summaryLines } from '../output/status-table.ts'
import { type Env, formatAt } from './env.ts'
import type { ListOptions, State } from './model.ts'

/** Below this there is no room for a table and its footer. */
export const SMALLEST = { columns: 60, rows: 15 }

/** From this width on the panel stands beside the list, and is there without being asked for. */
const WIDE = 120
const PANEL_SHARE = 0.36
const MOST_PANEL = 64
/** From this height on there is room for the sums in two lines. */
const TALL = 18
const FOOT = 2
/** What a panel below leaves: the head of a table and four rows; on a server's page its facts besides. */
const LEAST_LIST = 6
const LEAST_OF_SERVER = 14
const LEAST_PANEL = 5

export interface Layout {
  summary: string[]
  /** Lines between title and footer. */
  bodyRows: number
  /** Columns and lines of the list. */
  columns: number
  rows: number
  panel: Panel | null
}

export interface Panel {
  kind: Exclude<ListOptions['panel'], null | 'none'>
  side: 'right' | 'below'
  columns: number
  rows: number
}

export function layoutOf(state: State, env: Env): Layout {
  const { size, snapshot } = state
  const [{ name }] = state.views
  const hasSums = snapshot && name === 'jobs' && size.rows >= TALL && state.overlay?.kind !== 'help'
  const summary = hasSums ? sums(state, env) : []
  const bodyRows = Math.max(1, size.rows - 1 - summary.length - FOOT)
  const panel = name === 'jobs' || name === 'server' ? panelOf(state, bodyRows, leastOf(state)) : null
  return {
    summary,
    bodyRows,
    // A line between the two, with a space before it.
    columns: panel?.side === 'right' ? size.columns - panel.columns - 2 : size.columns,
    rows: panel?.side === 'below' ? bodyRows - panel.rows : bodyRows,
    panel,
  }
}

function sums({ snapshot, size, now }: State, env: Env): string[] {
  if (!snapshot) return []
  const view = { schemaVersion: 1 as const, generatedAt: '', ...snapshot }
  return summaryLines(view, {
    look: env.look,
    format: formatAt(env, { now }),
    now,
    width: size.columns,
    absolute: false,
  }).slice(0, 2)
}

function leastOf({ list, views: [{ name }] }: State): number {
  if (name === 'server') return LEAST_OF_SERVER
  return list.layout === 'cards' ? CARD_LINES : LEAST_LIST
}

function panelOf({ size, list }: State, bodyRows: number, least: number): Panel | null {
  const kind = list.panel ?? (size.columns >= WIDE ? 'status' : 'none')
  if (kind === 'none') return null
  if (size.columns >= WIDE) {
    return {
      kind,
      side: 'right',
      columns: Math.min(MOST_PANEL, Math.floor(size.columns * PANEL_SHARE)),
      rows: bodyRows,
    }
  }
  const rows = Math.min(Math.max(8, Math.floor(bodyRows * 0.5)), bodyRows - least)
  return rows < LEAST_PANEL ? null : { kind, side: 'below', columns: size.columns, rows }
}
