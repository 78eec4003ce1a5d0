import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import JobShow from '../../commands/job/show.ts'
import Snooze from '../../commands/snooze.ts'
import Status from '../../commands/status.ts'
import { type RunOptions, runCommand } from '../support/run-command.ts'
import { seed } from '../support/seed.ts'
import { temporaryFolder } from '../support/store.ts'

const NOW = new Date('2026-11-24T12:00:00Z')

async function fleet() {
  const path = temporaryFolder()
  await seed(join(path, '.local/share/duplistatus/duplistatus.db'), {
    servers: 2,
    jobsPerServer: 2,
    runsPerJob: 3,
    now: NOW,
  })
  return (command: Parameters<typeof runCommand>[0], argv: string[], options: RunOptions = {}) =>
    runCommand(command, argv, { now: NOW, ...options, env: { HOME: path, DUPLISTATUS_TZ: 'UTC', ...options.env } })
}

describe('snooze', () => {
  it('silences jobs until a time, lists them and ends it', async () => {
    const run = await fleet()
    const ran = await run(Snooze, ['server-1/Photos', '--for', '3d', '--reason', 'disk on its way'])
    expect(ran).toEqual({
      stdout: 'Snoozed server-1/Photos until 27 Nov 2026, 12:00 (in 3d)\n',
      stderr: '',
      exitCode: 0,
    })
    await run(Snooze, ['server-2', '--until', '2026-11-25'])
    const list = await run(Snooze, ['--list'])
    expect(list.stdout.split('\n').map((line) => line.replace(/ {2,}/g, ' | '))).toEqual([
      'Server | Job | Until | Ends | Reason',
      'server-2 | Documents | 25 Nov 2026, 00:00 | in 12h | –',
      'server-2 | Photos | 25 Nov 2026, 00:00 | in 12h | –',
      'server-1 | Photos | 27 Nov 2026, 12:00 | in 3d | disk on its way',
      '',
    ])
    expect((await run(Snooze, ['--list'], { columns: 40 })).stdout).toContain('Photos')
    expect((await run(JobShow, ['server-1/Photos'])).stdout).toMatch(
      /Snoozed +until 27 Nov 2026, 12:00: disk on its way/,
    )
    expect((await run(Snooze, ['server-1', '--clear'])).stdout).toBe('Snoozed no more: server-1/Photos\n')
    expect((await run(Snooze, ['server-1', '--clear'])).stdout).toBe(
      'Not snoozed: server-1/Documents, server-1/Photos\n',
    )
    const later = { now: new Date('2026-11-25T00:00:00Z') }
    expect(await run(Snooze, ['--list'], later)).toMatchObject({ stdout: '', stderr: 'No job is snoozed.\n' })
  })

  it.each([
    ['90min', 'in 1h 30min'],
    ['1y', 'in 1y'],
  ])('reads %s back as %s', async (text, words) => {
    const run = await fleet()
    expect((await run(Snooze, ['server-1/Photos', '--for', text])).stdout).toContain(` (${words})\n`)
  })

  it('prints these fields, and status has the time', async () => {
    const run = await fleet()
    const set = JSON.parse((await run(Snooze, ['server-1/Photos', '--for', '1h', '--json'])).stdout)
    const snooze = {
      server: { id: 's1', name: 'server-1' },
      job: { id: 'j2', name: 'Photos' },
      until: '2026-11-24T13:00:00.000Z',
      at: '2026-11-24T12:00:00.000Z',
      reason: null,
    }
    expect(set).toEqual({ schemaVersion: 1, snoozes: [snooze] })
    expect(JSON.parse((await run(Snooze, ['--list', 'server-1', '--json'])).stdout)).toEqual(set)
    expect(JSON.parse((await run(Snooze, ['--list', 'server-2', '--json'])).stdout).snoozes).toEqual([])
    const { jobs } = JSON.parse((await run(Status, ['--json'])).stdout)
    expect(jobs[1]).toMatchObject({ snoozedUntil: '2026-11-24T13:00:00.000Z', state: 'ok' })
  })

  it.each([
    [['server-1/Photos'], /Until when is missing/],
    [['--for', '3d'], /No job was named/],
    [['server-1/Photos', '--for', '5m'], /"5m" is no duration/],
    [['server-1/Photos', '--until', 'soon'], /"soon" is no time/],
    [['server-1/Photos', '--until', '2026-11-24'], /is past/],
    [['server-1/Photos', '--for', '3d', '--until', '2026-12-01'], /--until/],
    [['server-1/Photos', '--for', '3d', '--reason', 'a\u001b[31m'], /--reason has control/],
    [['server-3', '--for', '3d'], /server-3/],
  ])('refuses %j in words', async (argv, words) => {
    const run = await fleet()
    const ran = await run(Snooze, argv)
    expect(ran).toMatchObject({ exitCode: 2, stdout: '' })
    expect(ran.stderr).toMatch(words)
  })
})
