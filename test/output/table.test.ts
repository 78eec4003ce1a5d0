import { describe, expect, it } from 'vitest'
import { createLook } from '../../src/output/look.ts'
import { type Column, drawTable, layOut, plainTable } from '../../src/output/table.ts'

const look = createLook({ color: false, unicode: true })

interface Row {
  name: string
  size: string
  note: string
}

const columns: Column<Row>[] = [
  { key: 'name', title: 'Name', drop: null, min: 5, soft: 12, cell: ({ name }) => name },
  { key: 'size', title: 'Size', align: 'right', drop: 1, cell: ({ size }) => size },
  { key: 'note', title: 'Note', drop: 2, cell: ({ note }) => note },
]
const rows: Row[] = [
  { name: 'A very long name of a job', size: '12 MiB', note: 'first' },
  { name: 'Short', size: '1 B', note: 'second note' },
]

async function drawn(width: number): Promise<string> {
  return (await drawTable(layOut(columns, rows, { width, look }), look)).join('\n')
}

describe('a table', () => {
  it('gives names the room that is left', async () => {
    expect(await drawn(60)).toBe(
      [
        'Name                         Size  Note',
        '──────────────────────────────────────────────',
        'A very long name of a job  12 MiB  first',
        'Short                         1 B  second note',
      ].join('\n'),
    )
  })

  it('cuts names before it drops a column', async () => {
    expect(await drawn(34)).toBe(
      [
        'Name             Size  Note',
        '──────────────────────────────────',
        'A very long…   12 MiB  first',
        'Short             1 B  second note',
      ].join('\n'),
    )
  })

  it('drops the least important columns first', async () => {
    expect(layOut(columns, rows, { width: 25, look }).shown).toEqual(['name', 'size'])
    expect(layOut(columns, rows, { width: 13, look }).shown).toEqual(['name'])
    expect(await drawn(6)).toBe(['Name', '──────', 'A ver…', 'Short'].join('\n'))
  })

  it('is never cut in a pipe', () => {
    const lines = plainTable(layOut(columns, rows, { width: Number.POSITIVE_INFINITY, look }))
    expect(lines[1]).toBe('A very long name of a job  12 MiB  first')
  })

  it('is drawn line for line, however many rows', async () => {
    const many = Array.from({ length: 1_234 }, (_, index) => ({ name: `job ${index}`, size: '1 B', note: '' }))
    const lines = await drawTable(layOut(columns, many, { width: 80, look }), look)
    expect(lines).toHaveLength(1_236)
    expect(lines.at(-1)).toContain('job 1233')
  })

  it('is drawn without rows', async () => {
    expect(await drawTable(layOut(columns, [], { width: 80, look }), look)).toEqual([
      'Name  Size  Note',
      '────────────────',
    ])
  })
})
