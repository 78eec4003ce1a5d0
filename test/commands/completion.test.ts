import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import Completion from '../../commands/completion.ts'
import { openStore } from '../../src/store/index.ts'
import { PROGRAM, temporaryFolder } from '../support/program.ts'
import { runCommand } from '../support/run-command.ts'

const folder = temporaryFolder()
const db = join(folder.path, 'fleet.db')
const script = join(folder.path, 'completion.bash')
const has = (shell: string) => spawnSync('which', [shell]).status === 0

beforeAll(async () => {
  const store = await openStore({ file: db, mode: 'write' })
  for (const [index, alias] of ['nas', 'web server', '$(touch hacked)', '`touch hacked`', 'bad\u001b[2Jname'].entries())
    await store.servers.add({ url: `https://host-${index}:8200`, alias })
  await store.close()
  writeFileSync(script, (await runCommand(Completion, ['bash'])).stdout)
})
afterAll(() => folder[Symbol.dispose]())

/** What bash offers for a line whose last word is being typed. */
function complete(...words: string[]): string[] {
  const driver = `
    duplistatus() { "$NODE" "$PROGRAM" "$@"; }
    source "$SCRIPT"
    COMP_WORDS=(duplistatus "$@")
    COMP_CWORD=$#
    _duplistatus
    printf '%s\\n' "\${COMPREPLY[@]}"`
  const { stdout, stderr, status } = spawnSync('bash', ['-c', driver, 'bash', ...words], {
    cwd: folder.path,
    encoding: 'utf8',
    env: {
      PATH: process.env.PATH,
      NODE: process.execPath,
      PROGRAM,
      SCRIPT: script,
      DUPLISTATUS_DB: db,
      HOME: folder.path,
    },
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
  expect(stdout.split('\n')).toEqual(['nas', 'web server', '$(touch hacked)', '`touch hacked`', ''])
})

it('knows no other shell', async () => {
  expect(await runCommand(Completion, ['tcsh'])).toMatchObject({ exitCode: 2 })
})
