import { describe, expect, it, onTestFinished } from 'vitest'
import type { ClientOptions, DuplicatiApi, ServerAddress } from '../../src/duplicati/api.ts'
import { createClient } from '../../src/duplicati/client.ts'
import { isToken } from '../../src/duplicati/session.ts'
import { type SimOptions, SimulatedDuplicati } from '../support/duplicati/server.ts'
import { type Answering, authority, failureOf, html, json, serve, type TestServer } from './http-server.ts'

const password = 'pw-One-1'
const pageOf = { pageSize: 10 }

function clientFor(url: string, options: ClientOptions & Partial<ServerAddress> = {}): DuplicatiApi {
  const { secret = password, headers = {}, pin = null, ...rest } = options
  const client = createClient({ url, secret, headers, pin }, { env: {}, busyDelay: 1, requestTimeout: 5000, ...rest })
  onTestFinished(() => client.close())
  return client
}

async function simulated(options: SimOptions = {}): Promise<SimulatedDuplicati> {
  const server = await SimulatedDuplicati.start(options)
  onTestFinished(() => server.close())
  return server
}

/** A server that logs in as Duplicati does, and answers everything else as told. */
async function duplicatiLike(answer: Answering): Promise<TestServer> {
  return serve((request, response, raw) => {
    if (request.path.endsWith('/auth/login')) json(response, 200, { AccessToken: 'a.b.c' })
    else answer(request, response, raw)
  })
}

function logins(server: TestServer | SimulatedDuplicati): number {
  const lines =
    server instanceof SimulatedDuplicati
      ? server.requests
      : server.received.map(({ method, path }) => `${method} ${path}`)
  return lines.filter((line) => line.endsWith('/auth/login')).length
}

