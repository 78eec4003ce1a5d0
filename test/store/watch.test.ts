import { copyFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect, it } from 'vitest'
import { openStore } from '../../src/store/index.ts'
import { watchDatabase } from '../../src/store/watch.ts'
import { temporaryFolder } from '../support/store.ts'

async function database(name = 'watched.db'): Promise<string> {
  const file = join(temporaryFolder(), name)
  await (await openStore({ file, mode: 'write' })).close()
  return file
}

function write(file: string): void {
  const db = new Database(file)
  db.exec("INSERT INTO audit (at, action, data) VALUES (1, 'test', '{}')")
  db.close()
}

it('tells each change once, by whatever connection', async () => {
  const file = await database()
  const watch = watchDatabase(file)
  expect(watch.changed()).toBeNull()
  write(file)
  expect(watch.changed()).toBe('content')
  expect(watch.changed()).toBeNull()
  write(file)
  write(file)
  expect(watch.changed()).toBe('content')
  watch.close()
})

it('sees another file under the same name, as after a restore', async () => {
  const file = await database()
  const watch = watchDatabase(file)
  const other = `${file}.new`
  copyFileSync(file, other)
  renameSync(other, file)
  expect(watch.changed()).toBe('file')
  expect(watch.changed()).toBeNull()
  write(file)
  expect(watch.changed()).toBe('content')
  watch.close()
})

it('waits for a file that is not there yet', async () => {
  const file = join(temporaryFolder(), 'later.db')
  const watch = watchDatabase(file)
  expect(watch.changed()).toBeNull()
  await (await openStore({ file, mode: 'write' })).close()
  expect(watch.changed()).toBe('file')
  write(file)
  expect(watch.changed()).toBe('content')
  watch.close()
})

it('tells once that the file is gone, and when it is back', async () => {
  const file = await database()
  const watch = watchDatabase(file)
  renameSync(file, `${file}.away`)
  expect(watch.changed()).toBe('gone')
  expect(watch.changed()).toBeNull()
  renameSync(`${file}.away`, file)
  expect(watch.changed()).toBe('file')
  watch.close()
})

it('says each time that a file is no database, until it is one', async () => {
  const file = await database()
  const watch = watchDatabase(file)
  const kept = `${file}.kept`
  copyFileSync(file, kept)
  rmSync(file)
  writeFileSync(file, 'no database '.repeat(100))
  for (let time = 0; time < 2; time++) expect(() => watch.changed()).toThrow('is damaged or no database')
  renameSync(kept, file)
  expect(watch.changed()).toBe('file')
  watch.close()
})

it('costs microseconds', async () => {
  const watch = watchDatabase(await database())
  const began = performance.now()
  for (let at = 0; at < 1_000; at++) watch.changed()
  expect(performance.now() - began).toBeLessThan(500)
  watch.close()
})
