import { describe, expect, it } from 'vitest'
import { createIngest } from '../../src/ingest/index.ts'
import { createSource } from '../../src/tui/source.ts'
import { runFacts } from '../support/run-facts.ts'
import { testStore } from '../support/store.ts'

const NOW = Date.parse('2026-11-20T03:00:00Z')

describe('the state of the fleet', () => {
  it('tells two machines of one name apart, in the rows of their jobs too', async () => {
    const store = await testStore()
    for (const [machineId, machineName] of [
      ['a', 'nas'],
      ['b', 'DESKTOP'],
      ['c', 'DESKTOP'],
    ] as const) {
      const names = { machineId, machineName, backupId: 'DB-1', backupName: 'Documents' }
      const run = runFacts({ durationSeconds: machineId.charCodeAt(0) })
      await createIngest(store).addReported({ ...names, run, receivedAt: new Date(NOW) })
    }
    const judging = (_: unknown, now: number) => ({ now, toleranceSeconds: 3_600, zone: () => 'UTC', downtimes: [] })
    const source = createSource(() => store.read, judging)
    const { servers, jobs } = await source.read(NOW)
    const names = ['DESKTOP (s2)', 'DESKTOP (s3)', 'nas']
    expect(servers.map(({ name }) => name)).toEqual(names)
    expect(jobs.map(({ server }) => server.name).sort()).toEqual(names)
    expect(
      source
        .judge(NOW + 60_000)
        ?.jobs.map(({ server }) => server.name)
        .sort(),
    ).toEqual(names)
  })
})
