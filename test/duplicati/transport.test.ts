import { connect, type Socket } from 'node:net'
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'
import { describe, expect, it, onTestFinished } from 'vitest'
import { trusting } from '../../src/duplicati/tls.ts'
import { createTransport, type Transport, type TransportOptions } from '../../src/duplicati/transport.ts'
import { authority, failureOf, html, serve, serveTcp } from './http-server.ts'

const get = { method: 'GET', path: '/', maxBytes: 1_000_000 } as const

function transport(url: string, options: Partial<TransportOptions> = {}): Transport {
  const made = createTransport(url, { judge: trusting(null), env: {}, requestTimeout: 5000, ...options })
  onTestFinished(() => made.close())
  return made
}

describe('limits', () => {
  it('T28: an answer that never comes ends at the time-out', async () => {
    const server = await serve(() => {})
    const begin = performance.now()
    const failure = await failureOf(transport(server.url, { requestTimeout: 100 }).request(get))
    expect(failure).toMatchObject({ code: 'timed_out', message: expect.stringContaining(server.url) })
    expect(performance.now() - begin).toBeLessThan(1500)
  })

  it('T28: a handshake that never comes ends at the time-out', async () => {
    const port = await serveTcp(() => {})
    const failure = await failureOf(transport(`https://127.0.0.1:${port}`, { requestTimeout: 100 }).request(get))
    expect(failure.code).toBe('timed_out')
  })

  it('T28: an answer that comes byte by byte ends at the time-out', async () => {
    const server = await serve((_, response) => {
      response.writeHead(200)
      const timer = setInterval(() => response.write('x'), 10)
      response.on('close', () => clearInterval(timer))
    })
    const failure = await failureOf(transport(server.url, { requestTimeout: 200 }).request(get))
    expect(failure.code).toBe('timed_out')
  })

  it('headers that come byte by byte end at the time-out', async () => {
    const port = await serveTcp((socket) => {
      const timer = setInterval(() => socket.write('H'), 10)
      socket.on('close', () => clearInterval(timer))
      socket.write('HTTP/1.1 200 OK\r\nX-')
    })
    const failure = await failureOf(transport(`http://127.0.0.1:${port}`, { requestTimeout: 200 }).request(get))
    expect(failure.code).toBe('timed_out')
  })

  it('an answer that is really coming may take longer than the time-out', async () => {
    const block = Buffer.alloc(64 * 1024, 'x')
    const server = await serve((_, response) => {
      response.writeHead(200)
      let blocks = 0
      const timer = setInterval(() => (++blocks > 8 ? response.end() : response.write(block)), 40)
      response.on('close', () => clearInterval(timer))
    })
    const { body } = await transport(server.url, { requestTimeout: 200 }).request(get)
    expect(body).toHaveLength(8 * block.length)
  })

  it('all requests together have an end', async () => {
    const server = await serve((_, response) => response.end('x'))
    const { request } = transport(server.url, { totalTimeout: 150 })
    const failure = await failureOf(
      (async () => {
        for (;;) await request(get)
      })(),
    )
    expect(failure).toMatchObject({ code: 'timed_out', message: expect.stringContaining('in all') })
  })

  it('a body without end is cut off', async () => {
    const block = Buffer.alloc(64 * 1024)
    const server = await serve((_, response) => {
      const more = () => {
        while (response.write(block));
      }
      response.on('drain', more)
      more()
    })
    expect((await failureOf(transport(server.url).request(get))).code).toBe('answer_too_large')
  })

  it('a body that unfolds without end is cut off', async () => {
    const bomb = gzipSync(Buffer.alloc(50_000_000))
    const server = await serve((_, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb))
    expect((await failureOf(transport(server.url).request(get))).code).toBe('answer_too_large')
  })

  it('headers without end are cut off', async () => {
    const port = await serveTcp((socket) => socket.write(`HTTP/1.1 200 OK\r\nX-A: ${'x'.repeat(1_000_000)}`))
    expect((await failureOf(transport(`http://127.0.0.1:${port}`).request(get))).code).toBe('answer_too_large')
  })
})

describe('endings', () => {
  it('an interrupt ends what is under way, and what comes later', async () => {
    const stop = new AbortController()
    const server = await serve(() => stop.abort())
    const { request } = transport(server.url, { signal: stop.signal })
    expect((await failureOf(request(get))).code).toBe('interrupted')
    expect((await failureOf(request(get))).code).toBe('interrupted')
  })

  it('closing ends a connection that is being made', async () => {
    const port = await serveTcp(() => {})
    const open = transport(`https://127.0.0.1:${port}`)
    const failing = failureOf(open.request(get))
    await open.close()
    expect((await failing).code).toBe('connection_closed')
  })

  it('a server that accepts and closes is not tried for ever', async () => {
    let connections = 0
    const port = await serveTcp((socket) => {
      connections++
      socket.destroy()
    })
    const failure = await failureOf(transport(`http://127.0.0.1:${port}`, { requestTimeout: 1000 }).request(get))
    expect(failure.code).toBe('connection_closed')
    expect(connections).toBeLessThan(5)
  })
})

