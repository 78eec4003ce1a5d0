import { globSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import type {
  CollectResultView as CollectResult,
  HistoryView,
  JobView,
  RunView,
  ShowView,
  StatusView,
  VersionsView,
} from '../../src/fleet/model.ts'
import type { RawBackup, RawRow, RawState } from './support/api.ts'
import { COMMANDS, SERVERS } from './support/commands.ts'
import {
  compactDate,
  counts,
  type ExpectedRun,
  expectedLog,
  expectedRun,
  isResult,
  versionTimes,
} from './support/expected.ts'
import { changeJob, volumes } from './support/jobs.ts'
import { makeOutcomes, type Outcome, readLogs } from './support/outcomes.ts'
import { PASSWORD, RealServer } from './support/server.ts'
import { User } from './support/user.ts'

/** What a person should see first of each job; where 2.1 tells less or more, its own word. */
const STATES: Record<keyof Outcome, string | { old: string; since22: string }> = {
  documents: 'ok',
  unicode: 'ok',
  renamed: 'ok',
  rehearsal: 'ok',
  rotated: 'ok',
  unreadable: 'warning',
  lost: 'failed',
  damaged: 'failed',
  scripted: 'failed',
  refused: 'failed',
  refusedFirst: 'failed',
  // 2.1 keeps a row of the skipped run, so that is no unknown failure.
  skippedFirst: { old: 'unscheduled', since22: 'failed' },
  // 2.1 did not mind.
  misconfigured: { old: 'ok', since22: 'failed' },
  stopped: 'warning',
  // 2.1 keeps nothing of an aborted run.
  aborted: { old: 'unscheduled', since22: 'failed' },
  neverRan: 'never',
  byHand: 'unscheduled',
}
const KEYS = Object.keys(STATES) as (keyof Outcome)[]

describe.skipIf(COMMANDS.length === 0).each(SERVERS)('every outcome of a backup on $name', ({ command }) => {
  let server: RealServer
  let user: User
  let jobs: Outcome
  let old: boolean
  let collected: CollectResult[]
  let status: StatusView
  let history: RunView[]
  let backups: RawBackup[]
  let logs: Map<string, RawRow[]>
  let state: RawState

  beforeAll(async () => {
    server = await RealServer.start(command)
    user = new User()
    jobs = await makeOutcomes(server)
    old = (await server.api.get<{ ServerVersion: string }>('/systeminfo')).ServerVersion.startsWith('2.1.')
    await user.add(server.url)
    collected = (await user.json<{ results: CollectResult[] }>(['collect', '--all'])).results
    status = await user.json<StatusView>(['status'])
    history = await everyRun()
    backups = await server.api.backups()
    logs = await readLogs(server)
    state = await server.api.state()
  }, 240_000)

  afterAll(async () => {
    await server?.destroy()
    user?.leave()
  })

  async function everyRun(): Promise<RunView[]> {
    return (await user.json<HistoryView>(['history', '*', '--operation', 'all', '--limit', '1000'])).runs
  }

  const jobView = (key: keyof Outcome): JobView => status.jobs.find(({ backupId }) => backupId === jobs[key].id)!
  const runsOf = (key: keyof Outcome) => history.filter(({ job }) => job.id === jobView(key).id)
  const results = (key: keyof Outcome): RawRow[] => logs.get(jobs[key].id)!.filter(isResult)
  const expectedRuns = (key: keyof Outcome): ExpectedRun[] => results(key).map(expectedRun)
  const backup = (key: keyof Outcome): RawBackup => backups.find(({ Backup }) => Backup.ID === jobs[key].id)!
  const target = (key: keyof Outcome): string => `${jobView(key).server.id}/${jobs[key].id}`

  it('collects every row of every log once', () => {
    const rows = [...logs.values()].flat().filter(isResult).length
    expect(collected).toMatchObject([{ ok: true, error: null, jobs: backups.length, new: rows, known: 0, updated: 0 }])
    expect(history).toHaveLength(rows)
  })

  it('collects nothing new the second time', async () => {
    const { results: again } = await user.json<{ results: CollectResult[] }>(['collect', '--all'])
    expect(again).toMatchObject([{ ok: true, jobs: backups.length, new: 0, updated: 0 }])
    expect(await everyRun()).toEqual(history)
  })

  it.each(KEYS)('says of every run what the log says: %s', (key) => {
    const { id, name, server: ref } = jobView(key)
    expect(runsOf(key)).toEqual(
      expectedRuns(key).map((run) => ({
        ...run,
        id: expect.any(String),
        server: ref,
        job: { id, name },
        exception: null,
        receivedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
        timeDoubted: false,
        setAside: null,
      })),
    )
  })

  it.each(KEYS)('sums the counting runs up: %s', (key) => {
    const counting = expectedRuns(key).filter(counts)
    const last = counting[0] ?? null
    const good = counting.find((run) => ['Success', 'Warning'].includes(run.status) && !run.partial)
    const skipped = expectedRuns(key).find((run) => run.operation === 'Backup' && run.interrupted)
    const job = jobView(key)
    expect(job).toMatchObject({
      name: jobs[key].spec.name,
      backupId: jobs[key].id,
      tags: jobs[key].spec.tags ?? [],
      status: last?.status ?? 'None',
      lastSuccessAt: good?.endedAt ?? null,
      lastVersionAt: compactDate(backup(key).Backup.Metadata.LastBackupDate),
      files: last?.examinedFiles ?? null,
      sourceBytes: last?.examinedBytes ?? null,
      storageBytes: last?.storageBytes ?? null,
      versions: last?.versions ?? null,
      warnings: last?.warnings ?? null,
      errors: last?.errors ?? null,
      uploadedBytes: counting.reduce((sum, { uploadedBytes }) => sum + (uploadedBytes ?? 0), 0),
      runs: counting.length,
      recent: counting.slice(0, 10).map((run) => run.status),
      running: null,
      overdue: false,
      overdueSince: null,
      monitored: true,
      snoozedUntil: null,
    })
    expect(job.lastRun).toEqual(last === null ? null : runsOf(key).find(({ beganAt }) => beganAt === last.beganAt))
    expect(job.skippedAt).toBe(skipped && skipped.beganAt > (last?.beganAt ?? '') ? skipped.endedAt : null)
    const age = good ? Math.floor((Date.parse(status.generatedAt) - Date.parse(good.endedAt)) / 1000) : null
    expect(job.lastSuccessAgeSeconds).toBe(age)
  })

  it.each(KEYS)('shows what a person should see first: %s', (key) => {
    const expected = STATES[key]
    expect(jobView(key).state).toBe(typeof expected === 'string' ? expected : old ? expected.old : expected.since22)
  })

  it('tells failures that no run tells of, with their messages, and no others', () => {
    const silent = KEYS.filter((key) => jobView(key).failure === null)
    expect(KEYS.filter((key) => !silent.includes(key))).toEqual(
      old ? ['refusedFirst'] : ['refusedFirst', 'skippedFirst', 'misconfigured'],
    )
    const { LastErrorDate, LastErrorMessage } = backup('refusedFirst').Backup.Metadata
    expect(jobView('refusedFirst').failure).toEqual({
      at: compactDate(LastErrorDate),
      message: LastErrorMessage,
      source: 'metadata',
    })
    expect(LastErrorMessage).toContain('returned with exit code 3')
    if (old) return
    expect(jobView('misconfigured').failure?.message).toBe(backup('misconfigured').Backup.Metadata.LastErrorMessage)
    expect(jobView('skippedFirst').failure).toMatchObject({ source: 'notification' })
    expect(jobView('skippedFirst').failure?.message).toContain('exit code 5')
  })

  it('expects what the server plans itself', () => {
    const proposed = new Map(state.ProposedSchedule.map(({ Item1, Item2 }) => [Item1, Item2]))
    for (const key of KEYS) {
      const { Schedule } = backup(key)
      const plan = proposed.get(jobs[key].id)
      const { expectedAt, expectedFrom, schedule } = jobView(key)
      expect(Schedule === null).toBe(plan === undefined)
      expect({ key, expectedAt, expectedFrom }).toEqual({
        key,
        expectedAt: plan ? new Date(plan).toISOString() : null,
        expectedFrom: plan ? 'server' : null,
      })
      if (Schedule === null) {
        expect(schedule).toBeNull()
        continue
      }
      expect(schedule).toMatchObject({ time: new Date(Schedule.Time).toISOString(), repeat: Schedule.Repeat })
      const days = new Set(Schedule.AllowedDays?.map((day) => day.slice(0, 3).toLowerCase()))
      expect(new Set(schedule?.allowedDays)).toEqual(days)
      expect(schedule?.allowedDays).toHaveLength(days.size)
    }
    // A day that is not allowed: the plan is later than the saved time.
    expect(jobView('neverRan').expectedAt! > jobView('neverRan').schedule!.time).toBe(true)
  })

  it('sums the fleet up', () => {
    const total = (field: 'runs' | 'uploadedBytes' | 'files' | 'sourceBytes' | 'storageBytes') =>
      status.jobs.reduce((sum, job) => sum + (job[field] ?? 0), 0)
    expect(status.summary).toEqual({
      servers: 1,
      jobs: KEYS.length,
      runs: total('runs'),
      files: total('files'),
      sourceBytes: total('sourceBytes'),
      storageBytes: total('storageBytes'),
      uploadedBytes: total('uploadedBytes'),
      overdue: 0,
      failed: status.jobs.filter((job) => job.state === 'failed').length,
    })
    expect(status.schemaVersion).toBe(1)
  })

  it('lists backup runs alone unless asked, and as many as asked', async () => {
    const backupRuns = runsOf('documents').filter(({ operation }) => operation === 'Backup')
    const view = await user.json<HistoryView>(['history', target('documents')])
    expect(view).toMatchObject({ schemaVersion: 1, job: { id: jobView('documents').id, name: 'Documents' } })
    expect(view.runs).toEqual(backupRuns)
    const one = await user.json<HistoryView>(['history', target('documents'), '--limit', '1'])
    expect(one.runs).toEqual(backupRuns.slice(0, 1))
    const restores = await user.json<HistoryView>(['history', target('documents'), '--operation', 'Restore'])
    expect(restores.runs).toEqual(runsOf('documents').filter(({ operation }) => operation === 'Restore'))
    expect(restores.runs).toHaveLength(1)
  })

  it.each(KEYS)('shows every run with the texts that the log keeps: %s', async (key) => {
    for (const [index, row] of results(key).entries()) {
      const run = runsOf(key)[index]!
      const shown = await user.json<ShowView>(['show', run.id])
      expect(shown.run).toEqual(run)
      const lines = shown.log.map(({ level, at, tag, text }) => ({
        level,
        clock: clockIn(at!, 'Europe/Berlin'),
        tag,
        text,
      }))
      expect(lines).toEqual(expectedLog(row))
      expect(shown.logOmitted).toBe(run.messages + run.warnings + run.errors - lines.length)
      expect(shown.versions).toHaveLength(run.versions ?? 0)
    }
  })

  it('tells the last run of a job, and the cut of its log', async () => {
    const shown = await user.json<ShowView>(['show', target('unreadable')])
    expect(shown.run).toEqual(jobView('unreadable').lastRun)
    expect(shown.run.warnings).toBe(25)
    expect(shown.log.filter(({ level }) => level === 'warning')).toHaveLength(20)
    const text = await user.text(['show', target('unreadable')])
    expect(text).toContain('secret-')
    expect(text).toContain('25')
  })

  it('lists the versions that are at the destination', async () => {
    for (const key of ['documents', 'unicode', 'lost', 'rotated'] as const) {
      const view = await user.json<VersionsView>(['versions', target(key)])
      const times = versionTimes(volumes(server.path(jobs[key].spec.destination), 'dlist'))
      expect(view).toMatchObject({ schemaVersion: 1, job: { name: jobs[key].spec.name }, count: times.length })
      expect(view.versions).toHaveLength(times.length)
      const told = view.versions.map(({ at }) => at)
      // Their dates stand in the log only where versions were considered for deletion.
      if (key === 'rotated') expect(told).toEqual(times)
      else for (const [index, at] of told.entries()) expect([null, times[index]]).toContain(at)
    }
  })

  it('keeps one job when it gets another name', async () => {
    const before = jobView('renamed')
    await changeJob(server, jobs.renamed, { name: 'New name' })
    await server.api.run(jobs.renamed.id)
    expect((await user.json<{ results: CollectResult[] }>(['collect', '--all'])).results).toMatchObject([
      { ok: true, new: 1, known: expect.any(Number) },
    ])
    const after = (await user.json<StatusView>(['status'])).jobs.find(({ backupId }) => backupId === jobs.renamed.id)
    expect(after).toMatchObject({ id: before.id, name: 'New name', runs: before.runs + 1 })
    const { runs } = await user.json<HistoryView>(['history', '*/New name'])
    expect(runs).toHaveLength(before.runs + 1)
    expect(new Set(runs.map(({ job }) => job.name))).toEqual(new Set(['New name']))
  })

  it('draws the table with every job, and nothing that moves a cursor', async () => {
    const table = await user.text(['status'])
    for (const { name } of (await user.json<StatusView>(['status'])).jobs) expect(table).toContain(name)
    expect(table).not.toContain('\u001b')
    const cards = await user.text(['status', '--layout', 'cards'])
    expect(cards).toContain('Fotos & Vidéos – 写真 📷')
    const failed = await user.text(['status', '--status', 'error,fatal'])
    expect(failed).toContain('Lost volume')
    expect(failed).not.toContain('Documents')
  })

  it('keeps the password nowhere in clear, nor where the backups go', () => {
    const files = globSync('**/*', { cwd: user.home }).map((name) => join(user.home, name))
    const contents = files.filter((file) => statSync(file).isFile()).map((file) => readFileSync(file))
    expect(contents.length).toBeGreaterThan(1)
    for (const secret of [PASSWORD, server.path('dst/documents')]) {
      expect(contents.some((content) => content.includes(secret))).toBe(false)
    }
  })
})

/** The clock on the wall of a zone at an instant: `2026-11-24T01:51:06`. */
function clockIn(at: string, timeZone: string): string {
  return new Date(at).toLocaleString('sv-SE', { timeZone }).replace(' ', 'T')
}
