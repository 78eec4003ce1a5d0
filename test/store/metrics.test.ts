import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect, it } from 'vitest'
import { consolidate, dayRange, METRICS } from '../../src/fleet/metrics.ts'
import { openStore } from '../../src/store/index.ts'
import { sqlBefore, sqlOf } from '../../src/store/metrics.ts'
import { seed } from '../support/seed.ts'
import { temporaryFolder } from '../support/store.ts'

const now = new Date('2026-11-24T12:00:00.000Z')

async function seeded(): Promise<string> {
  const file = join(temporaryFolder(), 'fleet.db')
  await seed(file, { servers: 1, jobsPerServer: 3, runsPerJob: 40, now })
  return file
}

it('reads each metric as the runs have it, day by day', async () => {
  const store = await openStore({ file: await seeded(), mode: 'read' })
  try {
    const range = dayRange('1mo', now.getTime(), () => 0)
    const since = range.from
    for (const [metric, of] of [
      ['uploaded', 'uploadedBytes'],
      ['duration', 'durationSeconds'],
      ['files', 'examinedFiles'],
      ['size', 'examinedBytes'],
      ['storage', 'storageBytes'],
      ['versions', 'versions'],
    ] as const) {
      const found = await store.read.metrics({ jobIds: ['j2'], metric, spans: range.spans })
      const values = consolidate(['j2'], found, metric, range).get('j2')
      const runs = await store.read.history({ jobIds: ['j2'], since, limit: 100 })
      const byDay = new Map(runs.map((run) => [run.beganAt.slice(0, 10), run[of]]))
      expect(values, metric).toEqual(range.days.map((day) => byDay.get(day) ?? null))
    }
  } finally {
    await store.close()
  }
})

it('adds the runs of a day up, takes the last storage, the highest versions, and only counting runs', async () => {
  const file = await seeded()
  const db = new Database(file)
  const at = Date.parse('2026-11-20T00:00:00Z')
  const columns = `job_id, operation, status, counting, began_at, partial, interrupted, dry_run, messages, warnings, errors,
    received_at, uploaded_bytes, duration_ticks, examined_files, examined_bytes, storage_bytes, versions`
  db.exec('DELETE FROM run WHERE job_id = 1')
  const insert = db.prepare(
    `INSERT INTO run (${columns}) VALUES (1, 'Backup', 'Success', ?, ?, 0, 0, 0, 0, 0, 0, 0, ?, ?, ?, ?, ?, ?)`,
  )
  insert.run(1, at + 3_600_000, 10, 20_000_000, 3, 100, 700, 9)
  insert.run(1, at + 7_200_000, 5, 10_000_000, 4, 200, 600, 8)
  insert.run(1, at + 9_000_000, null, null, null, null, null, null)
  insert.run(0, at + 9_900_000, 1e6, 1e12, 1e6, 1e6, 1e6, 1e6)
  db.close()
  const store = await openStore({ file, mode: 'read' })
  const read = async (metric: (typeof METRICS)[number]) =>
    (await store.read.metrics({ jobIds: ['j1'], metric, spans: [{ from: at, to: at + 86_400_000, offset: 0 }] })).map(
      ({ value }) => value,
    )
  expect(await read('uploaded')).toEqual([15])
  expect(await read('duration')).toEqual([3])
  expect(await read('files')).toEqual([7])
  expect(await read('size')).toEqual([300])
  expect(await read('storage')).toEqual([600])
  expect(await read('versions')).toEqual([9])
  const before = (time: number) => store.read.metricsBefore({ jobIds: ['j1'], metric: 'storage', at: time })
  expect(await before(at + 86_400_000)).toEqual(new Map([['j1', 600]]))
  await store.close()
})

it('looks only at the runs of the time that is asked for', async () => {
  const db = new Database(await seeded(), { readonly: true })
  for (const metric of METRICS) {
    const plan = db.prepare(`EXPLAIN QUERY PLAN ${sqlOf(metric)}`).all({ jobs: '[]', from: 0, to: 1, offset: 0 }) as {
      detail: string
    }[]
    const last = db.prepare(`EXPLAIN QUERY PLAN ${sqlBefore(metric)}`).all({ jobs: '[]', at: 1 }) as typeof plan
    const details = last.map(({ detail }) => detail).join('\n')
    expect(details).toMatch(/SEARCH run USING INDEX run_of_job \(job_id=\? AND began_at<\?\)/)
    expect(details).not.toContain('TEMP B-TREE')
    expect(plan.map(({ detail }) => detail).join('\n')).toMatch(
      /SEARCH run USING INDEX run_of_job \(job_id=\? AND began_at>\? AND began_at<\?\)/,
    )
  }
  db.close()
})
