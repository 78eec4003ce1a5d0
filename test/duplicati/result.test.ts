import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { MalformedLogRow, parseLogRow } from '../../src/duplicati/result.ts'

const RECORDINGS = new URL('../fixtures/recordings/', import.meta.url)
const read = (path: string) => JSON.parse(readFileSync(new URL(path, RECORDINGS), 'utf8'))

interface ExpectedRow {
  id: number
  type?: string
  operation: string
  status: string
  beganAt: string
  durationSeconds: number
  warnings: number
  errors: number
  partial: boolean
  interrupted: boolean
}
const expected: Record<string, ExpectedRow[]> = read('expected.json').log

/** The begin time with all of its digits, as Duplicati writes it. */
function fullBegin(run: { beganAt: string; beganTicks: number | null }): string {
  const digits = run.beganAt.slice(20, 23) + String(run.beganTicks ?? '').padStart(4, '0')
  return `${run.beganAt.slice(0, 19)}.${digits}`.replace(/\.?0+$/, '').concat('Z')
}

function seen(raw: unknown) {
  const { id, run, unreadable } = parseLogRow(raw)
  if (!run) return { id, type: (raw as { Type: string }).Type, unreadable }
  const { operation, status, durationSeconds, warnings, errors, partial, interrupted } = run
  return { id, operation, status, beganAt: fullBegin(run), durationSeconds, warnings, errors, partial, interrupted }
}

test.each(Object.keys(expected))('every row of %s gives the expected values', (name) => {
  const { body } = read(name.replace('/', '/api/').concat('.json'))
  const rows = expected[name]?.map((row) => (row.type ? { ...row, unreadable: null } : row))
  expect(body.map(seen)).toEqual(rows)
})

test('no recorded log is left out', () => {
  for (const version of ['2.1.0.5', '2.3.0.4', 'canary']) {
    for (const file of readdirSync(new URL(`${version}/api/`, RECORDINGS))) {
      const { body } = read(`${version}/api/${file}`)
      const rows = Array.isArray(body) ? body.filter((row) => row?.OperationID !== undefined && 'Type' in row) : []
      for (const row of rows) expect(parseLogRow(row).unreadable).toBeNull()
    }
  }
})

const [first] = read('2.3.0.4/api/log-documents.json').body.slice(-1)

function row(change: (data: Record<string, unknown>) => void, top: object = {}) {
  const data = JSON.parse(first.Message)
  change(data)
  return { ...first, Message: JSON.stringify(data), ...top }
}
function run(change: (data: Record<string, unknown>) => void, top: object = {}) {
  const parsed = parseLogRow(row(change, top))
  if (!parsed.run) throw new Error(parsed.unreadable ?? 'no result')
  return parsed.run
}

test('a backup gives its counts, sizes and texts', () => {
  expect(parseLogRow(first).run).toMatchObject({
    operation: 'Backup',
    beganAt: '2026-11-23T18:36:50.698Z',
    beganTicks: 1235,
    endedAt: '2026-11-23T18:36:51.336Z',
    examinedFiles: 6,
    addedFiles: 6,
    deletedFiles: 0,
    examinedBytes: 24000,
    addedBytes: 24000,
    uploadedBytes: 29429,
    downloadedBytes: 29429,
    storageBytes: 29429,
    freeBytes: 83123089408,
    totalBytes: 270553174016,
    versions: 1,
    messages: 23,
    exception: null,
    duplicatiVersion: '2.3.0.4',
    versionDates: null,
  })
  expect(parseLogRow(first).run?.log).toHaveLength(20)
})

test('true counts stand beside lists that were cut at 20 (T13, T69)', () => {
  const { warnings, log } = run((data) => {
    data.WarningsActualLength = 300
    data.Warnings = Array(20).fill('2026-11-23 19:36:50 +01 - [Warning-X]: y')
  })
  expect(warnings).toBe(300)
  expect(log.filter((line) => line.level === 'warning')).toHaveLength(20)
})

test('a Success that counted warnings or errors is a Warning; unknown words are Unknown', () => {
  expect(run((data) => Object.assign(data, { WarningsActualLength: 1 })).status).toBe('Warning')
  expect(run((data) => Object.assign(data, { ErrorsActualLength: 1 })).status).toBe('Warning')
  expect(run((data) => Object.assign(data, { ParsedResult: 'Error', WarningsActualLength: 1 })).status).toBe('Error')
  expect(run((data) => Object.assign(data, { ParsedResult: 'Splendid' })).status).toBe('Unknown')
  expect(run((data) => delete data.ParsedResult).status).toBe('Unknown')
})

test('flags are told (T38, T66, T70)', () => {
  const flags = run((data) => Object.assign(data, { PartialBackup: true, Interrupted: true, Dryrun: true }))
  expect(flags).toMatchObject({ partial: true, interrupted: true, dryRun: true })
})

