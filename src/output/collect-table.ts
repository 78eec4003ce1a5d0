/** What a collection brought: a row for each server, and what failed in a sentence each. */
import type { CollectResultView } from '../fleet/model.ts'
import { clean } from './escape.ts'
import type { Format } from './format.ts'
import type { Look } from './look.ts'
import { type Column, drawTable, layOut, plainTable } from './table.ts'
import { prepareWidths } from './width.ts'

export interface CollectTableOptions {
  look: Look
  format: Format
  width: number
}

/** One row a server; the reason of a failure in the last column, in full where nothing has to fit. */
export async function renderCollected(results: CollectResultView[], options: CollectTableOptions): Promise<string[]> {
  await prepareWidths(results.flatMap((result) => [nameOf(result), result.error?.message ?? '']))
  const table = layOut(columns(options), results, options)
  return Number.isFinite(options.width) ? await drawTable(table, options.look) : plainTable(table)
}

/** `3 servers collected, 12 jobs: 40 new runs, 2 updated, 300 known; 1 server failed`. */
export function collectedSummary(results: CollectResultView[], format: Format): string {
  const sum = (of: (result: CollectResultView) => number) => results.reduce((total, result) => total + of(result), 0)
  const count = (value: number, word: string) => `${format.count(value)} ${word}${value === 1 ? '' : 's'}`
  const failed = results.filter(({ ok }) => !ok).length
  const fresh = count(
    sum((result) => result.new),
    'new run',
  )
  const rest = failed > 0 ? `; ${count(failed, 'server')} failed or came in part` : ''
  return `${count(results.length, 'server')}, ${count(
    sum(({ jobs }) => jobs),
    'job',
  )}, ${fresh}${rest}`
}

/** The name that a result is told by. */
export function nameOf({ server, url }: CollectResultView): string {
  return clean(server?.name ?? url?.replace(/^https?:\/\//, '') ?? 'unknown')
}

function columns({ look, format }: CollectTableOptions): Column<CollectResultView>[] {
  const { palette, symbols } = look
  const number = (value: number) => ({ text: format.count(value), ...(value === 0 && { paint: palette.dim }) })
  return [
    {
      key: 'result',
      title: '',
      drop: null,
      cell: ({ ok, jobs }) =>
        ok
          ? { text: symbols.ok, paint: palette.green }
          : jobs > 0
            ? { text: symbols.warning, paint: palette.yellow }
            : { text: symbols.bad, paint: palette.red },
    },
    { key: 'server', title: 'Server', drop: null, min: 8, cell: nameOf },
    { key: 'jobs', title: 'Jobs', align: 'right', drop: 2, cell: ({ jobs }) => number(jobs) },
    { key: 'new', title: 'New', align: 'right', drop: null, cell: (result) => number(result.new) },
    { key: 'updated', title: 'Updated', align: 'right', drop: 4, cell: ({ updated }) => number(updated) },
    { key: 'known', title: 'Known', align: 'right', drop: 3, cell: ({ known }) => number(known) },
    { key: 'time', title: 'Time', align: 'right', drop: 5, cell: ({ seconds }) => format.duration(seconds) },
    {
      key: 'error',
      title: 'Failure',
      drop: null,
      min: 10,
      cell: ({ error }) => (error ? { text: clean(error.message), paint: palette.red } : ''),
    },
  ]
}
