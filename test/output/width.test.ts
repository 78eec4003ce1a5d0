import { beforeAll, describe, expect, it } from 'vitest'
import { cut, displayWidth, pad, prepareWidths, wrap } from '../../src/output/width.ts'

beforeAll(() => prepareWidths(['文']))

describe('displayWidth', () => {
  it.each([
    ['', 0],
    ['plain', 5],
    ['Übung…', 6],
    ['▂▂▄█✓✗', 6],
    ['文書', 4],
    ['👨‍👩‍👧', 2],
    ['e\u0301', 1],
    ['אבג', 3],
  ])('%j takes %i columns', (text, width) => {
    expect(displayWidth(text)).toBe(width)
  })
})

describe('cut', () => {
  it.each([
    ['Documents', 9, 'Documents'],
    ['Documents', 5, 'Docu…'],
    ['Two words', 5, 'Two…'],
    ['文書文書', 5, '文書…'],
    ['文書文書', 6, '文書…'],
    ['a👨‍👩‍👧b', 3, 'a…'],
    ['abc', 1, '…'],
    ['abc', 0, ''],
  ])('%j in %i columns is %j', (text, width, expected) => {
    expect(cut(text, width)).toBe(expected)
    expect(displayWidth(cut(text, width))).toBeLessThanOrEqual(width)
  })
})

it('pads by columns, not by characters', () => {
  expect(pad('文', 4)).toBe('文  ')
  expect(pad('文', 4, 'right')).toBe('  文')
})

describe('wrap', () => {
  it('fills lines with wide and narrow words, and breaks only words that no line holds', () => {
    expect(wrap('ab 文書 cd ef', 7)).toEqual(['ab 文書', 'cd ef'])
    expect(wrap('x /a/very/long/path y', 6)).toEqual(['x', '/a/ver', 'y/long', '/path', 'y'])
  })

  it('breaks at spaces and keeps line feeds', () => {
    expect(wrap('one two three\nfour', 8)).toEqual(['one two', 'three', 'four'])
  })

  it('breaks words that are too long, never inside a character', () => {
    expect(wrap('文書文書x', 5)).toEqual(['文書', '文書x'])
  })

  it('leaves lines as they are where there is no width', () => {
    expect(wrap('a b\nc', Number.POSITIVE_INFINITY)).toEqual(['a b', 'c'])
  })

  it('is quick with a long text', () => {
    const started = performance.now()
    wrap('word '.repeat(20_000), 80)
    expect(performance.now() - started).toBeLessThan(1_000)
  })
})