describe('logging in', () => {
  it('logs in once, however many requests follow', async () => {
    const server = await simulated()
    const client = clientFor(server.url)
    await client.info()
    await client.state()
    await client.backups()
    expect(logins(server)).toBe(1)
  })

  it('asks four things at once at most, after one login, however the methods are called', async () => {
    const server = await simulated()
    server.faults.add({ kind: 'together', requests: 4 }, { on: /^GET/, times: 4 })
    const client = clientFor(server.url)
    await Promise.all([client.info(), client.state(), client.backups(), client.notices()])
    expect(server.peak).toBe(4)
    expect(logins(server)).toBe(1)
    expect(server.requests[0]).toBe('POST /api/v1/auth/login')
  })

  it('T26: logs in once more for all that was asked at once when the token has expired', async () => {
    const server = await simulated({ delayMs: 5 })
    const client = clientFor(server.url)
    await client.state()
    server.expireTokens()
    await Promise.all([client.info(), client.state(), client.backups(), client.notices()])
    expect(logins(server)).toBe(2)
  })

  it('T26: logs in twice at most when all that is asked at once is refused', async () => {
    const server = await simulated({ delayMs: 5 })
    server.faults.add({ kind: 'unauthorised' }, { on: /^GET/ })
    const client = clientFor(server.url)
    const asked = [client.info(), client.state(), client.backups(), client.notices()]
    for (const failure of await Promise.all(asked.map(failureOf))) expect(failure.code).toBe('token_rejected')
    expect(logins(server)).toBe(2)
  })

  it('T26: does not send a password again that was changed meanwhile', async () => {
    const server = await simulated({ delayMs: 5 })
    const client = clientFor(server.url)
    await client.state()
    server.expireTokens()
    server.password = 'another'
    const asked = [client.info(), client.state(), client.backups(), client.notices()]
    for (const failure of await Promise.all(asked.map(failureOf))) expect(failure.code).toBe('wrong_password')
    expect((await failureOf(client.state())).code).toBe('wrong_password')
    expect(logins(server)).toBe(2)
  })

  it('T26: tries a refused long-lived token once, however many things are asked at once', async () => {
    const server = await simulated({ delayMs: 5 })
    const secret = server.issueToken()
    server.expireTokens()
    const client = clientFor(server.url, { secret })
    const asked = [client.info(), client.state(), client.backups(), client.notices()]
    for (const failure of await Promise.all(asked.map(failureOf))) expect(failure.code).toBe('token_rejected')
    expect(server.requests).toHaveLength(1)
  })

  it('a hanging request holds up no other one', async () => {
    const server = await simulated()
    server.faults.add({ kind: 'hang' }, { on: /backups/ })
    const client = clientFor(server.url, { requestTimeout: 300 })
    const hanging = failureOf(client.backups())
    for (let i = 0; i < 5; i++) await Promise.all([client.state(), client.info()])
    expect((await hanging).code).toBe('timed_out')
  })

  it('T26: tries a wrong password once and says so', async () => {
    const server = await simulated()
    const client = clientFor(server.url, { secret: 'wrong' })
    const failure = await failureOf(client.info())
    expect(failure).toMatchObject({ code: 'wrong_password', message: expect.stringContaining(server.url) })
    expect(logins(server)).toBe(1)
  })

  it('T26: logs in once more when the token has expired, and goes on', async () => {
    const server = await simulated()
    const client = clientFor(server.url)
    await client.state()
    server.expireTokens()
    await client.state()
    server.expireTokens()
    await client.state()
    expect(logins(server)).toBe(3)
  })

  it('T26: gives up when a new token is refused too', async () => {
    const server = await simulated()
    server.faults.add({ kind: 'unauthorised' }, { on: /serverstate/ })
    const failure = await failureOf(clientFor(server.url).state())
    expect(failure.code).toBe('token_rejected')
    expect(logins(server)).toBe(2)
  })

  it('stops logging in at a server that refuses every other request', async () => {
    let refuse = false
    const server = await duplicatiLike((_, response) => {
      refuse = !refuse
      if (refuse) json(response, 200, {})
      else response.writeHead(401).end()
    })
    const client = clientFor(server.url)
    const failure = await failureOf(
      (async () => {
        for (let i = 0; i < 20; i++) await client.state()
      })(),
    )
    expect(failure.code).toBe('token_rejected')
    expect(logins(server)).toBeLessThanOrEqual(4)
  })

  it('T26: uses a long-lived token without logging in', async () => {
    const server = await simulated()
    server.longLivedToken = server.issueToken()
    await clientFor(server.url, { secret: server.longLivedToken }).info()
    expect(logins(server)).toBe(0)
  })

  it('T26: a refused long-lived token is told apart from a wrong password, and not tried again', async () => {
    const server = await simulated()
    const token = server.issueToken()
    server.expireTokens()
    const failure = await failureOf(clientFor(server.url, { secret: token }).info())
    expect(failure).toMatchObject({ code: 'token_rejected', hint: expect.stringContaining('issue-forever-token') })
    expect(server.requests).toHaveLength(1)
  })

  it('says that a password is missing without asking the server', async () => {
    const server = await simulated()
    const failure = await failureOf(
      clientFor(server.url, { secret: null })
        .info()
        .finally(() => {}),
    )
    expect(failure.code).toBe('password_missing')
    expect(server.requests).toEqual([])
  })

  it('knows tokens by their form', () => {
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
    expect(isToken(`${part({ alg: 'HS256', typ: 'JWT' })}.${part({})}.c2ln`)).toBe(true)
    for (const text of ['secret', 'a.b.c', 'eyJ.a b.c', `${part({ typ: 1 })}.${part({})}.x`, 'my.pass.word'])
      expect(isToken(text)).toBe(false)
  })

  it('refuses a token that would break out of its header', async () => {
    const server = await serve((_, response) => json(response, 200, { AccessToken: 'x\r\nX-Evil: 1' }))
    expect((await failureOf(clientFor(server.url).state())).code).toBe('not_duplicati')
    expect(server.received).toHaveLength(1)
  })

  it('says that the host name is filtered, and where to allow it', async () => {
    const server = await simulated()
    const failure = await failureOf(clientFor(server.url, { headers: { Host: 'backup.example' } }).info())
    expect(failure).toMatchObject({
      code: 'host_name_filter',
      message: expect.stringContaining('backup.example'),
      hint: expect.stringContaining('allowed'),
    })
  })
})

