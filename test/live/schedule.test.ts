import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import Status from '../../commands/status.ts'
import type { CollectResultView, JobView, ServerView, StatusView } from '../../src/fleet/model.ts'
import { runCommand } from '../support/run-command.ts'
import { COMMANDS, SERVERS } from './support/commands.ts'
import { fill, type MadeJob, makeJob, numbered, wholeSeconds } from './support/jobs.ts'
import { beginSlowly, endTask, slowJob } from './support/outcomes.ts'
import { RealServer } from './support/server.ts'
import { until } from './support/until.ts'
import { User } from './support/user.ts'

const SECOND = 1_000
const HOUR = 3_600 * SECOND
const DAY = 24 * HOUR

describe.skipIf(COMMANDS.length === 0).each(SERVERS)(
  'schedules, pauses and running backups on $name',
  ({ command }) => {
    let server: RealServer
    let user: User
    let old: boolean
    let soon: MadeJob
    let late: MadeJob
    let byHand: MadeJob

    beforeAll(async () => {
      server = await RealServer.start(command)
      user = new User()
      old = (await server.api.get<{ ServerVersion: string }>('/systeminfo')).ServerVersion.startsWith('2.1.')
      fill(server.path('src/documents'), numbered('letter', 5, 4_000))
      const documents = { source: 'src/documents', destination: 'dst/soon' }
      const time = new Date(Date.now() + 3 * SECOND)
      soon = await makeJob(server, { ...documents, name: 'Soon', schedule: { time, repeat: '1D' } })
      byHand = await makeJob(server, { ...documents, name: 'By hand', destination: 'dst/by-hand' })
      // More steps lie between than Duplicati's scheduler takes: it never starts this one, and plans nothing for it.
      const schedule = { time: new Date(Date.now() - 400 * DAY), repeat: '10m' }
      late = await makeJob(server, { ...documents, name: 'Late', destination: 'dst/late', schedule })
      await until(
        'the scheduler has run the job',
        () => scheduleOf(soon),
        ({ LastRun }) => !LastRun.startsWith('0001'),
      )
      await server.api.run(byHand.id)
      await user.add(server.url)
    })

    afterAll(async () => {
      await server?.destroy()
      user?.leave()
    })

    const scheduleOf = async (job: MadeJob) => (await server.api.backup(job.id)).Schedule!
    const of = (status: StatusView, job: MadeJob): JobView => status.jobs.find(({ backupId }) => backupId === job.id)!
    const serverView = async () => (await user.json<{ servers: ServerView[] }>(['server', 'list'])).servers[0]!

    async function collected(code = 0): Promise<StatusView> {
      await user.json<{ results: CollectResultView[] }>(['collect', '--all'], { code })
      return user.json<StatusView>(['status'])
    }

    /** The same program at another time: nobody can wait for tomorrow. */
    async function statusAt(now: Date): Promise<StatusView> {
      const ran = await runCommand(Status, ['--json', '--db', user.database], { env: user.env, now })
      expect(ran.exitCode).toBe(0)
      return JSON.parse(ran.stdout) as StatusView
    }

    it('expects the next start after one that came by itself', async () => {
      const { Time, LastRun } = await scheduleOf(soon)
      const job = of(await collected(), soon)
      expect(job).toMatchObject({
        state: 'ok',
        status: 'Success',
        runs: 1,
        expectedAt: new Date(Time).toISOString(),
        expectedFrom: 'server',
        overdue: false,
      })
      expect(Date.parse(Time)).toBe(
        soon.spec.schedule!.time.getTime() - (soon.spec.schedule!.time.getTime() % SECOND) + DAY,
      )
      expect(Math.abs(Date.parse(job.lastRun!.beganAt) - Date.parse(LastRun))).toBeLessThan(3 * SECOND)
    })

    it('expects nothing of a job without a schedule, however old its backup', async () => {
      const job = of(await statusAt(new Date(Date.now() + 300 * DAY)), byHand)
      expect(job).toMatchObject({ state: 'ok', expectedAt: null, expectedFrom: null, schedule: null, overdue: false })
    })

    it('calls a job overdue that the server did not start at its time', async () => {
      const status = await collected()
      const expected = late.spec.schedule!.time
      const job = of(status, late)
      expect(job).toMatchObject({
        status: 'None',
        state: 'overdue',
        overdue: true,
        expectedAt: new Date(wholeSeconds(expected)).toISOString(),
        overdueSince: new Date(Date.parse(wholeSeconds(expected)) + HOUR).toISOString(),
        toleranceSeconds: 3_600,
        lastRun: null,
      })
      // The server's log gives these errors the number of the schedule, which is another job's here.
      expect(job.failure).toMatchObject({ source: 'serverLog', message: expect.stringContaining('Scheduler failed') })
      expect(status.jobs.filter(({ failure }) => failure !== null)).toHaveLength(1)
      expect(status.summary.overdue).toBe(1)
      const table = await user.text(['status', '--overdue'])
      expect(table).toContain('Late')
      expect(table).not.toContain('By hand')
    })

    it("tells the scheduler's zone", async () => {
      expect((await serverView()).timeZone).toBe(old ? '+01:00' : 'UTC')
      await server.api.settings({ 'server-timezone': 'America/New_York' })
      const status = await collected()
      expect((await serverView()).timeZone).toBe(old ? '+01:00' : 'America/New_York')
      expect(of(status, soon).schedule?.timeZone).toBe(old ? '+01:00' : 'America/New_York')
      const state = await server.api.state()
      const plan = state.ProposedSchedule.find(({ Item1 }) => Item1 === soon.id)!.Item2
      expect(of(status, soon).expectedAt).toBe(new Date(plan).toISOString())
    })

    it('shows a backup while it runs', async () => {
      const slow = await slowJob(server, 'Slow')
      const task = await beginSlowly(server, slow)
      const job = of(await collected(), slow)
      expect((await server.api.state()).ActiveTask?.Item2).toBe(slow.id)
      expect(job).toMatchObject({ state: 'running', status: 'None', runs: 0, overdue: false })
      expect(job.running?.phase).toMatch(/^Backup_/)
      expect(job.running?.progress ?? 0).toBeLessThan(1)
      const table = await user.text(['status', '--filter', 'Slow'])
      expect(table).toMatch(/running/i)
      await endTask(server, task, 'stop')
      await server.api.ended(task)
      const ended = of(await collected(), slow)
      expect(ended).toMatchObject({ state: 'warning', status: 'Warning', runs: 1, running: null })
      expect(ended.lastRun).toMatchObject({ partial: true })
      expect(ended.lastSuccessAt).toBeNull()
    })

    it('shows a paused server as paused, until it goes on', async () => {
      await server.api.pause('1h')
      const state = await server.api.state()
      const status = await collected()
      const { until: pauseEnd } = (await serverView()).paused!
      expect(pauseEnd).toBe(new Date(state.EstimatedPauseEnd).toISOString())
      expect(new Set(status.jobs.map((job) => job.state))).toEqual(new Set(['paused']))
      expect(status.summary.overdue).toBe(0)
      await server.api.resume()
      expect(of(await collected(), soon)).toMatchObject({ state: 'ok' })
      expect((await serverView()).paused).toBeNull()
    })

    it('shows a pause without an end', async () => {
      await server.api.post('/serverstate/pause')
      const status = await collected()
      expect((await serverView()).paused).toEqual({ until: null })
      expect(of(status, soon).state).toBe('paused')
      await server.api.resume()
      await collected()
    })

    it('calls a job stale, not overdue, when nobody could ask the server', async () => {
      const { expectedAt } = of(await collected(), soon)
      await server.stop()
      try {
        const inTime = await collected(1)
        expect(of(inTime, soon)).toMatchObject({ state: 'ok', overdue: false, expectedAt })
        const afterwards = await statusAt(new Date(Date.parse(expectedAt!) + 2 * HOUR))
        expect(of(afterwards, soon)).toMatchObject({ state: 'stale', overdue: false, overdueSince: null, expectedAt })
        expect(of(afterwards, byHand).state).toBe('ok')
      } finally {
        await server.resume()
      }
    })

    it('catches up at once with a run that was missed while the server was down', async () => {
      const missed = new Date(Date.now() + 2 * SECOND)
      const job = await makeJob(server, {
        name: 'Missed',
        source: 'src/documents',
        destination: 'dst/missed',
        schedule: { time: missed, repeat: '1D' },
      })
      await server.stop()
      await until('the planned start is past', () => Date.now() > missed.getTime())
      await server.resume()
      await until(
        'the missed run is made up for',
        () => scheduleOf(job),
        ({ LastRun }) => !LastRun.startsWith('0001'),
      )
      expect(of(await collected(), job)).toMatchObject({ state: 'ok', runs: 1, overdue: false })
    })
  },
)
