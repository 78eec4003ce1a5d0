/** Templates as rows, and a message as it would arrive. */
import type { TemplateKind } from '../i18n/types.ts'
import { clean } from './escape.ts'
import type { Look } from './look.ts'
import { type Column, drawTable, layOut, plainTable } from './table.ts'
import { prepareWidths } from './width.ts'

interface Row {
  kind: TemplateKind
  language: string
  edited: boolean
  title: string
  priority: string
  tags: string
}

/** `template list`: one row a template. */
export async function renderTemplates(templates: Row[], options: { look: Look; width: number }): Promise<string[]> {
  await prepareWidths(templates.flatMap(({ title, tags }) => [title, tags]))
  const columns: Column<Row>[] = [
    { key: 'kind', title: 'Template', drop: null, cell: ({ kind }) => kind },
    { key: 'language', title: 'Language', drop: 1, cell: ({ language }) => language },
    { key: 'text', title: 'Text', drop: 0, cell: ({ edited }) => (edited ? 'edited' : 'built in') },
    { key: 'priority', title: 'Priority', drop: 2, cell: ({ priority }) => clean(priority) },
    { key: 'tags', title: 'Tags', drop: 3, min: 6, soft: 20, cell: ({ tags }) => clean(tags) },
    { key: 'title', title: 'Title', drop: null, min: 12, cell: ({ title }) => clean(title) },
  ]
  const table = layOut(columns, templates, options)
  return Number.isFinite(options.width) ? await drawTable(table, options.look) : plainTable(table)
}
