import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import Collect from '../../commands/collect.ts'
import JobArchive from '../../commands/job/archive.ts'
import JobEdit from '../../commands/job/edit.ts'
import JobList from '../../commands/job/list.ts'
import JobRemove from '../../commands/job/remove.ts'
import JobRestore from '../../commands/job/restore.ts'
import JobShow from '../../commands/job/show.ts'
import ServerAdd from '../../commands/server/add.ts'
import ServerEdit from '../../commands/server/edit.ts'
import ServerShow from '../../commands/server/show.ts'
import Status from '../../commands/status.ts'
import { jobWith, NOW as LAB_NOW, simulated } from '../collect/lab.ts'
import { type RunOptions, runCommand } from '../support/run-command.ts'
import { seed } from '../support/seed.ts'
import { temporaryFolder } from '../support/store.ts'

const NOW = new Date('2026-11-24T12:00:00Z')

/** Two servers with two jobs each: Documents and Photos; three runs a job. */
async function fleet() {
  const path = temporaryFolder()
  await seed(join(path, '.local/share/duplistatus/duplistatus.db'), {
    servers: 2,
    jobsPerServer: 2,
    runsPerJob: 3,
    now: NOW,
  })
  const run = (command: Parameters<typeof runCommand>[0], argv: string[], options: RunOptions = {}) =>
    runCommand(command, argv, { now: NOW, ...options, env: { HOME: path, DUPLISTATUS_TZ: 'UTC', ...options.env } })
  const json = async (command: Parameters<typeof runCommand>[0], argv: string[]) =>
    JSON.parse((await run(command, [...argv, '--json'])).stdout)
  return { run, json }
}

