#!/usr/bin/env node
// The launcher of the installed program. Node parses a whole file before it runs it, so this one stays syntax that Node 18
// understands: an older Node then gets one clear line instead of a syntax error from the bundle.
import module from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

// Imported, it would load all that belongs to it (esbuild.config.js). Node 18 does not know this way.
const fs = process.getBuiltinModule?.('node:fs')
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)

/** Bytes in front of kept code: its checksum; as many as keep the code aligned for V8. */
const HEADER = 8

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
  const root = dirname(dirname(fs.realpathSync(fileURLToPath(import.meta.url))))
  // Bundled packages look for their files beside this folder (esbuild.config.js).
  Object.assign(globalThis, { duplistatusLib: join(root, 'dist', 'lib') })
  const argv = process.argv.slice(2)
  const cacheFolder = module.getCompileCacheDir?.()
  const file = fileOf(argv, join(root, 'dist', 'alone'))
  if (cacheFolder && file) await runAlone(file, argv, cacheFolder)
  else {
    const { main } = await import(pathToFileURL(join(root, 'dist', 'cli.js')).href)
    await main(argv, root)
  }
}

/**
 * The command that is meant as one file; null where it is none of those that are built so, or its help is asked for.
 * @param {string[]} argv
 * @param {string} folder
 */
function fileOf(argv, folder) {
  const [name = ''] = argv
  if (!/^[a-z]+$/.test(name) || argv.includes('--help') || argv.includes('-h')) return null
  const file = join(folder, `${name}.cjs`)
  return fs.existsSync(file) ? file : null
}

/**
 * Runs a command that is one file with all that it needs (src/cli/alone.ts). Node.js keeps of a module what V8 compiles before it
 * runs; most functions are compiled when they are first called, each time anew. Of such a file the code is kept as it is after a
 * run, which spares a tenth of the time that `status` and `collect` take.
 * @param {string} file
 * @param {string[]} argv
 * @param {string} cacheFolder where Node.js keeps the code of this version, for this user
 */
async function runAlone(file, argv, cacheFolder) {
  const { Script, constants } = process.getBuiltinModule('node:vm')
  // The build leaves nothing in it but ASCII, and begins it with a comment that holds its hash: V8 itself compares only lengths.
  const source = fs.readFileSync(file, 'latin1')
  const cache = join(cacheFolder, `duplistatus-${argv[0]}-${source.slice(2, 18)}`)
  const kept = keptCode(cache)
  const script = new Script(source, {
    filename: file,
    importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
    ...(kept && { cachedData: kept.code }),
  })
  /** @type {{ exports: any }} */
  const command = { exports: {} }
  script.runInThisContext()(command.exports, module.createRequire(file), command)
  await command.exports.main(argv)
  const taken = script.cachedDataRejected ? null : kept
  if (!taken || taken.isOld) keepCode(cache, script.createCachedData(), taken?.code)
}

/**
 * V8 takes what it is given, and would crash with what a disk has spoilt. That is whole blocks: a word of each 128 bytes tells it.
 * @param {Buffer} code
 */
function checksum(code) {
  const words = new Uint32Array(code.buffer, code.byteOffset, code.length >> 2)
  let sum = code.length
  for (let i = 0; i < words.length; i += 32) sum = Math.imul(sum ^ (words[i] ?? 0), 0x01000193)
  return sum >>> 0
}

/** @param {string} cache */
function keptCode(cache) {
  let descriptor
  try {
    descriptor = fs.openSync(cache, 'r')
    const { uid, mode, mtimeMs } = fs.fstatSync(descriptor)
    // It is run: what others can write is not read.
    if (process.getuid && (uid !== process.getuid() || (mode & 0o022) !== 0)) return null
    const bytes = fs.readFileSync(descriptor)
    const code = bytes.subarray(HEADER)
    return checksum(code) === bytes.readUInt32LE() ? { code, isOld: Date.now() - mtimeMs > 600_000 } : null
  } catch {
    return null
  } finally {
    if (descriptor !== undefined) fs.closeSync(descriptor)
  }
}

/**
 * What is kept is looked at again at the next run, and every ten minutes: another way through the command may have called more.
 * @param {string} cache
 * @param {Buffer} code
 * @param {Buffer} [before]
 */
function keepCode(cache, code, before) {
  const own = `${cache}.${process.pid}`
  try {
    if (before && code.length < before.length * 1.02) return fs.utimesSync(cache, new Date(), new Date())
    const descriptor = fs.openSync(own, 'wx', 0o600)
    const header = Buffer.alloc(HEADER)
    header.writeUInt32LE(checksum(code))
    fs.writeFileSync(descriptor, Buffer.concat([header, code]))
    // It must not be there in part after a power cut.
    fs.fsyncSync(descriptor)
    fs.futimesSync(descriptor, 0, 0)
    fs.closeSync(descriptor)
    fs.renameSync(own, cache)
  } catch {
    // The next run compiles, as this one did.
    fs.rmSync(own, { force: true })
  }
}
