import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import ServerMerge from '../../commands/server/merge.ts'
import Status from '../../commands/status.ts'
import { createIngest } from '../../src/ingest/index.ts'
import { openStore, type WritableStore } from '../../src/store/index.ts'
import { temporaryFolder } from '../support/program.ts'
import { runCommand } from '../support/run-command.ts'
import { exactRun } from '../support/run-facts.ts'

const now = new Date('2026-11-24T12:00:00.000Z')

/** nas and its successor, which ran after it; a third one that still runs beside nas. */
async function home() {
  const folder = temporaryFolder()
  onTestFinished(() => folder[Symbol.dispose]())
  const db = join(folder.path, 'duplistatus.db')
  const withStore = async <T>(work: (store: WritableStore) => Promise<T>): Promise<T> => {
    const store = await openStore({ file: db, mode: 'write', now: () => now })
    try {
      return await work(store)
    } finally {
      await store.close()
    }
  }
  await withStore(async (store) => {
    for (const [machineId, machineName, backupName, days] of [
      ['A', 'nas', 'Documents', [10, 11, 12, 13]],
      ['B', 'nas-2', 'Documents', [14, 15]],
      ['C', 'shed', 'Sheets', [11, 12, 13]],
    ] as const) {
      for (const day of days) {
        const run = exactRun(`2026-11-${day}T02:00:00Z`, machineId.charCodeAt(0))
        const receivedAt = new Date(Date.parse(run.beganAt) + 120_000)
        await createIngest(store).addReported({ machineId, machineName, backupId: 'DB-1', backupName, run, receivedAt })
      }
    }
  })
  const run = (argv: string[], command: Parameters<typeof runCommand>[0] = ServerMerge) =>
    runCommand(command, ['--db', db, '--config', join(folder.path, 'config.json'), '--tz', 'UTC', ...argv], { now })
  const status = async () => JSON.parse((await run(['--json'], Status)).stdout)
  return { run, withStore, status }
}