describe('failures in words', () => {
  it('nothing listens', async () => {
    const port = await serveTcp(() => {})
    const failure = await failureOf(transport(`http://127.0.0.2:${port}`).request(get))
    expect(failure).toMatchObject({ code: 'refused', hint: expect.stringContaining('port') })
  })

  it('no such host', async () => {
    const failure = await failureOf(transport('http://no-such-host.invalid:8200').request(get))
    expect(failure).toMatchObject({ code: 'dns', message: expect.stringContaining('no-such-host.invalid') })
  })

  it('something else than HTTP', async () => {
    const port = await serveTcp((socket) => socket.write('SSH-2.0-OpenSSH_9.2\r\n'))
    expect((await failureOf(transport(`http://127.0.0.1:${port}`).request(get))).code).toBe('not_duplicati')
  })

  it('https at a port that speaks http', async () => {
    const server = await serve((_, response) => response.end())
    const failure = await failureOf(transport(`https://127.0.0.1:${server.port}`).request(get))
    expect(failure).toMatchObject({ code: 'not_tls', hint: expect.stringContaining(`http://127.0.0.1:${server.port}`) })
  })

  it('http at a port that speaks https', async () => {
    const server = await serve((_, response) => response.end(), 'verified')
    const failure = await failureOf(transport(`http://127.0.0.1:${server.port}`).request(get))
    expect(failure.hint).toContain(`https://127.0.0.1:${server.port}`)
  })
})

describe('bodies', () => {
  it.each([
    ['gzip', gzipSync],
    ['deflate', deflateSync],
    ['br', brotliCompressSync],
  ])('%s is undone', async (encoding, compress) => {
    const server = await serve((_, response) =>
      response.writeHead(200, { 'content-encoding': encoding }).end(compress('hello')),
    )
    const { body } = await transport(server.url).request(get)
    expect(body.toString()).toBe('hello')
  })

  it.each(['gzip', 'klingon'])('what claims to be %s and is not ends in an error', async (encoding) => {
    const server = await serve((_, response) => response.writeHead(200, { 'content-encoding': encoding }).end('hello'))
    expect((await failureOf(transport(server.url).request(get))).code).toBe('bad_answer')
  })

  it('one connection serves all requests', async () => {
    const sockets = new Set<Socket>()
    const server = await serve((_, response, raw) => {
      sockets.add(raw.socket)
      response.end('x')
    })
    const { request } = transport(server.url)
    for (let i = 0; i < 5; i++) await request(get)
    expect(sockets.size).toBe(1)
  })

  it('HTTP/2 is not offered', async () => {
    const server = await serve((_, response, raw) => response.end(raw.httpVersion), 'verified')
    const { body } = await transport(server.url, { trustedCertificates: [authority] }).request(get)
    expect(body.toString()).toBe('1.1')
  })
})

describe('HTTP proxies of the environment', () => {
  /** Passes `CONNECT` on to a port of this machine, whatever host was asked for. */
  async function tunnel(port: number): Promise<{ url: string; asked: string[] }> {
    const asked: string[] = []
    const proxy = await serveTcp((socket) => {
      socket.once('data', (head) => {
        asked.push(head.toString().split('\r\n', 1)[0] ?? '')
        const upstream = connect(port, '127.0.0.1', () => socket.write('HTTP/1.1 200 OK\r\n\r\n'))
        upstream.on('error', () => socket.destroy())
        socket.pipe(upstream).pipe(socket)
      })
    })
    return { url: `http://127.0.0.1:${proxy}`, asked }
  }

  it('http is asked of the proxy', async () => {
    const proxy = await serve((request, response) => response.end(request.path))
    const { request, route } = transport('http://duplicati.test:8200', { env: { HTTP_PROXY: proxy.url } })
    expect((await request(get)).body.toString()).toBe('http://duplicati.test:8200/')
    expect(route.proxy).toBe(proxy.url)
  })

  it('https goes through a tunnel, and its certificate is judged at the end', async () => {
    const server = await serve((_, response) => response.end('inside'), 'verified')
    const proxy = await tunnel(server.port)
    const options = { env: { https_proxy: proxy.url } }
    const trusted = transport('https://duplicati.test', { ...options, trustedCertificates: [authority] })
    expect((await trusted.request(get)).body.toString()).toBe('inside')
    expect(proxy.asked).toEqual(['CONNECT duplicati.test:443 HTTP/1.1'])
    expect((await failureOf(transport('https://duplicati.test', options).request(get))).code).toBe(
      'certificate_untrusted',
    )
    const other = transport('https://elsewhere.test', { ...options, trustedCertificates: [authority] })
    expect((await failureOf(other.request(get))).code).toBe('certificate_wrong_host')
    expect(server.received).toHaveLength(1)
  })

  it('a proxy that refuses is named', async () => {
    const proxy = await serveTcp((socket) =>
      socket.once('data', () => socket.end('HTTP/1.1 407 No\r\nContent-Length: 0\r\n\r\n')),
    )
    const env = { HTTPS_PROXY: `http://bob:geheim@127.0.0.1:${proxy}` }
    const failure = await failureOf(transport('https://duplicati.test', { env }).request(get))
    expect(failure).toMatchObject({
      code: 'proxy_refused',
      message: expect.stringContaining(`http://127.0.0.1:${proxy}`),
    })
    expect(failure.message).not.toContain('geheim')
  })

  it('a proxy that is not there is named', async () => {
    const port = await serveTcp(() => {})
    const env = { ALL_PROXY: `127.0.0.2:${port}` }
    for (const url of ['http://duplicati.test', 'https://duplicati.test']) {
      const failure = await failureOf(transport(url, { env }).request(get))
      expect(failure).toMatchObject({ code: 'refused', message: expect.stringContaining('proxy') })
    }
  })

  it('NO_PROXY goes around it', async () => {
    const server = await serve((_, response) => html(response, 200, 'direct'))
    const env = { http_proxy: 'http://127.0.0.1:1', NO_PROXY: '127.0.0.1' }
    expect((await transport(server.url, { env }).request(get)).body.toString()).toBe('direct')
  })
})
