import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { isLiveStatus, parseLiveStatus } from '../../src/duplicati/live-status.ts'
import { UnreadableReport } from '../../src/duplicati/report.ts'

const RECORDINGS = new URL('../fixtures/recordings/', import.meta.url)
const recorded = (name: string) => JSON.parse(JSON.parse(readFileSync(new URL(name, RECORDINGS), 'utf8')).body)
const receivedAt = new Date('2026-11-23T19:00:00Z')
const parse = (name: string, change: object = {}) =>
  parseLiveStatus({ ...recorded(`canary/reports/${name}.json`), ...change }, receivedAt)

test('the start of a run', () => {
  expect(parse('live-run-1')).toEqual({
    source: { machineId: '', machineName: 'vm' },
    backupId: 'DB-19',
    backupName: 'Live backup',
    operation: 'Backup',
    state: 'started',
    startedAt: '2026-11-23T18:59:21.381Z',
    reportedAt: '2026-11-23T18:59:21.382Z',
    phase: null,
    progress: null,
    bytesPerSecond: null,
    remainingSeconds: null,
    errorMessage: null,
  })
})

test('while it runs: how far by what was processed, how fast since the start', () => {
  const { state, phase, progress, bytesPerSecond, remainingSeconds } = parse('live-run-2')
  expect({ state, phase, progress, bytesPerSecond, remainingSeconds }).toEqual({
    state: 'progress',
    phase: 'Backup_ProcessingFiles',
    progress: 0.77,
    bytesPerSecond: 9_192_201,
    remainingSeconds: 2,
  })
})

test('the end, good and bad', () => {
  expect(parse('live-run-3')).toMatchObject({
    state: 'completed',
    phase: 'Complete',
    progress: 1,
    bytesPerSecond: null,
  })
  expect(parse('live-fatal-2')).toMatchObject({
    state: 'failed',
    errorMessage: 'Found 1 files that are missing from the remote storage, please run repair',
  })
})

test('while files are counted nothing is known of the progress', () => {
  const { progress } = recorded('canary/reports/live-run-2.json')
  const counting = parse('live-run-2', { progress: { ...progress, countingFiles: true } })
  expect(counting).toMatchObject({ progress: null, remainingSeconds: null })
  const odd = { phase: 5, progress: 'x', fileSize: -1, fileSizeProcessed: 2 ** 60 }
  expect(parse('live-run-2', { progress: odd })).toMatchObject({ phase: null, progress: null, bytesPerSecond: null })
  expect(parse('live-run-2', { progress: { progress: 7 } })).toMatchObject({ progress: 1 })
})

test('times that cannot be read are those of the receipt', () => {
  const at = receivedAt.toISOString()
  expect(parse('live-run-2', { startedUtc: '0001-01-01T00:00:00', reportedUtc: null })).toMatchObject({
    startedAt: at,
    reportedAt: at,
    bytesPerSecond: null,
  })
})

test('logins do not stay in the message, and it is bounded', () => {
  expect(parse('live-fatal-2', { errorMessage: 'no answer of ssh://bob:pw@nas' }).errorMessage).toBe(
    'no answer of ssh://***@nas',
  )
  expect(parse('live-fatal-2', { errorMessage: 'x'.repeat(1e6) }).errorMessage).toHaveLength(4096)
})

test.each([
  ['no status', { status: undefined }, 'it is not a live status'],
  ['an unknown status', { status: 'constructor' }, 'its status is unknown'],
  ['no operation', { operation: '\u001b[31m' }, 'it names no operation'],
  ['no machine', { metadata: { backupId: 'DB-1' } }, 'it names no machine'],
  ['no job', { metadata: { machineName: 'vm' } }, 'it names no job'],
  ['a result', { Data: {} }, 'it is not a live status'],
])('with %s it is unreadable', (_, change, reason) => {
  expect(() => parse('live-run-2', change)).toThrow(expect.objectContaining({ reason }))
  expect(() => parse('live-run-2', change)).toThrow(UnreadableReport)
})

test('no recorded report is a live status', () => {
  for (const file of readdirSync(new URL('2.3.0.4/reports/', RECORDINGS))) {
    const { body } = JSON.parse(readFileSync(new URL(`2.3.0.4/reports/${file}`, RECORDINGS), 'utf8'))
    if (body.startsWith('{')) expect(isLiveStatus(JSON.parse(body))).toBe(false)
  }
})
