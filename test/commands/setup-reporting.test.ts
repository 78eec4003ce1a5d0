import { describe, expect, it, onTestFinished } from 'vitest'
import ServerAdd from '../../commands/server/add.ts'
import ServerSetupReporting from '../../commands/server/setup-reporting.ts'
import TokenList from '../../commands/token/list.ts'
import { ownAddress, receiverAt } from '../../src/cli/setup-reporting.ts'
import { openStore } from '../../src/store/index.ts'
import { noteUse } from '../../src/store/tokens.ts'
import { NOW, simulated } from '../collect/lab.ts'
import { serve } from '../duplicati/http-server.ts'
import { temporaryFolder } from '../support/program.ts'
import { type RunOptions, runCommand } from '../support/run-command.ts'

const PASSWORD = 'pw-Grep-Me-1'
const URLS = '--send-http-json-urls'

/** A server that is known, and a receiver that answers a ping. */
async function lab(more: Parameters<typeof simulated>[0] = {}) {
  const folder = temporaryFolder()
  onTestFinished(() => folder[Symbol.dispose]())
  const server = await simulated({ password: PASSWORD, ...more })
  onTestFinished(() => server.close())
  const receiver = await serve((_, response) => response.writeHead(200).end('{}'))
  const db = `${folder.path}/fleet.db`
  const run = (command: Parameters<typeof runCommand>[0], argv: string[], options: RunOptions = {}) =>
    runCommand(command, ['--db', db, ...argv], { now: NOW, ...options, env: { HOME: folder.path, ...options.env } })
  await run(ServerAdd, [server.url, '--alias', 'nas', '--password-stdin'], { input: PASSWORD })
  const setUp = (argv: string[] = [], options: RunOptions = {}) =>
    run(ServerSetupReporting, ['nas', '--url', receiver.url, ...argv], options)
  const tokens = async () =>
    JSON.parse((await run(TokenList, ['--json'])).stdout).tokens as { revokedAt: string | null }[]
  return { server, receiver, db, run, setUp, tokens }
}

