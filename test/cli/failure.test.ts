import { PassThrough } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { describe as describeFailure, reportFailure } from '../../src/cli/failure.ts'
import { UserError } from '../../src/errors.ts'

function reported(error: unknown, columns?: number): string {
  const [stdout, stderr] = [new PassThrough(), Object.assign(new PassThrough(), { columns })]
  reportFailure(error, { stdout, stderr, json: false, debug: false })
  return String(stderr.read())
}

describe('a failure in words', () => {
  const failure = new UserError('The server at https://backup.example:8200/a/long/path refused it', {
    hint: 'Look at it\nor ask',
  })

  it('is broken between words on a terminal, below its label', () => {
    expect(reported(failure, 40)).toBe(
      [
        'Error: The server at',
        '       https://backup.example:8200/a/long/path',
        '       refused it',
        'Try:   Look at it',
        '       or ask',
        '',
      ].join('\n'),
    )
  })

  it('is as it is in a pipe', () => {
    expect(reported(failure)).toBe(`Error: ${failure.message}\nTry:   Look at it\nor ask\n`)
  })

  it('leaves out that an error occurred', () => {
    const text = 'The following error occurred:\n  Missing required flag role\nSee more help with --help'
    const error = Object.assign(new Error(text), { oclif: { exit: 2 } })
    expect(describeFailure(error).message).toBe('Missing required flag role')
  })

  it('names a flag without how it was parsed', () => {
    const error = Object.assign(
      new Error('Parsing --port \n\tExpected an integer but received: 80x\nSee more help with --help'),
      {
        oclif: { exit: 2 },
      },
    )
    expect(describeFailure(error).message).toBe('--port: Expected an integer but received: 80x')
  })
})
