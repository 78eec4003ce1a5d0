import { request } from 'node:http'
import { connect } from 'node:net'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { quickGet, quickRun } from '../../src/store/quick.ts'
import { testStore } from '../support/store.ts'
import { type Lab, receiverLab, reportOf } from './lab.ts'

async function runs(lab: Lab) {
  const { jobs } = await lab.store.read.status()
  return lab.store.read.history({ jobIds: jobs.map(({ id }) => id), operation: null, limit: 1_000 })
}

/** What a peer of a raw connection reads until it is closed. */
function rawAnswer(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = ''
    const socket = connect(port, '127.0.0.1', () => socket.write(text))
    socket.setEncoding('latin1').on('data', (part: string) => (answer += part))
    socket.on('close', () => resolve(answer)).on('error', reject)
  })
}

describe('what Duplicati posts', () => {
  it.each([
    '/api/upload',
    '/api/upload/',
    '//api//upload',
    '/API/Upload',
    '/api/%75pload',
    '/report',
    '/upload/',
    '/',
    '/monitor/api/upload',
    '/duplistatus/report/',
  ])('is taken at %s, without a redirect (T19, T76)', async (path) => {
    const lab = await receiverLab({ open: true })
    expect(await lab.post(path, reportOf())).toMatchObject({ status: 200, body: { success: true } })
    expect(await runs(lab)).toHaveLength(1)
  })

  it('is not taken elsewhere', async () => {
    const lab = await receiverLab({ open: true })
    expect((await lab.post('/api/uploads/x', reportOf())).status).toBe(404)
    expect((await lab.post('/api/lastbackup/nas', reportOf())).status).toBe(404)
    expect(await runs(lab)).toHaveLength(0)
  })

  it('is told apart from a post that a redirect made a GET: 405, with the methods that are taken (T76)', async () => {
    const lab = await receiverLab({ open: true })
    for (const path of ['/api/upload', '/report/', '/', '/api/upload?token=x', '/api/status']) {
      const { status, headers } = await lab.get(path)
      expect({ path, status, allow: headers.get('allow') }).toEqual({ path, status: 405, allow: 'POST, PUT' })
    }
    for (const method of ['DELETE', 'HEAD']) expect((await lab.get('/api/upload', { method })).status).toBe(405)
    expect(await lab.store.quarantine.list()).toEqual([])
  })

  it('may come by PUT, or by GET as send-http-verb allows', async () => {
    const lab = await receiverLab({ open: true })
    expect((await lab.post('/api/upload', reportOf(), { method: 'PUT' })).status).toBe(200)
    const later = JSON.stringify(reportOf({ begin: '2026-11-21T02:00:00Z' }))
    expect((await lab.get(`/api/upload?message=${encodeURIComponent(later)}`)).status).toBe(200)
    const inBody = Buffer.from(JSON.stringify(reportOf({ begin: '2026-11-22T02:00:00Z' })))
    const status = await new Promise((resolve, reject) => {
      const headers = { 'content-length': inBody.length }
      const asked = request(`${lab.url}/api/upload`, { method: 'GET', headers }, (response) => {
        response.resume()
        resolve(response.statusCode)
      })
      asked.on('error', reject).end(inBody)
    })
    expect(status).toBe(200)
    expect(await runs(lab)).toHaveLength(3)
  })

  it.each([
    ['application/json', (text: string) => text],
    ['application/json; charset=utf-8', (text: string) => text],
    ['application/x-www-form-urlencoded', (text: string) => `message=${encodeURIComponent(text)}`],
    ['text/plain', (text: string) => text],
    ['garbage;;;', (text: string) => text],
    ['', (text: string) => text],
  ])('is taken as %j', async (type, wrap) => {
    const lab = await receiverLab({ open: true })
    const body = Buffer.from(wrap(JSON.stringify(reportOf())))
    const head = `POST /api/upload HTTP/1.1\r\nHost: x\r\n${type ? `Content-Type: ${type}\r\n` : ''}Connection: close\r\n`
    const answer = await rawAnswer(lab.port, `${head}Content-Length: ${body.length}\r\n\r\n${body}`)
    expect(answer).toMatch(/^HTTP\/1\.1 200/)
    expect(await runs(lab)).toHaveLength(1)
  })

  it('may be compressed, up to the limit of what it unpacks to', async () => {
    const lab = await receiverLab({ open: true, maxBody: 2 * 1024 * 1024 })
    const headers = { 'content-encoding': 'gzip' }
    const small = gzipSync(JSON.stringify(reportOf()))
    expect((await lab.post('/api/upload', small, { headers })).status).toBe(200)
    const bomb = gzipSync(Buffer.alloc(50 * 1024 * 1024, 'x'))
    expect(bomb.length).toBeLessThan(100_000)
    expect((await lab.post('/api/upload', bomb, { headers })).status).toBe(413)
    expect((await lab.post('/api/upload', 'no gzip', { headers })).status).toBe(200)
    expect(await lab.store.quarantine.list()).toHaveLength(1)
    expect(await runs(lab)).toHaveLength(1)
  })

  it('is one run however often it comes, also at the same time (T8)', async () => {
    const lab = await receiverLab({ open: true })
    const answers = await Promise.all(Array.from({ length: 20 }, () => lab.post('/api/upload', reportOf())))
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]))
    expect(await runs(lab)).toHaveLength(1)
  })

  it.each(['Restore', 'Test', 'Compact', 'Repair', 'Delete', 'List', 'Vacuum', 'ListFilesets'])(
    'tells of %s: answered 200, and no backup (T8, T9)',
    async (MainOperation) => {
      const lab = await receiverLab({ open: true })
      await lab.post('/api/upload', reportOf())
      const begin = '2026-11-25T02:00:00Z'
      expect((await lab.post('/api/upload', reportOf({ begin, data: { MainOperation } }))).status).toBe(200)
      const { jobs } = await lab.store.read.status()
      expect(jobs).toMatchObject([{ runs: 1, lastRun: { operation: 'Backup' } }])
      expect((await runs(lab)).map(({ operation }) => operation)).toContain(MainOperation)
    },
  )

  it('tells when the scheduler goes on, and that reports come', async () => {
    const now = new Date('2026-11-20T02:02:00Z')
    const lab = await receiverLab({ open: true, now: () => now })
    const report = reportOf()
    Object.assign(report.Extra, { 'next-scheduled-run': '20261121T020000Z' })
    await lab.post('/api/upload', report)
    const { jobs, servers } = await lab.store.read.status()
    expect(jobs[0]?.facts).toMatchObject({
      reportedNextAt: Date.parse('2026-11-21T02:00:00Z'),
      reportedNextSeenAt: now.getTime(),
      lastReportAt: now.getTime(),
    })
    expect(servers[0]?.view).toMatchObject({ lastReportAt: now.toISOString(), duplicatiVersion: '2.3.0.4' })
  })
})

