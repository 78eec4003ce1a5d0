import { describe, expect, it, onTestFinished } from 'vitest'
import { probe } from '../../src/duplicati/probe.ts'
import { type SimOptions, SimulatedDuplicati } from '../support/duplicati/server.ts'
import { authority, pem, serveTcp } from './http-server.ts'

const options = { env: {}, requestTimeout: 2000 }

async function simulated(more: SimOptions = {}): Promise<SimulatedDuplicati> {
  const server = await SimulatedDuplicati.start(more)
  onTestFinished(() => server.close())
  return server
}

/** `dns tcp tls!`: the steps that were taken, the failed one with a mark. */
async function stepsOf(...args: Parameters<typeof probe>): Promise<string> {
  const { steps } = await probe(...args)
  return steps.map(({ step, ok }) => (ok ? step : `${step}!`)).join(' ')
}

describe('probe', () => {
  it('goes all the way and says what it found', async () => {
    const server = await simulated()
    const { steps, error } = await probe(server.url, server.password, options)
    expect(error).toBeNull()
    expect(steps.map(({ step, ok }) => [step, ok])).toEqual([
      ['dns', true],
      ['tcp', true],
      ['tls', true],
      ['login', true],
      ['api', true],
    ])
    expect(steps.at(-1)?.message).toBe('Duplicati 2.3.0.4 on nas, 0 jobs')
    expect(steps.every(({ seconds }) => seconds >= 0)).toBe(true)
    expect(server.count(/auth\/login/)).toBe(1)
  })

  it('stops at the first failure', async () => {
    const silent = await serveTcp((socket) => socket.destroy())
    expect(await stepsOf('http://no-such-host.invalid:8200', 'x', options)).toBe('dns!')
    expect(await stepsOf(`http://127.0.0.2:${silent}`, 'x', options)).toBe('dns tcp!')
    expect(await stepsOf(`https://127.0.0.1:${silent}`, 'x', options)).toBe('dns tcp tls!')
    expect(await stepsOf(`http://127.0.0.1:${silent}`, 'x', options)).toBe('dns tcp tls login!')
  })

  it('sends nothing to a server whose certificate is not accepted', async () => {
    const server = await simulated({ tls: pem('self-signed') })
    const { steps, error } = await probe(server.url, server.password, options)
    expect(steps.at(-1)).toMatchObject({ step: 'tls', ok: false, message: expect.stringContaining('self-signed') })
    expect(error?.certificate?.fingerprint).toMatch(/^(?:[0-9A-F]{2}:){31}[0-9A-F]{2}$/)
    expect(server.requests).toEqual([])
    const pinned = await probe(server.url, server.password, {
      ...options,
      pin: error?.certificate?.fingerprint ?? null,
    })
    expect(pinned.error).toBeNull()
  })

  it('says that a certificate verifies', async () => {
    const server = await simulated({ tls: pem('verified') })
    const { steps } = await probe(server.url, server.password, { ...options, trustedCertificates: [authority] })
    expect(steps[2]?.message).toBe('certificate verified, valid until 2120-01-01')
  })

  it('T26: tries a wrong password once', async () => {
    const server = await simulated()
    const { steps, error } = await probe(server.url, 'wrong', options)
    expect(steps.at(-1)).toMatchObject({ step: 'login', ok: false })
    expect(error?.code).toBe('wrong_password')
    expect(server.count(/auth\/login/)).toBe(1)
  })

  it('T26: sees at the login whether a long-lived token is accepted', async () => {
    const server = await simulated()
    const token = server.issueToken()
    server.expireTokens()
    expect(await stepsOf(server.url, token, options)).toBe('dns tcp tls login!')
  })

  it('an API in trouble fails the last step', async () => {
    const server = await simulated()
    server.faults.add({ kind: 'answer', status: 500 }, { on: /backups/ })
    expect(await stepsOf(server.url, server.password, options)).toBe('dns tcp tls login api!')
  })
})