describe('servers that are something else', () => {
  const cases: [string, Parameters<typeof serve>[0], string][] = [
    [
      'before 2.1, which give out nonces',
      (request, response) =>
        request.path === '/login.cgi'
          ? json(response, 200, { Status: 'OK', Nonce: 'x', Salt: 'y' })
          : html(response, 404, 'not found'),
      'too_old',
    ],
    [
      'before 2.1, which refuse the API without a session',
      (request, response) => response.writeHead(request.path === '/api/v1/systeminfo' ? 401 : 405).end(),
      'too_old',
    ],
    ['another JSON API', (_, response) => json(response, 200, { hello: 'world' }), 'not_duplicati'],
    ['another JSON API that knows no login', (_, response) => response.writeHead(404).end(), 'not_duplicati'],
    ['a web site', (_, response) => html(response, 200, '<html><title>My site</title>'), 'not_duplicati'],
    [
      'a login page',
      (_, response) => html(response, 200, '<html><form action="/login"><input type="password">'),
      'proxy_auth',
    ],
    [
      'a gateway without Duplicati behind it',
      (_, response) => html(response, 502, '<html><title>502 Bad Gateway</title>'),
      'proxy_page',
    ],
    ['a gateway with an empty answer', (_, response) => response.writeHead(503).end(), 'proxy_page'],
    [
      'a proxy with basic authentication',
      (_, response) => response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end(),
      'proxy_auth',
    ],
    ['a proxy that forbids', (_, response) => html(response, 403, '<html><title>Forbidden</title>'), 'proxy_auth'],
    ['a proxy that wants to be asked less', (_, response) => response.writeHead(429).end(), 'busy'],
    [
      'a redirect to a login',
      (_, response) => response.writeHead(302, { location: 'https://sso.example/login?state=1' }).end(),
      'proxy_auth',
    ],
    ['a redirect to nowhere', (_, response) => response.writeHead(302).end(), 'redirected'],
    [
      'a Duplicati in trouble',
      (_, response) => json(response, 500, { Error: 'An error occurred', Code: 500 }),
      'server_error',
    ],
  ]
  it.each(cases)('T28: %s', async (_, answer, code) => {
    const server = await serve(answer)
    const failure = await failureOf(clientFor(server.url).info())
    expect(failure).toMatchObject({ code, message: expect.stringContaining(server.url), hint: expect.any(String) })
    expect(failure.message).not.toContain(password)
  })

  it('T28: quotes the title of a page, bounded and inert', async () => {
    const server = await serve((_, response) =>
      html(response, 502, `<html><title>Bad\u001b[31m gate\u202eway${'x'.repeat(5000)}</title>`),
    )
    const { message } = await failureOf(clientFor(server.url).info())
    expect(message).toContain('Bad [31m gate way')
    expect(message.length).toBeLessThan(250)
  })

  it('a version before 2.1 that lets us in is too old', async () => {
    const server = await duplicatiLike((_, response) => json(response, 200, { ServerVersion: '2.0.8.1' }))
    expect(await failureOf(clientFor(server.url).info())).toMatchObject({
      code: 'too_old',
      message: expect.stringContaining('2.0.8.1'),
    })
  })

  it('system information without a version is no Duplicati', async () => {
    const server = await duplicatiLike((_, response) => json(response, 200, []))
    expect((await failureOf(clientFor(server.url).info())).code).toBe('not_duplicati')
  })
})

describe('redirects', () => {
  it('T27: never sends the password or token to another origin', async () => {
    const thief = await serve((_, response) => json(response, 200, { AccessToken: 'x' }))
    const server = await serve((request, response) =>
      response.writeHead(307, { location: thief.url + request.path }).end(),
    )
    const failure = await failureOf(clientFor(server.url).info())
    expect(failure).toMatchObject({
      code: 'redirected',
      message: expect.stringContaining(thief.url),
      hint: expect.stringContaining(`use ${thief.url} as its address`),
    })
    const later = await duplicatiLike((request, response) =>
      response.writeHead(302, { location: thief.url + request.path }).end(),
    )
    expect((await failureOf(clientFor(later.url).info())).code).toBe('redirected')
    expect(thief.received).toEqual([])
  })

  it('T27: does not follow from https to http', async () => {
    const plain = await serve((_, response) => json(response, 200, {}))
    const server = await serve((_, response) => response.writeHead(302, { location: plain.url }).end(), 'verified')
    const failure = await failureOf(clientFor(server.url, { trustedCertificates: [authority] }).info())
    expect(failure).toMatchObject({ code: 'redirected', hint: expect.stringContaining('unencrypted') })
    expect(plain.received).toEqual([])
  })

  it('does not show what a redirect carries in its query', async () => {
    const server = await serve((_, response) =>
      response.writeHead(302, { location: 'https://u:p@sso.example/x?state=SECRET' }).end(),
    )
    const failure = await failureOf(clientFor(server.url).info())
    expect(`${failure.message}${failure.hint}`).not.toMatch(/SECRET|u:p/)
  })

  it('follows a GET within the origin, three times at most', async () => {
    const server = await duplicatiLike((request, response) => {
      const hop = Number(/hop=(\d+)/.exec(request.path)?.[1] ?? 0)
      if (hop === 3) json(response, 200, { ProgramState: 'Paused' })
      else response.writeHead(302, { location: `/api/v1/serverstate?hop=${hop + 1}` }).end()
    })
    await expect(clientFor(server.url).state()).resolves.toMatchObject({ paused: { until: null } })
    const loop = await duplicatiLike((request, response) => response.writeHead(302, { location: request.path }).end())
    expect((await failureOf(clientFor(loop.url).state())).code).toBe('redirected')
    expect(loop.received).toHaveLength(5)
  })
})

