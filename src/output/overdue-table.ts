/** `overdue`: the jobs that are late, the longest first. */
import { clean } from './escape.ts'
import type { Format } from './format.ts'
import type { Look } from './look.ts'
import { rowsApart } from './names.ts'
import type { OverdueJobView } from './overdue-views.ts'
import { lastRunAt } from './status-words.ts'
import { type Column, drawTable, layOut, plainTable } from './table.ts'
import { prepareWidths } from './width.ts'

export interface OverdueTableOptions {
  look: Look
  format: Format
  width: number
  /** Dates in place of ages: for pipes. */
  absolute: boolean
}

export async function renderOverdue(given: OverdueJobView[], options: OverdueTableOptions): Promise<string[]> {
  const jobs = rowsApart(given)
  await prepareWidths(jobs.flatMap(({ name, server }) => [name, server.name]))
  const { look, format, absolute } = options
  const when = (time: string | null, never = look.symbols.unknown) => {
    if (time === null) return never
    return absolute ? format.dateTime(time) : format.relative(time)
  }
  const columns: Column<OverdueJobView>[] = [
    { key: 'server', title: 'Server', drop: null, min: 6, soft: 24, cell: ({ server }) => clean(server.name) },
    { key: 'job', title: 'Job', drop: null, min: 6, soft: 28, cell: ({ name }) => clean(name) },
    { key: 'last', title: 'Last run', drop: 2, cell: (job) => when(lastRunAt(job), 'never') },
    { key: 'success', title: 'Last success', drop: 0, cell: ({ lastSuccessAt }) => when(lastSuccessAt, 'never') },
    { key: 'expected', title: 'Expected', drop: 1, cell: ({ expectedAt }) => format.dateTime(expectedAt) },
    {
      key: 'since',
      title: 'Overdue since',
      drop: null,
      cell: ({ overdueSince }) => ({ text: when(overdueSince), paint: look.palette.red }),
    },
    { key: 'told', title: 'Last notification', drop: 3, cell: (job) => notified(job, when) },
  ]
  const table = layOut(columns, jobs, options)
  return Number.isFinite(options.width) ? await drawTable(table, look) : plainTable(table)
}

function notified(
  { lastNotifiedAt, snoozedUntil }: OverdueJobView,
  when: (time: string | null, never: string) => string,
) {
  return snoozedUntil ? 'snoozed' : when(lastNotifiedAt, 'none yet')
}
