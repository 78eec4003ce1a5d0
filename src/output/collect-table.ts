/** What a collection brought: a row for each server, and what failed in a sentence each. */
import type { CollectResultView } from '../fleet/model.ts'
import { clean } from './escape.ts'
import { type Format, plural } from './format.ts'
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

/** `3 servers, 12 jobs, 40 new runs; 1 server failed or came in part`; a server that was asked at two addresses counts once. */
export function collectedSummary(results: CollectResultView[], format: Format): string {
  const servers = [...Map.groupBy(results, (result) => result.server?.id ?? result).values()]
  const sum = (values: number[]) => values.reduce((total, value) => total + value, 0)
  const count = (value: number, word: string) => plural(value, word, format.count)
  const jobs = sum(servers.map((own) => Math.max(...own.map((result) => result.jobs))))
  const fresh = sum(results.map((result) => result.new))
  const failed = servers.filter((own) => own.some(({ ok }) => !ok)).length
  const rest = failed > 0 ? `; ${count(failed, 'server')} failed or came in part` : ''
  return `${count(servers.length, 'server')}, ${count(jobs, 'job')}, ${count(fresh, 'new run')}${rest}`
}

/**
 * `http://nas:8200 and https://vpn.example:8200 are one server: nas`: for each that was asked at another address than its own.
 * @param urls the servers' own addresses by their ids
 */
export function oneServerLines(results: CollectResultView[], urls: ReadonlyMap<string, string | null>): string[] {
  return [...Map.groupBy(results, ({ server }) => server?.id ?? null)].flatMap(([id, own]) => {
    const [first] = own
    if (id === null || first === undefined) return []
    const known = [urls.get(id) ?? null, ...own.map(({ url }) => url)]
    const addresses = new Set(known.filter((url) => url !== null))
    return addresses.size > 1 ? [`${[...addresses].join(' and ')} are one server: ${nameOf(first)}`] : []
  })
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
