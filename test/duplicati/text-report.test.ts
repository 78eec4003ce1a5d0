import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { UnreadableReport } from '../../src/duplicati/report.ts'
import { parseTextReport } from '../../src/duplicati/text-report.ts'

const RECORDINGS = new URL('../fixtures/recordings/2.3.0.4/reports/', import.meta.url)
const recorded = (name: string): string => {
  const { body } = JSON.parse(readFileSync(new URL(`${name}.json`, RECORDINGS), 'utf8'))
  return new URLSearchParams(body).get('message') ?? ''
}
const success = recorded('style-form-success')
const failed = recorded('style-form-fatal')
const receivedAt = new Date('2026-11-23T19:00:00Z')
const parse = (text: string) => parseTextReport(text, receivedAt)
const HEADER = 'Duplicati Backup report for Style form (17e4385ec6f44c919b09e8a7a623c2c4, DB-8, vm)'
const titled = (header: string) => parse(success.replace(HEADER, header))

describe('the first line', () => {
  test.each([
    ['Docs (a1b2, DB-8, vm)', 'Docs', 'a1b2', 'DB-8', 'vm'],
    ['Docs (, DB-8, vm)', 'Docs', '', 'DB-8', 'vm'],
    ['Docs (old) (a1b2, DB-8, web (prod), two)', 'Docs (old)', 'a1b2', 'DB-8', 'web (prod), two'],
    ['Fotos, Ära 日本 🎉 (a1b2, DB-8, ノート)', 'Fotos, Ära 日本 🎉', 'a1b2', 'DB-8', 'ノート'],
    ['x (1, 2, 3) (a1b2, DB-8, y (1, 2, 3))', 'x (1, 2, 3)', 'a1b2', 'DB-8', 'y (1, 2, 3)'],
    ['duplicati-cli (a1b2, 8A3F8A3F8A3F8A3F8A3F, vm)', 'duplicati-cli', 'a1b2', '8A3F8A3F8A3F8A3F8A3F', 'vm'],
    ['Own (some-id, my job, vm)', 'Own', 'some-id', 'my job', 'vm'],
  ])('%s', (names, backupName, machineId, backupId, machineName) => {
    const report = titled(`Duplicati Backup report for ${names}`)
    expect(report).toMatchObject({ backupName, backupId, source: { machineId, machineName } })
  })

  test('names the operation where nothing else does', () => {
    const text = HEADER.replace('Backup', 'Restore')
    expect(parse(`${text}\n\nFailed: no\nDetails: System.Exception: no\n`).run.operation).toBe('Restore')
    expect(titled(text).run.operation).toBe('Backup')
  })
})

describe('times', () => {
  const begun = (written: string) => parse(success.replace(/BeginTime: .*/, `BeginTime: ${written}`))
  test.each([
    '23.11.2026 19.37.56 (1795459076)',
    '13/6/1448 بعد الهجرة 7:37:56 م (1795459076)',
    '2569-11-23 下午 7:37:56 (1795459076) ',
  ])('%s is read by the seconds in brackets (T71)', (written) => {
    const { run, timeDoubted } = begun(written)
    expect([run.beganAt, run.beganTicks, run.durationSeconds]).toEqual(['2026-11-23T18:37:56.000Z', null, 0.0715717])
    expect(timeDoubted).toBe(false)
  })

  test.each([
    ['23.11.2026 19.37.56', '23.11.2026 19.37.56'],
    ['01/01/0001 00:00:00 (-62135596800)', '0001-01-01T00:00:00.000Z'],
    ['1/1/2200 (7258118400)', '2200-01-01T00:00:00.000Z'],
    ['(99999999999999)', '(99999999999999)'],
  ])('%s is not believed: the time of receipt stands', (written, told) => {
    const { run, timeDoubted } = begun(written)
    expect([run.beganAt, timeDoubted]).toEqual([receivedAt.toISOString(), true])
    expect(run.log.at(-1)?.text).toContain(`the begin time ${told}, which is not believed`)
  })
})