describe('behind proxies', () => {
  it('T28: keeps the base path', async () => {
    const server = await simulated({ basePath: '/duplicati' })
    await expect(clientFor(server.url).info()).resolves.toMatchObject({ machineName: 'nas' })
  })

  it('T28: sends extra headers with every request', async () => {
    const server = await simulated({ proxy: { headers: { 'X-Access': 'let-me-in' } } })
    await expect(clientFor(server.url, { headers: { 'X-Access': 'let-me-in' } }).info()).resolves.toBeDefined()
    const failure = await failureOf(clientFor(server.url).info())
    expect(failure).toMatchObject({ code: 'proxy_auth', hint: expect.stringContaining('--headers-stdin') })
  })

  it('T28: a login of the proxy goes beside the token of Duplicati', async () => {
    const server = await simulated({ proxy: { basic: 'bob:secret' } })
    const headers = { Authorization: `Basic ${Buffer.from('bob:secret').toString('base64')}` }
    await expect(clientFor(server.url, { headers }).info()).resolves.toBeDefined()
    expect((await failureOf(clientFor(server.url).info())).code).toBe('proxy_auth')
  })

  it('a proxy that takes only Authorization, and logs in to Duplicati itself, gets its own', async () => {
    const server = await duplicatiLike((request, response) => {
      if (request.headers.authorization === 'Basic Ym9iOng=') json(response, 200, { ProgramState: 'Running' })
      else response.writeHead(401, { 'www-authenticate': 'Basic' }).end()
    })
    const client = clientFor(server.url, { headers: { authorization: 'Basic Ym9iOng=' } })
    await expect(client.state()).resolves.toMatchObject({ paused: null })
  })

  it('says when proxy and Duplicati want the same header', async () => {
    const server = await duplicatiLike((request, response) => {
      const isBasic = request.headers.authorization?.startsWith('Basic')
      response.writeHead(401, { 'www-authenticate': isBasic ? 'Bearer' : 'Basic' }).end()
    })
    const failure = await failureOf(clientFor(server.url, { headers: { authorization: 'Basic Ym9iOng=' } }).state())
    expect(failure).toMatchObject({ code: 'proxy_auth', message: expect.stringContaining('Both') })
    expect(server.received.length).toBeLessThan(5)
  })

  it('needs no password where the headers already let it in', async () => {
    const server = await serve((request, response) => {
      if (request.headers.authorization === 'PreAuth abc') json(response, 200, { ProgramState: 'Running' })
      else response.writeHead(401).end()
    })
    const options = { secret: null as never, headers: { Authorization: 'PreAuth abc' } }
    const client = createClient({ url: server.url, ...options }, { env: {} })
    onTestFinished(() => client.close())
    await expect(client.state()).resolves.toBeDefined()
    expect(logins(server)).toBe(0)
  })

  it('refuses headers that cannot be sent, without repeating their values', async () => {
    const server = await serve((_, response) => json(response, 200, {}))
    const failure = await failureOf(clientFor(server.url, { headers: { 'X-A': 'geheim\r\nX-B: 1' } }).state())
    expect(failure.code).toBe('bad_header')
    expect(failure.message).not.toContain('geheim')
    expect(server.received).toEqual([])
  })
})

