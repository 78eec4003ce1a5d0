/** The dashboard as cards, as many beside each other as fit: for few jobs, and for terminals too narrow for a table. */
import type { JobView, ServerView } from '../fleet/model.ts'
import { clean } from './escape.ts'
import { ifKnown, listed, plural } from './format.ts'
import type { Paint } from './look.ts'
import { issues, nextStart, type StatusOptions, strip } from './status-columns.ts'
import {
  monitorLines,
  prepareStatus,
  problemLines,
  remarkLines,
  type StatusScreen,
  summaryLines,
  toldApart,
} from './status-table.ts'

import { lastRunAt, stateWords } from './status-words.ts'
import type { Cell } from './table.ts'
import { cut, displayWidth } from './width.ts'

export const CARD_WIDTH = 38
/** Seven rows and the border. */
export const CARD_LINES = 9
/** A pipe has no width; two cards beside each other read well in a mail. */
const PIPE_WIDTH = 80
/** Border and a space on each side. */
const FRAME = 4

/** The whole screen as lines, none wider than the terminal. */
export async function renderStatusCards(given: StatusScreen, options: StatusOptions): Promise<string[]> {
  const screen = toldApart(given)
  await prepareStatus(screen)
  const width = Number.isFinite(options.width) ? options.width : PIPE_WIDTH
  const across = Math.max(1, Math.floor((width + 1) / (CARD_WIDTH + 1)))
  const cardWidth = Math.min(width, Math.floor((width + 1) / across) - 1, 60)
  const servers = new Map(screen.servers.map((server) => [server.id, server]))
  const cards = screen.view.jobs.map((job) => jobCard(job, servers.get(job.server.id), cardWidth, options))
  const lines: string[] = []
  for (let from = 0; from < cards.length; from += across) {
    const row = cards.slice(from, from + across)
    lines.push(...(row[0] ?? []).map((_, line) => row.map((lineOf) => lineOf[line]).join(' ')))
  }
  return [
    ...summaryLines(screen.view, { ...options, width }),
    ...monitorLines(screen.view, { ...options, width }),
    ...remarkLines(screen, { ...options, width }),
    '',
    ...lines,
    ...problemLines(screen, options),
  ]
}

/** All cards have the same number of lines, each exactly `width` columns. */
export function jobCard(
  job: JobView,
  server: ServerView | undefined,
  width: number,
  options: StatusOptions,
  border: Paint = options.look.palette.dim,
): string[] {
  const { look, format } = options
  const { box, rule } = look.symbols
  const inner = Math.max(1, width - FRAME)
  const { last, size, versions, stored, uploaded } = facts(job, options)
  const rows: [Cell, Cell | undefined][] = [
    [
      { text: clean(job.name), paint: look.palette.bold },
      { text: clean(job.server.name), paint: look.palette.dim },
    ],
    [stateWords(job, server, options), strip(job, look)],
    [{ text: last }, job.lastRun ? issues(job.warnings, job.errors, format, look) : undefined],
    [{ text: 'Next', paint: look.palette.dim }, nextStart(job, options)],
    [{ text: 'Last OK', paint: look.palette.dim }, { text: ifKnown(job.lastSuccessAgeSeconds, format.age) || 'never' }],
    [{ text: size }, { text: versions }],
    [{ text: stored }, { text: uploaded }],
  ]
  const bar = rule.repeat(Math.max(0, width - 2))
  return [
    border(box.topLeft + bar + box.topRight),
    ...rows.map((row) => `${border(box.side)} ${spread(row, inner, look.symbols.ellipsis)} ${border(box.side)}`),
    border(box.bottomLeft + bar + box.bottomRight),
  ]
}

/** What is not known is not spoken of. */
function facts(job: JobView, { format, absolute }: StatusOptions) {
  const run = job.lastRun
  const at = lastRunAt(job)
  const duration = run?.durationSeconds == null ? null : format.duration(run.durationSeconds)
  // A date leaves room for the length of the run alone.
  const [when, took] = absolute
    ? [format.dateTime(at), ` (${duration})`]
    : [`Ran ${format.relative(at)}`, `, took ${duration}`]
  return {
    last: run ? `${when}${duration === null ? '' : took}` : 'No run yet',
    size: listed(
      ifKnown(job.files, (files) => plural(files, 'file', format.count)),
      ifKnown(job.sourceBytes, format.bytes),
    ),
    versions: ifKnown(job.versions, (versions) => plural(versions, 'version', format.count)),
    stored: ifKnown(job.storageBytes, (bytes) => `${format.bytes(bytes)} stored`),
    uploaded: job.runs === 0 ? '' : `${format.bytes(job.uploadedBytes)} uploaded`,
  }
}

/** One text at the left edge, one at the right; the left one is cut when both do not fit. */
function spread([left, right]: [Cell, Cell | undefined], width: number, ellipsis: string): string {
  const end = cut(right?.text ?? '', Math.floor(width * 0.6), ellipsis)
  const room = width - displayWidth(end) - (end === '' ? 0 : 1)
  const start = cut(left.text, Math.max(0, room), ellipsis)
  const filling = ' '.repeat(Math.max(0, width - displayWidth(start) - displayWidth(end)))
  return paint(left, start) + filling + (right ? paint(right, end) : end)
}

function paint(cell: Cell, shown: string): string {
  return cell.paint ? cell.paint(shown) : shown
}
