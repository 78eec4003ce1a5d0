import { expect, it } from 'vitest'
import { runTexts } from '../../src/output/run-details.ts'
import { showView } from '../../src/output/views.ts'
import { BlockLines } from '../../src/tui/block-lines.ts'
import { formatAt } from '../../src/tui/env.ts'
import { NOW, runOf } from '../support/views.ts'
import { ENV } from './support.ts'

const lines = Array.from({ length: 40 }, (_, at) => ({
  level: 'warning' as const,
  at: '2026-11-24T03:00:00.000Z',
  tag: 'Duplicati-Access',
  text: `Failed ${'again and '.repeat(at % 9)}to read file-${at}\nplease run repair`,
}))
const show = showView(runOf({ warnings: 40, exception: 'Some exception' }), { lines, versionDates: null }, 'all')
const blocks = runTexts(show, { look: ENV.look, format: formatAt(ENV, { now: NOW }), width: 40, level: 'all' })
const all = blocks.flatMap((block) => block.draw())
const blockLines = new BlockLines(blocks)

it('is as an array, from any line on', () => {
  expect(blockLines).toHaveLength(all.length)
  expect(blockLines.slice(0)).toEqual(all)
  for (let from = 0; from <= all.length + 2; from++) {
    for (const rows of [0, 1, 7, 30]) expect(blockLines.slice(from, from + rows)).toEqual(all.slice(from, from + rows))
  }
  expect(new BlockLines([]).slice(0, 10)).toEqual([])
})

it('finds lines in any case, in headlines and dates too', () => {
  const places = (search: string) => blockLines.placesOf(search)
  expect(places('FILE-17')).toEqual([all.findIndex((line) => line.includes('file-17'))])
  expect(places('please')).toHaveLength(40)
  expect(places('24 nov 2026')).toHaveLength(40)
  expect(places('some exception')).toHaveLength(1)
  expect(places('Warnings (40)')).toHaveLength(1)
  expect(places('nowhere')).toEqual([])
})

it('finds what the end of a line divides, at the beginning of what it belongs to', () => {
  const text = 'The folder was not found there, please run repair'
  const one = showView(
    runOf({ warnings: 1 }),
    { lines: [{ level: 'warning', at: null, tag: null, text }], versionDates: null },
    'all',
  )
  const divided = new BlockLines(
    runTexts(one, { look: ENV.look, format: formatAt(ENV, { now: NOW }), width: 48, level: 'all' }),
  )
  expect(divided.slice(2, 4)).toEqual(['  The folder was not found there, please run', '  repair'])
  expect(divided.placesOf('run repair')).toEqual([2])
})
