/** What was posted and not understood, as rows. */
import type { QuarantineItem } from '../store/quarantine.ts'
import { clean } from './escape.ts'
import type { Format } from './format.ts'
import type { Look } from './look.ts'
import { type Column, drawTable, layOut, plainTable } from './table.ts'
import { prepareWidths } from './width.ts'

export async function renderQuarantine(
  items: QuarantineItem[],
  options: { look: Look; format: Format; width: number },
): Promise<string[]> {
  const { look, format } = options
  await prepareWidths(items.flatMap(({ reason, contentType }) => [reason, contentType ?? '']))
  const known = (text: string | null) => clean(text ?? look.symbols.unknown)
  const columns: Column<QuarantineItem>[] = [
    { key: 'id', title: 'Id', drop: null, cell: ({ id }) => id },
    {
      key: 'received',
      title: 'Came',
      align: 'right',
      drop: null,
      cell: ({ receivedAt }) => format.relative(receivedAt),
    },
    { key: 'bytes', title: 'Size', align: 'right', drop: 1, cell: ({ bytes }) => format.bytes(bytes) },
    { key: 'type', title: 'Type', drop: 3, soft: 24, min: 8, cell: ({ contentType }) => known(contentType) },
    {
      key: 'reason',
      title: 'Not understood, because',
      drop: null,
      min: 12,
      soft: 30,
      cell: ({ reason }) => clean(reason),
    },
  ]
  const table = layOut(columns, items, options)
  return Number.isFinite(options.width) ? await drawTable(table, look) : plainTable(table)
}
