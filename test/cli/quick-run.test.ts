import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { quickCommand } from '../../src/cli/quick-run.ts'
import { temporaryFolder } from '../support/program.ts'

const folder = temporaryFolder()
const commands = join(folder.path, 'commands')

beforeAll(() => {
  mkdirSync(join(commands, 'server'), { recursive: true })
  for (const file of [
    'status',
    'overdue',
    'demo',
    'server/add',
    'server/setup-reporting',
    'server/list',
    '../outside',
  ]) {
    writeFileSync(join(commands, `${file}.js`), '')
  }
})
afterAll(() => folder[Symbol.dispose]())

const meant = (...argv: string[]) => {
  const command = quickCommand(argv, commands)
  return command && [command.id, ...command.argv]
}

it('knows commands of one word and of two, and what stands behind them', () => {
  expect(meant('status', 'nas', '--json')).toEqual(['status', 'nas', '--json'])
  expect(meant('server', 'setup-reporting', 'nas')).toEqual(['server:setup-reporting', 'nas'])
  expect(meant('overdue', 'nas')).toEqual(['overdue', 'nas'])
  expect(meant('status', 'status')).toEqual(['status', 'status'])
  expect(meant('status', '--', '--help')).toEqual(['status', '--', '--help'])
})

it('leaves to oclif what asks for help, for a version, or for nothing that is there', () => {
  for (const argv of [
    ['status', '--help'],
    ['server', 'add', '-h'],
    ['--version'],
    ['--json', 'status'],
    ['server'],
    ['server', 'remove'],
    ['statsu'],
    [],
  ]) {
    expect(meant(...argv), argv.join(' ')).toBeNull()
  }
})

it('leaves to oclif what looks at all commands', () => {
  expect(meant('demo', '--keep')).toBeNull()
})

it('takes no path for the name of a command', () => {
  for (const word of ['../outside', './status', 'Status', 'server/add', 'server:add:x', 'status.js', '-', '']) {
    expect(meant(word), word).toBeNull()
  }
})
