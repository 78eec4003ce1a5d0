import { describe, expect, it } from 'vitest'
import { folded } from '../../src/cli/fold.ts'

describe('folded', () => {
  it('breaks between words on a terminal, and leaves a word whole', () => {
    const text = 'The server at https://backup.example:8200/a/path refused it. Go on? [y/N] '
    expect(folded(text, { columns: 30 }).split('\n')).toEqual([
      'The server at',
      'https://backup.example:8200/a/path',
      'refused it. Go on? [y/N] ',
    ])
  })

  it('keeps line breaks, columns that fit, and how a line is indented', () => {
    const text = 'Begin so:\n  server add   a server\n  collect      read its jobs'
    expect(folded(text, { columns: 24 })).toBe('Begin so:\n  server add   a server\n  collect      read its\n  jobs')
  })

  it('begins further lines below the first, behind the label', () => {
    expect(folded('one two\nthree', { columns: 12 }, 6)).toBe('one\n      two\n      three')
  })

  it('leaves it as it is where no terminal is', () => {
    const text = 'one two three four '.repeat(20)
    expect(folded(text, {})).toBe(text)
  })
})
