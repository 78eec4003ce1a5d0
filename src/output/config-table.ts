/** `config list`: one row a setting. */
import type { SettingView } from './config-view.ts'
import { clean } from './escape.ts'
import type { Look } from './look.ts'
import { type Cell, type Column, drawTable, layOut, plainTable } from './table.ts'
import { prepareWidths } from './width.ts'

/** A setting with what holds where it is not set, in words. */
export type SettingLine = SettingView & { otherwise: string }

export async function renderSettings(
  settings: SettingLine[],
  options: { look: Look; width: number },
): Promise<string[]> {
  const { look, width } = options
  await prepareWidths(settings.map(({ value }) => String(value)))
  const columns: Column<SettingLine>[] = [
    { key: 'key', title: 'Key', drop: null, cell: ({ key }) => key },
    { key: 'value', title: 'Value', drop: null, min: 12, cell: (setting) => valueCell(setting, look) },
    { key: 'source', title: 'From', drop: 3, cell: ({ source }) => source },
    { key: 'default', title: 'Default', drop: 2, min: 8, cell: ({ otherwise }) => dimmed(otherwise, look) },
    { key: 'about', title: 'What it is', drop: 1, soft: 33, min: 16, cell: ({ about }) => dimmed(about, look) },
  ]
  const table = layOut(columns, settings, options)
  return Number.isFinite(width) ? drawTable(table, look) : plainTable(table)
}

function valueCell({ value, isSet, secret, problem, otherwise }: SettingLine, look: Look): Cell {
  const { palette, symbols } = look
  if (problem !== null) {
    return { text: `${symbols.bad} ${secret ? 'set, but not usable' : clean(String(value))}`, paint: palette.red }
  }
  if (secret) return isSet ? { text: 'set' } : { text: 'unset', paint: palette.dim }
  if (value === null) return { text: symbols.unknown, paint: palette.dim }
  return { text: clean(String(value)), ...(isSet || otherwise === '' ? {} : { paint: palette.dim }) }
}

function dimmed(text: string, { palette }: Look): Cell {
  return { text: clean(text), paint: palette.dim }
}
