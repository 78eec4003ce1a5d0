import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const children = new Set<ChildProcess>()
const folders = new Set<string>()

/** Vitest ends its workers at once: there is no time left in them to wait for a server's end and to remove its files. */
const REMOVE = `setTimeout(() => {
  for (const folder of process.argv.slice(1)) require('node:fs').rmSync(folder, { recursive: true, force: true })
}, 1000)`

/** A run that is broken off calls no `afterAll`: servers end with it all the same, and their folders go. */
process.on('exit', () => {
  for (const child of children) child.kill('SIGKILL')
  if (folders.size > 0) spawn(process.execPath, ['-e', REMOVE, ...folders], { detached: true, stdio: 'ignore' }).unref()
})
// Vitest's way to end a worker, and Ctrl-C: without listeners nothing of the above would happen.
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.once(signal, () => process.exit(1))

export function endWithUs(child: ChildProcess): void {
  children.add(child)
  child.on('close', () => children.delete(child))
}

/** A folder of its own below the temporary directory. */
export function makeFolder(prefix: string): string {
  const folder = mkdtempSync(join(tmpdir(), prefix))
  folders.add(folder)
  return folder
}

export function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
  folders.delete(folder)
}
