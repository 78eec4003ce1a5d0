import { UsageError } from '../errors.ts'
import type { JobView, ServerView } from '../fleet/model.ts'
import { sparkline } from './chart-spark.ts'
import { clean } from './escape.ts'
import { type Format, millis } from './format.ts'
import type { Look, Paint } from './look.ts'
import { lastRunAt, stateWords } from './status-words.ts'
import type { Cell, Column } from './table.ts'

/** What drawing the status needs beside the data. */
export interface StatusOptions {
  look: Look
  format: Format
  /** Epoch milliseconds. */
  now: number
  /** Terminal columns; Infinity in a pipe. */
  width: number
  /** Uploads of the last days by job id, for the column `spark`; read only when it is asked for. */
  sparks?: ReadonlyMap<string, readonly (number | null)[]>
  /** Dates in full instead of relative to now: for texts that are read later. */
  absolute: boolean
}

type Make = (options: StatusOptions, servers: Map<string, ServerView>) => Column<JobView>

const number = (key: string, title: string, drop: number, cell: (job: JobView, format: Format) => string): Make => {
  return ({ format }) => ({ key, title, align: 'right', drop, cell: (job) => cell(job, format) })
}

/** In the order of the screen; `drop` says what a narrow terminal does without first. */
const COLUMNS: Record<string, Make> = {
  server: () => ({
    key: 'server',
    title: 'Server',
    drop: null,
    min: 6,
    soft: 14,
    cell: (job) => clean(job.server.name),
  }),
  job: () => ({ key: 'job', title: 'Job', drop: null, min: 8, soft: 16, cell: (job) => clean(job.name) }),
  status: (options, servers) => ({
    key: 'status',
    title: 'Status',
    drop: null,
    min: 11,
    soft: 20,
    cell: (job) => stateWords(job, servers.get(job.server.id), options),
  }),
  last: ({ format, absolute }) => ({
    key: 'last',
    title: 'Last run',
    drop: 1,
    cell: (job) => {
      const at = lastRunAt(job)
      return absolute ? format.dateTime(at) : format.relative(at)
    },
  }),
  next: (options) => ({ key: 'next', title: 'Next', drop: 2, cell: (job) => nextStart(job, options) }),
  age: ({ format, look }) => ({
    key: 'age',
    title: 'Last OK',
    align: 'right',
    drop: 4,
    cell: (job) => ({
      text: format.age(job.lastSuccessAgeSeconds),
      ...(job.state === 'overdue' || job.state === 'failed' ? { paint: look.palette.red } : {}),
    }),
  }),
  duration: number('duration', 'Duration', 7, (job, format) => format.duration(job.lastRun?.durationSeconds ?? null)),
  files: number('files', 'Files', 10, (job, format) => format.count(job.files)),
  size: number('size', 'Size', 6, (job, format) => format.bytes(job.sourceBytes)),
  storage: number('storage', 'Storage', 8, (job, format) => format.bytes(job.storageBytes)),
  uploaded: number('uploaded', 'Uploaded', 11, (job, format) => format.bytes(job.uploadedBytes)),
  versions: number('versions', 'Vers', 9, (job, format) => format.count(job.versions)),
  issues: ({ format, look }) => ({
    key: 'issues',
    title: 'W/E',
    align: 'right',
    drop: 5,
    cell: (job) => issues(job.warnings, job.errors, format, look),
  }),
  recent: ({ look }) => ({
    key: 'recent',
    title: 'Last ten',
    align: 'right',
    drop: 3,
    cell: (job) => strip(job, look),
  }),
  spark: ({ look, sparks }) => ({
    key: 'spark',
    title: 'Uploads',
    align: 'right',
    drop: 12,
    cell: (job) => ({
      text: sparkline(sparks?.get(job.id) ?? [], look.symbols.rule === '─'),
      paint: look.palette.blue,
    }),
  }),
  runs: number('runs', 'Runs', 13, (job, format) => format.count(job.runs)),
  tags: () => ({ key: 'tags', title: 'Tags', drop: 14, min: 4, soft: 16, cell: (job) => clean(job.tags.join(', ')) }),
  backup: () => ({ key: 'backup', title: 'Backup id', drop: 15, cell: (job) => clean(job.backupId) }),
  id: () => ({ key: 'id', title: 'Id', drop: 16, cell: (job) => job.id }),
}

export const STATUS_COLUMNS: readonly string[] = Object.keys(COLUMNS)
/** What product.md lists; the rest only by name. */
export const DEFAULT_COLUMNS: readonly string[] = STATUS_COLUMNS.filter(
  (key) => !['spark', 'runs', 'tags', 'backup', 'id'].includes(key),
)

/** @throws UsageError for a name that is no column, listing those there are */
export function checkColumns(keys: readonly string[]): void {
  const wrong = keys.find((key) => !STATUS_COLUMNS.includes(key))
  if (wrong === undefined) return
  throw new UsageError(`--columns: ${JSON.stringify(wrong)} is no column`, {
    hint: `The columns are ${STATUS_COLUMNS.join(', ')}.`,
  })
}

/** The columns by key, in the order asked for. @throws UsageError as `checkColumns` */
export function statusColumns(
  keys: readonly string[],
  options: StatusOptions,
  servers: ServerView[],
): Column<JobView>[] {
  checkColumns(keys)
  const byId = new Map(servers.map((server) => [server.id, server]))
  return keys.flatMap((key) => COLUMNS[key]?.(options, byId) ?? [])
}

/** Warnings and errors of a run as `3/0`; a run without either is only a dash, so that the others stand out. */
export function issues(warnings: number | null, errors: number | null, format: Format, look: Look): Cell {
  if (warnings === null && errors === null) return { text: look.symbols.unknown, paint: look.palette.dim }
  const text = `${format.count(warnings)}/${format.count(errors)}`
  if (errors) return { text, paint: look.palette.red }
  return warnings ? { text, paint: look.palette.yellow } : { text, paint: look.palette.dim }
}

/** The next expected start; overdue in red and with how late it is. */
export function nextStart(job: JobView, { format, look, now, absolute }: Omit<StatusOptions, 'width'>): Cell {
  if (job.expectedAt === null) {
    return { text: job.schedule ? look.symbols.unknown : 'no schedule', paint: look.palette.dim }
  }
  const late = (now - millis(job.expectedAt)) / 1000
  if (absolute) {
    const text = format.dateTime(job.expectedAt)
    return job.overdue ? { text: `${text} (${format.age(late)} late)`, paint: look.palette.red } : { text }
  }
  if (job.overdue) return { text: `${format.age(late)} late`, paint: look.palette.red }
  return { text: late > 0 ? `due ${format.relative(job.expectedAt)}` : format.relative(job.expectedAt) }
}

/** The last ten statuses, oldest left, the newest at the right edge; each mark in its own colour. */
export function strip(job: JobView, look: Look): Cell {
  const { red, yellow, green, dim } = look.palette
  const paints: Record<string, Paint> = {
    [look.symbols.recent.Success]: green,
    [look.symbols.recent.Warning]: yellow,
    [look.symbols.recent.Error]: red,
    [look.symbols.recent.Fatal]: red,
  }
  const text = job.recent.reduceRight((marks, status) => marks + look.symbols.recent[status], '')
  return {
    text,
    paint: (shown) => shown.replace(/(.)\1*/g, (same) => (paints[same[0] ?? ''] ?? dim)(same)),
  }
}