describe('job edit', () => {
  it('says what it changes, changes it, and shows where it comes from', async () => {
    const { run, json } = await fleet()
    expect(await run(JobEdit, ['server-1/Documents', '--notify', 'errors', '--no-ntfy', '--tolerance', '3h'])).toEqual({
      stdout:
        'Changed server-1/Documents: tolerance 3h (was inherited), notify errors (was inherited), ntfy no (was inherited)\n',
      stderr: '',
      exitCode: 0,
    })
    const shown = await json(JobShow, ['server-1/Documents'])
    expect(Object.keys(shown)).toEqual(['schemaVersion', 'server', 'job', 'settings', 'snooze'])
    expect(shown.job.toleranceSeconds).toBe(10_800)
    expect(shown.settings).toMatchObject({
      notificationEvent: { value: 'errors', source: 'job' },
      additionalNotificationEvent: { value: 'errors', source: 'default' },
      emailEnabled: { value: true, source: 'default' },
    })
    const again = await run(JobEdit, ['server-1/Documents', '--notify', 'errors'])
    expect(again).toEqual({ stdout: '', stderr: '1 job is so already.\n', exitCode: 0 })
  })

  it('has null in JSON for what is not set', async () => {
    const { json } = await fleet()
    const changes = async (...argv: string[]) => (await json(JobEdit, argv)).jobs[0].changes
    const job = 'server-1/Documents'
    expect(await changes(job, '--notify', 'all')).toEqual([{ field: 'notificationEvent', before: null, after: 'all' }])
    expect(await changes(job, '--inherit', 'notify')).toEqual([
      { field: 'notificationEvent', before: 'all', after: null },
    ])
  })

  it('changes many at once, or only says so', async () => {
    const { run, json } = await fleet()
    const argv = ['*/Photos', '--no-monitored', '--max-age', '3d']
    const dry = await run(JobEdit, [...argv, '--dry-run'])
    expect(dry.stdout).toBe(
      'Would change server-1/Photos: monitored no (was inherited), max-age 3d (was inherited)\n' +
        'Would change server-2/Photos: monitored no (was inherited), max-age 3d (was inherited)\n',
    )
    const states = async () => (await json(JobList, [])).jobs.map(({ state }: { state: string }) => state)
    expect(await states()).toEqual(['ok', 'ok', 'ok', 'ok'])
    expect((await json(JobEdit, argv)).jobs).toHaveLength(2)
    expect(await states()).toEqual(['ok', 'unmonitored', 'ok', 'unmonitored'])
    expect((await json(Status, [])).jobs[1]).toMatchObject({ monitored: false, state: 'unmonitored' })
  })

  it('keeps an empty value apart from an inherited one', async () => {
    const { run, json } = await fleet()
    expect(
      (await run(ServerEdit, ['server-1', '--default-additional-emails', 'it@office.example', '--no-default-email']))
        .stdout,
    ).toBe('Changed server-1: default email, default additional-emails\n')
    const emails = async () => (await json(JobShow, ['server-1/Documents'])).settings.additionalEmails
    expect(await emails()).toEqual({ value: ['it@office.example'], source: 'server' })
    await run(JobEdit, ['server-1/Documents', '--additional-emails', ''])
    expect(await emails()).toEqual({ value: [], source: 'job' })
    const back = await run(JobEdit, ['server-1/Documents', '--inherit', 'additional-emails'])
    expect(back.stdout).toBe('Changed server-1/Documents: additional-emails inherited (was none)\n')
    expect(await emails()).toEqual({ value: ['it@office.example'], source: 'server' })
    expect((await run(ServerShow, ['server-1'])).stdout).toMatch(/Default additional-emails +it@office\.example\n/)
    await run(ServerEdit, ['server-1', '--forget-default', 'all'])
    expect(await emails()).toEqual({ value: [], source: 'default' })
  })

  it('sets a schedule by hand, in the zone of the person', async () => {
    const { run, json } = await fleet()
    const argv = ['server-1/Documents', '--interval', '1D', '--weekdays', 'mon-wed,sun', '--time', '02:30']
    const ran = await run(JobEdit, argv, { env: { DUPLISTATUS_TZ: 'Europe/Berlin' } })
    expect(ran.exitCode, ran.stderr).toBe(0)
    const { job, settings } = await json(JobShow, ['server-1/Documents'])
    expect(settings).toMatchObject({
      expectedInterval: { value: '1D' },
      allowedWeekDays: { value: ['mon', 'tue', 'wed', 'sun'] },
      time: { value: '2026-11-24T01:30:00.000Z' },
    })
    expect(job).toMatchObject({ expectedFrom: 'manual' })
    const bare = await run(JobEdit, ['server-1/Documents', '--inherit', 'interval', '--time', '03:00'])
    expect(bare.exitCode).toBe(2)
    expect(bare.stderr).toContain('server-1/Documents has no interval set')
  })

  it('inherits all but what is set beside', async () => {
    const { run, json } = await fleet()
    await run(JobEdit, ['server-1/Documents', '--notify', 'off', '--tolerance', '3h'])
    await run(JobEdit, ['server-1/Documents', '--inherit', 'all', '--notify', 'errors'])
    const { settings } = await json(JobShow, ['server-1/Documents'])
    expect(settings.notificationEvent).toMatchObject({ value: 'errors', source: 'job' })
    expect(settings.tolerance).toMatchObject({ source: 'default' })
  })

  it.each([
    [['--interval', '1d'], /Duplicati cannot repeat by "1d"/],
    [['--interval', '0D'], /never passes/],
    [['--interval', '1D', '--weekdays', 'mo'], /"mo" is no weekday/],
    [['--interval', '1D', '--time', 'noon'], /"noon" is no time/],
    [['--tolerance', '5m'], /"5m" is no duration/],
    [['--max-age', '-1d'], /"-1d" is no duration/],
    [['--notify', 'sometimes'], /--notify/],
    [['--additional-notify', 'sometimes'], /says not which runs/],
    [['--additional-emails', 'a@b.example,c'], /"c" is no e-mail address/],
    [['--additional-emails', 'a@b.example\r\nBcc: d@e.example'], /is no e-mail address/],
    [['--additional-ntfy-topic', 'a/b'], /"a\/b" is no ntfy topic/],
    [['--inherit', 'colour'], /"colour" is no setting of a job/],
    [['--notify', 'off', '--inherit', 'tolerance,notify'], /notify can't be set and taken away at once/],
    [[], /Nothing to change was given/],
  ])('refuses %j in words, and changes nothing', async (flags, words) => {
    const { run, json } = await fleet()
    const ran = await run(JobEdit, ['server-1/Documents', ...flags])
    expect(ran).toMatchObject({ exitCode: 2, stdout: '' })
    expect(ran.stderr).toMatch(words)
    const { settings } = await json(JobShow, ['server-1/Documents'])
    expect(Object.values(settings).every((one) => (one as { source: string }).source === 'default')).toBe(true)
  })

  it('never means all jobs because none was named', async () => {
    const { run } = await fleet()
    expect((await run(JobEdit, ['--notify', 'off'])).exitCode).toBe(2)
    expect((await run(JobArchive, [])).exitCode).toBe(2)
  })
})

describe('job list', () => {
  it('prints a line a job, in a pipe and on a terminal', async () => {
    const { run } = await fleet()
    await run(JobEdit, ['server-1/Photos', '--interval', '12h', '--additional-ntfy-topic', 'photos', '--no-email'])
    const piped = await run(JobList, [])
    expect(piped.stdout).toMatch(/^Id +Server +Job +State +Schedule +Tolerance +Max age +Tells +By +Also\n/)
    expect(piped.stdout).toMatch(/\nj1 +server-1 +Documents +✓ ok +1D +general +any +warnings +ntfy, e-mail\n/)
    expect(piped.stdout).toMatch(
      /\nj2 +server-1 +Photos +\S+ \w+ +12h \(set\) +general +any +warnings +ntfy +warnings: photos\n/,
    )
    for (const [days, shown] of [
      ['mon-sun', '12h'],
      ['sat,sun', '12h sat,sun'],
    ] as const) {
      await run(JobEdit, ['server-1/Photos', '--weekdays', days])
      expect((await run(JobList, [])).stdout).toContain(` ${shown} (set) `)
    }
    for (const columns of [40, 80, 120]) {
      const { stdout } = await run(JobList, [], { columns })
      expect(stdout).toContain('Documents')
      expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(columns)
    }
  })

  it('prints jobs as status does, and exact values as CSV', async () => {
    const { run, json } = await fleet()
    await run(JobEdit, ['server-1/Photos', '--additional-emails', 'a@b.example,c@d.example', '--tolerance', 'none'])
    const { jobs } = await json(JobList, ['server-1'])
    expect(jobs).toEqual((await json(Status, ['server-1'])).jobs)
    expect(jobs[1].toleranceSeconds).toBe(0)
    const { stdout } = await run(JobList, ['server-1', '--csv'])
    const [head = '', , photos = ''] = stdout.split('\r\n')
    const at = (name: string) => photos.split(',')[head.split(',').indexOf(name)]
    expect([at('id'), at('toleranceSeconds'), at('additionalEmails'), at('notify')]).toEqual([
      'j2',
      '0',
      'a@b.example c@d.example',
      'warnings',
    ])
  })
})

describe('job archive and restore', () => {
  it('take a job out of sight and back', async () => {
    const { run, json } = await fleet()
    expect((await run(JobArchive, ['server-1/Documents'])).stdout).toBe('Archived server-1/Documents\n')
    expect((await json(Status, [])).summary).toMatchObject({ jobs: 3 })
    expect((await run(JobList, ['--archived'])).stdout).toContain('Documents')
    const edit = await run(JobEdit, ['server-1/Documents', '--notify', 'off'])
    expect(edit).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('duplistatus job restore j1') })
    expect((await run(JobShow, ['server-1/Documents'])).stdout).toMatch(/^Job +Documents\n/)
    expect((await run(JobRestore, ['server-1/Documents'])).stdout).toBe('Restored server-1/Documents\n')
    expect((await run(JobRestore, ['server-1/Documents'])).stderr).toContain('server-1/Documents is not archived')
    expect((await json(Status, [])).summary).toMatchObject({ jobs: 4 })
  })
})

