import { existsSync } from 'node:fs'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import Collect from '../../commands/collect.ts'
import ConfigSet from '../../commands/config/set.ts'
import NotifyOutbox from '../../commands/notify/outbox.ts'
import ServerAdd from '../../commands/server/add.ts'
import ServerEdit from '../../commands/server/edit.ts'
import ServerShow from '../../commands/server/show.ts'
import Status from '../../commands/status.ts'
import { jobWith, NOW, simulated } from '../collect/lab.ts'
import { temporaryFolder } from '../support/program.ts'
import { runCommand } from '../support/run-command.ts'

const PASSWORD = 'pw-Grep-Me-1'

/** Commands on a home of their own. */
function home() {
  const folder = temporaryFolder()
  const env = { HOME: folder.path }
  return {
    path: folder.path,
    env,
    run: (command: Parameters<typeof runCommand>[0], argv: string[], options: Parameters<typeof runCommand>[2] = {}) =>
      runCommand(command, argv, { now: NOW, ...options, env: { ...env, ...options.env } }),
    [Symbol.dispose]: () => folder[Symbol.dispose](),
  }
}

/** Bytes of every file below a folder. */
async function allBytes(folder: string): Promise<string> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  return (await Promise.all(files.map((file) => readFile(file, 'latin1')))).join('\n')
}