describe('server setup-reporting', () => {
  it('sets the options, reads them back, and shows no token', async () => {
    const { server, receiver, setUp, tokens } = await lab()
    const before = { ...server.settings }
    const { stdout, stderr, exitCode } = await setUp(['--yes'])
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: 'Changed 3 settings of nas\n' })
    expect(stderr).toContain(`${URLS}: not set → ${receiver.url}/api/upload?token=…`)
    const { [URLS]: url, ...others } = server.settings
    expect(url).toMatch(new RegExp(`^${receiver.url}/api/upload\\?token=dupl_[\\w-]{43}$`))
    expect(others).toEqual({ ...before, '--send-http-log-level': 'Information', '--send-http-max-log-lines': '0' })
    expect(stdout + stderr).not.toContain('dupl_')
    expect(await tokens()).toHaveLength(1)
  })

  it('changes nothing the second time, and makes no second token', async () => {
    const { server, setUp, tokens } = await lab()
    await setUp(['--yes'])
    const settings = { ...server.settings }
    const { stdout } = await setUp(['--yes'])
    expect(stdout).toBe('nas is set up already: nothing to change\n')
    expect(server.settings).toEqual(settings)
    expect(await tokens()).toHaveLength(1)
  })

  it('says where reports go when there is nothing of this address to remove', async () => {
    const { receiver, setUp, run } = await lab()
    await setUp(['--yes'])
    const elsewhere = ['nas', '--url', 'http://other:9666', '--remove']
    const { stdout, stderr, exitCode } = await run(ServerSetupReporting, elsewhere)
    expect({ exitCode, stdout }).toEqual({
      exitCode: 0,
      stdout: 'nas does not report to http://other:9666/api/upload: nothing to change\n',
    })
    expect(stderr).toBe(`It reports to ${receiver.url}/api/upload?token=…: name one of these with --url.\n`)
  })

  it('shows only, with --dry-run', async () => {
    const { server, setUp, tokens } = await lab()
    const before = { ...server.settings }
    const { stdout, stderr } = await setUp(['--dry-run'])
    expect(stdout).toBe('Nothing was changed\n')
    expect(stderr).toContain('--send-http-max-log-lines: not set → 0')
    const { applied, changes, verified } = JSON.parse((await setUp(['--dry-run', '--json'])).stdout)
    expect({ applied, verified }).toEqual({ applied: false, verified: null })
    expect(changes.map(({ name }: { name: string }) => name)).toEqual([
      URLS,
      '--send-http-log-level',
      '--send-http-max-log-lines',
    ])
    expect(server.settings).toEqual(before)
    expect(await tokens()).toEqual([])
  })

  it('needs an agreement', async () => {
    const { server, setUp } = await lab()
    const before = { ...server.settings }
    expect(await setUp()).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('--yes') })
    expect(server.settings).toEqual(before)
  })

  it('replaces the address that this monitor had before, which would keep all reports from the new one', async () => {
    const { server, receiver, run, setUp, tokens } = await lab()
    await setUp(['--yes'])
    const other = 'http://other:8080/hook?token=not-ours'
    server.settings[URLS] = `${server.settings[URLS]};${other}`
    const moved = await serve((_, response) => response.writeHead(200).end('{}'))
    const { stderr } = await run(ServerSetupReporting, ['nas', '--url', moved.url, '--yes'])
    expect(server.settings[URLS]).toMatch(/^http:\/\/other:8080\/hook\?token=not-ours;/)
    expect(server.settings[URLS]).toContain(`;${moved.url}/api/upload?token=dupl_`)
    expect(server.settings[URLS]).not.toContain(receiver.url)
    expect(stderr).not.toContain('dupl_')
    expect(await tokens()).toHaveLength(1)
  })

  it('keeps other receivers, and takes only its own address away again', async () => {
    const { server, setUp } = await lab()
    server.settings[URLS] = 'https://other.example/report'
    await setUp(['--yes'])
    expect(server.settings[URLS]?.split(';')).toHaveLength(2)
    const { stderr } = await setUp(['--yes', '--remove'])
    expect(server.settings[URLS]).toBe('https://other.example/report')
    expect(stderr).toContain(
      'The token t1, which it used, is still valid. If no other server uses it: duplistatus token revoke t1',
    )
  })

  it('says when a server ignores what it was told, and leaves no token', async () => {
    const { server, setUp, tokens } = await lab()
    Object.defineProperty(server.settings, URLS, { get: () => undefined, set: () => {}, enumerable: false })
    const { exitCode, stderr } = await setUp(['--yes'])
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 1, stderr: expect.stringContaining(`did not take ${URLS}`) })
    expect((await tokens()).filter(({ revokedAt }) => revokedAt === null)).toEqual([])
  })

  it('warns when nothing answers at the address', async () => {
    const { run } = await lab()
    const { stderr, exitCode } = await run(ServerSetupReporting, ['nas', '--url', 'http://127.0.0.1:9', '--yes'])
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 0, stderr: expect.stringContaining('Nothing answers') })
  })

  it('waits for the first report (T19)', async () => {
    const { db, setUp, tokens } = await lab()
    await setUp(['--yes'])
    const waiting = setUp(['--yes', '--verify', '--timeout', '1min'])
    const store = await openStore({ file: db, mode: 'write' })
    await noteUse(store, 1, NOW.getTime() + 1)
    await store.close()
    expect(await waiting).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('A report has come') })
    expect(await tokens()).toHaveLength(1)
  })

  it('says that none came', async () => {
    const { setUp } = await lab()
    const { exitCode, stderr } = await setUp(['--yes', '--verify', '--timeout', '1s'])
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('No report of nas') })
  })
})

describe('the address of the receiver', () => {
  it.each([
    ['http://monitor:9666', 'http://monitor:9666/api/upload'],
    ['monitor:9666', 'http://monitor:9666/api/upload'],
    ['https://monitor.example/backups/', 'https://monitor.example/backups/api/upload'],
    ['http://monitor:9666/api/upload', 'http://monitor:9666/api/upload'],
    ['http://[fd00::1]:9666', 'http://[fd00::1]:9666/api/upload'],
  ])('%s', (text, expected) => {
    expect(receiverAt(text).upload.href).toBe(expected)
  })

  it.each(['ftp://monitor', 'http://', 'not an address', 'http://user:pw@monitor'])('refuses %s', (text) => {
    expect(() => receiverAt(text)).toThrow()
  })

  it('is where a connection to the server comes from', async () => {
    const server = await simulated({})
    onTestFinished(() => server.close())
    expect(await ownAddress(server.url)).toBe('http://127.0.0.1:9666')
    await expect(ownAddress('http://127.0.0.1:9')).rejects.toThrow("can't be told")
  })
})
