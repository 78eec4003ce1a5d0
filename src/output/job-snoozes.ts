/** `snooze --list`, and the shape of its `--json`. */
import type { JobView, NameRef } from '../fleet/model.ts'
import { clean } from './escape.ts'
import type { JobTableOptions } from './job-table.ts'
import { type Column, drawTable, layOut, plainTable } from './table.ts'
import { prepareWidths } from './width.ts'

export interface SnoozeView {
  server: NameRef
  job: NameRef
  until: string
  /** When it was snoozed. */
  at: string | null
  reason: string | null
}

interface Snoozed {
  jobId: string
  until: number
  at: number | null
  reason: string | null
}

export function snoozeViews(snoozes: Snoozed[], jobs: JobView[]): SnoozeView[] {
  const byId = new Map(jobs.map((job) => [job.id, job]))
  return snoozes.flatMap(({ jobId, until, at, reason }) => {
    const job = byId.get(jobId)
    if (!job) return []
    const since = at === null ? null : new Date(at).toISOString()
    const named = { server: job.server, job: { id: job.id, name: job.name } }
    return [{ ...named, until: new Date(until).toISOString(), at: since, reason }]
  })
}

export async function renderSnoozes(
  snoozes: SnoozeView[],
  { look, format, width }: JobTableOptions,
): Promise<string[]> {
  await prepareWidths(snoozes.flatMap(({ server, job, reason }) => [server.name, job.name, reason ?? '']))
  const columns: Column<SnoozeView>[] = [
    { key: 'server', title: 'Server', drop: null, min: 6, cell: ({ server }) => clean(server.name) },
    { key: 'job', title: 'Job', drop: null, min: 8, cell: ({ job }) => clean(job.name) },
    { key: 'until', title: 'Until', drop: null, cell: ({ until }) => format.dateTime(until) },
    { key: 'left', title: 'Ends', drop: 1, cell: ({ until }) => format.relative(until) },
    { key: 'reason', title: 'Reason', drop: 0, min: 8, cell: ({ reason }) => clean(reason ?? look.symbols.unknown) },
  ]
  const table = layOut(columns, snoozes, { look, width })
  return Number.isFinite(width) ? drawTable(table, look) : plainTable(table)
}
