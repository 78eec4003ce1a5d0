/** The dashboard: a line of sums, one row a job, and what is wrong in a sentence each. */

import type { ServerView, StatusView } from '../fleet/model.ts'
import { clean } from './escape.ts'
import { plural } from './format.ts'
import { namesApart, renamed, rowsApart } from './names.ts'
import { DEFAULT_COLUMNS, type StatusOptions, statusColumns } from './status-columns.ts'
import { problems } from './status-words.ts'
import { drawTable, layOut, plainTable } from './table.ts'
import { cut, displayWidth, prepareWidths } from './width.ts'

/** The JSON view and the servers behind it, which know why they could not be asked. */
export interface StatusScreen {
  view: StatusView
  servers: ServerView[]
  /** What went wrong in failed last runs, by run id; only of those that are explained. */
  reasons?: ReadonlyMap<string, string>
  /** What the monitor decided by itself of late. */
  remarks?: readonly string[]
}

/** Problems beyond this number are only counted. */
export const PROBLEMS_SHOWN = 10

/** Servers of one name are told apart wherever they stand on the screen. */
export function toldApart(screen: StatusScreen): StatusScreen {
  const names = namesApart(screen.servers)
  const servers = screen.servers.map((server) => renamed(server, names))
  if (servers.every((server, at) => server === screen.servers[at])) return screen
  return { ...screen, servers, view: { ...screen.view, jobs: rowsApart(screen.view.jobs, names) } }
}

/** The whole screen as lines, none wider than `options.width`. */
export async function renderStatusTable(
  given: StatusScreen,
  options: StatusOptions & { columns?: readonly string[] },
): Promise<string[]> {
  const screen = toldApart(given)
  const { view, servers } = screen
  await prepareStatus(screen)
  const columns = statusColumns(options.columns ?? DEFAULT_COLUMNS, options, servers)
  const table = layOut(columns, view.jobs, options)
  const lines = Number.isFinite(options.width) ? await drawTable(table, options.look) : plainTable(table)
  return [
    ...summaryLines(view, options),
    ...monitorLines(view, options),
    ...remarkLines(screen, options),
    '',
    ...lines,
    ...problemLines(screen, options),
  ]
}

/** Loads what measuring the names needs. */
export async function prepareStatus({ view, servers, reasons }: StatusScreen): Promise<void> {
  await prepareWidths([
    ...view.jobs.flatMap((job) => [job.name, job.failure?.message ?? '', job.lastRun?.exception ?? '', ...job.tags]),
    ...servers.flatMap((server) => [server.name, server.error?.message ?? '']),
    ...(reasons?.values() ?? []),
  ])
}

/** `3 servers · 12 jobs · …`, broken between items where the terminal is narrow. */
export function summaryLines({ summary }: StatusView, { look, format, width }: StatusOptions): string[] {
  const { palette, symbols } = look
  const count = (value: number, word: string) => plural(value, word, format.count)
  const items: [text: string, paint: (text: string) => string][] = [
    [count(summary.servers, 'server'), palette.bold],
    [count(summary.jobs, 'job'), palette.bold],
    [`${format.count(summary.overdue)} overdue`, summary.overdue > 0 ? palette.red : palette.green],
    [`${format.count(summary.failed)} failed`, summary.failed > 0 ? palette.red : palette.green],
    [count(summary.runs, 'run'), String],
    [count(summary.files, 'file'), String],
    [`${format.bytes(summary.sourceBytes)} source`, String],
    [`${format.bytes(summary.storageBytes)} stored`, String],
    [`${format.bytes(summary.uploadedBytes)} uploaded`, String],
  ]
  const lines: string[] = []
  let used = 0
  for (const [text, paint] of items) {
    const size = displayWidth(text)
    const joined = used + symbols.separator.length + size
    if (lines.length === 0 || joined > width) {
      lines.push(paint(text))
      used = size
    } else {
      lines[lines.length - 1] += palette.dim(symbols.separator) + paint(text)
      used = joined
    }
  }
  return lines
}

/** What is wrong with the monitor itself, in a line each; nothing when all is well. */
export function monitorLines({ monitor }: StatusView, { look, format, width }: StatusOptions): string[] {
  const { palette, symbols } = look
  const { lastCheckAt, stale, quarantined, outboxFailed } = monitor
  const lines: string[] = []
  if (stale && lastCheckAt) {
    lines.push(`No overdue check has run since ${format.moment(lastCheckAt)}: is duplistatus serve running?`)
  }
  if (outboxFailed > 0) {
    lines.push(`${plural(outboxFailed, 'message', format.count)} could not be delivered: see duplistatus notify outbox`)
  }
  if (quarantined > 0) {
    const reports = quarantined === 1 ? 'report was' : 'reports were'
    lines.push(`${format.count(quarantined)} ${reports} not understood: see duplistatus quarantine list`)
  }
  return lines.map((line) => `${palette.yellow(symbols.warning)} ${cut(line, width - 2, symbols.ellipsis)}`)
}

/** What the monitor did or doubts, in a line each. */
export function remarkLines({ servers, remarks = [] }: StatusScreen, { look, width }: StatusOptions): string[] {
  const doubted = servers.filter(isMisnaming).map(({ name }) => clean(name))
  const lines = remarks.map((text) => clean(text))
  if (doubted.length > 0) {
    const whose = doubted.length > 3 ? `${doubted.length} servers` : doubted.join(', ')
    lines.push(`Duplicati 2.1 (${whose}) names the wrong job in some reports: collect too, or upgrade it`)
  }
  const { palette, symbols } = look
  return lines.map((line) => `${palette.blue(symbols.unsure)} ${cut(line, width - 2, symbols.ellipsis)}`)
}

/** It reports, and nobody reads its logs, which would tell whose runs they are (docs/reports.md). */
function isMisnaming({ duplicatiVersion, lastCollectedAt, lastReportAt }: ServerView): boolean {
  return duplicatiVersion?.startsWith('2.1.') === true && lastReportAt !== null && lastCollectedAt === null
}

/** The worst problems in a line each, below an empty line; nothing when all is well. */
export function problemLines({ view, servers, reasons }: StatusScreen, options: StatusOptions): string[] {
  const { look, width } = options
  const shown = new Set(view.jobs.map((job) => job.server.id))
  const mine = servers.filter((server) => shown.has(server.id) || server.error)
  const found = problems(view.jobs, mine, options, reasons)
  if (found.length === 0) return []
  const limit = Number.isFinite(width) ? PROBLEMS_SHOWN : found.length
  const lines = found
    .slice(0, limit)
    .map(({ paint, symbol, text }) => `${paint(symbol)} ${cut(text, width - 2, look.symbols.ellipsis)}`)
  const more = found.length - limit
  if (more > 0)
    lines.push(look.palette.dim(cut(`and ${more} more: --json tells them all`, width, look.symbols.ellipsis)))
  return ['', ...lines]
}
