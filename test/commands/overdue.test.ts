import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import OverdueExplain from '../../commands/overdue/explain.ts'
import OverdueReset from '../../commands/overdue/reset.ts'
import Overdue from '../../commands/overdue.ts'
import { step } from '../../src/fleet/alerts/step.ts'
import type { AlertData } from '../../src/fleet/alerts/types.ts'
import { createIngest } from '../../src/ingest/index.ts'
import type { ExplainView, OverdueView } from '../../src/output/overdue-views.ts'
import { changeAlert, openAlert, openAlerts, resolveAlert } from '../../src/store/alerts.ts'
import { openStore, type WritableStore } from '../../src/store/index.ts'
import { setListening, setStopped } from '../../src/store/monitor.ts'
import { temporaryFolder } from '../support/program.ts'
import { runCommand } from '../support/run-command.ts'
import { runFacts } from '../support/run-facts.ts'
import { seed } from '../support/seed.ts'

const now = new Date('2026-11-24T12:00:00.000Z')
const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const folder = temporaryFolder()
const db = join(folder.path, 'fleet.db')
const run = (command: typeof Overdue | typeof OverdueExplain | typeof OverdueReset, argv: string[], options = {}) =>
  runCommand(command, ['--db', db, '--config', join(folder.path, 'config.json'), '--tz', 'UTC', ...argv], {
    now,
    ...options,
  })

// The 29th and 58th job missed their last start: server-3/Web and server-6/Home.
beforeAll(() => seed(db, { servers: 6, jobsPerServer: 10, runsPerJob: 12, now }))
afterAll(() => folder[Symbol.dispose]())

async function withStore<T>(work: (store: WritableStore) => Promise<T>): Promise<T> {
  const store = await openStore({ file: db, mode: 'write', now: () => now })
  try {
    return await work(store)
  } finally {
    await store.close()
  }
}
const idsOf = async (server: string, job: string) => {
  const names = await withStore(({ read }) => read.names())
  const serverId = names.servers.find(({ name }) => name === server)?.id ?? ''
  const jobId = names.jobs.find((one) => one.serverId === serverId && one.name === job)?.id ?? ''
  return { serverId, jobId }
}

describe('overdue', () => {
  const overdue = async (argv: string[] = []): Promise<OverdueView> =>
    JSON.parse((await run(Overdue, ['--json', ...argv])).stdout)

  it('lists the jobs that are late, the longest first', async () => {
    const view = await overdue()
    expect(Object.keys(view)).toEqual(['schemaVersion', 'checkedAt', 'jobs'])
    expect(view.checkedAt).toBe(now.toISOString())
    expect(view.jobs.map(({ server, name }) => `${server.name}/${name}`)).toEqual(['server-6/Home', 'server-3/Web'])
    expect(view.jobs.every(({ overdue, lastNotifiedAt }) => overdue && lastNotifiedAt === null)).toBe(true)
  })

  it('draws them, and says when somebody was told last', async () => {
    const { serverId, jobId } = await idsOf('server-6', 'Home')
    const at = now.getTime() - 5 * HOUR
    const opening = (data: AlertData) =>
      withStore((store) =>
        store.transaction((tx) => openAlert(tx, { kind: 'overdue', serverId, jobId, since: at, at, data })),
      )
    const id = await opening({ untold: true })
    expect((await overdue()).jobs.map(({ lastNotifiedAt }) => lastNotifiedAt)).toEqual([null, null])
    await withStore((store) => store.transaction((tx) => resolveAlert(tx, id ?? 0, at)))
    await opening({})
    const { stdout, stderr, exitCode } = await run(Overdue, [], { columns: 100 })
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
    expect(stdout).toContain('Last notification')
    expect(stdout).toMatch(/server-6.+Home.+1d 18h ago.+23 Nov 2026, 17:00.+18h ago.+5h ago/)
    expect(stdout).toMatch(/server-3.+Web.+none yet/)
    for (const line of (await run(Overdue, [], { columns: 60 })).stdout.split('\n'))
      expect(line.length).toBeLessThanOrEqual(60)
  })

  it('takes names as every command does, and says when nothing is late', async () => {
    expect((await overdue(['server-3'])).jobs).toHaveLength(1)
    expect(await run(Overdue, ['server-1'])).toEqual({ stdout: '', stderr: 'No backup is overdue.\n', exitCode: 0 })
    expect((await run(Overdue, ['nothing'])).exitCode).toBe(2)
  })

  it('says how many jobs nobody could look at', async () => {
    const later = { now: new Date(now.getTime() + 3 * DAY) }
    expect((await run(Overdue, ['server-1'], later)).stderr).toBe(
      'No backup is overdue.\n10 jobs are due, and nobody has looked since: duplistatus collect --all asks the servers.\n',
    )
  })
})

