/** The restore points of a job. */
import type { VersionsView } from '../fleet/model.ts'
import { clean } from './escape.ts'
import { type Format, plural } from './format.ts'
import type { Look } from './look.ts'
import { drawTable, layOut, plainTable } from './table.ts'
import { cut, prepareWidths } from './width.ts'

/** A headline with the count, and a row for each version whose date is known. */
export async function renderVersions(
  view: VersionsView,
  options: { look: Look; format: Format; width: number },
): Promise<string[]> {
  const { look, format, width } = options
  const name = `${clean(view.server.name)}/${clean(view.job.name)}`
  await prepareWidths([name])
  const count = plural(view.count, 'version', format.count)
  const dated = view.versions.filter(({ at }) => at !== null)
  const headline = cut(`${name}: ${count} at the destination`, width, look.symbols.ellipsis)
  if (dated.length === 0) {
    const why = view.count === 0 ? [] : [cut('Their dates were not logged.', width, look.symbols.ellipsis)]
    return [look.palette.bold(headline), ...why]
  }
  const table = layOut(
    [
      { key: 'number', title: '#', align: 'right', drop: 1, cell: (version) => String(view.versions.indexOf(version)) },
      { key: 'date', title: 'Date', drop: null, cell: ({ at }) => format.dateTime(at) },
      { key: 'age', title: 'Age', align: 'right', drop: 0, cell: ({ ageSeconds }) => format.age(ageSeconds) },
    ],
    dated,
    options,
  )
  const lines = Number.isFinite(width) ? await drawTable(table, look) : plainTable(table)
  return [look.palette.bold(headline), '', ...lines]
}
