#!/usr/bin/env node
// The launcher of the installed program. Node parses a whole file before it runs it, so this one stays syntax that Node 18
// understands: an older Node then gets one clear line instead of a syntax error from the bundle.
import module from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)

if (major < 22 || (major === 22 && minor < 19)) {
  process.stderr.write(
    `duplistatus needs Node 22.19 or newer; this is Node ${process.versions.node} (${process.execPath}).\n`,
  )
  process.exitCode = 1
} else {
  // `duplistatus … | head` closes the pipe early; that is the reader's choice, not a failure (and oclif would wait for ever).
  process.stdout.on('error', (error) => {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'EPIPE') process.exit(0)
    process.stderr.write(`Error: The output could not be written: ${error.message}\n`)
    process.exit(1)
  })
  process.env.NODE_ENV ??= 'production'
  module.enableCompileCache?.()
  // Imported, it would load all that belongs to it (esbuild.config.js).
  const { realpathSync } = process.getBuiltinModule('node:fs')
  const root = dirname(dirname(realpathSync(fileURLToPath(import.meta.url))))
  // Bundled packages look for their files beside this folder (esbuild.config.js).
  Object.assign(globalThis, { duplistatusLib: join(root, 'dist', 'lib') })
  const { main } = await import(pathToFileURL(join(root, 'dist', 'cli.js')).href)
  await main(process.argv.slice(2), root)
}
