import { describe, expect, it, onTestFinished } from 'vitest'
import { createClient } from '../../src/duplicati/client.ts'
import { SimulatedDuplicati } from '../support/duplicati/server.ts'
import { failureOf, json, serve } from './http-server.ts'

const password = 'pw-One-1'

function clientFor(url: string) {
  const client = createClient({ url, secret: password }, { env: {}, requestTimeout: 5000 })
  onTestFinished(() => client.close())
  return client
}

describe("a server's settings", () => {
  it('are changed, read back, and taken away', async () => {
    const server = await SimulatedDuplicati.start()
    onTestFinished(() => server.close())
    const client = clientFor(server.url)
    const before = await client.settings()
    await client.changeSettings({ '--send-http-max-log-lines': '0' })
    expect(await client.settings()).toEqual({ ...before, '--send-http-max-log-lines': '0' })
    await client.changeSettings({ '--send-http-max-log-lines': null })
    expect(await client.settings()).toEqual(before)
  })

  it('are answered as changed where the server ignores the key', async () => {
    const server = await SimulatedDuplicati.start({ release: '2.3.0.4' })
    onTestFinished(() => server.close())
    const client = clientFor(server.url)
    const before = await client.settings()
    await client.changeSettings({ 'additional-report-url': 'http://monitor:9666/' })
    expect(await client.settings()).toEqual(before)
  })

  it('are never sent to where a redirect points', async () => {
    const server = await serve(({ path, method }, response) => {
      if (path.endsWith('/auth/login')) return json(response, 200, { AccessToken: 'a.b.c' })
      if (method === 'GET') return json(response, 200, { 'server-timezone': '' })
      response.writeHead(307, { location: '/api/v1/elsewhere' }).end()
    })
    const client = clientFor(server.url)
    await client.settings()
    await failureOf(client.changeSettings({ '--send-http-json-urls': 'http://monitor:9666/?token=x' }))
    expect(server.received.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'POST /api/v1/auth/login',
      'GET /api/v1/serversettings',
      'PATCH /api/v1/serversettings',
    ])
  })

  it('have to be an object', async () => {
    const server = await serve(({ path }, response) =>
      json(response, 200, path.endsWith('/auth/login') ? { AccessToken: 'a.b.c' } : []),
    )
    expect((await failureOf(clientFor(server.url).settings())).message).toContain('serversettings')
  })
})
