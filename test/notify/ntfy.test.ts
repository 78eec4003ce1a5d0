import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { buildNtfy } from '../../src/notify/channels/ntfy/build.ts'
import type { NtfyConfig } from '../../src/notify/channels/ntfy/config.ts'
import { newTopic, subscribeUrl, topicUrl } from '../../src/notify/channels/ntfy/config.ts'
import { ntfy } from '../../src/notify/channels/ntfy/index.ts'
import { retryAfter } from '../../src/notify/channels/ntfy/send.ts'
import { validateNtfy } from '../../src/notify/channels/ntfy/validate.ts'
import type { SendResult } from '../../src/notify/types.ts'
import { configOf, message } from '../support/notify.ts'
import { answer, closedPort, ntfyServer } from '../support/ntfy-server.ts'

async function send(config: Partial<NtfyConfig>, given = message(), env: NodeJS.ProcessEnv = {}): Promise<SendResult> {
  const all = configOf({})
  const sender = await ntfy.open({ ...all, ntfy: { ...all.ntfy, ...config } }, env)
  if (sender === null) throw new Error('not set up')
  try {
    return await sender.send(given, 'backups')
  } finally {
    await sender.close()
  }
}

const refusal = (status: number, body: object, headers: Record<string, string> = {}) => ({ status, body, headers })

