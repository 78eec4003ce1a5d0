import { describe, expect, it } from 'vitest'
import { clean, firstLine } from '../../src/output/escape.ts'
import { toJson } from '../../src/output/json.ts'

describe('clean', () => {
  it('leaves letters of every script alone', () => {
    const text = 'Dokümente 文書 אבג 👨‍👩‍👧 ไทย'
    expect(clean(text)).toBe(text)
  })

  it.each([
    ['a colour', '\u001b[31mred\u001b[0m'],
    ['a title', '\u001b]0;owned\u0007'],
    ['a hyperlink', '\u001b]8;;http://evil\u001b\\x\u001b]8;;\u001b\\'],
    ['an eight-bit CSI', '\u009b2J'],
    ['a bell, backspace and DEL', 'a\u0007\b\u007f'],
    ['a NUL', 'a\u0000b'],
  ])('makes %s inert (T45)', (_, text) => {
    expect(clean(text)).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/)
  })

  it('keeps a name on one line', () => {
    expect(clean('one\r\ntwo\nthree\u2028four\tfive')).toBe('one two three four five')
  })

  it('keeps line feeds where they are wanted', () => {
    expect(clean('one\r\ntwo\u2029three\u001b', { newlines: true })).toBe('one\ntwo\nthree\ufffd')
  })

  it('takes away what reorders or hides text', () => {
    expect(clean('invoice\u202efdp.exe\u200b\ufeff')).toBe('invoicefdp.exe')
  })

  it('does not let marks grow over other lines', () => {
    expect(clean(`a${'\u0301'.repeat(100)}b`)).toBe(`a${'\u0301'.repeat(4)}b`)
  })

  it('mends lone surrogates', () => {
    expect(clean('a\ud800b')).toBe('a\ufffdb')
  })
})

it('finds the first line that says something', () => {
  expect(firstLine('\r\n  \n System.IO.IOException: no\n   at x()')).toBe('System.IO.IOException: no')
})

it('writes JSON that a terminal cannot obey and a parser reads back the same (T45)', () => {
  const value = { name: 'a\u001b[2J\u009b1m\u2028\u202e\u007f' }
  const text = toJson(value, { indented: false })
  expect(text).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u202e]/)
  expect(JSON.parse(text)).toEqual(value)
})
