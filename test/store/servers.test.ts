import { describe, expect, it } from 'vitest'
import { createIngest } from '../../src/ingest/index.ts'
import { logRow, runFacts, serverInfo } from '../support/run-facts.ts'
import { testStore } from '../support/store.ts'

const url = 'http://nas:8200'
const at = new Date('2026-11-24T12:00:00Z')

describe('a server', () => {
  it('is added with what a person says of it, under an id that names it', async () => {
    const store = await testStore()
    const { id } = await store.servers.add({
      url,
      alias: 'cellar',
      note: 'left of the door',
      tags: ['home'],
      pin: 'ab',
    })
    const { servers } = await store.read.status()
    expect(servers.map(({ view }) => view)).toMatchObject([
      { id, name: 'cellar', alias: 'cellar', note: 'left of the door', tags: ['home'], url, machineName: null },
    ])
    expect(await store.servers.access()).toMatchObject([{ id, url, pin: 'ab', sealedPassword: null }])
  })

  it('is changed where something is said, and else stays', async () => {
    const store = await testStore()
    const { id } = await store.servers.add({ url, alias: 'cellar', note: 'x', tags: ['home'] })
    await store.servers.edit(id, { alias: null, tags: [] })
    const [server] = (await store.read.status()).servers
    expect(server?.view).toMatchObject({ name: 'nas:8200', alias: null, note: 'x', tags: [], url })
    expect((await store.audit.list(1))[0]).toMatchObject({ action: 'server.edit', serverId: id })
  })

  it.each([
    ['its address', { url }, url],
    ['its alias in other letters', { url: 'http://other:8200', alias: 'CELLAR' }, 'CELLAR'],
    ['its id as an alias', { url: 'http://other:8200', alias: 'S1' }, 'S1'],
  ])('shares %s with no other one', async (_, second, said) => {
    const store = await testStore()
    const { id } = await store.servers.add({ url, alias: 'cellar' })
    await expect(store.servers.add(second)).rejects.toMatchObject({
      code: 'server_exists',
      message: expect.stringContaining(said),
      hint: expect.stringContaining(id),
    })
    const other = await store.servers.add({ url: 'http://third:8200' })
    await expect(store.servers.edit(other.id, second)).rejects.toMatchObject({ code: 'server_exists' })
    await store.servers.edit(id, { url, alias: 'Cellar' })
  })

  it.each(['s9', 's0', 's-1', 'x', 's1; drop table server', 's99999999999999999999'])(
    'is unknown where there is none: %s',
    async (id) => {
      const store = await testStore()
      const unknown = { code: 'unknown_server' }
      await expect(store.servers.edit(id, { note: 'x' })).rejects.toMatchObject(unknown)
      await expect(store.servers.setSecrets(id, {})).rejects.toMatchObject(unknown)
      await expect(store.servers.remove(id)).rejects.toMatchObject(unknown)
      await expect(store.servers.setError(id, null)).rejects.toMatchObject(unknown)
      expect(await store.servers.access([id])).toEqual([])
      expect(await store.audit.list(9)).toEqual([])
    },
  )

  it('keeps its sealed texts until they are forgotten, and tells the audit log nothing of them', async () => {
    const store = await testStore()
    const { id } = await store.servers.add({ url })
    await store.servers.setSecrets(id, { password: 'sealed one', headers: 'sealed two' })
    await store.servers.setSecrets(id, { headers: null })
    expect(await store.servers.access([id])).toMatchObject([{ sealedPassword: 'sealed one', sealedHeaders: null }])
    expect(JSON.stringify(await store.audit.list(9))).not.toContain('sealed')
  })

  it('says since when it fails in one way', async () => {
    let now = at
    const store = await testStore({ now: () => now })
    const { id } = await store.servers.add({ url })
    const told = async () => (await store.read.status()).servers[0]?.view.error
    await store.servers.setError(id, { code: 'unreachable', message: 'first' })
    now = new Date('2026-11-24T13:00:00Z')
    await store.servers.setError(id, { code: 'unreachable', message: 'second' })
    expect(await told()).toEqual({ code: 'unreachable', message: 'second', since: at.toISOString() })
    await store.servers.setError(id, { code: 'wrong_password', message: 'third' })
    expect(await told()).toMatchObject({ since: now.toISOString() })
    await store.servers.setError(id, null)
    expect(await told()).toBeNull()
  })

  it('is found by each address that it was ever collected at', async () => {
    const store = await testStore()
    const ingest = createIngest(store)
    const { id } = await store.servers.add({ url })
    await ingest.openCollection({ url: 'https://vpn:8200', serverId: id, info: serverInfo(), at })
    expect(await store.servers.findByUrl(url)).toBe(id)
    expect(await store.servers.findByUrl('https://vpn:8200')).toBe(id)
    expect(await store.servers.findByUrl('https://other:8200')).toBeNull()
  })

  it('is removed with those that were joined into it, and begins anew when it is seen again', async () => {
    const store = await testStore()
    const ingest = createIngest(store)
    const collect = async (address: string) => {
      const collection = await ingest.openCollection({ url: address, info: serverInfo(), at })
      await collection.addPage({ backupId: '1', name: 'Documents' }, [logRow(1, runFacts())])
      return collection.serverId
    }
    await collect('http://vpn:8200')
    const id = await collect(url)
    expect(id).toBe('s1')
    await store.servers.remove(id)
    for (const table of ['server', 'job', 'run', 'run_log', 'source', 'evidence', 'run_source'] as const)
      expect(await store.db.selectFrom(table).selectAll().execute(), table).toEqual([])
    await collect(url)
    expect((await store.read.status()).jobs).toMatchObject([{ runs: 1 }])
  })

  it('that is removed while it is collected ends the collection in words', async () => {
    const store = await testStore()
    const collection = await createIngest(store).openCollection({ url, info: serverInfo(), at })
    await store.servers.remove(collection.serverId)
    await createIngest(store).openCollection({ url: 'http://other:8200', info: serverInfo(), at })
    const page = collection.addPage({ backupId: '1', name: 'Documents' }, [logRow(1, runFacts())])
    await expect(page).rejects.toMatchObject({ code: 'unknown_server' })
    expect((await store.read.status()).jobs).toEqual([])
  })
})
