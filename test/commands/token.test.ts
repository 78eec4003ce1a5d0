import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import TokenCreate from '../../commands/token/create.ts'
import TokenList from '../../commands/token/list.ts'
import TokenRevoke from '../../commands/token/revoke.ts'
import { openStore } from '../../src/store/index.ts'
import { findToken, noteUse } from '../../src/store/tokens.ts'
import { temporaryFolder } from '../support/program.ts'
import { runCommand } from '../support/run-command.ts'

const now = new Date('2026-11-24T12:00:00.000Z')
let folder: ReturnType<typeof temporaryFolder>
let db: string

beforeEach(() => {
  folder = temporaryFolder()
  db = join(folder.path, 'fleet.db')
})
afterEach(() => folder[Symbol.dispose]())

const run = (command: typeof TokenCreate | typeof TokenList | typeof TokenRevoke, argv: string[], options = {}) =>
  runCommand(command, ['--db', db, ...argv], { now, ...options })

async function grantOf(secret: string, at = now) {
  const store = await openStore({ file: db, mode: 'write' })
  try {
    return await findToken(store, secret, at.getTime())
  } finally {
    await store.close()
  }
}

describe('token create', () => {
  it('prints the token alone on stdout, once, and keeps only its digest', async () => {
    const { stdout, stderr, exitCode: code } = await run(TokenCreate, ['fleet', '--role', 'report'])
    expect(code).toBe(0)
    expect(stdout).toMatch(/^dupl_[\w-]{43}\n$/)
    expect(stderr).toContain('t1 for fleet (report)')
    const secret = stdout.trim()
    for (const file of [db, `${db}-wal`].filter((name) => readable(name))) {
      expect(readFileSync(file).includes(secret)).toBe(false)
    }
    expect(await grantOf(secret)).toEqual({ id: 1, role: 'report', expiresAt: null })
    expect(await grantOf(`${secret}x`)).toBeNull()
  })

  it('tells programs its fields', async () => {
    const { stdout } = await run(TokenCreate, ['homepage', '--role', 'read', '--expires', '2d', '--json'])
    const { token, secret, schemaVersion } = JSON.parse(stdout)
    expect(schemaVersion).toBe(1)
    expect(token).toEqual({
      id: 't1',
      name: 'homepage',
      role: 'read',
      createdAt: '2026-11-24T12:00:00.000Z',
      expiresAt: '2026-11-26T12:00:00.000Z',
    })
    expect(await grantOf(secret)).toMatchObject({ role: 'read' })
    expect(await grantOf(secret, new Date('2026-11-26T12:00:00Z'))).toBeNull()
  })

  it.each([
    [['fleet']],
    [['fleet', '--role', 'everything']],
    [['fleet', '--role', 'report', '--expires', 'soon']],
    [['  ', '--role', 'report']],
    [['x'.repeat(101), '--role', 'report']],
  ])('refuses %j', async (argv) => {
    expect((await run(TokenCreate, argv)).exitCode).toBe(2)
  })
})

describe('token list', () => {
  it('says how to begin where there are none, and makes no file', async () => {
    const { stdout, stderr, exitCode: code } = await run(TokenList, [])
    expect({ stdout, code }).toEqual({ stdout: '', code: 0 })
    expect(stderr).toContain('token create')
    expect(readable(db)).toBe(false)
  })

  it('shows names, roles and use, and never a token', async () => {
    const { stdout: secret } = await run(TokenCreate, ['fle\u001b[31met', '--role', 'report'])
    await run(TokenCreate, ['old', '--role', 'read', '--expires', '1h'])
    const store = await openStore({ file: db, mode: 'write' })
    await noteUse(store, 1, now.getTime() - 3_600_000)
    await noteUse(store, 1, now.getTime() - 3_590_000)
    await store.close()
    const { stdout } = await run(TokenList, [], { now: new Date('2026-11-24T14:00:00Z') })
    expect(stdout).not.toContain(secret.trim())
    expect(stdout).not.toContain('\u001b')
    expect(stdout).toMatch(/fle.*report.*valid/)
    expect(stdout).toMatch(/old.*read.*expired/)
    const { tokens } = JSON.parse((await run(TokenList, ['--json'])).stdout)
    // Two uses within a minute are noted once.
    expect(tokens.map(({ lastUsedAt }: { lastUsedAt: string }) => lastUsedAt)).toEqual([
      null,
      '2026-11-24T11:00:00.000Z',
    ])
  })
})

describe('token revoke', () => {
  it('takes tokens back by id or name', async () => {
    const { stdout: first } = await run(TokenCreate, ['fleet', '--role', 'report'])
    const { stdout: second } = await run(TokenCreate, ['homepage', '--role', 'read'])
    expect((await run(TokenRevoke, ['t1'])).stdout).toBe('Revoked t1 fleet (report)\n')
    expect((await run(TokenRevoke, ['homepage'])).stdout).toBe('Revoked t2 homepage (read)\n')
    expect([await grantOf(first.trim()), await grantOf(second.trim())]).toEqual([null, null])
    const again = await run(TokenRevoke, ['t1'])
    expect(again).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('"t1"') })
  })
})

function readable(file: string): boolean {
  try {
    readFileSync(file)
    return true
  } catch {
    return false
  }
}