describe('server merge', () => {
  it('shows what it would do', async () => {
    const { run, status } = await home()
    const before = await status()
    const ran = await run(['nas', 'nas-2', '--dry-run'])
    expect(ran).toEqual({
      exitCode: 0,
      stderr: '',
      stdout: `Stays     nas (s1): 1 job, 4 backup runs
          reports as nas (A)
Joins it  nas-2 (s2): 1 job, 2 backup runs
          reports as nas-2 (B)
Jobs that become one:
  Documents (backup 1)
`,
    })
    expect(await status()).toEqual(before)
  })

  it('asks for --yes where nobody can be asked', async () => {
    const { run, status } = await home()
    const ran = await run(['nas', 'nas-2'])
    expect(ran.exitCode).toBe(2)
    expect(ran.stderr).toMatch(/Merging nas-2 \(s2\) into nas \(s1\) needs --yes.*\n.*--dry-run/)
    expect((await status()).summary.servers).toBe(3)
  })

  it('makes one of two, whichever is named first, and two again (T2)', async () => {
    const { run, status, withStore } = await home()
    const before = await status()
    const merged = await run(['nas-2', 'nas', '--yes', '--reason', 'set up anew'])
    expect(merged).toEqual({
      exitCode: 0,
      stdout: 'Merged nas-2 (s2) into nas (s1): 1 job, 2 backup runs\n',
      stderr: 'Undo: duplistatus server merge --undo s1 s2\n',
    })
    expect((await status()).jobs).toMatchObject([{ server: { id: 's1' }, runs: 6 }, { runs: 3 }])
    expect(await withStore((store) => store.audit.list(1))).toMatchObject([{ reason: 'set up anew' }])
    const undone = await run(['--undo', 'nas'])
    expect(undone).toEqual({
      exitCode: 0,
      stdout: 'Two again: nas-2 (s2) with 1 job, 2 backup runs, and nas (s1) with 1 job, 4 backup runs\n',
      stderr: '',
    })
    expect(await status()).toEqual(before)
  })

  it('warns of jobs that are called differently, and of machines that both run', async () => {
    const { run } = await home()
    const { stderr, exitCode } = await run(['nas', 'shed', '--dry-run'])
    expect(exitCode).toBe(0)
    expect(stderr).toBe(
      `Warning: backup 1 is called Documents on s1 and Sheets on s3: they become one job
Warning: Documents ran on both within one interval: these may be two machines (s1, s3)
`,
    )
  })

  it('prints the fields of json.md', async () => {
    const { run } = await home()
    const json = async (argv: string[]) => JSON.parse((await run([...argv, '--json'])).stdout)
    const plan = await json(['nas', 'nas-2', '--dry-run'])
    const fields = ['schemaVersion', 'server', 'merged', 'jobs', 'runs', 'together', 'warnings', 'dryRun']
    expect(Object.keys(plan)).toEqual(fields)
    const together = [{ backupId: '1', name: 'Documents', mergedName: 'Documents' }]
    const told = { schemaVersion: 1, merged: { id: 's2', name: 'nas-2' }, jobs: 1, runs: 2, together, warnings: [] }
    expect(plan).toMatchObject({ ...told, server: { id: 's1', machineIds: ['A'] }, dryRun: true })
    const merged = await json(['nas', 'nas-2', '--yes'])
    expect(merged).toMatchObject({ ...told, server: { id: 's1', machineIds: ['A', 'B'] }, dryRun: false })
    const parted = { schemaVersion: 1, parted: { id: 's2', name: 'nas-2' }, jobs: 1, runs: 2 }
    expect(await json(['nas', '--undo', '--dry-run'])).toMatchObject({ ...parted, dryRun: true })
    const undone = await json(['nas', '--undo'])
    expect(Object.keys(undone)).toEqual(['schemaVersion', 'server', 'parted', 'jobs', 'runs', 'dryRun'])
    expect(undone).toMatchObject({ ...parted, server: { id: 's1', machineIds: ['A'] }, dryRun: false })
  })

  it('undoes by the name of the one that was merged, too', async () => {
    const { run, status } = await home()
    for (const word of ['nas-2', 's2']) {
      await run(['nas', 'nas-2', '--yes'])
      expect((await run(['--undo', word])).exitCode).toBe(0)
      expect((await status()).summary.servers).toBe(3)
    }
  })

  it('asks which where several were merged into one', async () => {
    const { run, status } = await home()
    await run(['nas', 'nas-2', '--yes'])
    await run(['nas', 'shed', '--yes'])
    const asked = await run(['--undo', 'nas'])
    expect(asked.exitCode).toBe(2)
    expect(asked.stderr).toContain('2 servers were merged into nas: shed (s3), nas-2 (s2)')
    expect((await run(['--undo', 'nas', 'nas-2'])).stdout).toContain('Two again: nas-2 (s2)')
    expect((await run(['--undo', 'nas', 'nas-2'])).exitCode).toBe(2)
    expect((await status()).jobs.map(({ name, runs }: { name: string; runs: number }) => [name, runs])).toEqual([
      ['Documents', 7],
      ['Documents', 2],
    ])
  })

  it('says what it cannot do', async () => {
    const { run } = await home()
    for (const [argv, exitCode, words] of [
      [['nas'], 2, 'Two servers are needed'],
      [['nas', 'NAS', '--yes'], 1, 's1 is one server already'],
      [['nas', 'nobody', '--yes'], 2, 'No server is called "nobody"'],
      [['nas', '--undo'], 1, 'Nothing was merged into nas (s1)'],
      [['nobody', '--undo'], 2, 'No server is called "nobody"'],
      [['nas', 'nas-2', '--reason', 'a\u001b[31m', '--yes'], 2, '--reason has control'],
    ] as const) {
      const ran = await run([...argv])
      expect([ran.exitCode, ran.stderr], argv.join(' ')).toEqual([exitCode, expect.stringContaining(words)])
    }
  })
})
