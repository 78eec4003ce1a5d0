import { describe, expect, it } from 'vitest'
import type { JobFacts } from '../../src/fleet/facts.ts'
import { jobViews, showView, statusView, versionsView } from '../../src/output/views.ts'
import type { JobRow, ServerRow } from '../../src/store/types.ts'
import { plainServer, unknownHabits } from '../support/facts.ts'
import { hoursAgo, NOW, QUIET, runOf, serverOf } from '../support/views.ts'

const HOUR = 3_600_000
const options = { now: NOW, toleranceSeconds: 3600 }

function serverRow(id = 's1', name = 'nas'): ServerRow {
  return {
    view: serverOf({ id, name }),
    facts: { paused: null, lastCollectedAt: NOW - 600_000, timeZone: 'Europe/Berlin', ...plainServer },
  }
}

function jobRow(changes: Partial<JobRow> = {}, facts: Partial<JobFacts> = {}): JobRow {
  return {
    id: 'j1',
    serverId: 's1',
    backupId: '1',
    name: 'Documents',
    tags: [],
    files: 10,
    sourceBytes: 100,
    storageBytes: 50,
    uploadedBytes: 70,
    versions: 3,
    warnings: 0,
    errors: 0,
    runs: 5,
    recent: ['Success'],
    gone: false,
    lastRun: runOf(),
    ...changes,
    facts: {
      monitored: true,
      snoozedUntil: null,
      running: null,
      queued: false,
      status: 'Success',
      partial: false,
      lastReceivedAt: NOW - 2.9 * HOUR,
      lastBeganAt: NOW - 3 * HOUR,
      lastEndedAt: NOW - 2.9 * HOUR,
      lastSuccessAt: NOW - 2.9 * HOUR,
      lastVersionAt: null,
      skippedAt: null,
      schedule: { time: NOW + 21 * HOUR, repeat: '1D', allowedDays: ['mon'], lastRun: null },
      plannedAt: NOW + 21 * HOUR,
      ...unknownHabits,
      failure: null,
      ...facts,
    },
  }
}

describe('a job', () => {
  it('has ISO times, whole seconds and the zone of its server', () => {
    const [job] = jobViews({ servers: [serverRow()], jobs: [jobRow()] }, options)
    expect(job).toMatchObject({
      server: { id: 's1', name: 'nas' },
      state: 'ok',
      lastSuccessAt: hoursAgo(2.9),
      lastSuccessAgeSeconds: 10_440,
      lastVersionAt: null,
      expectedAt: hoursAgo(-21),
      schedule: { time: hoursAgo(-21), repeat: '1D', allowedDays: ['mon'], timeZone: 'Europe/Berlin' },
      toleranceSeconds: 3600,
    })
  })

  it('that its server does not know any more is not waited for', () => {
    const late = {
      schedule: { time: NOW - 5 * HOUR, repeat: '1D', allowedDays: [], lastRun: null },
      plannedAt: NOW - 5 * HOUR,
      lastBeganAt: NOW - 30 * HOUR,
    }
    const views = jobViews({ servers: [serverRow()], jobs: [jobRow({}, late), jobRow({ gone: true }, late)] }, options)
    expect(views.map(({ state, overdue, monitored }) => ({ state, overdue, monitored }))).toEqual([
      { state: 'overdue', overdue: true, monitored: true },
      { state: 'unmonitored', overdue: false, monitored: false },
    ])
  })

  it('is never younger than now, whatever the clock of its server', () => {
    const [job] = jobViews({ servers: [serverRow()], jobs: [jobRow({}, { lastSuccessAt: NOW + HOUR })] }, options)
    expect(job?.lastSuccessAgeSeconds).toBe(0)
  })
})

it('sums over jobs, not over the latest of each server (T49, T60)', () => {
  const jobs = jobViews(
    {
      servers: [serverRow(), serverRow('s2', 'web')],
      jobs: [
        jobRow({ id: 'j1', storageBytes: 10 }),
        jobRow({ id: 'j2', storageBytes: 20, sourceBytes: null }),
        jobRow({ id: 'j3', serverId: 's2', storageBytes: 30 }, { status: 'Error' }),
      ],
    },
    options,
  )
  expect(statusView(jobs, 2, NOW, QUIET).summary).toEqual({
    servers: 2,
    jobs: 3,
    runs: 15,
    files: 30,
    sourceBytes: 200,
    storageBytes: 60,
    uploadedBytes: 210,
    overdue: 0,
    failed: 1,
  })
})

describe('one run', () => {
  const run = runOf({ messages: 2, warnings: 300, errors: 1 })
  const lines = [
    { level: 'message' as const, at: null, tag: null, text: 'm' },
    ...Array.from({ length: 20 }, () => ({ level: 'warning' as const, at: null, tag: null, text: 'w' })),
    { level: 'error' as const, at: null, tag: null, text: 'e' },
  ]

  it.each([
    ['all', 22, 281],
    ['warnings', 21, 280],
    ['errors', 1, 0],
  ] as const)('with --log %s has %i lines and says that %i are not here (T69)', (level, shown, omitted) => {
    const view = showView(run, { lines, versionDates: null }, level)
    expect(view.log).toHaveLength(shown)
    expect(view.logOmitted).toBe(omitted)
  })

  it('counts no line that only says how many others there are (T13)', () => {
    const told = (text: string) => ({ level: 'message' as const, at: null, tag: null, text })
    for (const note of ['... and 21 more', '… 21 more lines were not kept']) {
      const cut = { lines: [told('one'), told('two'), told(note)], versionDates: null }
      expect(showView(runOf({ messages: 23 }), cut, 'all')).toMatchObject({ log: cut.lines, logOmitted: 21 })
    }
  })

  it('has as many versions as it counts where their dates are unknown', () => {
    expect(showView(runOf({ versions: 2 }), { lines: [], versionDates: null }, 'all').versions).toEqual([
      { at: null },
      { at: null },
    ])
  })
})

it('lists versions with their ages', () => {
  const server = { id: 's1', name: 'nas' }
  const job = { id: 'j1', name: 'Documents' }
  const dated = versionsView(
    server,
    job,
    { run: runOf({ versions: 2 }), versionDates: [hoursAgo(1), hoursAgo(25)] },
    NOW,
  )
  expect(dated).toEqual({
    schemaVersion: 1,
    server,
    job,
    count: 2,
    versions: [
      { at: hoursAgo(1), ageSeconds: 3_600 },
      { at: hoursAgo(25), ageSeconds: 90_000 },
    ],
  })
  expect(versionsView(server, job, null, NOW)).toMatchObject({ count: 0, versions: [] })
})
