import { join } from 'node:path'
import { expect, it } from 'vitest'
import { createIngest } from '../../src/ingest/index.ts'
import { openStore } from '../../src/store/index.ts'
import { logRow, runFacts, serverInfo } from '../support/run-facts.ts'
import { temporaryFolder, testStore } from '../support/store.ts'

const SERVERS = 20
const JOBS_A_SERVER = 50
const DAY = 86_400_000
const newest = Date.parse('2026-11-20T02:00:00Z')
const at = new Date('2026-11-24T12:00:00Z')

/** A thousand jobs with so many runs each; no two servers have a run in common. */
async function fleet(runsAJob: number): Promise<string> {
  const file = join(temporaryFolder(), 'duplistatus.db')
  const store = await openStore({ file, mode: 'write' })
  const ingest = createIngest(store)
  for (let server = 0; server < SERVERS; server++) {
    const url = `http://server${server}:8200`
    const collection = await ingest.openCollection({ url, info: serverInfo({ machineName: `server${server}` }), at })
    for (let job = 1; job <= JOBS_A_SERVER; job++) {
      const rows = Array.from({ length: runsAJob }, (_, i) =>
        logRow(
          runsAJob - i,
          runFacts({
            beganAt: new Date(newest - i * DAY + server * 60_000 + job).toISOString(),
            durationSeconds: 60 + server,
          }),
        ),
      )
      await collection.addPage({ backupId: String(job), name: `Job ${job}` }, rows)
    }
  }
  await store.close()
  return file
}

async function fastest(file: string): Promise<number> {
  const store = await testStore({ file, mode: 'read' })
  const times: number[] = []
  for (let round = 0; round < 7; round++) {
    const began = performance.now()
    const { jobs } = await store.read.status()
    times.push(performance.now() - began)
    expect(jobs).toHaveLength(SERVERS * JOBS_A_SERVER)
  }
  return Math.min(...times)
}

it('costs the same for the status of 1,000 jobs with 2 and with 40 runs each (T55)', {
  timeout: 120_000,
  retry: 3,
}, async () => {
  const [few, many] = [await fleet(2), await fleet(40)]
  const ratio = (await fastest(many)) / (await fastest(few))
  expect(ratio).toBeLessThanOrEqual(1.5)
})
