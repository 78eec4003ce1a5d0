import { describe, expect, it } from 'vitest'
import { discover, normaliseAddress } from '../../src/duplicati/address.ts'
import { UsageError } from '../../src/errors.ts'
import { authority, failureOf, serve, serveTcp } from './http-server.ts'

describe('normaliseAddress', () => {
  it.each([
    ['nas', ['https://nas:8200', 'http://nas:8200']],
    ['nas:8300', ['https://nas:8300', 'http://nas:8300']],
    ['nas:443', ['https://nas', 'http://nas:443']],
    ['nas:80', ['https://nas:80', 'http://nas']],
    ['  nas/duplicati/ ', ['https://nas:8200/duplicati', 'http://nas:8200/duplicati']],
    ['localhost:8200', ['https://localhost:8200', 'http://localhost:8200']],
    ['http://nas:8200', ['http://nas:8200']],
    ['http://nas', ['http://nas']],
    ['https://backup.example', ['https://backup.example']],
    ['HTTPS://Backup.Example:443/duplicati/?x=1#y', ['https://backup.example/duplicati']],
    ['https://backup.example//a///b//', ['https://backup.example/a/b']],
    ['192.168.1.4', ['https://192.168.1.4:8200', 'http://192.168.1.4:8200']],
    ['::1', ['https://[::1]:8200', 'http://[::1]:8200']],
    ['[fe80::1]:9000', ['https://[fe80::1]:9000', 'http://[fe80::1]:9000']],
    ['http://[::1]:8200/x', ['http://[::1]:8200/x']],
    ['https://bücher.example', ['https://xn--bcher-kva.example']],
    ['http://nas:8200/ngax/index.html#/', ['http://nas:8200']],
    ['http://nas:8200/duplicati/ngclient/home', ['http://nas:8200/duplicati']],
    ['http://nas:8200/login.html?x', ['http://nas:8200']],
    ['http://nas:8200/api/v1/', ['http://nas:8200']],
  ])('%s', (text, candidates) => {
    expect(normaliseAddress(text).candidates).toEqual(candidates)
  })

  it('takes another default port, but not where a scheme is written', () => {
    expect(normaliseAddress('nas', { defaultPort: 9999 }).candidates[0]).toBe('https://nas:9999')
    expect(normaliseAddress('https://nas', { defaultPort: 9999 }).candidates).toEqual(['https://nas'])
  })

  it('shows the host as people read it', () => {
    expect(normaliseAddress('https://bücher.example:1/x').host).toBe('bücher.example')
    expect(normaliseAddress('::1').host).toBe('[::1]')
  })

  it('turns a login in the address into a header, and keeps it out of the address', () => {
    const { candidates, headers } = normaliseAddress('https://b%C3%B6b:p%40ss:w@nas/x')
    expect(candidates).toEqual(['https://nas/x'])
    expect(headers).toEqual({ authorization: `Basic ${Buffer.from('böb:p@ss:w').toString('base64')}` })
    expect(normaliseAddress('bob:pw@nas')).toMatchObject({ candidates: ['https://nas:8200', 'http://nas:8200'] })
  })

  it.each([
    '',
    '  ',
    'ftp://nas',
    'file:///etc/passwd',
    'http://',
    'na s',
    'nas\u001b[2J',
    'http://nas:99999',
    'http://u:geheim@:8200',
    'fe80::1%eth0',
    'nas\\x',
  ])('refuses %j', (text) => {
    expect(() => normaliseAddress(text)).toThrow(UsageError)
    try {
      normaliseAddress(text)
    } catch (error) {
      expect((error as Error).message).not.toContain('geheim')
    }
  })
})

describe('T27: discover', () => {
  const options = { env: {}, trustedCertificates: [authority] }
  const at = (port: number) => normaliseAddress(`127.0.0.1:${port}`).candidates

  it('takes https where it is spoken', async () => {
    const server = await serve((_, response) => response.end(), 'verified')
    await expect(discover(at(server.port), options)).resolves.toMatchObject({
      url: server.url,
      certificate: { verified: true },
    })
  })

  it('a certificate that does not verify is no reason for http', async () => {
    for (const name of ['self-signed', 'expired', 'other-host']) {
      const server = await serve((_, response) => response.end(), name)
      await expect(discover(at(server.port), options)).resolves.toMatchObject({
        url: server.url,
        certificate: { verified: false },
      })
    }
  })

  it('takes http where no TLS is spoken, says so, and sends nothing secret', async () => {
    const server = await serve((_, response) => response.end())
    const found = await discover(at(server.port), options)
    expect(found).toEqual({ url: server.url, note: expect.stringContaining('in clear'), certificate: null })
    expect(server.received).toMatchObject([{ method: 'HEAD', path: '/' }])
  })

  it('takes http where a handshake is answered by closing, and http by an answer', async () => {
    const port = await serveTcp((socket) => {
      socket.once('data', (data) =>
        data[0] === 0x16 ? socket.destroy() : socket.end('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'),
      )
    })
    await expect(discover(at(port), options)).resolves.toMatchObject({ url: `http://127.0.0.1:${port}` })
  })

  it('does not take http where TLS is spoken, only not with us', async () => {
    // A TLS alert: handshake_failure (40).
    const port = await serveTcp((socket) => socket.once('data', () => socket.end(Buffer.from('15030300020228', 'hex'))))
    expect((await failureOf(discover(at(port), options))).code).toBe('tls_failed')
  })

  it('does not take http where neither is spoken', async () => {
    const port = await serveTcp((socket) => socket.destroy())
    expect((await failureOf(discover(at(port), options))).code).toBe('connection_closed')
    const silent = await serveTcp(() => {})
    expect((await failureOf(discover(at(silent), { ...options, handshakeTimeout: 50 }))).code).toBe('timed_out')
  })

  it('says that nothing listens', async () => {
    const port = await serveTcp(() => {})
    const candidates = normaliseAddress(`127.0.0.2:${port}`).candidates
    expect((await failureOf(discover(candidates, options))).code).toBe('refused')
  })

  it('has nothing to choose where a scheme was written', async () => {
    await expect(discover(['http://nas.invalid'], options)).resolves.toEqual({
      url: 'http://nas.invalid',
      note: null,
      certificate: null,
    })
  })
})