describe('overdue explain', () => {
  const explain = async (argv: string[]): Promise<ExplainView> =>
    JSON.parse((await run(OverdueExplain, ['--json', ...argv])).stdout)

  it('has the documented shape, and leads to the expected start', async () => {
    const view = await explain(['server-6/Home'])
    expect(Object.keys(view)).toEqual(
      `schemaVersion server job source anchorAt timeZone repeat allowedDays steps expectedAt toleranceSeconds overdueAfter
      overdue stale judgement lookedAt lastRunAt lastSuccessAt nextAlarmAt learnt lookalikes`.split(/\s+/),
    )
    expect(view).toMatchObject({
      server: { name: 'server-6' },
      job: { name: 'Home' },
      source: 'server',
      anchorAt: '2026-11-23T17:00:00.000Z',
      timeZone: 'UTC',
      repeat: '1D',
      allowedDays: [],
      expectedAt: '2026-11-23T17:00:00.000Z',
      toleranceSeconds: 3600,
      overdueAfter: '2026-11-23T18:00:00.000Z',
      overdue: true,
      stale: false,
      lastRunAt: '2026-11-22T17:00:00.000Z',
    })
    expect(view.steps.at(-1)?.at).toBe(view.expectedAt)
  })

  it('says so in words', async () => {
    expect((await run(OverdueExplain, ['server-6/Home'])).stdout).toBe(`server-6/Home  ✗ overdue for 18h

Source          the server's own next run
Anchor          23 Nov 2026, 17:00 (19h ago)
Repeat          1D
Weekdays        every day
Time zone       UTC
Expected        23 Nov 2026, 17:00 (19h ago)
Tolerance       1h
Overdue after   23 Nov 2026, 18:00 (18h ago)
Last run began  22 Nov 2026, 17:00 (1d 19h ago)
Last success    22 Nov 2026, 17:07 (1d 18h ago)
Next alarm      25 Nov 2026, 07:00 (in 19h)

How it was reckoned
  24 Nov 2026, 11:50  the server was asked, and told its next planned start
  22 Nov 2026, 17:00  the last run began: no start before it is waited for
  23 Nov 2026, 17:00  the next start, as the server told it: expected
  23 Nov 2026, 18:00  the tolerance ends
  24 Nov 2026, 11:50  the server was asked, and nothing had run: overdue
`)
  })

  it('judges as of another moment', async () => {
    const soon = await explain(['server-1/Mail', '--at', '+36h'])
    expect(soon).toMatchObject({
      ...{ overdue: true, source: 'server', overdueAfter: '2026-11-25T08:00:00.000Z' },
      // The alert is out by then: its reminder, a day later.
      nextAlarmAt: '2026-11-26T08:00:00.000Z',
    })
    expect(soon.judgement.at(-1)).toEqual({
      at: '2026-11-26T00:00:00.000Z',
      why: 'if somebody looks then, and nothing has run: overdue',
    })
    expect(await explain(['server-1/Mail', '--at', '2026-11-24T20:00'])).toMatchObject({ overdue: false })
    const before = await explain(['server-1/Mail', '--at', '5d'])
    expect(before).toMatchObject({ overdue: false, source: 'computed', expectedAt: '2026-11-20T07:00:00.000Z' })
    expect(before.lastRunAt).toBe('2026-11-19T07:00:00.000Z')
    expect((await run(OverdueExplain, ['server-1/Mail', '--at', 'soon'])).exitCode).toBe(2)
  })

  it('says why nothing is expected', async () => {
    const { jobId } = await idsOf('server-2', 'Mail')
    await withStore(({ settings }) => settings.editJobs([jobId], { set: { monitored: false }, inherit: [] }))
    const { stdout } = await run(OverdueExplain, ['server-2/Mail'])
    expect(stdout).toContain('server-2/Mail  ○ not monitored: nobody waits for it')
    expect(stdout).toContain('Next alarm      none')
    const unscheduled = { schedule_time: null, schedule_repeat: null, planned_at: null, planned_seen_at: 1 }
    const row = Number((await idsOf('server-2', 'Music')).jobId.slice(1))
    await withStore(({ db }) => db.updateTable('job').set(unscheduled).where('id', '=', row).execute())
    expect((await run(OverdueExplain, ['server-2/Music'])).stdout).toContain('its server has no schedule for it')
    const music = [(await idsOf('server-2', 'Music')).jobId]
    await withStore(({ settings }) => settings.editJobs(music, { set: { maxAge: 60 }, inherit: [] }))
    expect((await run(OverdueExplain, ['server-2/Music'])).stdout).toMatch(
      /\n\nHow it was reckoned\n.+its maximum age: overdue\n/,
    )
    await withStore(({ settings }) => settings.editJobs(music, { set: {}, inherit: ['maxAge'] }))
  })

  it('of a moment to come takes it that who listens now does so then', async () => {
    const beganAt = new Date(now.getTime() - 2 * HOUR).toISOString()
    const about = { machineId: 'L', machineName: 'loft', backupId: 'DB-1', backupName: 'Films' }
    const nextScheduledRun = new Date(now.getTime() + 20 * HOUR).toISOString()
    await withStore(async (store) => {
      await createIngest(store).addReported({ ...about, run: runFacts({ beganAt }), receivedAt: now, nextScheduledRun })
      await store.transaction((tx) => setListening(tx, now.getTime() - MINUTE))
    })
    const then = await explain(['loft/Films', '--at', '+4d'])
    expect(then).toMatchObject({ overdue: true, stale: false })
    // A daemon that ended since receives nothing.
    await withStore((store) => store.transaction((tx) => setStopped(tx, now.getTime() - MINUTE / 2)))
    expect(await explain(['loft/Films', '--at', '+4d'])).toMatchObject({ overdue: false, stale: true })
  })

  it('and all that lists the job know of the greatest age that its last success may have', async () => {
    const { serverId, jobId } = await idsOf('server-5', 'Mail')
    await withStore(({ settings }) => settings.editJobs([jobId], { set: { maxAge: 60 }, inherit: [] }))
    const view = await explain(['server-5/Mail'])
    const limit = new Date(Date.parse(view.lastSuccessAt ?? '') + 60_000).toISOString()
    expect(view).toMatchObject({ overdue: true, stale: false, overdueAfter: limit, nextAlarmAt: now.toISOString() })
    expect(view.judgement.at(-1)).toEqual({
      at: limit,
      why: 'the last success is older than its maximum age: overdue',
    })
    const listed = JSON.parse((await run(Overdue, ['--json', 'server-5'])).stdout) as OverdueView
    expect(listed.jobs).toMatchObject([{ state: 'overdue', overdue: true, overdueSince: limit, lastNotifiedAt: null }])
    const alert = await withStore((store) =>
      store.transaction((tx) =>
        openAlert(tx, { kind: 'tooOld', serverId, jobId, since: 0, at: now.getTime() - HOUR, data: {} }),
      ),
    )
    // Told an hour ago: the reminder is not before the next start would be overdue.
    expect((await explain(['server-5/Mail'])).nextAlarmAt).toBe('2026-11-25T08:00:00.000Z')
    const later = await explain(['server-5/Mail', '--at', '+9d'])
    expect(Date.parse(later.nextAlarmAt ?? '')).toBeGreaterThanOrEqual(now.getTime() + 9 * DAY)
    await withStore(({ settings }) => settings.editJobs([jobId], { set: {}, inherit: ['maxAge'] }))
    await withStore((store) => store.transaction((tx) => resolveAlert(tx, alert ?? 0, now.getTime())))
  })

  it('needs one job', async () => {
    expect((await run(OverdueExplain, ['server-1'])).exitCode).toBe(2)
    expect((await run(OverdueExplain, ['server-1/*'])).exitCode).toBe(2)
  })

  it('says where two servers look like one that changed (identity, case 8)', async () => {
    const reported = async (machineId: string, beganAt: string) => {
      const run = runFacts({ beganAt, beganTicks: Number(machineId.length) })
      const receivedAt = new Date(Date.parse(run.endedAt ?? beganAt))
      const about = { machineId, machineName: 'attic', backupId: 'DB-1', backupName: 'Papers', run, receivedAt }
      await withStore((store) => createIngest(store).addReported(about))
    }
    for (const day of [11, 12, 13, 14, 15, 16, 17, 18]) await reported('A', `2026-11-${day}T02:00:00.000Z`)
    for (const day of [20, 21, 22, 23]) await reported('DD', `2026-11-${day}T11:00:00.000Z`)
    const { servers } = await withStore(({ read }) => read.names())
    const [old, fresh] = servers.filter(({ machineName }) => machineName === 'attic')
    const { stdout } = await run(OverdueExplain, [`${old?.id}/Papers`])
    expect(stdout).toContain('learnt from the usual start times')
    expect(stdout).toContain(`(${fresh?.id}) may be this server after a change`)
    expect(stdout).toContain(`If it is: duplistatus server merge ${old?.id} ${fresh?.id}`)
    expect((await run(OverdueExplain, [`${fresh?.id}/Papers`])).stdout).not.toContain('server merge')
  })
})

