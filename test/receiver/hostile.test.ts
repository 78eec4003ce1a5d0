import { connect, type Socket } from 'node:net'
import { gzipSync } from 'node:zlib'
import { describe, expect, it, onTestFinished } from 'vitest'
import { quickGet } from '../../src/store/quick.ts'
import { Random } from '../support/duplicati/random.ts'
import { receiverLab, reportOf } from './lab.ts'

/** More with HOSTILE_BODIES=10000. */
const BODIES = Number(process.env.HOSTILE_BODIES ?? 600)
const ESCAPES = ['\u001b[2J', '\u001b]0;owned\u0007', '\u009b31m', '\u202e', '\r\n', '\u0000']

/** A body that no Duplicati posts, seeded: broken, of wrong types, deep, huge, of no encoding, with escape sequences in its names. */
function hostileBody(random: Random): { body: Uint8Array; headers: Record<string, string> } {
  const pick = <T>(items: T[]): T => items[random.between(0, items.length - 1)] as T
  const sequence = () => pick(ESCAPES) + random.hex(6)
  const report = reportOf({
    machine: `m${sequence()}`,
    job: sequence(),
    lines: [sequence(), `2026-11-20 02:00:00 +00 - [Error-${sequence()}]: ${sequence()}`],
  })
  const text = JSON.stringify(report)
  const weird = [
    null,
    -1,
    1e308,
    '1e999',
    [],
    {},
    '9'.repeat(400),
    true,
    '0001-01-01T00:00:00',
    '2199-01-01T00:00:00Z',
    'NaN',
    '-5.99:99:99',
  ]
  const kinds: (() => string | Uint8Array)[] = [
    () => text.slice(0, random.between(0, text.length)),
    () => text.replace(/"[A-Za-z]+Length":\d+/g, (field) => field.replace(/\d+$/, '1e400')),
    () =>
      JSON.stringify({
        ...report,
        Data: Object.fromEntries(Object.keys(report.Data).map((key) => [key, pick(weird)])),
      }),
    () =>
      JSON.stringify({
        ...report,
        Extra: { 'machine-name': pick(weird), 'backup-name': sequence(), 'backup-id': pick(weird) },
      }),
    () => JSON.stringify({ ...report, LogLines: [pick(weird), sequence().repeat(2_000)] }),
    () => '['.repeat(random.between(100, 100_000)),
    () => '{"Data":'.repeat(random.between(70, 10_000)),
    () => Buffer.from(text, 'utf16le'),
    () => Buffer.from(random.hex(2_000), 'hex'),
    () => text.replace('nas', '\ud800'),
    () => `message=${encodeURIComponent(text).replace(/%2/g, '%ZZ')}`,
    () =>
      `Duplicati Backup report for ${sequence()} (${sequence()}, DB-1, ${sequence()})\nFailed: ${sequence()}\nBeginTime: (${'9'.repeat(30)})`,
    () => '',
    () => 'null',
    () => `"${'x'.repeat(random.between(1, 50_000))}`,
    () =>
      JSON.stringify({
        __proto__: null,
        constructor: { prototype: sequence() },
        Data: JSON.parse('{"__proto__":{"MainOperation":"Backup"}}'),
      }),
    () => gzipSync(Buffer.alloc(random.between(1, 20) * 1_000_000, pick(['x', '[', '{"a":']))),
    () => gzipSync(text).subarray(0, 100),
  ]
  const body = pick(kinds)()
  const type = pick([
    'application/json',
    'application/x-www-form-urlencoded',
    'text/plain',
    `x/${random.hex(200)}`,
    'multipart/form-data; boundary=x',
  ])
  const encoding =
    random.between(0, 9) === 0
      ? { 'content-encoding': pick(['gzip', 'br', 'deflate', 'zstd', 'x-unknown', 'gzip, gzip, gzip, gzip']) }
      : {}
  return { body: Buffer.from(body as string), headers: { 'content-type': type, ...encoding } }
}

