import { afterEach, expect, test } from 'vitest'
import { htmlPage, redirect } from '../support/duplicati/faults.ts'
import { simJob } from '../support/duplicati/job.ts'
import { RunLog } from '../support/duplicati/log.ts'
import { type SimOptions, SimulatedDuplicati } from '../support/duplicati/server.ts'

let server: SimulatedDuplicati
afterEach(() => server.close())

async function start(options: SimOptions = {}) {
  const log = new RunLog(1200, (index) => ({
    operation: 'Backup',
    beganAt: 1795459010000 + index * 1000,
    duration: 6381817,
  }))
  server = await SimulatedDuplicati.start({ jobs: [simJob({ id: '1', name: 'Documents', log })], ...options })
}

async function get(path: string, init: RequestInit = {}) {
  const headers = { authorization: `Bearer ${server.issueToken()}`, ...init.headers }
  return fetch(`${server.url}/api/v1${path}`, { redirect: 'manual', ...init, headers })
}

async function ids(path: string): Promise<number[]> {
  const rows = (await (await get(path)).json()) as { ID: number }[]
  return rows.map((row) => row.ID)
}

async function login(password: string): Promise<Record<string, string>> {
  const body = JSON.stringify({ Password: password, RememberMe: false })
  const headers = { 'content-type': 'application/json' }
  const answer = await fetch(`${server.url}/api/v1/auth/login`, { method: 'POST', body, headers })
  return (await answer.json()) as Record<string, string>
}

test('a log is paged by row id, newest first, 10 to 500 rows a page (T21)', async () => {
  await start()
  expect(await ids('/backup/1/log?pagesize=1')).toHaveLength(10)
  expect(await ids('/backup/1/log?pagesize=-1')).toHaveLength(10)
  expect(await ids('/backup/1/log')).toHaveLength(100)
  expect(await ids('/backup/1/log?pagesize=9999')).toHaveLength(500)
  expect((await ids('/backup/1/log?pagesize=10&offset=1000'))[0]).toBe(999)
  expect(await ids('/backup/1/log?pagesize=10&offset=4')).toEqual([3, 2, 1])
  expect(await ids('/backup/1/log?offset=1')).toEqual([])
  expect(await ids('/backup/1/log?offset=-5')).toEqual([])
  expect((await get('/backup/1/log?offset=abc')).status).toBe(400)
  expect((await get('/backup/1/log?pagesize=')).status).toBe(400)
})

test('Duplicati deletes rows of its own, and a new database counts from 1 again', async () => {
  await start()
  const log = server.job('1')?.log as RunLog
  log.deleteBelow(1195)
  expect(await ids('/backup/1/log?pagesize=10')).toEqual([1200, 1199, 1198, 1197, 1196, 1195])
  log.recreate()
  expect(await ids('/backup/1/log')).toEqual([])
  expect(log.add({ operation: 'Backup', beganAt: 1795459010000, duration: 1 })).toBe(1)
})

test('a token lives 15 minutes of the server, or until it is told', async () => {
  let clock = Date.parse('2026-11-23T18:00:00Z')
  await start({ now: () => clock })
  const { AccessToken: token = '', RefreshNonce: nonce } = await login('pw-One-1')
  expect(nonce).toMatch(/=$/)
  const ask = () => get('/backups', { headers: { authorization: `Bearer ${token}` } }).then((answer) => answer.status)
  expect(await ask()).toBe(200)
  clock += 15 * 60_000
  expect(await ask()).toBe(401)
  clock -= 60_000
  expect(await ask()).toBe(200)
  server.expireTokens()
  expect(await ask()).toBe(401)
  server.longLivedToken = token
  expect(await ask()).toBe(200)
})

test('only 2.2 and later give a nonce', async () => {
  await start({ release: '2.1.0.5' })
  expect(Object.keys(await login('pw-One-1'))).toEqual(['AccessToken'])
})

