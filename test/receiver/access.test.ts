import { describe, expect, it } from 'vitest'
import { revokeTokens } from '../../src/store/tokens.ts'
import { receiverLab, reportOf } from './lab.ts'

const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } })

describe('who may post and read', () => {
  it('takes a token from the address or the header, and no other (T18)', async () => {
    const lab = await receiverLab()
    const token = await lab.token('report')
    expect((await lab.post(`/api/upload?token=${token}`, reportOf())).status).toBe(200)
    expect((await lab.post('/api/upload', reportOf(), bearer(token))).status).toBe(200)
    for (const [path, init] of [
      ['/api/upload', {}],
      ['/api/upload?token=', {}],
      [`/api/upload?token=${token.slice(0, -1)}x`, {}],
      ['/api/upload', bearer('dupl_forged')],
      ['/api/upload', { headers: { authorization: `Basic ${btoa(`x:${token}`)}` } }],
    ] as const) {
      const { status, headers } = await lab.post(path, reportOf(), init)
      expect({ path, status, closes: headers.get('connection') }).toEqual({ path, status: 401, closes: 'close' })
    }
    expect((await lab.store.read.status()).jobs).toHaveLength(1)
  })

  it('refuses a revoked token at once, and an expired one (T18)', async () => {
    let now = new Date('2026-11-20T12:00:00Z')
    const lab = await receiverLab({ now: () => now })
    const { createToken } = await import('../../src/store/tokens.ts')
    const at = now.getTime()
    const short = await createToken(lab.store, { name: 'short', role: 'report', expiresAt: at + 1_000, now: at })
    const other = await createToken(lab.store, { name: 'other', role: 'report', expiresAt: null, now: at })
    expect((await lab.post(`/api/upload?token=${short.secret}`, reportOf())).status).toBe(200)
    now = new Date(at + 1_000)
    expect((await lab.post(`/api/upload?token=${short.secret}`, reportOf())).status).toBe(401)
    expect((await lab.post(`/api/upload?token=${other.secret}`, reportOf())).status).toBe(200)
    await revokeTokens(lab.store, 'other', at)
    expect((await lab.post(`/api/upload?token=${other.secret}`, reportOf())).status).toBe(401)
  })

  it('lets each role do its own', async () => {
    const lab = await receiverLab()
    const may = async (role: 'report' | 'read' | 'admin') => {
      const token = await lab.token(role)
      const [post, read] = [
        await lab.post('/report', reportOf(), bearer(token)),
        await lab.get('/api/summary', bearer(token)),
      ]
      return [post.status, read.status]
    }
    expect(await may('report')).toEqual([200, 403])
    expect(await may('read')).toEqual([403, 200])
    expect(await may('admin')).toEqual([200, 200])
  })

  it('asks for none where it was told so; health and ping never do', async () => {
    const closed = await receiverLab()
    expect((await closed.get('/api/summary')).status).toBe(401)
    expect((await closed.get('/api/ping')).status).toBe(200)
    expect((await closed.get('/api/health')).status).toBe(200)
    const open = await receiverLab({ open: true })
    expect((await open.post('/api/upload', reportOf())).status).toBe(200)
    expect((await open.get('/api/summary')).status).toBe(401)
    const readable = await receiverLab({ publicRead: true })
    expect((await readable.get('/api/summary')).status).toBe(200)
    expect((await readable.post('/api/upload', reportOf())).status).toBe(401)
  })

  it('slows who guesses, and nobody else at the same address', async () => {
    const lab = await receiverLab()
    const token = await lab.token('report')
    const began = performance.now()
    const guesses = Array.from({ length: 60 }, (_, i) => lab.post(`/api/upload?token=guess-${i}`, '{}'))
    const posted = await lab.post(`/api/upload?token=${token}`, reportOf())
    const valid = performance.now() - began
    expect(posted.status).toBe(200)
    const statuses = new Set((await Promise.all(guesses)).map(({ status }) => status))
    expect([...statuses]).toEqual([401])
    expect(performance.now() - began).toBeGreaterThan(200)
    expect(valid).toBeLessThan(performance.now() - began)
  })

  it('writes no token into its log, whatever happens to the request (T18)', async () => {
    const lab = await receiverLab()
    const token = await lab.token('report')
    const read = await lab.token('read')
    await lab.post(`/api/upload?token=${token}`, reportOf())
    await lab.post(`/api/upload?token=${token}&x=1`, 'no report')
    await lab.post(`/api/upload?token=${read}`, reportOf())
    await lab.post(`/api/upload?token=${token}wrong`, reportOf())
    await lab.get(`/api/lastbackup/%zz?token=${read}`)
    await lab.get(`/api/upload?token=${token}`)
    const [kept] = await lab.store.quarantine.list()
    const body = await lab.store.quarantine.read(kept?.id ?? '')
    expect(body.query).toBe('x=1')
    const written = JSON.stringify([lab.said, body])
    expect(lab.said.length).toBeGreaterThan(1)
    for (const secret of [token, read]) expect(written).not.toContain(secret)
  })

  it('notes when a token was used last', async () => {
    const now = new Date('2026-11-20T12:00:00Z')
    const lab = await receiverLab({ now: () => now })
    const token = await lab.token('report')
    await lab.post(`/api/upload?token=${token}`, reportOf())
    expect(await lab.store.tokens.list()).toMatchObject([{ lastUsedAt: now.toISOString() }])
  })
})
