import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { UnreadableReport } from '../../src/duplicati/report.ts'
import { type PostedBody, readReportBody } from '../../src/duplicati/report-body.ts'

const RECORDINGS = new URL('../fixtures/recordings/', import.meta.url)
const recorded = (name: string): string =>
  JSON.parse(readFileSync(new URL(`${name.replace('/', '/reports/')}.json`, RECORDINGS), 'utf8')).body
const json = recorded('2.3.0.4/unicode-success')
const form = recorded('2.3.0.4/style-form-success')
const text = new URLSearchParams(form).get('message') ?? ''
const live = recorded('canary/live-run-2')
const receivedAt = new Date('2026-11-23T20:00:00Z')
const FORM = 'application/x-www-form-urlencoded'

const read = (posted: Omit<PostedBody, 'body'> & { body: Uint8Array | string }) =>
  readReportBody({ ...posted, body: Buffer.from(posted.body as string) }, receivedAt)
const jobOf = (posted: Parameters<typeof read>[0]) => {
  const found = read(posted)
  return found.kind === 'report' ? found.report.backupName : 'a live status'
}
const JOB = jobOf({ body: json })

test('the job of the recording has all its letters', () => {
  expect(JOB).toMatch(/[^\u0000-\uffff]|[\u3040-\u9fff]/u)
})