test('the canary lets one call at a time read the log of a job (T22)', async () => {
  await start({ release: 'canary' })
  server.faults.add({ kind: 'together', requests: 2 }, { times: 2, on: /log/ })
  const answers = await Promise.all([get('/backup/1/log'), get('/backup/1/log')])
  expect(answers.map((answer) => answer.status).sort()).toEqual([200, 400])
  expect(server.peak).toBe(2)
})

test('faults come and go while the server runs', async () => {
  await start()
  const off = server.faults.add({ kind: 'busy' }, { on: /log/ })
  expect((await get('/backup/1/log')).status).toBe(500)
  expect((await get('/backups')).status).toBe(200)
  off()
  server.faults.add(htmlPage(502, 'Bad Gateway'), { times: 1, after: 1 })
  expect([(await get('/backups')).status, (await get('/backups')).status]).toEqual([200, 502])
  server.faults.add(redirect('https://sso.example/login'), { times: 1 })
  expect((await get('/backups')).headers.get('location')).toBe('https://sso.example/login')
  server.faults.add({ kind: 'unauthorised' }, { times: 1 })
  expect((await get('/backups')).status).toBe(401)
  server.faults.add({ kind: 'answer', status: 200, body: { strange: true } }, { times: 1 })
  expect(await (await get('/backups')).json()).toEqual({ strange: true })
  expect((await get('/backups')).status).toBe(200)
})

test.each([{ kind: 'cut' }, { kind: 'truncate' }, { kind: 'drop' }] as const)(
  'a body can be broken: %j',
  async (fault) => {
    await start()
    server.faults.add(fault)
    await expect(get('/backups').then((answer) => answer.json())).rejects.toThrow()
  },
)

test.each([{ kind: 'hang' }, { kind: 'endless' }, { kind: 'trickle', ms: 20 }] as const)(
  'a client has to give up: %j',
  async (fault) => {
    await start()
    server.faults.add(fault)
    const signal = AbortSignal.timeout(150)
    await expect(get('/backups', { signal }).then((answer) => answer.text())).rejects.toThrow(/timeout/i)
  },
)

test('behind a reverse proxy only the base path leads to Duplicati', async () => {
  await start({ basePath: '/duplicati' })
  expect((await get('/backups')).status).toBe(200)
  expect((await fetch(`http://127.0.0.1:${server.port}/api/v1/backups`)).headers.get('content-type')).toBe('text/html')
  expect(server.count(/^GET \/api\/v1\/backups$/)).toBe(2)
})

test('an authentication proxy wants its headers or basic authentication', async () => {
  await start({ proxy: { headers: { 'X-Gate': 'open' }, basic: 'ann:pw' } })
  expect((await get('/backups')).headers.get('www-authenticate')).toContain('Basic')
  const headers = { 'x-gate': 'open', 'proxy-authorization': `Basic ${btoa('ann:pw')}` }
  // fetch does not let this header through, so the rule is looked at without it.
  server.proxy = { headers: { 'X-Gate': 'open' } }
  expect((await get('/backups', { headers })).status).toBe(200)
  server.proxy = { headers: { 'X-Gate': 'shut' }, loginUrl: 'https://sso.example/' }
  expect((await get('/backups', { headers })).status).toBe(302)
})

test('protected settings are ignored, unknown ones stored, null removes', async () => {
  await start()
  const patch = (body: object) => get('/serversettings', { method: 'PATCH', body: JSON.stringify(body) })
  await patch({ 'additional-report-url': 'http://x', '--send-http-json-urls': 'http://y', foo: 'bar' })
  expect(server.settings).toMatchObject({
    'additional-report-url': '',
    '--send-http-json-urls': 'http://y',
    foo: 'bar',
  })
  await patch({ foo: null })
  expect(server.settings).not.toHaveProperty('foo')
  expect((await patch([] as object)).status).toBe(200)
})
