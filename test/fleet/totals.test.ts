import { describe, expect, it } from 'vitest'
import type { JobView } from '../../src/fleet/model.ts'
import { summarise } from '../../src/fleet/totals.ts'

const view = (change: Partial<JobView>): JobView => ({
  id: '1',
  backupId: '1',
  name: 'Documents',
  server: { id: '1', name: 'nas' },
  tags: [],
  status: 'Success',
  state: 'ok',
  lastRun: null,
  lastSuccessAt: null,
  lastSuccessAgeSeconds: null,
  lastVersionAt: null,
  expectedAt: null,
  expectedFrom: null,
  toleranceSeconds: 3600,
  overdue: false,
  overdueSince: null,
  running: null,
  queued: false,
  removed: false,
  skippedAt: null,
  schedule: null,
  files: null,
  sourceBytes: null,
  storageBytes: null,
  uploadedBytes: 0,
  versions: null,
  warnings: null,
  errors: null,
  runs: 0,
  recent: [],
  failure: null,
  monitored: true,
  snoozedUntil: null,
  ...change,
})
const failure = { at: '2026-11-24T02:00:00.000Z', message: 'gone', source: 'metadata' as const }

describe('summarise', () => {
  it('adds up the jobs of one server: 10 + 20 + 30 are 60 (T49)', () => {
    const jobs = [10, 20, 30].map((bytes, index) =>
      view({
        id: String(index),
        files: bytes,
        sourceBytes: bytes,
        storageBytes: bytes,
        uploadedBytes: bytes,
        runs: index,
      }),
    )
    expect(summarise(jobs, 1)).toEqual({
      servers: 1,
      jobs: 3,
      runs: 3,
      files: 60,
      sourceBytes: 60,
      storageBytes: 60,
      uploadedBytes: 60,
      overdue: 0,
      failed: 0,
    })
  })

  it('counts overdue and failed jobs apart, and leaves out what is not monitored', () => {
    const jobs = [
      view({ overdue: true, state: 'overdue' }),
      view({ overdue: true, state: 'overdue', status: 'Error' }),
      view({ status: 'Fatal', state: 'failed' }),
      view({ failure, state: 'failed' }),
      view({ status: 'Error', state: 'running' }),
      view({ status: 'Warning', state: 'warning' }),
      view({ status: 'Error', state: 'unmonitored', monitored: false, runs: 4 }),
    ]
    expect(summarise(jobs, 7)).toMatchObject({ servers: 7, jobs: 7, runs: 4, overdue: 2, failed: 4 })
  })

  it('takes what is unknown for nothing, and an empty fleet too', () => {
    expect(summarise([view({})], 1)).toMatchObject({ jobs: 1, files: 0, sourceBytes: 0, storageBytes: 0 })
    expect(Object.values(summarise([], 0))).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0])
  })
})
