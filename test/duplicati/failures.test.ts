import { describe, expect, it } from 'vitest'
import { connectionFailure, DuplicatiError, foreign } from '../../src/duplicati/failures.ts'
import { UserError } from '../../src/errors.ts'

const route = { url: 'http://nas:8200', proxy: null }

function system(code: string): Error {
  return Object.assign(new Error(`connect ${code}`), { code })
}

describe('connectionFailure', () => {
  it.each([
    ['ENOTFOUND', 'dns'],
    ['EAI_AGAIN', 'dns'],
    ['ECONNREFUSED', 'refused'],
    ['ETIMEDOUT', 'timed_out'],
    ['UND_ERR_CONNECT_TIMEOUT', 'timed_out'],
    ['EHOSTUNREACH', 'unreachable'],
    ['ENETUNREACH', 'unreachable'],
    ['ECONNRESET', 'connection_closed'],
    ['UND_ERR_SOCKET', 'connection_closed'],
    ['ERR_SSL_WRONG_VERSION_NUMBER', 'not_tls'],
    ['ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION', 'tls_failed'],
    ['ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE', 'tls_failed'],
    ['HPE_INVALID_CONSTANT', 'not_duplicati'],
    ['UND_ERR_HEADERS_OVERFLOW', 'answer_too_large'],
    ['ESOMETHINGNEW', 'unreachable'],
  ])('%s is %s', (errno, code) => {
    const failure = connectionFailure(system(errno), route)
    expect(failure).toBeInstanceOf(UserError)
    expect(failure).toMatchObject({ code, url: route.url, message: expect.stringContaining('nas') })
    expect(failure.cause).toBeInstanceOf(Error)
  })

  it('looks into the causes, and into the errors of several addresses', () => {
    const wrapped = new Error('failed', {
      cause: new AggregateError([system('ECONNREFUSED'), system('ENETUNREACH')], ''),
    })
    expect(connectionFailure(wrapped, route).code).toBe('refused')
  })

  it('leaves what is a failure in words already', () => {
    const failure = new DuplicatiError('busy', route.url, 'x')
    expect(connectionFailure(new Error('x', { cause: failure }), route)).toBe(failure)
  })

  it('is not led in circles', () => {
    const error: Error = new Error('round')
    error.cause = error
    expect(connectionFailure(error, route).code).toBe('unreachable')
  })
})

describe('T45: foreign', () => {
  it('makes text of others harmless', () => {
    expect(foreign('a\u001b]0;title\u0007b\r\nc\u009bd\u202ee\u2028f')).toBe('a ]0;title b c d e f')
  })

  it('bounds it without cutting a character in two', () => {
    expect(foreign('x'.repeat(1e7))).toHaveLength(200)
    expect(foreign(`${'x'.repeat(198)}😀y`).isWellFormed()).toBe(true)
    expect(foreign('\ud800').isWellFormed()).toBe(true)
  })
})
