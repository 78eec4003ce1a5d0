import { expect, it } from 'vitest'
import Status from '../../commands/status.ts'
import { BaseCommand } from '../../src/cli/base-command.ts'
import { meantBy } from '../../src/cli/main.ts'
import { runCommand } from '../support/run-command.ts'

it.each([
  [[], ['status']],
  [
    ['status', '--db', 'x'],
    ['status', '--db', 'x'],
  ],
  [
    ['--db', 'x', 'status'],
    ['status', '--db', 'x'],
  ],
  [
    ['--db=x', '-q', 'server', 'list'],
    ['server', 'list', '--db=x', '-q'],
  ],
  [
    ['--tz', 'UTC', '--json'],
    ['status', '--tz', 'UTC', '--json'],
  ],
  [
    ['--no-color', 'show', '--', '--db'],
    ['show', '--no-color', '--', '--db'],
  ],
  [
    ['help', 'server', 'add'],
    ['server', 'add', '--help'],
  ],
  [
    ['--quiet', 'help', 'status'],
    ['status', '--help', '--quiet'],
  ],
  [['--version'], ['--version']],
  [
    ['--db', 'x', '--help'],
    ['--db', 'x', '--help'],
  ],
  [['--db'], ['status', '--db']],
])('%j in a pipe means %j', (argv, words) => {
  expect(meantBy(argv, () => false)).toEqual(words)
})

it.each([
  [[], ['tui', '--begin']],
  [
    ['--db', 'x'],
    ['tui', '--begin', '--db', 'x'],
  ],
  [
    ['--db', 'x', '--json'],
    ['status', '--db', 'x', '--json'],
  ],
])('%j on a terminal means %j', (argv, words) => {
  expect(meantBy(argv, () => true)).toEqual(words)
})

it('knows every global flag', () => {
  for (const [name, flag] of Object.entries(BaseCommand.baseFlags)) {
    const value = flag.type === 'option' ? ['x'] : []
    const negated = 'allowNo' in flag && flag.allowNo ? [`--no-${name}`] : []
    for (const written of [`--${name}`, ...('char' in flag && flag.char ? [`-${flag.char}`] : []), ...negated])
      expect(meantBy([written, ...value, 'status'], () => false)).toEqual(['status', written, ...value])
  }
})

it('refuses a value of a global flag that takes none before the command', () => {
  expect(() => meantBy(['--json=true', 'status'], () => false)).toThrow('--json takes no value')
})

it.each([
  [['--json=true'], '--json takes no value', 'Write --json, or leave it out.'],
  [['nas', '--overdue=false'], '--overdue takes no value', 'Write --overdue, or leave it out.'],
  [['--no-color=1'], '--no-color takes no value', 'Write --color or --no-color.'],
])('refuses %j', async (argv, message, hint) => {
  const ran = await runCommand(Status, argv)
  expect(ran).toEqual({ stdout: '', stderr: `Error: ${message}\nTry:   ${hint}\n`, exitCode: 2 })
})

it('takes what stands behind -- for a name, and values of flags that have one', async () => {
  const { stderr } = await runCommand(Status, ['--filter=--json=true', '--db=none.db', '--', '--json=true'])
  expect(stderr).toContain('No server is called "--json=true"')
})
