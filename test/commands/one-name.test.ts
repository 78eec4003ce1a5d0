import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import Chart from '../../commands/chart.ts'
import History from '../../commands/history.ts'
import JobArchive from '../../commands/job/archive.ts'
import JobEdit from '../../commands/job/edit.ts'
import JobRemove from '../../commands/job/remove.ts'
import JobRestore from '../../commands/job/restore.ts'
import ServerRemove from '../../commands/server/remove.ts'
import Snooze from '../../commands/snooze.ts'
import Status from '../../commands/status.ts'
import { createIngest } from '../../src/ingest/index.ts'
import { openStore } from '../../src/store/index.ts'
import { temporaryFolder } from '../support/program.ts'
import { runCommand } from '../support/run-command.ts'
import { runFacts } from '../support/run-facts.ts'

const now = new Date('2026-11-24T12:00:00.000Z')
const folder = temporaryFolder()
const db = join(folder.path, 'fleet.db')
const run = (command: Parameters<typeof runCommand>[0], argv: string[]) =>
  runCommand(command, ['--db', db, ...argv], { now })

describe('two machines of one name (T3)', () => {
  beforeAll(async () => {
    const store = await openStore({ file: db, mode: 'write' })
    for (const [ticks, machineId] of ['A', 'B'].entries()) {
      const facts = runFacts({ beganAt: '2026-11-23T02:00:00.000Z', beganTicks: ticks, durationSeconds: 60 + ticks })
      const about = { machineId, machineName: 'vm', backupId: 'DB-1', backupName: 'Home', run: facts }
      await createIngest(store).addReported({ ...about, receivedAt: new Date('2026-11-23T02:10:00Z') })
    }
    await store.close()
  })

  afterAll(() => folder[Symbol.dispose]())

  it.each([
    ['status', Status, []],
    ['history', History, ['*/Home']],
    ['chart', Chart, ['s1/Home', 's2/Home', '--range', '2w']],
  ] as const)('are told apart by %s', async (_, command, argv) => {
    const { stdout } = await run(command, [...argv])
    expect(stdout).toContain('vm (s1)')
    expect(stdout).toContain('vm (s2)')
  })

  it('are told apart where one of them is to be removed', async () => {
    expect((await run(ServerRemove, ['s2'])).stderr).toContain('Removing vm (s2) with 1 job')
    expect((await run(JobRemove, ['s2/Home'])).stderr).toContain('Removing vm (s2)/Home')
  })

  it('are told apart where something of their jobs is changed', async () => {
    const job = 's2/Home'
    expect((await run(JobEdit, [job, '--tolerance', '3h'])).stdout).toContain('Changed vm (s2)/Home: ')
    expect((await run(Snooze, [job, '--for', '3d'])).stdout).toContain('Snoozed vm (s2)/Home until')
    expect((await run(Snooze, [job, '--clear'])).stdout).toBe('Snoozed no more: vm (s2)/Home\n')
    expect((await run(JobRestore, [job])).stderr).toContain('vm (s2)/Home is not archived')
    expect((await run(JobArchive, [job])).stdout).toBe('Archived vm (s2)/Home\n')
    expect((await run(JobRestore, ['s2/Home (archived)'])).stdout).toBe('Restored vm (s2)/Home\n')
  })
})
