/** A run as a list of values: to be stored, and as its job keeps a copy of the newest one. */
import type { Value } from './quick.ts'
import type { LastRun, NewRun } from './schema.ts'

/** All but the id. What stands in databases is in this order: columns are only ever added, at the end. */
export const RUN_COLUMNS = [
  'job_id',
  'operation',
  'status',
  'counting',
  'began_at',
  'began_ticks',
  'ended_at',
  'duration_ticks',
  'partial',
  'interrupted',
  'dry_run',
  'examined_files',
  'opened_files',
  'added_files',
  'modified_files',
  'deleted_files',
  'examined_bytes',
  'added_bytes',
  'modified_bytes',
  'uploaded_bytes',
  'downloaded_bytes',
  'storage_bytes',
  'free_bytes',
  'total_bytes',
  'versions',
  'messages',
  'warnings',
  'errors',
  'exception',
  'duplicati_version',
  'received_at',
  'set_aside',
  'doubted',
  'next_at',
] as const satisfies (keyof NewRun)[]

export function valuesOfRun(run: NewRun): Value[] {
  return RUN_COLUMNS.map((column) => run[column] ?? null)
}

/** JSON of a list: names of columns would be two thirds of it, for each job and with each report. */
export function packLastRun(id: number, ways: readonly number[], values: readonly Value[]): string {
  return JSON.stringify([id, ways, ...values])
}

/** What a job keeps of its newest run. Each column by its place: a loop over their names takes five times as long where it is young. */
export function readLastRun(text: string): LastRun {
  const read = JSON.parse(text)
  // As it was kept before: an object.
  if (!Array.isArray(read)) return read
  // Columns that were added since.
  while (read.length < RUN_COLUMNS.length + 2) read.push(null)
  return {
    id: read[0],
    ways: read[1],
    job_id: read[2],
    operation: read[3],
    status: read[4],
    counting: read[5],
    began_at: read[6],
    began_ticks: read[7],
    ended_at: read[8],
    duration_ticks: read[9],
    partial: read[10],
    interrupted: read[11],
    dry_run: read[12],
    examined_files: read[13],
    opened_files: read[14],
    added_files: read[15],
    modified_files: read[16],
    deleted_files: read[17],
    examined_bytes: read[18],
    added_bytes: read[19],
    modified_bytes: read[20],
    uploaded_bytes: read[21],
    downloaded_bytes: read[22],
    storage_bytes: read[23],
    free_bytes: read[24],
    total_bytes: read[25],
    versions: read[26],
    messages: read[27],
    warnings: read[28],
    errors: read[29],
    exception: read[30],
    duplicati_version: read[31],
    received_at: read[32],
    set_aside: read[33],
    doubted: read[34],
    next_at: read[35],
  }
}
