import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { parseReport, UnreadableReport } from '../../src/duplicati/report.ts'

const RECORDING = new URL('../fixtures/recordings/2.3.0.4/reports/first-success.json', import.meta.url)
const recorded: string = JSON.parse(readFileSync(RECORDING, 'utf8')).body
const receivedAt = new Date('2026-11-23T18:40:00.123Z')
const NAMES = { 'machine-id': 'a1', 'machine-name': 'nas', 'backup-id': 'DB-2', 'backup-name': 'Documents' }

type JsonObject = Record<string, unknown>

/** The recorded report of a good run, changed. */
function changed(data: JsonObject, top: JsonObject = {}, extra: JsonObject = {}) {
  const body = JSON.parse(recorded)
  return { ...body, Data: { ...body.Data, ...data }, Extra: { ...body.Extra, ...extra }, ...top }
}
const parse = (body: unknown) => parseReport(body, receivedAt)
const reasonOf = (body: unknown) => {
  try {
    parse(body)
  } catch (error) {
    if (error instanceof UnreadableReport) return error.reason
    throw error
  }
  return 'it was read'
}

test('a report says who ran what, and the run has all fields', () => {
  const { source, backupId, backupName, run, nextScheduledRun, timeDoubted } = parse(changed({}))
  expect({ source, backupId, backupName, nextScheduledRun, timeDoubted }).toEqual({
    source: { machineId: '17e4385ec6f44c919b09e8a7a623c2c4', machineName: 'vm' },
    backupId: 'DB-1',
    backupName: 'Documents',
    nextScheduledRun: null,
    timeDoubted: false,
  })
  expect(Object.keys(run).sort()).toEqual(
    [
      ...[
        'operation',
        'status',
        'beganAt',
        'beganTicks',
        'endedAt',
        'durationSeconds',
        'partial',
        'interrupted',
        'dryRun',
      ],
      ...['examinedFiles', 'openedFiles', 'addedFiles', 'modifiedFiles', 'deletedFiles'],
      ...['examinedBytes', 'addedBytes', 'modifiedBytes', 'uploadedBytes', 'downloadedBytes'],
      ...['storageBytes', 'freeBytes', 'totalBytes', 'versions', 'messages', 'warnings', 'errors'],
      ...['exception', 'duplicatiVersion', 'sources', 'receivedAt', 'log', 'versionDates', 'nextScheduledRun'],
    ].sort(),
  )
  expect(run).toMatchObject({ sources: ['report'], receivedAt: '2026-11-23T18:40:00.123Z' })
})

