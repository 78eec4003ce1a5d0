import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import History from '../../commands/history.ts'
import QuarantineList from '../../commands/quarantine/list.ts'
import QuarantinePrune from '../../commands/quarantine/prune.ts'
import QuarantineReplay from '../../commands/quarantine/replay.ts'
import QuarantineShow from '../../commands/quarantine/show.ts'
import Status from '../../commands/status.ts'
import { openStore } from '../../src/store/index.ts'
import { quarantine } from '../../src/store/quarantine.ts'
import { ROOT, temporaryFolder } from '../support/program.ts'
import { type RunOptions, runCommand } from '../support/run-command.ts'

const now = new Date('2026-11-24T12:00:00.000Z')
const HOUR = 3_600_000
let folder: ReturnType<typeof temporaryFolder>
let db: string

beforeEach(() => {
  folder = temporaryFolder()
  db = join(folder.path, 'fleet.db')
})
afterEach(() => folder[Symbol.dispose]())

const run = (command: Parameters<typeof runCommand>[0], argv: string[], options: RunOptions = {}) =>
  runCommand(command, ['--db', db, ...argv], { now, ...options })

/** Keeps bodies as `serve` does, one an hour, the first the longest ago. */
async function kept(...bodies: (string | Uint8Array)[]) {
  const store = await openStore({ file: db, mode: 'write' })
  for (const [index, body] of bodies.entries()) {
    const keep = await quarantine({
      receivedAt: now.getTime() - (bodies.length - index) * HOUR,
      address: '10.0.0.7',
      contentType: 'application/json',
      query: 'site=2',
      body: Buffer.from(body),
      reason: 'it names no machine',
    })
    await store.transaction(keep)
  }
  await store.close()
}

/** A report that is understood today. */
function report(): Buffer {
  return readFileSync(join(ROOT, 'test/fixtures/compat-reports/01-alpha-1-2026-11-20-Success.json'))
}

describe('quarantine list', () => {
  it('says that all was understood where nothing is there', async () => {
    expect(await run(QuarantineList, [])).toMatchObject({
      exitCode: 0,
      stdout: '',
      stderr: expect.stringContaining('understood'),
    })
    expect(JSON.parse((await run(QuarantineList, ['--json'])).stdout)).toEqual({ schemaVersion: 1, items: [] })
  })

  it('tells when, how large and why, newest first; status counts', async () => {
    await kept('one', 'two is longer')
    const { items } = JSON.parse((await run(QuarantineList, ['--json'])).stdout)
    expect(items).toEqual([
      {
        id: 'q2',
        receivedAt: '2026-11-24T11:00:00.000Z',
        bytes: 13,
        contentType: 'application/json',
        reason: 'it names no machine',
      },
      {
        id: 'q1',
        receivedAt: '2026-11-24T10:00:00.000Z',
        bytes: 3,
        contentType: 'application/json',
        reason: 'it names no machine',
      },
    ])
    expect((await run(QuarantineList, [])).stdout).toMatch(/q2.*13 B.*it names no machine/)
    expect(JSON.parse((await run(Status, ['--json'])).stdout).monitor.quarantined).toBe(2)
  })
})

describe('quarantine show', () => {
  it('shows the text harmless, and all of it raw', async () => {
    await kept('colour \u001b[31m and a bell \u0007')
    const { stdout, stderr } = await run(QuarantineShow, ['q1'])
    expect(stdout + stderr).not.toMatch(/[\u001b\u0007]/)
    expect(stdout).toContain('colour')
    expect(stderr).toContain('it names no machine')
    expect((await run(QuarantineShow, ['1', '--raw'])).stdout).toBe('colour \u001b[31m and a bell \u0007')
  })

  it('cuts what nobody reads', async () => {
    await kept('x'.repeat(50_000))
    const { stdout, stderr } = await run(QuarantineShow, ['q1'])
    expect(stdout.length).toBeLessThan(21_000)
    expect(stderr).toContain('30000 more')
  })

  it.each(['q9', 'nonsense'])('does not know %s', async (id) => {
    await kept('one')
    expect(await run(QuarantineShow, [id])).toMatchObject({ exitCode: 1, stderr: expect.stringContaining(id) })
  })
})

describe('quarantine replay', () => {
  it('makes a run of what is understood now, and leaves the rest', async () => {
    await kept(report(), 'nonsense')
    const { exitCode, stdout } = await run(QuarantineReplay, ['--all'])
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: 'Understood now: 1 of 2\n' })
    const { runs } = JSON.parse((await run(History, ['alpha', '--json'])).stdout)
    expect(runs).toMatchObject([{ operation: 'Backup', sources: ['report'], receivedAt: '2026-11-24T10:00:00.000Z' }])
    const { items } = JSON.parse((await run(QuarantineList, ['--json'])).stdout)
    expect(items.map(({ id }: { id: string }) => id)).toEqual(['q2'])
  })

  it('ends well when all was understood', async () => {
    await kept(report())
    expect(await run(QuarantineReplay, ['q1'])).toMatchObject({ exitCode: 0 })
  })

  it('needs to be told what, in one way', async () => {
    expect((await run(QuarantineReplay, [])).exitCode).toBe(2)
    expect((await run(QuarantineReplay, ['q1', '--all'])).exitCode).toBe(2)
  })
})

describe('quarantine prune', () => {
  it('takes ids or a flag, and deletes nothing where both are given', async () => {
    await kept('one', 'two')
    for (const flags of [['--all'], ['--older-than', '30d']]) {
      const { exitCode, stderr } = await run(QuarantinePrune, ['q1', ...flags, '--yes'])
      expect({ exitCode, stderr }).toEqual({ exitCode: 2, stderr: expect.stringContaining('cannot be given together') })
    }
    expect(JSON.parse((await run(QuarantineList, ['--json'])).stdout).items).toHaveLength(2)
  })

  it('deletes what is named, old, or all of it, after being told to', async () => {
    await kept('one', 'two', 'three', 'four')
    expect(await run(QuarantinePrune, ['--older-than', '150min'])).toMatchObject({ exitCode: 2 })
    expect((await run(QuarantinePrune, ['--older-than', '150min', '--dry-run'])).stdout).toContain(
      'Would delete 2 bodies',
    )
    expect((await run(QuarantinePrune, ['--older-than', '150min', '--yes'])).stdout).toContain('Deleted 2 bodies')
    expect((await run(QuarantinePrune, ['q3', '--yes'])).stdout).toContain('Deleted 1 body')
    expect(JSON.parse((await run(QuarantinePrune, ['--all', '--yes', '--json'])).stdout)).toEqual({
      schemaVersion: 1,
      deleted: 1,
      ids: ['q4'],
    })
    expect((await run(QuarantinePrune, [])).exitCode).toBe(2)
  })
})