describe('job remove', () => {
  it('asks, and says what goes', async () => {
    const { run, json } = await fleet()
    const refused = await run(JobRemove, ['server-1/Documents'])
    expect(refused.exitCode).toBe(2)
    expect(refused.stderr).toContain('server-1/Documents with 3 backup runs')
    expect((await run(JobRemove, ['server-1/Documents', '--yes'])).stdout).toBe(
      'Removed server-1/Documents with 3 backup runs\n',
    )
    expect((await json(Status, [])).summary).toMatchObject({ jobs: 3, runs: 9 })
  })

  it('holds though Duplicati still has the job (T51), until it is restored with its history', async () => {
    const path = temporaryFolder()
    await using server = await simulated({ password: 'pw', jobs: [jobWith('1', 5), jobWith('2', 4)] })
    const run = (command: Parameters<typeof runCommand>[0], argv: string[], input = '') =>
      runCommand(command, argv, { now: LAB_NOW, input, env: { HOME: path } })
    const runs = async () =>
      JSON.parse((await run(Status, ['--json'])).stdout).jobs.map((job: { name: string; runs: number }) => [
        job.name,
        job.runs,
      ])
    await run(ServerAdd, [server.url, '--alias', 'nas', '--password-stdin'], 'pw')
    await run(Collect, ['--all'])
    expect(await runs()).toEqual([
      ['Job 1', 5],
      ['Job 2', 4],
    ])
    await run(JobRemove, ['nas/Job 1', '--yes'])
    expect((await run(Collect, ['--all'])).exitCode).toBe(0)
    expect(await runs()).toEqual([['Job 2', 4]])
    await run(JobRestore, ['nas/Job 1'])
    await run(Collect, ['--all'])
    expect(await runs()).toEqual([
      ['Job 1', 5],
      ['Job 2', 4],
    ])
  })
})