describe('times', () => {
  test('a duration of more than a day is read as such (T54)', () => {
    expect(parse(changed({ Duration: '1.02:03:04' })).run.durationSeconds).toBe(93_784)
  })

  test('without a duration begin and end tell it, to seven digits', () => {
    const times = { BeginTime: '2026-11-23T18:36:50.6981235Z', EndTime: '2026-11-23T18:36:51.3363052Z' }
    expect(parse(changed({ ...times, Duration: undefined })).run.durationSeconds).toBe(0.6381817)
    expect(parse(changed({ ...times, Duration: '-00:00:01' })).run.durationSeconds).toBeNull()
  })

  test('without an end the duration tells it, and without both the receipt (T15)', () => {
    const begin = { BeginTime: '2026-11-23T18:36:50Z', EndTime: '0001-01-01T00:00:00' }
    expect(parse(changed({ ...begin, Duration: '00:00:10' })).run.endedAt).toBe('2026-11-23T18:37:00.000Z')
    const { endedAt, durationSeconds } = parse(changed({ ...begin, Duration: null })).run
    expect([endedAt, durationSeconds]).toEqual([receivedAt.toISOString(), null])
  })

  test.each([
    ['0001-01-01T00:00:00', 'the begin time 0001-01-01T00:00:00, which is not believed'],
    ['1999-12-31T23:59:59Z', 'the begin time 1999-12-31T23:59:59Z, which is not believed'],
    ['2199-01-01T00:00:00Z', 'the begin time 2199-01-01T00:00:00Z, which is not believed'],
    ['2026-11-24T18:40:01Z', 'the begin time 2026-11-24T18:40:01Z, which is not believed'],
    [undefined, 'no begin time'],
    [5, 'no begin time'],
  ])('a begin time of %s: the time of receipt stands, and the run says so (T53)', (BeginTime, words) => {
    const { run, timeDoubted } = parse(changed({ BeginTime, Duration: '02:00:00' }))
    expect(timeDoubted).toBe(true)
    expect([run.beganAt, run.beganTicks, run.endedAt]).toEqual([
      receivedAt.toISOString(),
      null,
      receivedAt.toISOString(),
    ])
    expect(run.durationSeconds).toBe(7_200)
    expect(run.log.at(-1)).toEqual({
      level: 'message',
      at: receivedAt.toISOString(),
      tag: null,
      text: `The report told ${words}: the time of receipt stands in its place.`,
    })
    expect([run.status, run.warnings, run.errors]).toEqual(['Success', 0, 0])
  })

  test('a clock that is less than a day ahead is believed', () => {
    const { run, timeDoubted } = parse(changed({ BeginTime: '2026-11-24T18:39:59Z', EndTime: null }))
    expect([run.beganAt, timeDoubted]).toEqual(['2026-11-24T18:39:59.000Z', false])
  })

  test('the next start is read in its compact form, and nothing else is taken for one', () => {
    const next = (value: unknown) => parse(changed({}, {}, { 'next-scheduled-run': value })).run.nextScheduledRun
    expect(next('20261124T184353Z')).toBe('2026-11-24T18:43:53.000Z')
    for (const value of [null, '', 'soon', 5, '00010101T000000Z']) expect(next(value)).toBeNull()
  })
})

describe('an exception in place of a result (T11)', () => {
  const text = 'System.Exception: The folder does not exist\n   at Duplicati.Library.Main'
  test.each([
    ['beside no data', { Data: null, Exception: text, Extra: NAMES }],
    ['without a place for data', { Exception: text, Extra: { ...NAMES, OperationName: 'Backup' } }],
    ['as an object', { Data: null, Exception: { Message: text }, Extra: NAMES }],
    [
      'as data',
      {
        Data: {
          ClassName: 'System.Exception',
          Message: 'The folder does not exist',
          StackTraceString: '   at Duplicati.Library.Main',
        },
        Extra: NAMES,
      },
    ],
    ['as text in place of data', { Data: text, Extra: NAMES }],
  ])('%s is a failed run at the time of receipt', (_, body) => {
    const { run, backupId, timeDoubted } = parse({ ...body, LogLines: ['2026-11-23 19:36:54 +01 - [Error-X]: y'] })
    expect({ ...run, log: run.log.length, backupId, timeDoubted }).toMatchObject({
      backupId: 'DB-2',
      operation: 'Backup',
      status: 'Fatal',
      beganAt: receivedAt.toISOString(),
      beganTicks: null,
      endedAt: receivedAt.toISOString(),
      durationSeconds: null,
      examinedFiles: null,
      errors: 1,
      exception: text,
      log: 2,
      timeDoubted: true,
    })
  })

  test('keeps the operation that it names', () => {
    expect(parse({ Exception: 'x', Extra: { ...NAMES, OperationName: 'Restore' } }).run.operation).toBe('Restore')
  })

  test('beside a result is the exception of that run', () => {
    const { exception, status } = parse(changed({ ParsedResult: 'Fatal' }, { Exception: text })).run
    expect([exception, status]).toEqual([text, 'Fatal'])
  })
})

