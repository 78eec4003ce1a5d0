#!/usr/bin/env node
// Runs a script with the Node 24 that npm brought (package.json beside this file), whatever Node the machine has. The link
// node_modules/.bin/node cannot be relied on: npm 10 removes it together with the packages of the other platforms, which
// name a program `node` too. Stays in syntax that old Nodes parse.
import { spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import { delimiter, dirname, join } from 'node:path'

const require = createRequire(import.meta.url)

/** @returns {string | null} the program of the platform's package */
function bundledNode() {
  const platform = process.platform === 'win32' ? 'win' : process.platform
  for (const name of [`node-${platform}-${process.arch}`, `node-bin-${platform}-${process.arch}`]) {
    try {
      const manifest = require.resolve(`${name}/package.json`)
      return join(dirname(manifest), 'bin', process.platform === 'win32' ? 'node.exe' : 'node')
    } catch {
      // Another platform's package, or none for this one.
    }
  }
  return null
}

const node = bundledNode() ?? process.execPath
const child = spawn(node, process.argv.slice(2), {
  stdio: 'inherit',
  env: { ...process.env, PATH: `${dirname(node)}${delimiter}${process.env.PATH ?? ''}` },
})
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']))
  process.on(signal, () => child.kill(signal))
child.on('exit', (code, signal) => {
  process.exitCode = signal === null ? (code ?? 1) : 1
})
child.on('error', (error) => {
  process.stderr.write(`Node 24 can't be started (${node}): ${error.message}\n`)
  process.exitCode = 1
})