test('fields that an operation does not have are null', () => {
  const vacuum = parseLogRow(read('2.3.0.4/api/log-documents.json').body[2]).run
  expect(vacuum).toMatchObject({ operation: 'Vacuum', examinedFiles: null, addedBytes: null, partial: false })
  expect(vacuum).toMatchObject({ freeBytes: null, totalBytes: null })
})

test('an unknown quota is null', () => {
  const quota = { TotalQuotaSpace: -1, FreeQuotaSpace: -1 }
  expect(run((data) => Object.assign(data, { BackendStatistics: quota }))).toMatchObject({
    freeBytes: null,
    totalBytes: null,
    versions: null,
    storageBytes: null,
  })
})

test('numbers beyond whole safe ones are null (T59)', () => {
  for (const value of [1e300, -1, 1.5, '7', null, [], 2 ** 60]) {
    expect(run((data) => Object.assign(data, { ExaminedFiles: value })).examinedFiles).toBeNull()
  }
})

test('an unset or impossible begin time gives way to the timestamp less the duration (T15, T53)', () => {
  for (const text of ['0001-01-01T00:00:00', '2199-01-01T00:00:00Z', 'yesterday', null, '1999-12-31T23:59:59Z']) {
    expect(run((data) => Object.assign(data, { BeginTime: text, Duration: '1.00:00:01.5000000' }))).toMatchObject({
      beganAt: '2026-11-22T18:36:49.500Z',
      beganTicks: null,
      endedAt: '2026-11-23T18:36:51.000Z',
      durationSeconds: 86401.5,
    })
  }
})

test('an unset end is begin and duration, or the timestamp (T15, T59)', () => {
  expect(run((data) => Object.assign(data, { EndTime: '0001-01-01T00:00:00' })).endedAt).toBe(
    '2026-11-23T18:36:51.336Z',
  )
  const without = run((data) => Object.assign(data, { EndTime: null, Duration: null }))
  expect(without).toMatchObject({ endedAt: '2026-11-23T18:36:51.000Z', durationSeconds: null })
})

test('a negative duration is none', () => {
  expect(run((data) => Object.assign(data, { Duration: '-00:00:05' })).durationSeconds).toBeNull()
})

test('exceptions of the result and of the row are taken', () => {
  expect(run((data) => Object.assign(data, { Exception: 'A task was canceled.' })).exception).toBe(
    'A task was canceled.',
  )
  expect(run(() => {}, { Exception: 'System.IO.IOException: gone' }).exception).toBe('System.IO.IOException: gone')
  expect(run(() => {}, { Exception: { Message: 'gone' } }).exception).toBe('gone')
})

test('version dates come with their run', () => {
  const tag = '2026-11-23 19:36:51 +01 - [Information-X-BackupList]: '
  const { versions, versionDates } = run((data) => {
    data.Messages = [`${tag}Backups to consider: 11/22/2026 7:36:50 PM, 11/21/2026 7:36:50 PM`]
    data.BackendStatistics = { BackupListCount: 3, LastBackupDate: '2026-11-23T19:36:50+01:00' }
  })
  expect(versions).toBe(3)
  expect(versionDates).toEqual(['2026-11-23T18:36:50.000Z', '2026-11-22T18:36:50.000Z', '2026-11-21T18:36:50.000Z'])
})

test.each([
  ['no text', null, 'its message is not a text'],
  ['truncated JSON', '{"MainOperation":"Bac', 'its message is not JSON'],
  ['a list', '[]', 'its message is not a JSON object'],
  ['no operation', '{}', 'it names no operation'],
  ['an operation that is no word', '{"MainOperation":"\\u001b[31mBackup"}', 'it names no operation'],
  ['deep nesting', `${'['.repeat(100_000)}${']'.repeat(100_000)}`, 'its message is not a JSON object'],
])('a result with %s is kept as unreadable', (_, message, reason) => {
  expect(parseLogRow({ ...first, Message: message })).toMatchObject({ id: 1, run: null, unreadable: reason })
})

test('a result that nothing dates is unreadable', () => {
  const undated = row((data) => Object.assign(data, { BeginTime: null }), { Timestamp: 0 })
  expect(parseLogRow(undated).unreadable).toBe('nothing in it tells when it ran')
})

test.each([
  [null],
  [[]],
  ['row'],
  [{}],
  [{ ID: '1' }],
  [{ ID: 1.5, Timestamp: 1 }],
  [{ ID: 1 }],
  [{ ID: 1, Timestamp: 'x' }],
])('a row like %j is no row', (raw) => {
  expect(() => parseLogRow(raw)).toThrow(MalformedLogRow)
})

test('the fingerprint tells one content from another, in any order of fields', () => {
  const { fingerprint } = parseLogRow(first)
  expect(parseLogRow(Object.fromEntries(Object.entries(first).reverse())).fingerprint).toBe(fingerprint)
  expect(parseLogRow({ ...first, Exception: null }).fingerprint).toBe(fingerprint)
  expect(parseLogRow({ ...first, Timestamp: first.Timestamp + 1 }).fingerprint).not.toBe(fingerprint)
})
