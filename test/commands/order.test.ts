import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import Check from '../../commands/check.ts'
import JobList from '../../commands/job/list.ts'
import Overdue from '../../commands/overdue.ts'
import ServerList from '../../commands/server/list.ts'
import Status from '../../commands/status.ts'
import { temporaryFolder } from '../support/program.ts'
import { runCommand } from '../support/run-command.ts'
import { seed } from '../support/seed.ts'

const now = new Date('2026-11-24T12:00:00.000Z')
const HOUR = 3_600_000
const folder = temporaryFolder()
const db = join(folder.path, 'fleet.db')
const json = async (command: Parameters<typeof runCommand>[0]) =>
  JSON.parse((await runCommand(command, ['--db', db, '--json'], { now })).stdout)

describe('the order of lists', () => {
  beforeAll(async () => {
    await seed(db, { servers: 3, jobsPerServer: 11, runsPerJob: 2, now: new Date(now.getTime() - 24 * HOUR) })
    const raw = new Database(db)
    raw.exec(`
      UPDATE server SET alias = iif(id = 2, 'nas 10', 'NAS 9'), last_collected_at = ${now.getTime()};
      UPDATE job SET name = 'Job ' || backup_id, planned_at = ${now.getTime() - 3 * HOUR},
        schedule_time = ${now.getTime() - 3 * HOUR};`)
    raw.close()
  })
  afterAll(() => folder[Symbol.dispose]())

  const SERVERS = ['s1', 's3', 's2']
  const JOBS = SERVERS.flatMap((server) => Array.from({ length: 11 }, (_, at) => `${server} Job ${at + 1}`))

  it.each([
    ['status', Status],
    ['job list', JobList],
    ['overdue', Overdue],
  ] as const)('of %s is by server, then by job, numbers by value', async (_, command) => {
    const { jobs } = await json(command)
    expect(jobs.map(({ server, name }: { server: { id: string }; name: string }) => `${server.id} ${name}`)).toEqual(
      JOBS,
    )
  })

  it('of check is the same', async () => {
    const { jobs } = await json(Check)
    expect(
      jobs.map(({ server, job }: { server: { id: string }; job: { name: string } }) => `${server.id} ${job.name}`),
    ).toEqual(JOBS)
  })

  it('of server list is by name, then by id', async () => {
    expect((await json(ServerList)).servers.map(({ id }: { id: string }) => id)).toEqual(SERVERS)
  })
})
