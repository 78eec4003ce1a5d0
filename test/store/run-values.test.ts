import { expect, it } from 'vitest'
import { packLastRun, RUN_COLUMNS, readLastRun, valuesOfRun } from '../../src/store/run-values.ts'
import { toRow } from '../../src/store/runs.ts'
import { runFacts } from '../support/run-facts.ts'
import { testStore } from '../support/store.ts'

const row = toRow(7, runFacts({ exception: 'it broke', versions: null }), { receivedAt: 5, setAside: null, nextAt: 9 })

it('knows all columns of a run', async () => {
  const { db } = await testStore()
  const tables = await db.introspection.getTables()
  const columns = tables.find(({ name }) => name === 'run')?.columns.map(({ name }) => name) ?? []
  expect(['id', ...RUN_COLUMNS].sort()).toEqual(columns.sort())
})

it('reads the newest run of a job as it was written', () => {
  const read = readLastRun(packLastRun(3, [0, 1], valuesOfRun(row)))
  expect(read).toEqual({ ...row, id: 3, ways: [0, 1] })
})

it('finds each column at its place', () => {
  const read = readLastRun(packLastRun(-1, [], [...RUN_COLUMNS]))
  for (const column of RUN_COLUMNS) expect(read[column]).toBe(column)
})

it('reads it as older versions wrote it, and what was written before there were all columns', () => {
  const older = { ...row, id: 3, ways: [1] }
  expect(readLastRun(JSON.stringify(older))).toEqual(older)
  const shorter = packLastRun(3, [1], valuesOfRun(row).slice(0, -1))
  expect(readLastRun(shorter)).toEqual({ ...older, next_at: null })
})
