/** Runs of one or more jobs, newest first, as a table or as CSV. */
import type { RunView } from '../fleet/model.ts'
import { clean } from './escape.ts'
import type { Format } from './format.ts'
import { type Look, statusLook } from './look.ts'
import { rowsApart } from './names.ts'
import { issues } from './status-columns.ts'
import { type Column, drawTable, layOut, plainTable } from './table.ts'
import { prepareWidths } from './width.ts'

export interface HistoryOptions {
  look: Look
  format: Format
  /** Terminal columns; Infinity in a pipe. */
  width: number
  /** Several jobs: each row names its own. */
  withJob: boolean
  /** Several operations: each row names its own. */
  withOperation: boolean
}

/** The table as lines, none wider than `options.width`. */
export async function renderHistory(given: RunView[], options: HistoryOptions): Promise<string[]> {
  const runs = rowsApart(given)
  await prepareWidths(runs.flatMap((run) => [run.server.name, run.job.name]))
  const table = layOut(historyColumns(options), runs, options)
  return Number.isFinite(options.width) ? drawTable(table, options.look) : plainTable(table)
}

/** The columns of a list of runs. */
export function historyColumns({ format, look, withJob, withOperation }: HistoryOptions): Column<RunView>[] {
  const number = (key: string, title: string, drop: number, cell: (run: RunView) => string): Column<RunView> => ({
    key,
    title,
    align: 'right',
    drop,
    cell,
  })
  const job: Column<RunView>[] = [
    { key: 'server', title: 'Server', drop: null, min: 6, soft: 20, cell: (run) => clean(run.server.name) },
    { key: 'job', title: 'Job', drop: null, min: 6, soft: 24, cell: (run) => clean(run.job.name) },
  ]
  const operation: Column<RunView> = {
    key: 'operation',
    title: 'Operation',
    drop: 6,
    cell: (run) => clean(run.operation),
  }
  return [
    { key: 'date', title: 'Date', drop: null, cell: (run) => format.dateTime(run.beganAt) },
    ...(withJob ? job : []),
    ...(withOperation ? [operation] : []),
    { key: 'status', title: 'Status', drop: null, min: 9, cell: (run) => runWords(run, look) },
    {
      key: 'issues',
      title: 'W/E',
      align: 'right',
      drop: 1,
      cell: (run) => issues(run.warnings, run.errors, format, look),
    },
    number('duration', 'Duration', 2, (run) => format.duration(run.durationSeconds)),
    number('files', 'Files', 6, (run) => format.count(run.examinedFiles)),
    number('size', 'Size', 4, (run) => format.bytes(run.examinedBytes)),
    number('uploaded', 'Uploaded', 3, (run) => format.bytes(run.uploadedBytes)),
    number('storage', 'Storage', 5, (run) => format.bytes(run.storageBytes)),
    number('versions', 'Vers', 7, (run) => format.count(run.versions)),
    { key: 'id', title: 'Run', drop: 8, cell: (run) => run.id },
  ]
}

/** The status with what must not be mistaken for a whole backup of this job: set aside, partial, skipped, dry run. */
export function runWords(run: RunView, look: Look): { text: string; paint: (text: string) => string } {
  const { symbol, paint } = statusLook(run.partial && run.status === 'Success' ? 'Warning' : run.status, look)
  if (run.setAside !== null) return { text: `${look.symbols.none} set aside`, paint: look.palette.dim }
  if (run.interrupted) return { text: `${look.symbols.none} skipped`, paint: look.palette.dim }
  const words = [run.status, ...(run.partial ? ['partial'] : []), ...(run.dryRun ? ['dry run'] : [])]
  return { text: `${symbol} ${words.join(', ')}`, paint }
}

/** The fields of a run in CSV, named as in `--json`. */
const CSV_FIELDS: [name: string, value: (run: RunView) => string | number | boolean | null][] = [
  ['id', (run) => run.id],
  ['server', (run) => run.server.name],
  ['job', (run) => run.job.name],
  ['operation', (run) => run.operation],
  ['status', (run) => run.status],
  ['beganAt', (run) => run.beganAt],
  ['endedAt', (run) => run.endedAt],
  ['durationSeconds', (run) => run.durationSeconds],
  ['partial', (run) => run.partial],
  ['interrupted', (run) => run.interrupted],
  ['dryRun', (run) => run.dryRun],
  ['warnings', (run) => run.warnings],
  ['errors', (run) => run.errors],
  ['versions', (run) => run.versions],
  ['examinedFiles', (run) => run.examinedFiles],
  ['examinedBytes', (run) => run.examinedBytes],
  ['uploadedBytes', (run) => run.uploadedBytes],
  ['downloadedBytes', (run) => run.downloadedBytes],
  ['storageBytes', (run) => run.storageBytes],
  ['exception', (run) => run.exception],
]

/** RFC 4180: a header, lines that end with CRLF; exact bytes, seconds and UTC times. */
export function historyCsv(runs: RunView[]): string {
  const lines = [
    CSV_FIELDS.map(([name]) => name),
    ...runs.map((run) => CSV_FIELDS.map(([, value]) => csvField(value(run)))),
  ]
  return lines.map((line) => `${line.join(',')}\r\n`).join('')
}

/**
 * A field, quoted where it must be. Spreadsheets run what begins with `=`, `+`, `-`, `@`, a tab or a line end as a formula (OWASP,
 * "CSV injection"): an apostrophe before it makes it text. Control characters go, line feeds stay.
 */
export function csvField(value: string | number | boolean | null): string {
  if (value === null) return ''
  if (typeof value !== 'string') return String(value)
  const guarded = /^[=+\-@\t\r\n]/.test(value) ? `'${value}` : value
  const text = clean(guarded, { newlines: true })
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
