import { chmod, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import Collect from '../../commands/collect.ts'
import ServerAdd from '../../commands/server/add.ts'
import ServerEdit from '../../commands/server/edit.ts'
import ServerList from '../../commands/server/list.ts'
import ServerOpen from '../../commands/server/open.ts'
import ServerRemove from '../../commands/server/remove.ts'
import ServerShow from '../../commands/server/show.ts'
import ServerTest from '../../commands/server/test.ts'
import { createIngest } from '../../src/ingest/index.ts'
import { openStore } from '../../src/store/index.ts'
import { jobWith, NOW, simulated } from '../collect/lab.ts'
import { temporaryFolder } from '../support/program.ts'
import { type RunOptions, runCommand } from '../support/run-command.ts'
import { runFacts } from '../support/run-facts.ts'

const PASSWORD = 'pw-Grep-Me-1'
const SERVER_FIELDS = [
  'id',
  'name',
  'alias',
  'note',
  'machineName',
  'machineIds',
  'url',
  'addresses',
  'duplicatiVersion',
  'timeZone',
  'tags',
  'lastCollectedAt',
  'lastReportAt',
  'paused',
  'error',
]

function home() {
  const folder = temporaryFolder()
  return {
    path: folder.path,
    run: (command: Parameters<typeof runCommand>[0], argv: string[], options: RunOptions = {}) =>
      runCommand(command, argv, { now: NOW, ...options, env: { HOME: folder.path, ...options.env } }),
    [Symbol.dispose]: () => folder[Symbol.dispose](),
  }
}

/** A home with one server in it, collected. */
async function withServer() {
  const at = home()
  const server = await simulated({ password: PASSWORD, jobs: [jobWith('1', 30), jobWith('2', 4)] })
  await at.run(ServerAdd, [server.url, '--alias', 'office', '--password-stdin'], { input: PASSWORD })
  await at.run(Collect, ['--all'])
  return {
    at,
    server,
    async [Symbol.asyncDispose]() {
      await server.close()
      at[Symbol.dispose]()
    },
  }
}

async function certificate() {
  const folder = join(import.meta.dirname, '../fixtures/tls')
  const [key, cert] = await Promise.all([
    readFile(join(folder, 'self-signed.key'), 'utf8'),
    readFile(join(folder, 'self-signed.crt'), 'utf8'),
  ])
  return { key, cert }
}

describe('server add', () => {
  it('logs in, keeps the server and names the next step', async () => {
    using at = home()
    await using server = await simulated({ password: PASSWORD, jobs: [jobWith('1', 1)] })
    const argv = [server.url, '--alias', 'my nas', '--note', 'cellar', '--tag', 'a', '--tag', 'b', '--password-stdin']
    const ran = await at.run(ServerAdd, argv, { input: PASSWORD })
    expect(ran).toMatchObject({
      exitCode: 0,
      stdout: `Added my nas (${server.url}): Duplicati 2.3.0.4 on nas, 1 job\n`,
      stderr: "Next: duplistatus collect 'my nas'\n",
    })
    const { servers } = JSON.parse((await at.run(ServerList, ['--json'])).stdout)
    expect(servers).toMatchObject([{ id: 's1', name: 'my nas', alias: 'my nas', note: 'cellar', tags: ['a', 'b'] }])
  })

  it('keeps nothing when the password is wrong, unless with --force', async () => {
    using at = home()
    await using server = await simulated({ password: PASSWORD })
    const refused = await at.run(ServerAdd, [server.url, '--password-stdin'], { input: 'wrong' })
    expect(refused.exitCode).toBe(1)
    expect(refused.stderr).toMatch(/does not accept the password\. Nothing was kept\n.*--force/)
    expect(server.count(/login/)).toBe(1)
    expect(JSON.parse((await at.run(ServerList, ['--json'])).stdout).servers).toEqual([])
    const forced = await at.run(ServerAdd, [server.url, '--password-stdin', '--force'], { input: 'wrong' })
    expect(forced.exitCode).toBe(0)
    expect(forced.stderr).toContain('Warning: ')
    expect(JSON.parse((await at.run(ServerList, ['--json'])).stdout).servers).toHaveLength(1)
  })

  it('keeps a server that is off with --force', async () => {
    using at = home()
    const argv = ['http://127.0.0.1:1', '--alias', 'off', '--password-stdin', '--force']
    const ran = await at.run(ServerAdd, argv, { input: PASSWORD })
    expect(ran).toMatchObject({ exitCode: 0, stdout: 'Added off (http://127.0.0.1:1)\n' })
  })

  it('knows the server that it has', async () => {
    await using world = await withServer()
    const { at, server } = world
    const requests = server.requests.length
    const ran = await at.run(ServerAdd, [`127.0.0.1:${server.port}`, '--password-stdin'], { input: PASSWORD })
    expect(ran.exitCode).toBe(1)
    expect(ran.stderr).toContain('is the address of office already')
    expect(server.requests).toHaveLength(requests)
  })

  it('keeps credentials of the address apart from it, sealed', async () => {
    using at = home()
    await using server = await simulated({
      password: PASSWORD,
      basePath: '/duplicati',
      proxy: { headers: { 'X-Key': 'k-Grep-Me-2' } },
      jobs: [],
    })
    const ran = await at.run(
      ServerAdd,
      [server.url.replace('http://', 'http://bob:u-Grep-Me-3@'), '--password-stdin', '--headers-stdin', '--json'],
      { input: `${PASSWORD}\nX-Key: k-Grep-Me-2\n` },
    )
    expect(ran.exitCode, ran.stdout + ran.stderr).toBe(0)
    expect(JSON.parse(ran.stdout).server.url).toBe(server.url)
    expect((await at.run(Collect, ['--all'])).exitCode).toBe(0)
    const { stdout } = await at.run(ServerShow, ['s1'])
    expect(stdout).toMatch(/Kept +password, headers/)
    const bytes = await readFile(join(at.path, '.local/share/duplistatus/duplistatus.db'), 'latin1')
    expect(bytes + stdout + ran.stdout + ran.stderr).not.toMatch(/Grep-Me/)
  })

  it('refuses a self-signed certificate, and pins it with --trust after showing its fingerprint (T27)', async () => {
    using at = home()
    await using server = await simulated({ password: PASSWORD, tls: await certificate(), jobs: [jobWith('1', 2)] })
    const refused = await at.run(ServerAdd, [server.url, '--password-stdin'], { input: PASSWORD })
    expect(refused.exitCode).toBe(1)
    expect(refused.stderr).toMatch(/self-signed|authority|another host/)
    expect(server.requests).toEqual([])
    const trusted = await at.run(ServerAdd, [server.url, '--trust', '--password-stdin'], { input: PASSWORD })
    expect(trusted.exitCode, trusted.stderr).toBe(0)
    expect(trusted.stderr).toMatch(/SHA-256 {3}(?:[0-9A-F]{2}:){31}[0-9A-F]{2}\nTrusted, because --trust was given\./)
    expect((await at.run(Collect, ['--all'])).exitCode).toBe(0)
  })

  it('refuses names with control characters, and names that have no end', async () => {
    using at = home()
    for (const argv of [
      ['--alias', 'a\u001b[31m'],
      ['--note', 'x\ny'],
      ['--tag', '\u202eabc'],
      ['--alias', 'x'.repeat(101)],
    ]) {
      expect((await at.run(ServerAdd, ['http://127.0.0.1:1', ...argv])).exitCode, argv.join(' ')).toBe(2)
    }
  })

  it('refuses headers that could smuggle something', async () => {
    using at = home()
    for (const header of ['Host: evil', 'no header', 'X Y: z', 'X: \u0000', 'Content-Length: 5', '']) {
      const argv = ['http://127.0.0.1:1', '--headers-stdin']
      expect((await at.run(ServerAdd, argv, { input: header })).exitCode, header).toBe(2)
    }
  })
})

describe('server list and show', () => {
  it('say what is known', async () => {
    await using world = await withServer()
    const { at, server } = world
    const list = await at.run(ServerList, [])
    expect(list.stdout).toMatch(new RegExp(`s1 +office +${server.url} +2 +2\\.3\\.0\\.4 .* ok\n`))
    const show = await at.run(ServerShow, ['off'])
    expect(show.stdout).toMatch(/Machine +nas\n/)
    expect(show.stdout).toMatch(/Job 1 .*\n.*Job 2/)
  })

  it('do not call a server uncollected that has no address and reports by itself', async () => {
    using at = home()
    const file = join(at.path, 'own.db')
    const store = await openStore({ file, mode: 'write' })
    const names = { machineId: 'm1', machineName: 'laptop', backupId: 'DB-1', backupName: 'Documents' }
    await createIngest(store).addReported({
      ...names,
      run: runFacts(),
      receivedAt: new Date(NOW.getTime() - 7_200_000),
    })
    await store.close()
    expect((await at.run(ServerList, ['--db', file])).stdout).toMatch(/s1 +laptop .* 2h ago +○ only reports\n/)
    expect((await at.run(ServerShow, ['laptop', '--db', file])).stdout).toMatch(/Collected +never\nReported .*2h ago/)
  })

  it('print the fields of json.md and never a password', async () => {
    await using world = await withServer()
    const list = JSON.parse((await world.at.run(ServerList, ['--json'])).stdout)
    expect(Object.keys(list)).toEqual(['schemaVersion', 'servers'])
    expect(Object.keys(list.servers[0])).toEqual(SERVER_FIELDS)
    const show = JSON.parse((await world.at.run(ServerShow, ['office', '--json'])).stdout)
    expect(Object.keys(show)).toEqual(['schemaVersion', 'server', 'jobs'])
    expect(show.jobs).toHaveLength(2)
    expect(JSON.stringify([list, show])).not.toContain(PASSWORD)
  })

  it('says that the key of what is kept is gone, and how to mend it', async () => {
    await using kept = await withServer()
    expect((await kept.at.run(ServerShow, ['office'])).stderr).toBe('')
    const shown = await kept.at.run(ServerShow, ['office', '--json'], { env: { DUPLISTATUS_KEY: 'ab'.repeat(32) } })
    expect(shown.exitCode).toBe(0)
    expect(JSON.parse(shown.stdout).server.name).toBe('office')
    expect(shown.stderr).toMatch(
      /^Warning: The stored password was sealed with another key .*server edit office --password-stdin\n$/,
    )
  })

  it('fit a narrow terminal', async () => {
    await using world = await withServer()
    for (const columns of [40, 60, 80]) {
      const { stdout } = await world.at.run(ServerList, [], { columns })
      expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(columns)
    }
  })

  it('name the candidates of a wrong name', async () => {
    await using world = await withServer()
    const ran = await world.at.run(ServerShow, ['offce'])
    expect(ran.exitCode).toBe(2)
    expect(ran.stderr).toContain('office')
  })
})

describe('server edit', () => {
  it('changes and clears', async () => {
    await using world = await withServer()
    const { at } = world
    const changed = await at.run(ServerEdit, ['office', '--alias', 'Büro', '--tag', 'x'])
    expect(changed.stdout).toBe('Changed Büro: alias, tags\n')
    const cleared = await at.run(ServerEdit, ['Büro', '--alias', '', '--tag', '', '--json'])
    expect(JSON.parse(cleared.stdout).server).toMatchObject({ name: 'nas', alias: null, tags: [] })
  })

  it('says when there is nothing to change', async () => {
    await using world = await withServer()
    expect((await world.at.run(ServerEdit, ['office'])).exitCode).toBe(2)
  })

  it('takes and forgets a password', async () => {
    await using world = await withServer()
    const { at, server } = world
    await at.run(ServerEdit, ['office', '--forget-password'])
    expect((await at.run(Collect, ['office'])).exitCode).toBe(1)
    server.password = 'changed'
    await at.run(ServerEdit, ['office', '--password-stdin'], { input: 'changed' })
    expect((await at.run(Collect, ['office'])).exitCode).toBe(0)
  })

  it('moves to another address, and refuses the one of another server', async () => {
    await using world = await withServer()
    const { at, server } = world
    await at.run(ServerAdd, ['http://127.0.0.1:1', '--alias', 'b', '--force'])
    const taken = await at.run(ServerEdit, ['b', '--url', server.url])
    expect(taken.exitCode).toBe(1)
    const moved = await at.run(ServerEdit, ['b', '--url', 'https://b.example/duplicati/', '--json'])
    expect(JSON.parse(moved.stdout).server.url).toBe('https://b.example/duplicati')
  })
})

describe('server remove', () => {
  it('asks for --yes where nobody can be asked, and says what goes', async () => {
    await using world = await withServer()
    const { at } = world
    const refused = await at.run(ServerRemove, ['office'])
    expect(refused.exitCode).toBe(2)
    expect(refused.stderr).toContain('office with 2 jobs and 34 backup runs')
    const removed = await at.run(ServerRemove, ['office', '--yes'])
    expect(removed).toMatchObject({ exitCode: 0, stdout: 'Removed office with 2 jobs and 34 backup runs\n' })
    expect(JSON.parse((await at.run(ServerList, ['--json'])).stdout).servers).toEqual([])
  })
})

describe('server test', () => {
  it('shows each step', async () => {
    await using world = await withServer()
    const ran = await world.at.run(ServerTest, ['office'])
    expect(ran.exitCode).toBe(0)
    for (const step of ['dns', 'tcp', 'tls', 'login', 'api']) expect(ran.stdout).toMatch(new RegExp(`✓ ${step}`))
  })

  it('takes servers or --all, and asks nobody where both are given', async () => {
    await using world = await withServer()
    const before = world.server.requests.length
    expect(await world.at.run(ServerTest, ['office', '--all'])).toEqual({
      exitCode: 2,
      stdout: '',
      stderr: expect.stringContaining('Servers and --all cannot be given together'),
    })
    expect(world.server.requests).toHaveLength(before)
  })

  it('stops at the step that fails, in JSON too', async () => {
    await using world = await withServer()
    const { at, server } = world
    server.password = 'changed'
    const ran = await at.run(ServerTest, ['--all', '--json'])
    expect(ran.exitCode).toBe(1)
    const [result] = JSON.parse(ran.stdout).results
    expect(Object.keys(result)).toEqual(['server', 'ok', 'steps', 'error'])
    expect(result).toMatchObject({ server: { id: 's1', name: 'office' }, ok: false, error: { code: 'wrong_password' } })
    expect(result.steps.map(({ step, ok }: { step: string; ok: boolean }) => [step, ok])).toEqual([
      ['dns', true],
      ['tcp', true],
      ['tls', true],
      ['login', false],
    ])
  })
})

describe('server open', () => {
  it('prints the address, of the older interface with --legacy', async () => {
    await using world = await withServer()
    const { at, server } = world
    expect((await at.run(ServerOpen, ['office'])).stdout).toBe(`${server.url}/\n`)
    expect((await at.run(ServerOpen, ['office', '--legacy'])).stdout).toBe(`${server.url}/ngax/\n`)
  })

  it.skipIf(process.platform !== 'linux')('hands it to the desktop on a terminal', async () => {
    await using world = await withServer()
    const { at, server } = world
    const opened = join(at.path, 'opened')
    await writeFile(
      join(at.path, 'xdg-open'),
      `#!/bin/sh\nprintf %s "$1" > ${opened}.part && mv ${opened}.part ${opened}\n`,
    )
    await chmod(join(at.path, 'xdg-open'), 0o755)
    const env = { PATH: `${at.path}:${process.env.PATH}`, DISPLAY: ':0' }
    await at.run(ServerOpen, ['office'], { env, columns: 80 })
    await expect.poll(() => readFile(opened, 'utf8').catch(() => null), { timeout: 5_000 }).toBe(`${server.url}/`)
  })
})