describe('collect', () => {
  it('makes an address a server and prints a row for it', async () => {
    using at = home()
    await using server = await simulated({ password: PASSWORD, jobs: [jobWith('1', 30), jobWith('2', 4)] })
    const ran = await at.run(Collect, [server.url, '--password-stdin'], { input: `${PASSWORD}\n` })
    expect(ran.exitCode).toBe(0)
    expect(ran.stdout).toMatch(/Server\s+Jobs\s+New\s+Updated\s+Known\s+Time\s+Failure\n✓\s+nas\s+2\s+34\s+0\s+0/)
    expect(ran.stderr).toBe(
      '1 server, 2 jobs, 34 new runs\nThe password was not kept: --remember keeps what opened a server, encrypted.\n',
    )
  })

  it('prints the object of json.md, with exactly these fields', async () => {
    using at = home()
    await using server = await simulated({ password: PASSWORD, jobs: [jobWith('1', 3)] })
    const { stdout } = await at.run(Collect, [server.url, '--json'], { env: { DUPLISTATUS_PASSWORD: PASSWORD } })
    const { schemaVersion, results } = JSON.parse(stdout)
    expect(schemaVersion).toBe(1)
    const { seconds, ...rest } = results[0]
    expect(seconds).toBeGreaterThan(0)
    expect(rest).toEqual({
      server: { id: 's1', name: 'nas' },
      url: server.url,
      ok: true,
      error: null,
      jobs: 1,
      new: 3,
      known: 0,
      updated: 0,
    })
  })

  it('keeps the password only with --remember, and finds the server by its name then', async () => {
    using at = home()
    await using server = await simulated({ password: PASSWORD, jobs: [jobWith('1', 3)] })
    await at.run(Collect, [server.url, '--password-stdin'], { input: PASSWORD })
    const without = await at.run(Collect, ['nas'])
    expect(without.exitCode).toBe(1)
    expect(without.stdout).toContain('No password of nas is known')
    expect(without.stderr).toContain('--password-stdin')
    await at.run(Collect, ['nas', '--password-stdin', '--remember'], { input: PASSWORD })
    const kept = await at.run(Collect, ['--all'])
    expect(kept).toMatchObject({ exitCode: 0, stderr: '1 server, 1 job, 0 new runs\n' })
  })

  it('leaves no password in any file or output, nor credentials of destinations', async () => {
    using at = home()
    await using server = await simulated({ password: PASSWORD, jobs: [jobWith('1', 3)] })
    const save = join(at.path, 'saved')
    const ran = await at.run(Collect, [server.url, '--password-stdin', '--remember', '--save', save, '--json'], {
      input: PASSWORD,
    })
    expect(await readdir(save)).toEqual(['nas_collected_20261124T120000Z.json'])
    const everything = (await allBytes(at.path)) + ran.stdout + ran.stderr
    expect(everything).not.toContain(PASSWORD)
    expect(everything).not.toContain(Buffer.from(PASSWORD).toString('base64'))
    expect(everything).not.toContain('s3cret-destination')
  })

  it('collects the others when one fails, names it with the reason, and ends with 1', async () => {
    using at = home()
    await using good = await simulated({ password: PASSWORD, jobs: [jobWith('1', 3)] })
    await using bad = await simulated({ password: 'another', machineName: 'other', jobs: [] })
    const ran = await at.run(Collect, [good.url, bad.url, 'nowhere.invalid', '--json'], {
      env: { DUPLISTATUS_PASSWORD: PASSWORD },
    })
    expect(ran.exitCode).toBe(1)
    const { results } = JSON.parse(ran.stdout)
    expect(results.map(({ ok }: { ok: boolean }) => ok)).toEqual([true, false, false])
    expect(results.map(({ error }: { error: { code: string } | null }) => error?.code)).toEqual([
      undefined,
      'wrong_password',
      'dns',
    ])
    expect(results[2]).toMatchObject({ server: null, url: 'https://nowhere.invalid:8200' })
    expect(bad.count(/login/)).toBe(1)
  })

  it('says what to name when nothing is', async () => {
    using at = home()
    const ran = await at.run(Collect, [])
    expect(ran).toMatchObject({ exitCode: 2, stdout: '' })
    expect(ran.stderr).toContain('--all')
  })

  it('takes addresses beside --all', async () => {
    using at = home()
    await using known = await simulated({ password: PASSWORD, machineName: 'known', machineId: 'k', jobs: [] })
    await using other = await simulated({ password: PASSWORD, machineName: 'other', machineId: 'o', jobs: [] })
    const env = { DUPLISTATUS_PASSWORD: PASSWORD }
    await at.run(Collect, [known.url, '--remember'], { env })
    const ran = await at.run(Collect, [other.url, '--all', '--json'], { env })
    const names = JSON.parse(ran.stdout).results.map((result: { server: { name: string } }) => result.server.name)
    expect(names).toEqual(['known', 'other'])
  })

  it('collects nothing without complaint when --all finds no server', async () => {
    using at = home()
    const ran = await at.run(Collect, ['--all'])
    expect(ran).toMatchObject({ exitCode: 0, stdout: '' })
    expect(ran.stderr).toContain('server add')
  })

  it('asks at a terminal for the password of those that are there, and of no others', async () => {
    using at = home()
    await using server = await simulated({ password: PASSWORD, jobs: [jobWith('1', 3)] })
    const hosts = [`127.0.0.1:${server.port}`, `https://127.0.0.1:${server.port}`, '127.0.0.1:1']
    const ran = await at.run(Collect, [...hosts, '--no-remember', '--json'], { typed: `${PASSWORD}\r`, columns: 100 })
    const notEncrypted = `Note: ${server.url} does not speak TLS: the password goes over the network in clear\n`
    expect(ran.stderr).toContain(`${notEncrypted}Password of ${server.url}: \n`)
    const { results } = JSON.parse(ran.stdout) as { results: { error: { code: string } | null }[] }
    expect(results.map(({ error }) => error?.code)).toEqual([undefined, 'not_tls', 'refused'])
    const nobody = await at.run(Collect, hosts.slice(1), { typed: '', columns: 100 })
    expect(nobody).toMatchObject({ exitCode: 1, stderr: expect.not.stringContaining('Password') })
  })

  it('refuses an empty password and more than one line', async () => {
    using at = home()
    expect((await at.run(Collect, ['nas', '--password-stdin'], { input: '\n' })).exitCode).toBe(2)
    expect((await at.run(Collect, ['nas', '--password-stdin'], { input: 'a\nb\n' })).exitCode).toBe(2)
  })

  it('with --all gives each server its own password before the one of the environment', async () => {
    using at = home()
    await using server = await simulated({ password: PASSWORD, jobs: [jobWith('1', 3)] })
    await at.run(ServerAdd, [server.url, '--password-stdin'], { input: PASSWORD })
    const ran = await at.run(Collect, ['--all'], { env: { DUPLISTATUS_PASSWORD: 'of somebody else' } })
    expect(ran.exitCode).toBe(0)
    const named = await at.run(Collect, ['nas'], { env: { DUPLISTATUS_PASSWORD: 'of somebody else' } })
    expect(named.exitCode).toBe(1)
  })

  it('costs the secrets only when the key is lost, says so, and goes on with a new password', async () => {
    using at = home()
    await using server = await simulated({ password: PASSWORD, jobs: [jobWith('1', 3)] })
    await at.run(ServerAdd, [server.url, '--alias', 'nas', '--password-stdin'], { input: PASSWORD })
    await at.run(Collect, ['--all'])
    const env = { DUPLISTATUS_KEY: Buffer.alloc(32, 7).toString('base64') }
    const lost = await at.run(Collect, ['--all'], { env })
    expect(lost.exitCode).toBe(1)
    expect(lost.stderr).toContain('duplistatus server edit nas --password-stdin')
    expect((await at.run(Status, ['--json'], { env })).exitCode).toBe(0)
    await at.run(ServerEdit, ['nas', '--password-stdin'], { env, input: PASSWORD })
    expect((await at.run(Collect, ['--all'], { env })).exitCode).toBe(0)
  })

  it('puts no escape sequence of a hostile server on the terminal', async () => {
    using at = home()
    await using server = await simulated({
      machineName: '\u001b]0;owned\u0007na\u009bs\u202e',
      password: PASSWORD,
      jobs: [{ ...jobWith('1', 2), name: 'Do\u001b[2Jcs', database: 'corrupt' }],
    })
    const ran = await at.run(Collect, [server.url, '--password-stdin'], { input: PASSWORD, columns: 100 })
    const unwanted = /[\u009b\u0007\u202e]|\u001b(?!\[\d*[AJ]|\[J)/
    expect(ran.stdout + ran.stderr).not.toMatch(unwanted)
    expect(ran.stdout + ran.stderr).not.toContain('\u001b[2J')
    expect(ran.exitCode).toBe(1)
  })

  it('has whom it concerns told of failures that it found, and of no old ones', async () => {
    using at = home()
    const failed = jobWith('1', 40, (age) => (age === 0 || age === 30 ? 'missing' : undefined))
    await using server = await simulated({ password: PASSWORD, jobs: [failed, jobWith('2', 3)] })
    await at.run(ConfigSet, ['ntfy.topic', 'backups'])
    const collect = () => at.run(Collect, [server.url], { env: { DUPLISTATUS_PASSWORD: PASSWORD } })
    expect((await collect()).exitCode).toBe(0)
    await collect()
    const { messages } = JSON.parse((await at.run(NotifyOutbox, ['--json'])).stdout)
    expect(messages).toMatchObject([
      { job: { name: 'Job 1' }, channel: 'ntfy', destination: 'backups', state: 'waiting' },
    ])
  })

  it('stores what it found also where nobody can be told', async () => {
    using at = home()
    await using server = await simulated({ password: PASSWORD, jobs: [jobWith('1', 3, () => 'missing')] })
    const config = join(at.path, 'config.json')
    await writeFile(config, JSON.stringify({ 'smtp.port': 'many' }))
    const env = { DUPLISTATUS_PASSWORD: PASSWORD, DUPLISTATUS_CONFIG: config }
    const ran = await at.run(Collect, [server.url], { env })
    expect(ran).toMatchObject({ exitCode: 0, stderr: expect.stringContaining('No messages are written') })
    expect(ran.stdout).toMatch(/nas\s+1\s+3/)
  })

  it('draws bars on a terminal, nothing of them stays, and none with --quiet or in CI', async () => {
    using at = home()
    await using server = await simulated({ password: PASSWORD, jobs: [jobWith('1', 3)] })
    const env = { DUPLISTATUS_PASSWORD: PASSWORD }
    const drawn = await at.run(Collect, [server.url], { env, columns: 80 })
    expect(drawn.stderr).toMatch(/0 of 1 server, 0 log rows/)
    expect(drawn.stderr).toContain('\u001b[2A\r\u001b[J1 server, 1 job, 3 new runs\n')
    const quiet = await at.run(Collect, [server.url, '--quiet'], { env, columns: 80 })
    expect(quiet.stderr).toBe('')
    const inCi = await at.run(Collect, [server.url], { env: { ...env, CI: 'true' }, columns: 80 })
    expect(inCi.stderr).not.toContain('\u001b')
  })

  it('says of two addresses that they are one server, and counts it once', async () => {
    using at = home()
    await using server = await simulated({ password: PASSWORD, jobs: [jobWith('1', 3)] })
    const other = `http://localhost:${server.port}`
    const env = { DUPLISTATUS_PASSWORD: PASSWORD }
    const told = `${server.url} and ${other} are one server: nas\n`
    const both = await at.run(Collect, [server.url, other, '--concurrency', '1'], { env })
    expect(both.stderr).toBe(
      `1 server, 1 job, 3 new runs\n${told}The password was not kept: --remember keeps what opened a server, encrypted.\n`,
    )
    const shown = await at.run(ServerShow, [`localhost:${server.port}`])
    expect(shown.stdout).toMatch(new RegExp(`Address +${server.url}\nOther addresses +${other}\n`))
    const { server: view } = JSON.parse((await at.run(ServerShow, ['nas', '--json'])).stdout)
    expect(view).toMatchObject({ url: server.url, addresses: [server.url, other] })
  })

  it('says so of an address of a server that is known already', async () => {
    using at = home()
    await using server = await simulated({ password: PASSWORD, jobs: [jobWith('1', 3)] })
    const env = { DUPLISTATUS_PASSWORD: PASSWORD }
    const first = await at.run(Collect, [server.url], { env })
    expect(first.stderr).not.toContain('are one server')
    const second = await at.run(Collect, [`http://localhost:${server.port}`], { env })
    expect(second.stderr).toContain(`${server.url} and http://localhost:${server.port} are one server: nas\n`)
  })

  it('asks a server at the address that is typed, of all that it is known at', async () => {
    using at = home()
    const lan = await simulated({ password: PASSWORD, jobs: [jobWith('1', 3)] })
    await using vpn = await simulated({ password: PASSWORD, jobs: [jobWith('1', 3)] })
    const env = { DUPLISTATUS_PASSWORD: PASSWORD }
    const { url } = lan
    await at.run(Collect, [url, vpn.url, '--concurrency', '1'], { env })
    await lan.close()
    const byLan = JSON.parse((await at.run(Collect, [url, '--json'], { env })).stdout).results
    expect(byLan).toMatchObject([{ ok: false, url, server: { name: 'nas' } }])
    const byVpn = JSON.parse((await at.run(Collect, [vpn.url, '--json'], { env })).stdout).results
    expect(byVpn).toMatchObject([{ ok: true, url: vpn.url, server: { id: byLan[0].server.id, name: 'nas' } }])
  })

  it('uses one --port for several hosts', async () => {
    using at = home()
    await using server = await simulated({ password: PASSWORD, jobs: [jobWith('1', 3)] })
    const argv = ['127.0.0.1', 'localhost', '--port', String(server.port), '--json']
    const ran = await at.run(Collect, argv, { env: { DUPLISTATUS_PASSWORD: PASSWORD } })
    const { results } = JSON.parse(ran.stdout)
    expect(results, ran.stdout).toMatchObject([{ server: { id: 's1' } }, { server: { id: 's1' } }])
    expect(ran.stderr).toContain('does not speak TLS')
  })

  it('refuses a folder to save to that cannot be written, before it asks anybody', async () => {
    using at = home()
    await using server = await simulated({ password: PASSWORD })
    const ran = await at.run(Collect, [server.url, '--save', '/dev/null/x', '--password-stdin'], { input: PASSWORD })
    expect(ran).toMatchObject({ exitCode: 1, stdout: '' })
    expect(server.requests).toEqual([])
    expect(existsSync(join(at.path, '.local'))).toBe(false)
  })
})
