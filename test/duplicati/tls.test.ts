import { X509Certificate } from 'node:crypto'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createClient } from '../../src/duplicati/client.ts'
import { inspectCertificate } from '../../src/duplicati/inspect.ts'
import { normalisePin } from '../../src/duplicati/tls.ts'
import { authority, failureOf, json, pem, serve, type TestServer } from './http-server.ts'

function fingerprint(name: string): string {
  return new X509Certificate(pem(name).cert).fingerprint256
}

/** Logs in and asks for the state at a server with this certificate. */
async function ask(server: TestServer, pin: string | null = null): Promise<unknown> {
  const options = { env: {}, requestTimeout: 5000, trustedCertificates: [authority] }
  const client = createClient({ url: server.url, secret: 'geheim', pin }, options)
  onTestFinished(() => client.close())
  return client.state()
}

function duplicati(certificate: string): Promise<TestServer> {
  return serve((request, response) => {
    json(response, 200, request.path.endsWith('/login') ? { AccessToken: 'x' } : { ProgramState: 'Running' })
  }, certificate)
}

describe('T27: without a pin', () => {
  it('a verified certificate is accepted', async () => {
    await expect(ask(await duplicati('verified'))).resolves.toBeDefined()
  })

  it.each([
    ['expired', 'certificate_expired', '2021-01-01'],
    ['future', 'certificate_expired', '2110-01-01'],
    ['self-signed', 'certificate_self_signed', 'self-signed'],
    ['self-signed-expired', 'certificate_expired', 'and is self-signed'],
    ['other-host', 'certificate_wrong_host', 'other.example'],
  ])('%s is refused as %s, and no password is sent', async (name, code, what) => {
    const server = await duplicati(name)
    const failure = await failureOf(ask(server))
    expect(failure).toMatchObject({ code, certificate: { fingerprint: fingerprint(name), verified: false } })
    expect(failure.message).toContain(what)
    expect(failure.message).toContain(fingerprint(name))
    expect(server.received).toEqual([])
  })

  it('an unknown authority is refused, and no password is sent', async () => {
    const server = await duplicati('verified')
    const client = createClient({ url: server.url, secret: 'geheim' }, { env: {} })
    onTestFinished(() => client.close())
    const failure = await failureOf(client.state())
    expect(failure).toMatchObject({ code: 'certificate_untrusted', message: expect.stringContaining('Test authority') })
    expect(server.received).toEqual([])
  })
})

describe('T27: with a pin', () => {
  it.each(['self-signed', 'self-signed-expired', 'expired', 'other-host'])(
    'the pinned certificate is accepted: %s',
    async (name) => {
      await expect(ask(await duplicati(name), fingerprint(name))).resolves.toBeDefined()
    },
  )

  it('the pin may be written in any way', async () => {
    const pin = fingerprint('self-signed').replaceAll(':', '').toLowerCase()
    await expect(ask(await duplicati('self-signed'), pin)).resolves.toBeDefined()
  })

  it('another certificate is refused as changed, and no password is sent', async () => {
    const server = await duplicati('self-signed-renewed')
    const failure = await failureOf(ask(server, fingerprint('self-signed')))
    expect(failure).toMatchObject({
      code: 'certificate_changed',
      certificate: { fingerprint: fingerprint('self-signed-renewed') },
    })
    expect(failure.message).toContain(fingerprint('self-signed'))
    expect(server.received).toEqual([])
  })

  it('another certificate that verifies is accepted', async () => {
    await expect(ask(await duplicati('verified'), fingerprint('self-signed'))).resolves.toBeDefined()
  })

  it('a pin that is none accepts nothing unverified', async () => {
    const server = await duplicati('self-signed')
    expect((await failureOf(ask(server, 'nonsense'))).code).toBe('certificate_self_signed')
  })
})

describe('looking at a certificate', () => {
  it('tells who it is, and sends nothing', async () => {
    const server = await duplicati('self-signed')
    await expect(inspectCertificate(server.url, { env: {} })).resolves.toEqual({
      fingerprint: fingerprint('self-signed'),
      subject: 'CN=nas, O=Duplicati',
      issuer: 'CN=nas, O=Duplicati',
      validFrom: '2020-01-01T00:00:00.000Z',
      validTo: '2120-01-01T00:00:00.000Z',
      hosts: ['localhost', 'duplicati.test', '127.0.0.1', '0:0:0:0:0:0:0:1'],
      selfSigned: true,
      verified: false,
      problem: 'self_signed',
    })
    expect(server.received).toEqual([])
  })

  it('tells that it verifies', async () => {
    const server = await duplicati('verified')
    const options = { env: {}, trustedCertificates: [authority] }
    await expect(inspectCertificate(server.url, options)).resolves.toMatchObject({ verified: true, problem: null })
  })
})

it('reads fingerprints in any writing, and nothing else', () => {
  const plain = 'ab'.repeat(32)
  const pretty = Array(32).fill('AB').join(':')
  for (const text of [plain, pretty, `SHA256:${plain}`, `sha-256 ${pretty}`, pretty.replaceAll(':', ' ')])
    expect(normalisePin(text)).toBe(pretty)
  for (const text of ['', 'ab', `${plain}00`, 'z'.repeat(64)]) expect(normalisePin(text)).toBeNull()
})
