import { describe, expect, it, test } from 'vitest'
import { leftOutNotes } from '../../src/duplicati/left-out.ts'
import { type LogSink, MAX_LINE_LENGTH, readLogLines, type Span } from '../../src/duplicati/log-lines.ts'
import type { LogLine } from '../../src/duplicati/model.ts'

/** The only line of a list. */
function parseLogLine(line: string, level: LogLine['level'] | null, span?: Span): LogLine {
  const [read] = readLogLines([line], level, span).lines
  if (!read) throw new Error('the line was left out')
  return read
}

const RUN = { from: Date.parse('2026-11-24T00:43:08Z'), to: Date.parse('2026-11-24T00:43:09Z') }

test('a line gives its time, tag and text', () => {
  const line =
    '2026-11-23 19:36:54 +01 - [Information-Duplicati.Library.Main.Controller-StartingOperation]: The operation Backup has started'
  expect(parseLogLine(line, 'message')).toEqual({
    level: 'message',
    at: '2026-11-23T18:36:54.000Z',
    tag: 'Duplicati.Library.Main.Controller-StartingOperation',
    text: 'The operation Backup has started',
  })
})

test('a stack trace stays with its line', () => {
  const line =
    '2026-11-23 13:45:05 -05 - [Warning-X-PermissionDenied]: Excluding path\r\nUnauthorizedAccessException: denied.\r\n   at A.B()'
  expect(parseLogLine(line, 'warning')).toMatchObject({
    at: '2026-11-23T18:45:05.000Z',
    text: 'Excluding path\nUnauthorizedAccessException: denied.\n   at A.B()',
  })
})

test('tags may hold spaces and colons', () => {
  expect(parseLogLine('2026-11-23 14:02:04 -05 - [Information-A.TestHandler-Test results]: ok', null).tag).toBe(
    'A.TestHandler-Test results',
  )
})

test.each([
  ['+01', '18:36:54'],
  ['-0500', '00:36:54'],
  ['+05:30', '14:06:54'],
  ['-03:30', '23:06:54'],
  ['+00', '19:36:54'],
  ['Z', '19:36:54'],
])('the offset %s is taken off', (offset, time) => {
  expect(parseLogLine(`2026-11-23 19:36:54 ${offset} - [Information-X]: y`, null).at).toContain(`T${time}.000Z`)
})

test('the half hour that Duplicati leaves out of +05:30 is found by the time of the run', () => {
  const line = '2026-11-24 06:13:08 +05 - [Information-X]: y'
  expect(parseLogLine(line, null, RUN).at).toBe('2026-11-24T00:43:08.000Z')
  expect(parseLogLine(line, null).at).toBe('2026-11-24T01:13:08.000Z')
})

test('a Finnish server writes the clock with points', () => {
  expect(parseLogLine('2026-11-24 06.13.08 +05 - [Information-X]: y', null, RUN).at).toBe('2026-11-24T00:43:08.000Z')
})

test('a date of another calendar gives no time, but tag and text', () => {
  expect(parseLogLine('1448-06-14 06:14:11 +05 - [Warning-X-Y]: z', null, RUN)).toEqual({
    level: 'warning',
    at: null,
    tag: 'X-Y',
    text: 'z',
  })
})

test('the list that a line came in says its level; alone, its own word does', () => {
  const line = '2026-11-23 19:36:54 +01 - [Error-X]: y'
  expect(parseLogLine(line, 'message').level).toBe('message')
  expect(parseLogLine(line, null).level).toBe('error')
  expect(parseLogLine(line.replace('Error', 'Retry'), null).level).toBe('message')
})

test('text without a head is kept whole', () => {
  expect(parseLogLine('... and 5 more', null)).toEqual({
    level: 'message',
    at: null,
    tag: null,
    text: '... and 5 more',
  })
  expect(parseLogLine('2026-02-30 19:36:54 +01 - [Error-X]: y', null).at).toBeNull()
})

