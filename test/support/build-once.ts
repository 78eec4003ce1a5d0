import { spawnSync } from 'node:child_process'
import { existsSync, globSync, statSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '../..')

/** Vitest's global set-up: tests of the built program run what the sources say now, built at most once. */
export default function buildOnce(): void {
  if (isFresh()) return
  const { status, stderr } = spawnSync(process.execPath, ['esbuild.config.js', '--quiet'], {
    cwd: root,
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(`The build failed:\n${stderr}`)
}

function isFresh(): boolean {
  const manifest = join(root, 'oclif.manifest.json')
  if (!existsSync(manifest)) return false
  const builtAt = statSync(manifest).mtimeMs
  const sources = globSync('{src,commands,bin,test/support}/**/*.{ts,tsx,js}', { cwd: root })
  return [...sources, 'package.json', 'package-lock.json', 'esbuild.config.js'].every(
    (file) => statSync(join(root, file)).mtimeMs <= builtAt,
  )
}