describe('counts and texts', () => {
  test('of lines that end with "... and 21 more" the counts are the true ones (T13)', () => {
    const lines = ['2026-11-23 19:36:54 +01 - [Warning-X]: y', '... and 299 more']
    const { run } = parse(changed({ WarningsActualLength: 300, ParsedResult: 'Warning' }, { LogLines: lines }))
    expect([run.warnings, run.log.map(({ text }) => text)]).toEqual([300, ['y', '... and 299 more']])
  })

  test('without counts the lines are counted, and what goes on in the next one is not', () => {
    const lines = [
      '2026-11-23 19:36:54 +01 - [Warning-X]: y',
      '2026-11-23 19:36:54 +01 - [Error-X]: z',
      '... and 1 more',
    ]
    const none = { MessagesActualLength: undefined, WarningsActualLength: null, ErrorsActualLength: '3' }
    const { run } = parse(changed(none, { LogLines: lines }))
    expect([run.messages, run.warnings, run.errors]).toEqual([0, 1, 1])
  })

  test('without log lines those of the result are taken, where a version has them', () => {
    const Warnings = ['2026-11-23 19:36:54 +01 - [Warning-X]: y']
    expect(parse(changed({ Warnings }, { LogLines: [] })).run.log.map(({ level }) => level)).toEqual(['warning'])
  })

  test('thirteen thousand warnings: two thousand texts, and how many are missing (T17)', () => {
    const lines = Array.from({ length: 13_000 }, (_, i) => `2026-11-23 19:36:54 +01 - [Warning-X]: file ${i}`)
    const { run } = parse(changed({ WarningsActualLength: 13_000 }, { LogLines: lines }))
    expect([run.warnings, run.log.length, run.log.at(-1)?.text]).toEqual([
      13_000,
      2001,
      '… 11000 more lines were not kept',
    ])
  })
})

describe('names', () => {
  test('may be overridden by options, and empty ids are empty', () => {
    expect(parse(changed({}, {}, { 'machine-id': '' })).source).toEqual({ machineId: '', machineName: 'vm' })
    expect(parse(changed({}, {}, { 'machine-id': null })).source).toEqual({ machineId: '', machineName: 'vm' })
  })

  test('stand for each other where one is missing', () => {
    expect(parse(changed({}, {}, { 'machine-name': null })).source.machineName).toBe('17e4385ec6f44c919b09e8a7a623c2c4')
    expect(parse(changed({}, {}, { 'backup-name': '' })).backupName).toBe('DB-1')
    expect(parse(changed({}, {}, { 'backup-id': undefined })).backupId).toBeNull()
  })

  test('are bounded and whole characters (T58)', () => {
    const { source, backupName, backupId } = parse(
      changed(
        {},
        {},
        { 'machine-name': 'é'.repeat(1e6), 'backup-name': `${'a'.repeat(511)}😀`, 'backup-id': '\ud800x' },
      ),
    )
    expect(source.machineName).toHaveLength(512)
    expect(backupName).toBe('a'.repeat(511))
    expect(backupId).toBe('\ufffdx')
  })

  test('may stand at the top, as own senders write them', () => {
    const { Data } = JSON.parse(recorded)
    expect(parse({ Data, ...NAMES })).toMatchObject({ source: { machineName: 'nas' }, backupName: 'Documents' })
    expect(parse({ ...NAMES, ...Data })).toMatchObject({
      backupId: 'DB-2',
      run: { status: 'Success', examinedFiles: 6 },
    })
  })
})

test.each([
  ['text', 'Duplicati', 'it is not a JSON object'],
  ['a list', [1], 'it is not a JSON object'],
  ['null', null, 'it is not a JSON object'],
  ['nothing', {}, 'it holds neither a result nor an exception'],
  ['no result', { Data: null, Exception: null, Extra: NAMES }, 'it holds neither a result nor an exception'],
  ['an odd operation', changed({ MainOperation: '\u001b[31mBackup' }), 'it names no operation'],
  ['no machine', changed({}, {}, { 'machine-id': ' ', 'machine-name': null }), 'it names no machine'],
  ['no job', changed({}, {}, { 'backup-id': null, 'backup-name': null }), 'it names no job'],
])('%s is unreadable, and says why', (_, body, reason) => {
  expect(reasonOf(body)).toBe(reason)
})

test('how often the destination was called is told by JSON only', () => {
  expect(parse(changed({})).remoteCalls).toBeGreaterThan(0)
  expect(parse({ Exception: 'x', Extra: NAMES }).remoteCalls).toBeNull()
})

test('the operation may be told beside the result', () => {
  const body = changed({ MainOperation: undefined }, {}, { OperationName: 'Repair' })
  expect(parse(body).run.operation).toBe('Repair')
})