describe('the log of a job', () => {
  it('T21: asks for rows below an id, and knows that pages are clamped', async () => {
    const rows = Array.from({ length: 25 }, (_, i) => ({
      ID: 25 - i,
      OperationID: 1,
      Timestamp: 1795459000,
      Type: 'Message',
      Message: 'x',
      Exception: {},
    }))
    const server = await duplicatiLike((request, response) => {
      const { searchParams } = new URL(request.path, 'http://x')
      const before = Number(searchParams.get('offset') ?? 1e9)
      json(response, 200, rows.filter(({ ID }) => ID < before).slice(0, 10))
    })
    const client = clientFor(server.url)
    const first = await client.logPage('1', { pageSize: 1 })
    expect(first).toMatchObject({ more: true })
    expect(first?.rows.map(({ id }) => id)).toEqual([25, 24, 23, 22, 21, 20, 19, 18, 17, 16])
    const last = await client.logPage('1', { pageSize: 10, before: 6 })
    expect(last).toMatchObject({ more: false })
    expect(server.received.at(-1)?.path).toBe('/api/v1/backup/1/log?pagesize=10&offset=6')
  })

  it('gives the newest row alone where it is the one that is known, and the whole page where it is another', async () => {
    const rows = [9, 8, 7].map((ID) => ({ ID, OperationID: ID, Timestamp: 1, Type: 'Message', Message: `x}]${ID}` }))
    const server = await duplicatiLike((_, response) => json(response, 200, rows))
    const client = clientFor(server.url)
    const whole = await client.logPage('1', { pageSize: 10 })
    const [newest] = whole?.rows ?? []
    const known = { id: newest?.id ?? 0, fingerprint: newest?.fingerprint ?? '' }
    expect((await client.logPage('1', { pageSize: 10, known }))?.rows).toEqual([newest])
    expect(await client.logPage('1', { pageSize: 10, known: { ...known, fingerprint: 'other' } })).toEqual(whole)
    expect(await client.logPage('1', { pageSize: 10, known: { ...known, id: known.id - 1 } })).toEqual(whole)
  })

  it('refuses rows that were not asked for: a server that repeats itself would be read for ever', async () => {
    const server = await duplicatiLike((_, response) => json(response, 200, [{ ID: 9, Timestamp: 1, Type: 'Message' }]))
    expect(await failureOf(clientFor(server.url).logPage('1', { pageSize: 10, before: 9 }))).toMatchObject({
      code: 'bad_answer',
      message: expect.stringContaining('row 9'),
    })
  })

  it('gives null for a job that the server does not know', async () => {
    const server = await simulated()
    await expect(clientFor(server.url).logPage('99', pageOf)).resolves.toBeNull()
  })

  it.each([
    ['canary', 'busy'],
    ['2.1.0.5', 'database_broken'],
  ] as const)('T22: waits for a database in use (%s), five tries in all, then says %s', async (release, code) => {
    const server = await duplicatiLike((_, response) => {
      if (release === 'canary') json(response, 400, { Error: 'in use', Code: 400, HelpId: 'DatabaseLocked' })
      else json(response, 500, { Error: 'An error occurred', Code: 500 })
    })
    expect((await failureOf(clientFor(server.url).logPage('1', pageOf))).code).toBe(code)
    expect(server.received.filter(({ path }) => path.includes('/log?'))).toHaveLength(5)
  })

  it('T22: goes on when the database is free again', async () => {
    let tries = 0
    const server = await duplicatiLike((_, response) => {
      if (tries++ < 2) json(response, 400, { Error: 'in use', Code: 400, HelpId: 'DatabaseLocked' })
      else json(response, 200, [])
    })
    await expect(clientFor(server.url).logPage('1', pageOf)).resolves.toEqual({ rows: [], more: false })
  })

  it('T22: an interrupt ends the waiting', async () => {
    const stop = new AbortController()
    const server = await duplicatiLike((_, response) => {
      json(response, 500, { Error: 'An error occurred', Code: 500 })
      setImmediate(() => stop.abort())
    })
    const client = clientFor(server.url, { busyDelay: 60_000, signal: stop.signal })
    expect((await failureOf(client.logPage('1', pageOf))).code).toBe('interrupted')
  })
})