describe('JSON', () => {
  test.each([
    ['application/json', json],
    ['application/json; charset=utf-8', `\ufeff${json}`],
    [FORM, json],
    ['text/plain', `\r\n\t ${json}`],
    [undefined, json],
    ['application/octet-stream', JSON.stringify(json)],
    [undefined, JSON.stringify(JSON.stringify(json))],
    [FORM, `message=${encodeURIComponent(json)}`],
    [FORM, `message=${encodeURIComponent(JSON.stringify(json))}`],
  ])('posted as %s is a report', (contentType, body) => {
    expect(jobOf({ contentType, body })).toBe(JOB)
  })

  test.each(['utf16le', 'utf16be'])('in %s is read by its mark', (encoding) => {
    const body = Buffer.from(`\ufeff${json}`, 'utf16le')
    expect(jobOf({ body: encoding === 'utf16le' ? body : body.swap16() })).toBe(JOB)
  })

  test('with broken UTF-8 and lone surrogates keeps the rest', () => {
    const body = Buffer.from(json.replace(/"backup-name":"[^"]*"/, '"backup-name":"a\xff\\ud800b"'), 'latin1')
    expect(jobOf({ body })).toBe('a\ufffd\ufffdb')
  })

  test.each([
    ['{"Data":', 'it is no whole JSON'],
    ['"text', 'it is no report'],
    ['{}', 'it holds neither a result nor an exception'],
    [JSON.stringify(JSON.stringify(JSON.stringify(JSON.stringify(json)))), 'it is wrapped too often'],
    [`{"a":${'['.repeat(100)}${']'.repeat(100)}}`, 'it is nested deeper than 64 levels'],
    ['', 'it is empty'],
    [' \n', 'it is empty'],
    ['\ufeff', 'it is empty'],
    ['message=', 'it is empty'],
  ])('%j is unreadable', (body, reason) => {
    expect(() => read({ body })).toThrow(expect.objectContaining({ reason }))
  })
})

describe('a form (T10)', () => {
  test.each([
    ['the default', form],
    ['another name', form.replace('message=', 'text%20of%20it=')],
    ['a name that is not escaped', form.replace('message=', 'the text of: it=')],
    ['no name', form.replace('message=', '=')],
    ['extra parameters', `key=abc&verbose=yes&${form}&channel=${'x'.repeat(5_000)}`],
    ['a longer parameter beside another name', `note=${'x'.repeat(9_000)}&${form.replace('message=', 'msg=')}&z=%zz`],
    ['spaces as plus', form.replaceAll('%20', '+').replaceAll('%2B', '%2b')],
  ])('with %s holds a report', (_, body) => {
    expect(jobOf({ contentType: FORM, body })).toBe('Style form')
  })

  test('is known without its content type', () => {
    for (const contentType of [undefined, 'text/plain', 'application/json']) {
      expect(jobOf({ contentType, body: form })).toBe('Style form')
    }
  })

  test('that was not escaped is read too', () => {
    expect(jobOf({ contentType: FORM, body: `message=${text}` })).toBe('Style form')
  })

  test('may cut a character in two, as pieces of 2,048 do', () => {
    expect(jobOf({ contentType: FORM, body: form.replace('Style%20form', 'a%EF%BF%BD%EF%BF%BDb%F0%9F') })).toBe(
      'a\ufffd\ufffdb\ufffd',
    )
  })

  test('tells names that an own template leaves out', () => {
    const own = recorded('2.3.0.4/style-form-custom-template')
    const body = `${own}&machine-name=nas&backup-name=Caf%C3%A9&backup-id=DB-3`
    expect(read({ contentType: FORM, body })).toMatchObject({
      report: { source: { machineName: 'nas', machineId: '' }, backupName: 'Café', backupId: 'DB-3' },
    })
    expect(read({ body: own, query: { 'machine-name': 'nas', 'backup-name': 'Docs' } })).toMatchObject({
      report: { source: { machineName: 'nas' }, backupName: 'Docs', backupId: null },
    })
  })
})

test('bare text is a report, whatever it is said to be', () => {
  for (const contentType of [undefined, 'text/plain; charset=utf-8', FORM, 'application/json']) {
    expect(jobOf({ contentType, body: text })).toBe('Style form')
  }
  expect(jobOf({ body: `\ufeff${text}` })).toBe('Style form')
  expect(jobOf({ contentType: FORM, body: text.replace('Style form', 'a=b') })).toBe('a=b')
})

test('send-http-verb=GET puts the message into the query', () => {
  expect(jobOf({ body: '', query: { token: 'x'.repeat(99), message: text } })).toBe('Style form')
  expect(jobOf({ body: '', query: { token: 'x', report: json, list: ['a'] } })).toBe(JOB)
  expect(() => read({ body: '', query: { token: 'x' } })).toThrow(UnreadableReport)
})

test('a live status is never taken for a result (T20)', () => {
  for (const body of [live, `message=${encodeURIComponent(live)}`, recorded('canary/live-run-3')]) {
    expect(read({ body })).toMatchObject({ kind: 'live', live: { backupName: 'Live backup' } })
  }
})

describe('a large report', () => {
  const line = (i: number, level: string) =>
    `2026-11-23 19:36:54 +01 - [${level}-X]: file ${i}${'\n   at System.IO."quoted" \\ é'.repeat(40)}`
  const lines = [
    ...Array.from({ length: 9_000 }, (_, i) => line(i, 'Warning')),
    ...Array.from({ length: 2_500 }, (_, i) => line(i, 'Error')),
    '... and 1 more',
  ]
  const body = JSON.parse(json)
  const counted = (counts: object) =>
    JSON.stringify({ ...body, Data: { ...body.Data, ...counts }, LogLines: lines }, null, 1)
  const logOf = (body: string, contentType?: string) => {
    const found = read({ body, contentType })
    if (found.kind !== 'report') throw new Error('live')
    const { run } = found.report
    const notes = run.log.flatMap(({ level, text }) => (text.startsWith('… ') ? [`${level} ${text}`] : []))
    return {
      warnings: run.warnings,
      errors: run.errors,
      lines: run.log.length,
      notes,
      first: run.log[0],
      last: run.log.at(-3)?.text,
    }
  }
  const expected = {
    warnings: 9_000,
    errors: 2_501,
    lines: 4_003,
    notes: ['warning … 7000 more lines were not kept', 'error … 501 more lines were not kept'],
    first: { level: 'warning', at: '2026-11-23T18:36:54.000Z', tag: 'X', text: line(0, 'Warning').slice(39) },
    last: '... and 1 more',
  }
  const counts = { WarningsActualLength: 9_000, ErrorsActualLength: 2_501 }

  test('keeps two thousand lines of a level, true counts, and how many are missing', () => {
    expect(logOf(counted(counts))).toEqual(expected)
    expect(logOf(`message=${encodeURIComponent(counted(counts))}`, FORM)).toEqual(expected)
  })

  test('is counted where it tells no counts', () => {
    const none = { WarningsActualLength: null, ErrorsActualLength: null }
    const notes = ['warning … 7000 more lines were not kept', 'error … 500 more lines were not kept']
    expect(logOf(counted(none))).toEqual({ ...expected, errors: 2_500, notes })
  })

  test('gives the same whole or in pieces', () => {
    const small = { ...body, Data: { ...body.Data, ...counts }, LogLines: lines.slice(0, 10) }
    const padded = `${' '.repeat(5 * 1024 * 1024)}${JSON.stringify(small)}`
    expect(logOf(padded)).toEqual(logOf(JSON.stringify(small)))
  })

  test.each([
    ['is no list', '"LogLines":5'],
    ['holds other things', '"LogLines":["a",{"b":[1]}]'],
    ['does not end', '"LogLines":["a"'],
  ])('whose list of lines %s is left to the parser', (_, odd) => {
    const padded = `${JSON.stringify({ ...body, LogLines: undefined }).slice(0, -1)},"Pad":"${'x'.repeat(5e6)}",${odd}}`
    if (odd.endsWith('"a"')) expect(() => read({ body: padded })).toThrow(UnreadableReport)
    else expect(jobOf({ body: padded })).toBe(JOB)
  })

  test('as text is cut, with true counts', () => {
    const cut = text.replace('WarningsActualLength: 0', 'WarningsActualLength: 9000')
    const long = `${cut}\nLog data:\n${Array.from({ length: 9_000 }, (_, i) => line(i, 'Warning').repeat(2)).join('\n')}`
    expect(long.length).toBeGreaterThan(16 * 1024 * 1024)
    const { warnings, notes } = logOf(`message=${encodeURIComponent(long)}`, FORM)
    expect([warnings, notes]).toEqual([9_000, ['warning … 7000 more lines were not kept']])
  })
})
