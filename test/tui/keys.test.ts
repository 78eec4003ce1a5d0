import { expect, it } from 'vitest'
import { type InkKey, keysOf } from '../../src/tui/keys.ts'

const FLAGS: (keyof InkKey)[] = [
  'upArrow',
  'downArrow',
  'leftArrow',
  'rightArrow',
  'pageDown',
  'pageUp',
  'home',
  'end',
  'return',
  'escape',
  'ctrl',
  'tab',
  'shift',
  'backspace',
  'delete',
  'meta',
]
const NONE = Object.fromEntries(FLAGS.map((flag) => [flag, false])) as unknown as InkKey

it.each([
  ['jjj', {}, ['j', 'j', 'j']],
  ['G\r', {}, ['G', 'enter']],
  ['a\tb', {}, ['a', 'tab', 'b']],
  ['x\u007f', {}, ['x', 'backspace']],
  ['a b', {}, ['a', 'space', 'b']],
  ['\u0015', {}, ['ctrl-u']],
  ['äè日', {}, ['ä', 'è', '日']],
  ['', { upArrow: true }, ['up']],
  ['', { pageDown: true }, ['pagedown']],
  ['', { return: true }, ['enter']],
  ['', { escape: true, meta: true }, ['esc']],
  ['c', { ctrl: true }, ['ctrl-c']],
  ['q', { meta: true }, ['esc', 'q']],
] as const)('%j with %j is %j', (input, flags, keys) => {
  expect(keysOf(input, { ...NONE, ...flags })).toEqual(keys)
})