test('a line above 64 KB is cut and says so', () => {
  const { text } = parseLogLine(`${'x'.repeat(MAX_LINE_LENGTH - 1)}😀${'y'.repeat(9)}`, 'warning')
  expect(text.length).toBeLessThan(MAX_LINE_LENGTH + 60)
  expect(text).toMatch(/10 more characters were not kept\)$/)
  expect(text.isWellFormed()).toBe(true)
})

test('of a level 2,000 lines are kept, and the rest is counted (T69)', () => {
  const { lines, seen, left, kept } = readLogLines(
    Array(2345).fill('2026-11-23 19:36:54 +01 - [Warning-X]: y'),
    'warning',
  )
  expect([lines.length, kept.warning, seen.warning, left.warning]).toEqual([2000, 2000, 2345, 345])
  expect(leftOutNotes(left)).toEqual([
    { level: 'warning', at: null, tag: null, text: '… 345 more lines were not kept' },
  ])
})

test('of a log 12 MB are kept, and the rest is counted', () => {
  const { lines, left } = readLogLines(
    Array(400).fill(`2026-11-23 19:36:54 +01 - [Error-X]: ${'y'.repeat(60_000)}`),
    null,
  )
  expect(lines.reduce((sum, { text }) => sum + text.length, 0)).toBeLessThan(12.1 * 1024 * 1024)
  expect(lines.length + left.error).toBe(400)
})

test('the line that ends a cut list is kept and not counted', () => {
  const { lines, seen } = readLogLines(['2026-11-23 19:36:54 +01 - [Warning-X]: y', '... and 21 more'], null)
  expect(lines.map(({ text }) => text)).toEqual(['y', '... and 21 more'])
  expect(seen).toEqual({ message: 0, warning: 1, error: 0 })
})

test('a sink is given the same lines, without an object of each', () => {
  const written = [
    '2026-11-23 19:36:54 +01 - [Warning-X-Y]: y\r\n  at Z()',
    '2026-11-23 19:37:04 +01 - [Warning-X-Y]: ssh://bob:hunter2@nas',
    '2026-11-23 19:37:61 +01 - [Error-X]: no such second',
    '2026-11-23 20:07:04 +0130 - [Information-Z]: ',
    'no head',
    '2026-11-23 19:36:54 +01 - [Warning-X-Y]: again',
    '... and 21 more',
  ]
  const taken: unknown[] = []
  const sink: LogSink = {
    add: (level, at, tag, text) => taken.push({ level, at: at && new Date(at).toISOString(), tag, text }),
  }
  const { lines, ...counts } = readLogLines(written, null)
  expect(readLogLines(written, null, undefined, sink)).toEqual({ ...counts, lines: [] })
  expect(taken).toEqual(lines)
  expect(lines.map((line) => line.at?.slice(11, 19))).toEqual([
    ...['18:36:54', '18:37:04', undefined, '18:37:04', undefined, '18:36:54', undefined],
  ])
})

test('what is no list of texts gives no lines', () => {
  for (const value of [null, undefined, 'text', 5, {}]) expect(readLogLines(value, 'error').lines).toEqual([])
  expect(readLogLines([null, 5, {}, 'x'], 'error').lines).toHaveLength(1)
})

describe('a login inside a text', () => {
  it('is taken out of addresses and of name=value, and the rest stays', () => {
    const [line] = readLogLines(
      ['2026-11-23 19:36:54 +01 - [Warning-X]: no answer of ssh://bob:hunter2@nas/x?auth-password=hunter3 (at 100% =)'],
      'warning',
    ).lines
    expect(line?.text).toBe('no answer of ssh://***@nas/x?auth-password=*** (at 100% =)')
  })

  it('costs no more than its length, however hostile the text is', () => {
    const started = performance.now()
    readLogLines([`${'pass'.repeat(16_000)}@=`, 'a'.repeat(64_000), `${'a://'.repeat(16_000)}@`], 'warning')
    expect(performance.now() - started).toBeLessThan(2_000)
  })
})
