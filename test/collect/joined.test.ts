import { describe, expect, it } from 'vitest'
import { asTheyAreNow } from '../../src/collect/joined.ts'
import { createIngest } from '../../src/ingest/index.ts'
import { logRow, runFacts, serverInfo } from '../support/run-facts.ts'
import { testStore } from '../support/store.ts'

describe('results of a collection', () => {
  it('name the server that two are by now, though the younger one was done before they were found to be one', async () => {
    const store = await testStore()
    const ingest = createIngest(store)
    const at = new Date('2026-11-24T12:00:00Z')
    const open = (url: string) => ingest.openCollection({ url, info: serverInfo({ machineName: 'nas' }), at })
    const older = await open('http://nas:8200')
    const younger = await open('https://vpn.example:8200')
    const job = { backupId: '1', name: 'Documents' }
    const done = {
      server: { id: younger.serverId, name: 'nas' },
      url: 'https://vpn.example:8200',
      ok: true,
      error: null,
    }
    const result = { ...done, jobs: 1, new: 1, known: 0, updated: 0, seconds: 1 }
    await younger.addPage(job, [logRow(1, runFacts({}))])
    expect(await asTheyAreNow(store, [result])).toMatchObject([{ server: { id: 's2' } }])
    await older.addPage(job, [logRow(1, runFacts({}))])
    expect(await asTheyAreNow(store, [result])).toMatchObject([{ server: { id: 's1' } }])
  })
})
