import { expect, it } from 'vitest'
import { BaseCommand } from '../../src/cli/base-command.ts'
import { meantBy } from '../../src/cli/main.ts'

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
