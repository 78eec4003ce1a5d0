/** Access tokens as rows. */
import type { TokenView } from '../store/tokens.ts'
import { clean } from './escape.ts'
import { type Format, millis } from './format.ts'
import type { Look } from './look.ts'
import { type Column, drawTable, layOut, plainTable } from './table.ts'
import { prepareWidths } from './width.ts'

export async function renderTokens(
  tokens: TokenView[],
  options: { look: Look; format: Format; now: number; width: number },
): Promise<string[]> {
  const { look, format, now } = options
  const { palette, symbols } = look
  await prepareWidths(tokens.map(({ name }) => name))
  const state = ({ revokedAt, expiresAt }: TokenView) => {
    if (revokedAt) return { text: `${symbols.none} revoked ${format.dateTime(revokedAt)}`, paint: palette.dim }
    if (expiresAt === null) return { text: `${symbols.ok} valid`, paint: palette.green }
    if (millis(expiresAt) <= now)
      return { text: `${symbols.none} expired ${format.dateTime(expiresAt)}`, paint: palette.dim }
    return { text: `${symbols.ok} valid until ${format.dateTime(expiresAt)}`, paint: palette.green }
  }
  const columns: Column<TokenView>[] = [
    { key: 'id', title: 'Id', drop: null, cell: ({ id }) => id },
    { key: 'name', title: 'Name', drop: null, min: 8, cell: ({ name }) => clean(name) },
    { key: 'role', title: 'Role', drop: null, cell: ({ role }) => role },
    { key: 'created', title: 'Made', align: 'right', drop: 1, cell: ({ createdAt }) => format.relative(createdAt) },
    { key: 'used', title: 'Last used', align: 'right', drop: 2, cell: ({ lastUsedAt }) => format.relative(lastUsedAt) },
    { key: 'state', title: 'State', drop: null, min: 8, cell: state },
  ]
  const table = layOut(columns, tokens, options)
  return Number.isFinite(options.width) ? await drawTable(table, look) : plainTable(table)
}