describe('what is not understood', () => {
  it.each([
    ['nothing', ''],
    ['no JSON', '{"Data":'],
    ['a list', '[1,2,3]'],
    ['no machine', JSON.stringify({ Data: { MainOperation: 'Backup' } })],
    ['text', 'Hello'],
  ])('is answered 200 and kept once: %s (T16, T75)', async (_, body) => {
    const lab = await receiverLab({ open: true })
    for (let i = 0; i < 3; i++) expect((await lab.post('/api/upload?a=b', body)).status).toBe(200)
    const items = await lab.store.quarantine.list()
    expect(items).toMatchObject([{ bytes: body.length }])
    const kept = await lab.store.quarantine.read(items[0]?.id ?? '')
    expect(Buffer.from(kept.body).toString()).toBe(body)
    expect(kept).toMatchObject({ query: 'a=b', address: '127.0.0.1' })
    expect((await lab.store.read.monitor()).quarantined).toBe(1)
  })

  it('is refused with 413 beyond the limit, announced or not, and the sender sees it', async () => {
    const lab = await receiverLab({ open: true, maxBody: 100_000 })
    expect((await lab.post('/api/upload', 'x'.repeat(200_000))).status).toBe(413)
    const chunked = new ReadableStream({
      pull(controller) {
        for (let i = 0; i < 8; i++) controller.enqueue(Buffer.alloc(40_000, 'x'))
        controller.close()
      },
    })
    const init = { method: 'POST', body: chunked, duplex: 'half' } as RequestInit
    const response = await fetch(`${lab.url}/api/upload`, init)
    expect(response.status).toBe(413)
    expect(await lab.store.quarantine.list()).toEqual([])
    expect((await lab.post('/api/upload', reportOf())).status).toBe(200)
  })
})

describe('the disk', () => {
  it('is full: 503 and a clear line, nothing broken, and on it goes when there is room', async () => {
    const store = await testStore()
    const lab = await receiverLab({ open: true, store })
    expect((await lab.post('/api/upload', reportOf())).status).toBe(200)
    // No room that was used before.
    quickRun(store.db, 'VACUUM')
    const pages = quickGet<{ page_count: number }>(store.db, 'PRAGMA page_count')
    quickGet(store.db, `PRAGMA max_page_count = ${pages?.page_count}`)
    const large = (day: number) =>
      reportOf({
        begin: `2026-11-2${day}T03:00:00Z`,
        lines: Array.from({ length: 400 }, () => crypto.randomUUID().repeat(20)),
      })
    const refused = await Promise.all([1, 2, 3].map((day) => lab.post('/api/upload', large(day))))
    expect(refused.map(({ status }) => status)).toEqual([503, 503, 503])
    expect((await lab.get('/api/health')).status).toBe(503)
    const errors = lab.said.filter(({ level }) => level === 'error')
    expect(errors).toHaveLength(1)
    expect(errors[0]?.message).toContain('The disk is full')
    expect(await runs(lab)).toHaveLength(1)
    quickGet(store.db, 'PRAGMA max_page_count = 1000000')
    for (const day of [1, 2, 3]) expect((await lab.post('/api/upload', large(day))).status).toBe(200)
    expect((await lab.get('/api/health')).status).toBe(200)
    expect(await runs(lab)).toHaveLength(4)
    expect(quickGet(store.db, 'PRAGMA integrity_check')).toEqual({ integrity_check: 'ok' })
  })

  it('is held by another program: it waits, then says 503 (T77)', async () => {
    const first = await testStore()
    const store = await testStore({ file: first.file, busyTimeout: 300 })
    const lab = await receiverLab({ open: true, store })
    let release = () => {}
    const held = new Promise<void>((resolve) => (release = resolve))
    const holding = first.transaction(() => held)
    const began = performance.now()
    expect((await lab.post('/api/upload', reportOf())).status).toBe(503)
    expect(performance.now() - began).toBeGreaterThan(250)
    const waiting = lab.post('/api/upload', reportOf())
    release()
    await holding
    expect((await waiting).status).toBe(200)
  })
})
