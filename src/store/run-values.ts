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

/** What a job keeps of its newest run. */
export function readLastRun(text: string): LastRun {
  const read = JSON.parse(text)
  // As it was kept before: an object.
  if (!Array.isArray(read)) return read
  const [id, ways] = read
  const run: Record<string, unknown> = { id, ways }
  for (let i = 0; i < RUN_COLUMNS.length; i++) run[RUN_COLUMNS[i] as string] = read[i + 2] ?? null
  return run as LastRun
}