describe('hostile senders', () => {
  it(`${BODIES} broken bodies stop nothing, and none gets an escape sequence into the log`, async () => {
    const lab = await receiverLab({ open: true, publicRead: true, maxBody: 8 * 1024 * 1024 })
    const random = new Random(20_261_124)
    const statuses = new Map<number, number>()
    for (let sent = 0; sent < BODIES; sent += 20) {
      const answers = await Promise.all(
        Array.from({ length: Math.min(20, BODIES - sent) }, () => {
          const { body, headers } = hostileBody(random)
          return lab.post('/api/upload', body, { headers })
        }),
      )
      for (const { status } of answers) statuses.set(status, (statuses.get(status) ?? 0) + 1)
    }
    expect([...statuses.keys()].sort()).toEqual([200, 413])
    expect((await lab.post('/api/upload', reportOf())).status).toBe(200)
    expect((await lab.get('/api/summary')).status).toBe(200)
    expect((await lab.get('/api/health')).body.status).toBe('healthy')
    expect(quickGet(lab.store.db, 'PRAGMA integrity_check')).toEqual({ integrity_check: 'ok' })
    expect(lab.said.filter(({ level }) => level === 'error')).toEqual([])
    const kept = await lab.store.quarantine.list()
    expect(kept.length).toBeGreaterThan(Math.min(BODIES / 10, 900))
    expect(kept.length).toBeLessThanOrEqual(1_000)
    for (const item of kept) expect(item.reason).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202e]/)
  }, 600_000)

  it('who open two hundred connections and say nothing keep nobody from reporting', async () => {
    const lab = await receiverLab({ open: true })
    const sockets: Socket[] = []
    onTestFinished(() => {
      for (const socket of sockets) socket.destroy()
    })
    await Promise.all(
      Array.from({ length: 200 }, (_, i) => {
        const socket = connect(lab.port, '127.0.0.1')
        sockets.push(socket.on('error', () => {}))
        return new Promise<void>((resolve) =>
          socket.once('connect', () => {
            if (i % 2 === 0) socket.write('POST /api/upload HTTP/1.1\r\nHost: x\r\nContent-Le')
            resolve()
          }),
        )
      }),
    )
    for (let day = 1; day < 4; day++)
      expect((await lab.post('/api/upload', reportOf({ begin: `2026-11-1${day}T02:00:00Z` }))).status).toBe(200)
  })

  it('push out one another when all connections are taken', async () => {
    const { createServer } = await import('node:http')
    const { boundConnections } = await import('../../src/receiver/connections.ts')
    const server = createServer((_, response) => response.end('served'))
    boundConnections(server, 10)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const sockets: Socket[] = []
    onTestFinished(() => {
      for (const socket of sockets) socket.destroy()
      server.closeAllConnections()
      server.close()
    })
    const { port } = server.address() as { port: number }
    let closed = 0
    for (let i = 0; i < 30; i++) {
      const socket = connect(port, '127.0.0.1')
        .on('error', () => {})
        .on('close', () => closed++)
      sockets.push(socket)
      await new Promise((resolve) => socket.once('connect', resolve))
    }
    const response = await fetch(`http://127.0.0.1:${port}/`)
    expect(await response.text()).toBe('served')
    await expect.poll(() => closed).toBeGreaterThanOrEqual(20)
  })

  it('send a large body byte by byte: other large ones are read meanwhile or after it', async () => {
    const lab = await receiverLab({ open: true })
    const slow = connect(lab.port, '127.0.0.1')
    onTestFinished(() => void slow.destroy())
    await new Promise((resolve) => slow.once('connect', resolve))
    const length = 3 * 1024 * 1024
    slow.write(`POST /api/upload HTTP/1.1\r\nHost: x\r\nContent-Length: ${length}\r\n\r\n`)
    slow.write(Buffer.alloc(1_200_000, 'x'))
    slow.on('error', () => {})
    expect((await lab.post('/api/upload', reportOf())).status).toBe(200)
    const lines = Array.from(
      { length: 300 },
      (_, i) => `2026-11-20 02:00:00 +00 - [Warning-X]: ${'y'.repeat(6_000)}${i}`,
    )
    const large = await lab.post('/api/upload', reportOf({ begin: '2026-11-21T02:00:00Z', lines }))
    expect(large.status).toBe(200)
  }, 60_000)
})

describe('the health check', () => {
  it('costs microseconds (T61)', async () => {
    const lab = await receiverLab()
    const ask = () => lab.receiver.app.inject('/api/health')
    for (let i = 0; i < 200; i++) await ask()
    const began = process.cpuUsage()
    for (let i = 0; i < 500; i++) await ask()
    const { user, system } = process.cpuUsage(began)
    const { healthOf } = await import('../../src/receiver/health.ts')
    const health = healthOf(['server', 'run'])
    const now = new Date()
    const started = performance.now()
    for (let i = 0; i < 10_000; i++) health.answer(now)
    expect((performance.now() - started) / 10_000).toBeLessThan(0.05)
    // With the whole of HTTP around it, simulated.
    expect((user + system) / 500).toBeLessThan(2_000)
  })
})