describe('the ntfy channel (T41)', () => {
  it('publishes by JSON: a title in any script, priority, tags and what opens', async () => {
    const server = await ntfyServer()
    const title = '备份 “Système & Fotos”: नाकाम ⚠️'
    expect(await send({ url: server.url }, message({ title }))).toEqual({ ok: true })
    const [{ path, headers, body } = { path: '', headers: {}, body: null }] = server.received
    expect(path).toBe('/')
    expect(headers['content-type']).toBe('application/json')
    expect(headers.authorization).toBeUndefined()
    expect(body).toEqual({
      topic: 'backups',
      title,
      message: '2 warnings\nsecond line',
      priority: 4,
      tags: ['warning'],
      click: 'https://nas.example:8200',
    })
  })

  it('finds a server behind a path, and gives it the token', async () => {
    const server = await ntfyServer()
    server.token = 'tk_secret'
    expect(await send({ url: `${server.url}/push`, token: 'tk_secret' })).toEqual({ ok: true })
    expect(server.received[0]?.path).toBe('/push/')
  })

  it.each([
    ['a wrong token', refusal(401, { code: 40101, error: 'unauthorized' }), 'wrong_login', 'channel', true],
    ['a topic that is another’s', refusal(403, { code: 40301, error: 'forbidden' }), 'forbidden', 'destination', true],
    ['too many messages', refusal(429, { code: 42901, error: 'limit reached' }), 'rate_limited', 'channel', true],
    ['a failing server', refusal(500, {}), 'server_error', 'unsure', true],
    ['a proxy without its server', refusal(502, {}), 'server_error', 'unsure', true],
    ['a message that is refused', refusal(400, { code: 40024, error: 'bad' }), 'refused_message', 'message', false],
    ['another kind of server', refusal(404, {}), 'not_ntfy', 'channel', true],
  ])('tells of %s', async (_what, { status, body, headers }, code, scope, retryable) => {
    const server = await ntfyServer()
    server.fault = (_request, response) => answer(response, status, body, headers)
    const result = await send({ url: server.url, token: 'tk_secret' })
    expect(result).toMatchObject({ ok: false, code, scope, retryable, retryAfterMs: null })
    expect(JSON.stringify(result)).toContain(new URL(server.url).host)
    expect(JSON.stringify(result)).not.toContain('tk_secret')
  })

  it('waits as long as the server asks', async () => {
    const server = await ntfyServer()
    server.fault = (_request, response) => answer(response, 429, {}, { 'retry-after': '120' })
    expect(await send({ url: server.url })).toMatchObject({ code: 'rate_limited', retryAfterMs: 120_000 })
    const date = { date: 'Tue, 24 Nov 2026 03:00:00 GMT', 'retry-after': 'Tue, 24 Nov 2026 03:10:00 GMT' }
    expect(retryAfter(date)).toBe(600_000)
    expect(retryAfter({ 'retry-after': 'soon' })).toBeNull()
    expect(retryAfter({ 'retry-after': '-5' })).toBeNull()
    expect(retryAfter({})).toBeNull()
  })

  it('never takes the token along to another address', async () => {
    const elsewhere = await ntfyServer()
    const server = await ntfyServer()
    server.fault = (_request, response) => answer(response, 307, {}, { location: `${elsewhere.url}/?auth=x` })
    const result = await send({ url: server.url, token: 'tk_secret' })
    expect(result).toMatchObject({ ok: false, code: 'not_ntfy', scope: 'channel' })
    expect(elsewhere.requests).toBe(0)
  })

  it('does not take the page of a hotel for an answer', async () => {
    const server = await ntfyServer()
    server.fault = (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>Welcome, please log in</h1>')
      return true
    }
    expect(await send({ url: server.url })).toMatchObject({ ok: false, code: 'not_ntfy' })
  })

  it('tells of a server that is not there, in a user’s words', async () => {
    const port = await closedPort()
    expect(await send({ url: `http://127.0.0.1:${port}` })).toMatchObject({
      ok: false,
      code: 'refused',
      message: `127.0.0.1:${port} refuses connections: nothing listens there`,
      scope: 'channel',
      retryable: true,
    })
    expect(await send({ url: 'http://no-such-host.invalid' })).toMatchObject({ ok: false, code: 'unknown_host' })
  })

  it('waits for no server for long', async () => {
    const server = await ntfyServer()
    server.fault = () => true
    expect(await send({ url: server.url, timeout: 200 })).toMatchObject({ code: 'timed_out', scope: 'channel' })
    server.fault = (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' }).write('{"id":')
      return true
    }
    expect(await send({ url: server.url, timeout: 200 })).toMatchObject({ code: 'timed_out', scope: 'channel' })
  })

  it('tells of a connection that is broken off', async () => {
    const server = await ntfyServer()
    server.fault = (_request, response) => Boolean(response.socket?.destroy())
    expect(await send({ url: server.url })).toMatchObject({ ok: false, code: 'broken_off', scope: 'channel' })
  })

  it('goes by a proxy where the environment names one', async () => {
    const seen: string[] = []
    const proxy = createServer()
    proxy.on('connect', (request, socket) => {
      seen.push(request.url ?? '')
      socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n')
    })
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void proxy.close())
    const env = { https_proxy: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}` }
    expect(await send({ url: 'https://ntfy.invalid' }, message(), env)).toMatchObject({ ok: false, scope: 'channel' })
    expect(seen).toEqual(['ntfy.invalid:443'])
  })
})

describe('a message for ntfy', () => {
  it('has at most 4,096 bytes, cut at a line', () => {
    const lines = Array.from({ length: 200 }, (_, index) => `Zeile ${index}: Datei läßt sich nicht lesen ✗`)
    const { message: text } = buildNtfy(message({ text: lines.join('\n') }), 'backups')
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(4096)
    expect(Buffer.byteLength(text)).toBeGreaterThan(3900)
    const [last, ...before] = text.split('\n').reverse()
    expect(last).toBe('…')
    expect(lines.slice(0, before.length)).toEqual(before.reverse())
  })

  it('is cut between characters', () => {
    const { message: text } = buildNtfy(message({ text: '💾'.repeat(2000) }), 'backups')
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(4096)
    expect(text.isWellFormed()).toBe(true)
    expect(text).not.toContain('\ufffd')
  })
})

describe('settings of ntfy', () => {
  const config: NtfyConfig = { url: 'https://ntfy.sh', topic: 'backups', token: null }
  it.each([
    ['ntfy.url', { url: 'ntfy.sh' }],
    ['ntfy.url', { url: 'ftp://ntfy.sh' }],
    ['ntfy.url', { url: 'https://me:secret@ntfy.sh' }],
    ['ntfy.topic', { topic: 'my topic' }],
    ['ntfy.topic', { topic: '../admin' }],
    ['ntfy.token', { token: 'a\r\nX-Evil: 1' }],
  ])('that cannot be right name %s', (key, wrong) => {
    expect(() => validateNtfy({ ...config, ...wrong })).toThrow(key)
    expect(() => validateNtfy(config)).not.toThrow()
  })

  it('have a topic that nobody guesses', () => {
    const topics = Array.from({ length: 200 }, () => newTopic((bytes) => crypto.getRandomValues(new Uint8Array(bytes))))
    for (const topic of topics) expect(topic).toMatch(/^duplistatus-[a-z0-9]{12}$/)
    expect(new Set(topics).size).toBe(200)
    // Bytes that would favour some letters are passed over.
    let next = 251
    expect(newTopic((bytes) => Uint8Array.from({ length: bytes }, () => (next = (next + 1) % 256)))).toBe(
      'duplistatus-abcdefghijkl',
    )
  })

  it('lead to where a topic is read', () => {
    expect(topicUrl({ url: 'https://ntfy.example/push/' }, 'backups')).toBe('https://ntfy.example/push/backups')
    expect(subscribeUrl({ url: 'https://ntfy.sh' }, 'backups')).toBe('ntfy://ntfy.sh/backups')
    expect(subscribeUrl({ url: 'http://nas:8080' }, 'backups')).toBe('ntfy://nas:8080/backups?secure=false')
  })
})
