import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import Completion from '../../commands/completion.ts'
import { createIngest } from '../../src/ingest/index.ts'
import { openStore } from '../../src/store/index.ts'
import { PROGRAM, temporaryFolder } from '../support/program.ts'
import { Pty } from '../support/pty.ts'
import { runCommand } from '../support/run-command.ts'
import { runFacts } from '../support/run-facts.ts'

const folder = temporaryFolder()
const db = join(folder.path, 'fleet.db')
const script = join(folder.path, 'completion.bash')
const NAMES = ['nas', 'web server', 'host:8200', 'host:9300', 'user@box', '$(touch hacked)', '`touch hacked`']
const has = (shell: string) => spawnSync('which', [shell]).status === 0

beforeAll(async () => {
  const store = await openStore({ file: db, mode: 'write' })
  for (const [index, alias] of [...NAMES, 'bad\u001b[2Jname'].entries())
    await store.servers.add({ url: `https://host-${index}:8200`, alias })
  const job = { machineId: 'A', machineName: 'office', backupId: 'DB-1', backupName: 'Mail: all' }
  await createIngest(store).addReported({ ...job, run: runFacts(), receivedAt: new Date() })
  await store.close()
  writeFileSync(script, (await runCommand(Completion, ['bash'])).stdout)
})
afterAll(() => folder[Symbol.dispose]())

const DEFINE = 'duplistatus() { "$NODE" "$PROGRAM" "$@"; }; source "$SCRIPT"'
const env = {
  PATH: process.env.PATH,
  NODE: process.execPath,
  PROGRAM,
  SCRIPT: script,
  DUPLISTATUS_DB: db,
  HOME: folder.path,
}

/** What bash offers for a line whose last word is being typed. */
function complete(...words: string[]): string[] {
  const driver = `
    ${DEFINE}
    COMP_WORDS=(duplistatus "$@")
    COMP_CWORD=$#
    COMP_LINE="\${COMP_WORDS[*]}"
    _duplistatus
    printf '%s\\n' "\${COMPREPLY[@]}"`
  const { stdout, stderr, status } = spawnSync('bash', ['-c', driver, 'bash', ...words], {
    cwd: folder.path,
    encoding: 'utf8',
    env,
  })
  expect({ stderr, status }).toEqual({ stderr: '', status: 0 })
  return stdout.split('\n').filter((line) => line !== '')
}

describe('bash', () => {
  it('completes commands', () => {
    expect(complete('sta')).toEqual(['status'])
    expect(complete('')).toEqual(expect.arrayContaining(['history', 'show', 'status', 'versions', 'completion']))
  })

  it('completes flags and their values', () => {
    expect(complete('status', '--wat')).toEqual(['--watch'])
    expect(complete('status', '--layout', '')).toEqual(['table', 'cards'])
    expect(complete('show', '--log', 'w')).toEqual(['warnings'])
    expect(complete('status', '--layout', '=', 'c')).toEqual(['cards'])
    expect(complete('status', '--no-')).toEqual(['--no-color'])
    expect(complete('job', 'edit', 'nas', '--no-m')).toEqual(['--no-monitored'])
    expect(complete('chart', '-m', 'dur')).toEqual(['duration'])
    expect(complete('job', 'edit', '--additional-notify', '')).toEqual(['all', 'warnings', 'errors', 'off'])
    expect(complete('history', '--operation', 'Com')).toEqual(['Compact'])
  })

  it('completes lists with commas, and keys in both directions', () => {
    expect(complete('status', '--columns', 'server,jo')).toEqual(['server,job'])
    expect(complete('status', '--status', 'warning,ov')).toEqual(['warning,overdue'])
    expect(complete('status', '--sort', '=', 'server,-ag')).toEqual(['server,-age'])
    expect(complete('history', '--sort', 'dat')).toEqual(['date'])
  })

  it('completes what help and completion take', () => {
    expect(complete('help', 'serv')).toEqual(['serve', 'server'])
    expect(complete('help', 'server', 'ad')).toEqual(['add'])
    expect(complete('help', 'status', 'n')).toEqual([])
    expect(complete('completion', '')).toEqual(['bash', 'zsh', 'fish'])
  })

  it('offers jobs only where they may be named', () => {
    expect(complete('status', 'office')).toEqual(['office', 'office/Mail:\\ all'])
    expect(complete('server', 'open', 'office')).toEqual(['office'])
    expect(complete('collect', 'office')).toEqual(['office'])
    expect(complete('token', 'create', 'n')).toEqual([])
  })

  it('completes names with the signs by which bash splits words', async () => {
    const options = { command: 'bash', columns: 120, env: { ...env, PS1: '> ' } }
    await using shell = new Pty(['--norc', '--noprofile', '-i'], options)
    shell.press(`${DEFINE}; clear\r`)
    for (const [typed, whole] of [
      ['duplistatus server open host:9', 'duplistatus server open host:9300'],
      ['duplistatus status user@', 'duplistatus status user@box'],
      ['duplistatus status office/Mail:', 'duplistatus status office/Mail:\\ all'],
    ] as const) {
      await shell.waitFor(/> $/m)
      shell.press(typed, '\t')
      await shell.waitFor(`> ${whole}`)
      // Ctrl-U empties the line.
      shell.press('\u0015')
    }
  })

  it('takes the value of a flag for no command', () => {
    expect(complete('--db', 'history', 'sta')).toEqual(['status'])
  })

  it('completes names so that the shell takes them literally (T45)', () => {
    expect(complete('status', 'n')).toEqual(['nas'])
    expect(complete('status', 'we')).toEqual(['web\\ server'])
    expect(complete('status', '\\$')).toEqual(['\\$\\(touch\\ hacked\\)'])
    expect(spawnSync('ls', [folder.path], { encoding: 'utf8' }).stdout).not.toContain('hacked')
  })
})

it.runIf(has('zsh'))('zsh reads its script', async () => {
  const { stdout } = await runCommand(Completion, ['zsh'])
  expect(spawnSync('zsh', ['-n'], { input: stdout, encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' })
})

it.runIf(has('fish'))('fish reads its script', async () => {
  const { stdout } = await runCommand(Completion, ['fish'])
  expect(spawnSync('fish', ['--no-execute'], { input: stdout, encoding: 'utf8' })).toMatchObject({
    status: 0,
    stderr: '',
  })
})

it.each(['bash', 'zsh', 'fish'])('%s gets the flags of every command', async (shell) => {
  const { stdout } = await runCommand(Completion, [shell])
  for (const word of ['status', 'layout', 'cards', 'operation', '--names']) expect(stdout).toContain(word)
})

it('lists names that can be typed', async () => {
  const { stdout } = await runCommand(Completion, ['bash', '--names', '--db', db])
  expect(stdout.split('\n')).toEqual([...NAMES, 'office', 'office/Mail: all', ''])
  const servers = await runCommand(Completion, ['bash', '--names', '--servers', '--db', db])
  expect(servers.stdout.split('\n')).toEqual([...NAMES, 'office', ''])
})

it('knows no other shell', async () => {
  expect(await runCommand(Completion, ['tcsh'])).toMatchObject({ exitCode: 2 })
})