describe('what may be missing', () => {
  it('T24: nothing has run since the start', async () => {
    const server = await simulated()
    await expect(clientFor(server.url).progress()).resolves.toBeNull()
  })

  it.each([
    [404, ''],
    [500, '{"Error":"An error occurred","Code":500}'],
    [200, '{"truncated'],
  ])('T68: notifications that answer %i do not fail a collection', async (status, body) => {
    const server = await duplicatiLike((request, response) => {
      if (request.path.includes('/notifications')) response.writeHead(status).end(body)
      else json(response, 200, [{ BackupID: 4, Message: 'Failed', Exception: '', Timestamp: 1795459016 }])
    })
    await expect(clientFor(server.url).notices()).resolves.toMatchObject([{ source: 'serverLog', backupId: '4' }])
  })

  it('settings that a version does not offer', async () => {
    const server = await duplicatiLike((request, response) => {
      if (request.path.includes('systeminfo'))
        json(response, 200, { ServerVersion: '2.1.0.5', ServerTime: '2026-11-23T14:01:12.49-05:00' })
      else response.writeHead(404).end()
    })
    await expect(clientFor(server.url).info()).resolves.toMatchObject({
      timeZone: '-05:00',
      keepClockTime: false,
      machineName: null,
    })
  })
})

describe('hostile answers', () => {
  it.each([
    ['truncated JSON', '[{"Backup": {"ID": "1"', 'no whole JSON'],
    ['nothing', '', 'is empty'],
    ['deep nesting', '['.repeat(100_000), 'nested deeper'],
    ['a list of the wrong things', '[1]', 'is not an object'],
    ['no list', '{"a":1}', 'is not a list'],
    ['an id of the wrong type', '[{"Backup":{"ID":{},"Name":"x"}}]', 'Backup.ID'],
    ['a name of the wrong type', '[{"Backup":{"ID":"1","Name":{"x":1}}}]', 'Backup.Name'],
  ])('%s ends in a clear error that names the endpoint', async (_, body, what) => {
    const server = await duplicatiLike((__, response) =>
      response.writeHead(200, { 'content-type': 'application/json' }).end(body),
    )
    const failure = await failureOf(clientFor(server.url).backups())
    expect(failure).toMatchObject({ code: 'bad_answer', message: expect.stringContaining('/api/v1/backups') })
    expect(failure.message).toContain(what)
  })

  it('says that a body was cut', async () => {
    const server = await simulated()
    server.faults.add({ kind: 'cut' }, { on: /backups/ })
    const failure = await failureOf(clientFor(server.url).backups())
    expect(failure).toMatchObject({
      code: 'connection_closed',
      message: `${server.url} broke off its answer to /api/v1/backups`,
      hint: expect.not.stringContaining('https'),
    })
  })

  it('a connection that closes without an answer is not tried for ever', async () => {
    const server = await simulated()
    server.faults.add({ kind: 'drop' })
    expect((await failureOf(clientFor(server.url).backups())).code).toBe('connection_closed')
    expect(server.requests).toHaveLength(1)
  })

  it('a kept connection that closed in between is opened again', async () => {
    const server = await simulated()
    const client = clientFor(server.url)
    await client.state()
    server.faults.add({ kind: 'drop' }, { times: 1 })
    await expect(client.state()).resolves.toBeDefined()
  })
})

describe('recording for collect --save', () => {
  it('has every answer without passwords, tokens and destinations', async () => {
    const backup = {
      ID: '1',
      Name: 'A',
      TargetURL: 'ssh://nas/x?auth-username=bob&auth-password=geheim',
      Settings: [{ Name: '--passphrase', Value: 'geheim' }],
    }
    const server = await duplicatiLike((_, response) => json(response, 200, [{ Backup: backup, Schedule: null }]))
    const exchanges: unknown[] = []
    await clientFor(server.url, { recorder: (exchange) => exchanges.push(exchange) }).backups()
    expect(exchanges).toMatchObject([
      { method: 'POST', path: '/api/v1/auth/login', status: 200, body: { AccessToken: '***' } },
      {
        method: 'GET',
        path: '/api/v1/backups',
        status: 200,
        body: [{ Backup: { Name: 'A', TargetURL: 'ssh://nas' } }],
      },
    ])
    expect(JSON.stringify(exchanges)).not.toMatch(/geheim|bob|pw-One-1|a\.b\.c/)
  })
})
