import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach } from 'vitest'
import { openStore, type WritableStore } from '../../src/store/index.ts'
import type { OpenOptions } from '../../src/store/types.ts'

const folders: string[] = []
const stores: WritableStore[] = []

afterEach(async () => {
  for (const store of stores.splice(0)) await store.close()
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

/** An empty folder that is gone after the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'duplistatus-test-'))
  folders.push(folder)
  return folder
}

/** A store that is closed after the test; in a folder of its own unless a file is named. */
export async function testStore(options: Partial<OpenOptions> = {}): Promise<WritableStore> {
  const store = await openStore({ file: join(temporaryFolder(), 'duplistatus.db'), mode: 'write', ...options })
  stores.push(store)
  return store
}
