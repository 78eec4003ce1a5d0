import { createRequire } from 'node:module'
import { Worker } from 'node:worker_threads'
import { expect, it } from 'vitest'
import { quickRun } from '../../src/store/quick.ts'
import type { Db } from '../../src/store/schema.ts'
import { testStore } from '../support/store.ts'

const NOTE = "INSERT INTO monitor (key, value) VALUES (hex(randomblob(8)), '1')"

it('waits for another writer in a transaction, and after one with a single statement', async () => {
  const { file, db, transaction } = await testStore()
  const note = async (on: Db) => quickRun(on, NOTE)
  const build = () => db.insertInto('monitor').values({ key: 'built', value: '1' }).execute()
  for (const write of [() => transaction(note), () => note(db), () => transaction(note), build]) {
    const ended = await lockElsewhere(file, 150)
    const began = performance.now()
    await write()
    expect(performance.now() - began).toBeGreaterThan(50)
    await ended()
  }
})

/** Another thread takes the write lock, for so long. @returns what waits for its end, once it has the lock */
async function lockElsewhere(file: string, milliseconds: number): Promise<() => Promise<void>> {
  const library = createRequire(import.meta.url).resolve('better-sqlite3')
  const worker = new Worker(HOLD_LOCK, { eval: true, workerData: { file, milliseconds, library } })
  const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()))
  await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject))
  return () => ended
}

const HOLD_LOCK = `
const { parentPort, workerData } = require('node:worker_threads')
const db = new (require(workerData.library))(workerData.file)
db.exec('BEGIN IMMEDIATE')
parentPort.postMessage('locked')
Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, workerData.milliseconds)
db.exec('COMMIT')
db.close()`
