import { existsSync, mkdirSync, statSync } from 'node:fs'
import { dirname } from 'node:path'

/**
 * Makes a folder, and those above it that are missing, for nobody else to read. Step by step: Node's own recursive `mkdir` tries for
 * ever where a folder is there but refuses new ones with ENOENT, as /proc does.
 * @throws the system's own error, with its `code`
 */
export function makeFolder(dir: string): void {
  if (isFolder(dir)) return
  const above = dirname(dir)
  if (above !== dir && !existsSync(above)) makeFolder(above)
  try {
    mkdirSync(dir, { mode: 0o700 })
  } catch (error) {
    // Another process may have made it just now.
    if (!isFolder(dir)) throw error
  }
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory()
  } catch {
    return false
  }
}