describe('overdue reset', () => {
  it('has open alerts told again at the next check, and writes it down', async () => {
    const { serverId, jobId } = await idsOf('server-3', 'Web')
    const at = now.getTime() - 2 * DAY
    const told = now.getTime() - HOUR
    await withStore((store) =>
      store.transaction(async (tx) => {
        const id = (await openAlert(tx, { kind: 'overdue', serverId, jobId, since: at, at, data: {} })) ?? 0
        await changeAlert(tx, { id, reminders: 0 }, { remindedAt: told, reminders: 1 })
      }),
    )
    const dueNow = () =>
      withStore(async (store) => {
        const open = (await store.query(openAlerts)).filter((alert) => alert.jobId === jobId)
        const finding = {
          kind: 'overdue',
          serverId,
          jobId,
          state: 'holds',
          since: at,
          data: {},
          snoozed: false,
        } as const
        const rest = { again: false, renewed: false, missedRuns: null, failedRuns: 0 }
        return step(open, [{ ...finding, ...rest }], { reminder: 'once', stormLimit: 10 }, now.getTime()).transitions
      })
    expect(await dueNow()).toEqual([])
    expect((await run(OverdueReset, ['server-1'])).stderr).toBe('There is no open alert to tell again.\n')
    expect(await run(OverdueReset, ['server-3/Web'])).toMatchObject({
      stderr: '1 open alert will be told again.\n',
      exitCode: 0,
    })
    expect(await dueNow()).toMatchObject([{ type: 'remind', reminders: 2, data: { round: 2 } }])
    const [entry] = await withStore(({ audit }) => audit.list(1))
    expect(entry).toMatchObject({ action: 'overdue.reset', serverId })
    expect(JSON.parse((await run(OverdueReset, ['--json'])).stdout)).toEqual({ schemaVersion: 1, reset: 2 })
  })
})
