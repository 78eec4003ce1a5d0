import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { parseReport, type Report, UnreadableReport } from '../../src/duplicati/report.ts'
import { readReportBody } from '../../src/duplicati/report-body.ts'
import { parseTextReport } from '../../src/duplicati/text-report.ts'

const RECORDINGS = new URL('../fixtures/recordings/', import.meta.url)
const COMPAT = new URL('../fixtures/compat-reports/', import.meta.url)
const read = (path: string) => JSON.parse(readFileSync(new URL(path, RECORDINGS), 'utf8'))
const expected: Record<string, Record<string, unknown>> = read('expected.json').reports
const recordings = ['2.1.0.5', '2.3.0.4', 'canary'].flatMap((version) =>
  readdirSync(new URL(`${version}/reports/`, RECORDINGS)).map((file) => `${version}/${file.replace('.json', '')}`),
)
const recorded = (name: string) => read(`${name.replace('/', '/reports/')}.json`)
const receivedAt = new Date('2026-11-23T20:00:00Z')

function posted(name: string) {
  const { headers, body } = recorded(name)
  return readReportBody({ contentType: headers['Content-Type'], body: Buffer.from(body) }, receivedAt)
}

function report(name: string): Report {
  const found = posted(name)
  if (found.kind !== 'report') throw new Error(`${name} is a live status`)
  return found.report
}

function seen({ source, backupId, backupName, run }: Report) {
  return {
    server: source.machineName,
    job: backupName,
    backupId,
    operation: run.operation,
    status: run.status,
    beganAtSecond: Math.floor(Date.parse(run.beganAt) / 1000),
    durationSeconds: run.durationSeconds,
    warnings: run.warnings,
    errors: run.errors,
    examinedFiles: run.examinedFiles,
    uploadedBytes: run.uploadedBytes,
    partial: run.partial,
    interrupted: run.interrupted,
    dryRun: run.dryRun,
    hasException: run.exception !== null,
  }
}

test.each(Object.keys(expected))('%s gives the expected values, as it was posted', (name) => {
  expect(seen(report(name))).toEqual(expected[name])
})

test.each(Object.keys(expected))('%s gives the same when it is parsed by its own parser', (name) => {
  const { body } = recorded(name)
  const parsed = body.startsWith('{')
    ? parseReport(JSON.parse(body), receivedAt)
    : parseTextReport(new URLSearchParams(body).get('message') ?? '', receivedAt)
  expect(parsed).toEqual(report(name))
})

test.each(recordings.filter((name) => !(name in expected)))('%s is no report of a known job', (name) => {
  if (name.endsWith('custom-template')) expect(() => posted(name)).toThrow(UnreadableReport)
  else expect(posted(name)).toMatchObject({ kind: 'live', live: { source: { machineName: 'vm', machineId: '' } } })
})

test('nothing in a recording is doubted, and the ids are as they were sent', () => {
  for (const name of Object.keys(expected)) {
    const { timeDoubted, source, run } = report(name)
    expect({ name, timeDoubted }).toEqual({ name, timeDoubted: false })
    expect(source.machineId).toBe(
      /"machine-id":"([^"]*)|\((\w*), DB/
        .exec(decodeURIComponent(recorded(name).body))
        ?.slice(1)
        .join(''),
    )
    expect(run.log.every(({ text }) => text !== '')).toBe(true)
    expect(run.duplicatiVersion).toMatch(/^\d+\.\d+\.\d+\.\d+$/)
  }
})

test('the next start is told by scheduled runs only', () => {
  expect(report('2.3.0.4/scheduled-runs-1').run.nextScheduledRun).toBe('2026-11-23T18:43:53.000Z')
  expect(report('2.3.0.4/scheduled-runs-1').nextScheduledRun).toBe('2026-11-23T18:43:53.000Z')
  expect(report('2.3.0.4/manual-run-with-schedule').run.nextScheduledRun).toBeNull()
})

test('an unreadable source folder: each warning with its trace, from text and from JSON', () => {
  const json = report('2.3.0.4/warning-unreadable-files').run.log
  const text = report('2.3.0.4/style-form-warning-unreadable').run.log
  expect(text.filter(({ level }) => level === 'warning').map(({ text }) => text)).toEqual(
    json.filter(({ level }) => level === 'warning').map(({ text }) => text),
  )
  expect(text.filter(({ level }) => level === 'message')).toHaveLength(10)
})

test('a failed run keeps its exception with the trace, from text and from JSON', () => {
  for (const name of ['2.3.0.4/style-form-fatal', '2.3.0.4/fatal-missing-remote-file']) {
    const { exception, log } = report(name).run
    expect(exception?.split('\n', 1)).toEqual([
      'Duplicati.Library.Interface.RemoteListVerificationException: Found 1 files that are missing from the remote storage, please run repair',
    ])
    expect(exception?.split('\n').length).toBeGreaterThan(5)
    expect(log.filter(({ level }) => level !== 'message').map(({ level, tag }) => [level, tag])).toEqual([
      ['warning', 'Duplicati.Library.Main.Operation.FilelistProcessor-MissingFile'],
      ['error', 'Duplicati.Library.Main.Controller-FailedOperation'],
    ])
  }
})

test('texts are whole seconds, and as long as Duplicati says to seven digits', () => {
  const { beganAt, beganTicks, durationSeconds } = report('2.3.0.4/style-form-locale-de-DE').run
  expect({ beganAt, beganTicks, durationSeconds }).toEqual({
    beganAt: '2026-11-23T18:45:09.000Z',
    beganTicks: null,
    durationSeconds: 0.097226,
  })
})

test.each(readdirSync(COMPAT))('the web application took %s too', (file) => {
  const body = readFileSync(new URL(file, COMPAT))
  const found = readReportBody({ contentType: 'application/json', body }, new Date('2026-11-24T00:00:00Z'))
  const [, server, job, day, status] = /^\d+-(\w+)-(\d)-([\d-]{10})-(\w+)\.json$/.exec(file) ?? []
  if (found.kind !== 'report') throw new Error('live')
  const { source, backupId, run } = found.report
  expect([source.machineName.replace(' ', '_'), backupId, run.beganAt.slice(0, 10), run.status]).toEqual([
    server,
    `DB-${job}`,
    day,
    // A Success that counts warnings is a Warning.
    run.warnings > 0 && status === 'Success' ? 'Warning' : status,
  ])
  const { Data: data, LogLines: lines } = JSON.parse(body.toString())
  expect(run.uploadedBytes).toBe(data.BackendStatistics.BytesUploaded)
  expect(run.warnings).toBe(data.WarningsActualLength)
  expect(run.log).toHaveLength(lines.length)
})