describe('a failed operation', () => {
  test('with nothing but its exception is a failed run at the time of receipt (T11)', () => {
    const text = failed.slice(0, failed.indexOf('DeletedFiles: '))
    const { run, backupId } = parse(text)
    expect({ ...run, backupId }).toMatchObject({
      backupId: 'DB-13',
      operation: 'Backup',
      status: 'Fatal',
      beganAt: receivedAt.toISOString(),
      durationSeconds: null,
      errors: 0,
    })
    expect(run.exception).toMatch(/^Duplicati\.Library\.Interface\.RemoteListVerificationException: Found 1 files/)
  })

  test('may have an exception with empty lines and words like fields in it', () => {
    const text = failed.replace(
      /Failed: .*\nDetails: .*\n/,
      'Failed: a\n\nb\nDetails: System.Exception: a\nb: ParsedResult\n',
    )
    const { run } = parse(text)
    expect(run.exception).toMatch(/^System\.Exception: a\nb: ParsedResult\n {3}at Duplicati/)
    expect([run.status, run.examinedFiles]).toEqual(['Fatal', 0])
  })
})

describe('lists and log', () => {
  test('the lists are taken where no log data came, each item with its lines', () => {
    const text = failed.slice(0, failed.indexOf('Log data:'))
    expect(parse(text).run.log.filter(({ level }) => level !== 'message')).toEqual([
      {
        level: 'warning',
        at: '2026-11-23T18:38:01.000Z',
        tag: 'Duplicati.Library.Main.Operation.FilelistProcessor-MissingFile',
        text: 'Missing file: duplicati-bae0c688ce99448abbc8f24bcd479ca28.dblock.zip',
      },
      {
        level: 'error',
        at: '2026-11-23T18:38:01.000Z',
        tag: 'Duplicati.Library.Main.Controller-FailedOperation',
        text: 'The operation Backup has failed\nRemoteListVerificationException: Found 1 files that are missing from the remote storage, please run repair',
      },
    ])
  })

  test('the items of a cut list end before the dots, without their commas', () => {
    const messages = parse(success).run.log
    expect(messages).toHaveLength(10)
    expect(messages.at(-1)?.text).toMatch(/dindex\.zip \(1\.00 KiB\)$/)
    expect(parse(success).run.messages).toBe(23)
  })

  test('Windows writes other ends of lines', () => {
    expect(parse(failed.replaceAll('\n', '\r\n'))).toEqual(parse(failed))
  })

  test('a log that was cut says so', () => {
    const log = 'Log data:\n2026-11-23 19:38:01 +01 - [Warning-X]: a\n   at b\n... and 21 more\n'
    const { run } = parse(`${success.replace('WarningsActualLength: 0', 'WarningsActualLength: 22')}\n${log}`)
    expect(run.log.filter(({ level }) => level === 'warning').map(({ text }) => text)).toEqual(['a\n   at b'])
    expect(run.log.at(-2)?.text ?? '').not.toBe('')
    expect(run.warnings).toBe(22)
  })
})

describe('own templates', () => {
  const result = success.slice(success.indexOf('DeletedFiles'))
  test('are read where they label the names', () => {
    for (const text of [
      `Machine: nas\nJob: Documents\n\n${result}`,
      `machine-name = nas\nbackup-name = Documents\n${result}`,
      `Hello!\n${HEADER.replace('Style form', 'Documents').replace('vm', 'nas')}\n${result}`,
    ]) {
      expect(parse(text)).toMatchObject({
        backupName: 'Documents',
        source: { machineName: 'nas' },
        run: { addedFiles: 6 },
      })
    }
  })

  test('may tell little more than a status', () => {
    const { run, backupId } = parse('server: nas\njob: Documents\nbackup id: DB-3\nStatus: Warning')
    expect([backupId, run.status, run.operation, run.beganAt]).toEqual([
      'DB-3',
      'Warning',
      'Backup',
      receivedAt.toISOString(),
    ])
  })

  test('names beside the text count where it has none', () => {
    const besides = { machineName: 'nas', backupName: 'Documents' }
    expect(parseTextReport(result, receivedAt, besides)).toMatchObject({ backupName: 'Documents', backupId: null })
    expect(parseTextReport(success, receivedAt, besides)).toMatchObject({ backupName: 'Style form' })
  })
})

test.each([
  ['', 'it names no machine'],
  ['Hello', 'it names no machine'],
  [`${HEADER}\n\nnull?`, 'it tells no result'],
  [recorded('style-form-custom-template'), 'it names no machine'],
  ['machine: nas\nParsedResult: Success', 'it names no job'],
  [success.replace('MainOperation: Backup', 'MainOperation: 5 \u001b[0m'), 'it names no operation'],
])('text %# is unreadable, and says why', (text, reason) => {
  expect(() => parse(text)).toThrow(expect.objectContaining({ reason, code: 'unreadable_report' }))
  expect(() => parse(text)).toThrow(UnreadableReport)
})
