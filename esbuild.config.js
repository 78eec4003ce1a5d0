// Builds dist/: one entry a command and shared chunks, with every dependency inside, so that the published package installs
// nothing else and needs neither Python nor a compiler. Also the oclif manifest and the licences of what is bundled.
import { createHash } from 'node:crypto'
import { cpSync, existsSync, globSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const root = dirname(fileURLToPath(import.meta.url))
const target = join(root, 'dist')
/** Built aside and put in place at once, so that a program that starts meanwhile finds the old build or the new one. */
const dist = join(root, `dist.${process.pid}`)
const quiet = process.argv.includes('--quiet')
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))

/** What belongs to what in one file, for whom: the first that fits (`quickStart`). */
const TOGETHER = /** @type {const} */ ([
  // Help and version are oclif's own, and need nothing of ours.
  [/^src\/cli\/oclif-run/, null],
  [/^src\/(?:collect|daemon|ingest|notify|receiver)\//, 'src/cli/start-asking.ts'],
  [
    /^src\/(?:cli\/(?:collect|server-input)|duplicati\/(?:client|inspect|probe)|tui\/collect)/,
    'src/cli/start-asking.ts',
  ],
  // The thread that reads reports packs logs too, and starts no command.
  [/^src\/store\/log-pack/, null],
  [/^src\/store\/(?!index|log-|metrics)/, 'src/store/tables.ts'],
  [/./, 'src/cli/start.ts'],
])

/**
 * What cron and people run most: each one file with all that it needs as well, whose compiled code bin/run.js keeps. None that has
 * commands below it: the launcher goes by the first word.
 */
const ALONE = ['check', 'collect', 'status']

/**
 * CommonJS packages in an ES module bundle need `require`. `__dirname` of bundled packages points into dist/lib, so that
 * better-sqlite3 finds its prebuilt binding at dist/prebuilds by its own rule (../prebuilds).
 */
const banner = [
  "import { createRequire as duplistatusRequire } from 'node:module';",
  'const require = duplistatusRequire(import.meta.url);',
].join('\n')

const common = /** @satisfies {import('esbuild').BuildOptions} */ ({
  absWorkingDir: root,
  bundle: true,
  platform: /** @type {const} */ ('node'),
  target: 'node22.19',
  minifySyntax: true,
  minifyWhitespace: true,
  keepNames: false,
  legalComments: /** @type {const} */ ('none'),
  define: {
    'process.env.NODE_ENV': '"production"',
    __dirname: 'globalThis.duplistatusLib',
  },
  logLevel: /** @type {const} */ ('warning'),
})

const result = await build({
  ...common,
  entryPoints: [
    { in: 'src/cli/main.ts', out: 'cli' },
    { in: 'src/receiver/reader-worker.ts', out: 'reader-worker' },
    ...globSync('commands/**/*.{ts,tsx}', { cwd: root }).map((file) => ({
      in: file,
      out: file.replace(/\.tsx?$/, ''),
    })),
  ],
  outdir: dist,
  splitting: true,
  format: 'esm',
  chunkNames: 'chunks/[name]-[hash]',
  banner: { js: banner },
  metafile: true,
  plugins: [quickStart(entriesOfOurs()), stubs(), lazyOclif(), undiciWithoutHttp2(), oneMeasure(), yogaWithoutFetch()],
})
for (const id of ALONE) await buildAlone(id)

mkdirSync(join(dist, 'prebuilds'))
cpSync(join(root, 'node_modules/better-sqlite3/prebuilds'), join(dist, 'prebuilds'), { recursive: true })
writeLicences(result.metafile)
putInPlace()
await writeManifest()
if (!quiet) {
  const bytes = Object.values(result.metafile.outputs).reduce((sum, output) => sum + output.bytes, 0)
  process.stdout.write(`dist/: ${Object.keys(result.metafile.outputs).length} files, ${Math.round(bytes / 1024)} KiB\n`)
}

/**
 * One command as the body of a function, and in front of it a comment with its hash (bin/run.js).
 * @param {string} id
 */
async function buildAlone(id) {
  const { outputFiles } = await build({
    ...common,
    stdin: {
      resolveDir: root,
      sourcefile: `alone/${id}.ts`,
      loader: 'ts',
      contents: `import Command from './commands/${id}.ts'
        import { runAlone } from './src/cli/alone.ts'
        export const main = (argv: string[]) => runAlone('${id}', Command, argv)`,
    },
    format: 'cjs',
    write: false,
    plugins: [quickStart(new Set()), stubs(), lazyOclif(), undiciWithoutHttp2(), oneMeasure()],
  })
  // esbuild escapes all but what stands in regular expressions.
  const text = (outputFiles[0]?.text ?? '').replaceAll(
    /[\u0080-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
  const hash = createHash('sha256').update(text).digest('hex').slice(0, 16)
  mkdirSync(join(dist, 'alone'), { recursive: true })
  writeFileSync(join(dist, 'alone', `${id}.cjs`), `/*${hash}*/(function(exports,require,module){${text}\n})`)
}

function putInPlace() {
  const old = `${dist}.old`
  if (existsSync(target)) renameSync(target, old)
  renameSync(dist, target)
  rmSync(old, { recursive: true, force: true })
}

/**
 * What our own sources cost at start, beside their code. Each file that is loaded takes a millisecond, and splitting makes one of
 * every few modules that the same commands share: what many of them need comes in one file instead, since esbuild puts together
 * what the same entries reach, and each of them reaches it (`together`).
 *
 * A module that imports one of Node's gets all that it exports, and with that what it would load only when asked for: `node:fs` its
 * streams and promises (5 ms), `node:http` a WebSocket (25 ms). Taken as an object it gives what is asked for.
 * @param {ReadonlySet<string>} entries files that the build makes files of; none where it makes one
 * @returns {import('esbuild').Plugin}
 */
function quickStart(entries) {
  return {
    name: 'quick-start',
    setup({ onLoad }) {
      onLoad({ filter: /\.tsx?$/ }, ({ path }) => ({
        contents: together(path, entries) + withPlainBuiltins(readFileSync(path, 'utf8')),
        loader: path.endsWith('x') ? 'tsx' : 'ts',
      }))
    },
  }
}

/** Commands, and what is imported when it is needed. */
function entriesOfOurs() {
  const commands = globSync('commands/**/*.{ts,tsx}', { cwd: root })
  const files = [...commands, ...globSync('src/**/*.{ts,tsx}', { cwd: root })]
  const imported = files.flatMap((file) =>
    [...readFileSync(join(root, file), 'utf8').matchAll(/\bimport\('(\.[^']+)'\)/g)].map(([, target]) =>
      join(dirname(file), target ?? ''),
    ),
  )
  return new Set([...commands, ...imported].map((file) => join(root, file)))
}

/**
 * @param {string} path
 * @param {ReadonlySet<string>} entries
 */
function together(path, entries) {
  if (!entries.has(path)) return ''
  const file = relative(root, path).replaceAll(sep, '/')
  const shared = TOGETHER.find(([pattern]) => pattern.test(file))?.[1]
  return !shared || shared === file ? '' : `import ${JSON.stringify(join(root, shared))}\n`
}

/**
 * @param {string} source in the order and form that the formatter gives imports
 */
function withPlainBuiltins(source) {
  return source.replace(
    /^import (\w+)?(?:, )?(?:\{([^}]*)\})? ?from '(node:[^']+)'$/gm,
    (_, whole = '', names = '', module) => {
      const values = names.split(',').filter((/** @type {string} */ name) => name.trim() && !/^\s*type /.test(name))
      const taken = values.length > 0 ? `{ ${values.join(',').replaceAll(' as ', ': ')} }` : ''
      const targets = [whole, taken].filter((target) => target !== '')
      return targets.map((target) => `const ${target} = process.getBuiltinModule('${module}')`).join(';')
    },
  )
}

/**
 * Packages that oclif loads at every start and nothing here needs: whether this is WSL (9 ms), and its own debug log (6 ms); the
 * debugger that Ink would ask for in development, which is not installed, and what lays out a crash of Ink's own (22 ms).
 * @returns {import('esbuild').Plugin}
 */
function stubs() {
  /** @type {Record<string, string>} */
  const contents = {
    'wsl-utils': "export const isWsl = false; export const powerShellPath = async () => 'powershell.exe'",
    'react-devtools-core': 'export default { initialize() {}, connectToDevTools() {} }',
    'stack-utils': 'export default class { static nodeInternals() { return [] } parseLine() { return null } }',
    debug: 'module.exports = () => Object.assign(() => {}, { enabled: false, extend: () => module.exports() })',
  }
  return {
    name: 'stubs',
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^(wsl-utils|debug|react-devtools-core|stack-utils)$/ }, ({ path }) => ({
        path,
        namespace: 'stub',
      }))
      onLoad({ filter: /.*/, namespace: 'stub' }, ({ path }) => ({ contents: contents[path] ?? '' }))
    },
  }
}

/**
 * oclif's modules require each other all at once: help, globbing, error pages, debug logs, for every command that needs none of
 * them. Each require becomes one that happens at first use, which halves the time that oclif takes at start. Command ids are
 * ASCII: comparing them by locale would load ICU's collation (20 ms). The two files that it reads at every start need no promises.
 * @returns {import('esbuild').Plugin}
 */
function lazyOclif() {
  const plainRequire = /^const (\w+) = ((?:__importDefault|__importStar)\()?require\(("[^"]+")\)\)?;$/gm
  const helper =
    'const __lazily = (load) => { let module; return new Proxy({}, { get: (_, key) => (module ??= load())[key], has: (_, key) => key in (module ??= load()) }) };'
  return {
    name: 'lazy-oclif',
    setup({ onLoad }) {
      onLoad({ filter: /@oclif[\\/]core[\\/]lib[\\/].*\.js$/ }, ({ path }) => {
        const source = readFileSync(path, 'utf8')
          .replace(
            plainRequire,
            (_, name, interop, module) =>
              `const ${name} = __lazily(() => ${interop ? `${interop}require(${module}))` : `require(${module})`});`,
          )
          .replaceAll("await (0, promises_1.readFile)(path, 'utf8')", "(0, node_fs_1.readFileSync)(path, 'utf8')")
          .replaceAll("(await import('wsl-utils'))", "require('wsl-utils')")
          .replaceAll('.sort((a, b) => a.id.localeCompare(b.id))', '.sort((a, b) => (a.id < b.id ? -1 : 1))')
        const [strict, ...rest] = source.split('\n')
        return { contents: [strict, helper, ...rest].join('\n'), loader: 'js' }
      })
    },
  }
}

/**
 * Duplicati speaks HTTP/1.1: undici's other half, and Node's with it, is loaded where a server chooses it, which is never (7 ms).
 * @returns {import('esbuild').Plugin}
 */
function undiciWithoutHttp2() {
  return {
    name: 'undici-without-http2',
    setup({ onLoad }) {
      onLoad({ filter: /undici[\\/]lib[\\/]dispatcher[\\/]client\.js$/ }, ({ path }) => ({
        contents: readFileSync(path, 'utf8').replace(
          "const connectH2 = require('./client-h2.js')",
          "const connectH2 = (...args) => require('./client-h2.js')(...args)",
        ),
        loader: 'js',
      }))
    },
  }
}

/**
 * Ink and what it cuts texts with measure by our own function instead of a copy of string-width each (src/tui/ink-width.ts). The older
 * copies of the same packages that oclif's help `require`s keep theirs: a required ES module is an object, not a function.
 * @returns {import('esbuild').Plugin}
 */
function oneMeasure() {
  const own = join(root, 'src/tui/ink-width.ts')
  return {
    name: 'one-measure',
    setup({ onResolve }) {
      onResolve({ filter: /^string-width$/ }, ({ importer, kind }) =>
        kind !== 'require-call' &&
        /node_modules[\\/](ink|wrap-ansi|slice-ansi|cli-truncate|widest-line)[\\/]/.test(importer)
          ? { path: own }
          : null,
      )
    },
  }
}

/**
 * Yoga, which lays out for Ink, would `fetch` its own code from a data: address: that alone loads all of Node's HTTP client (25 ms,
 * 8 MB). Without `fetch` it decodes it itself, which `Buffer` does at once.
 * @returns {import('esbuild').Plugin}
 */
function yogaWithoutFetch() {
  return {
    name: 'yoga-without-fetch',
    setup({ onLoad }) {
      onLoad({ filter: /yoga-wasm-base64-esm\.js$/ }, ({ path }) => ({
        contents: readFileSync(path, 'utf8')
          .replaceAll('"function"!=typeof fetch', 'true')
          .replace(
            'var b=xa(a.slice(37)),c=new Uint8Array(b.length);for(a=0;a<b.length;++a)c[a]=b.charCodeAt(a);var d=c',
            'var d=Buffer.from(a.slice(37),"base64")',
          ),
        loader: 'js',
      }))
    },
  }
}

/**
 * The licence texts of every package that the bundle holds, as MIT and BSD ask.
 * @param {import('esbuild').Metafile} metafile
 */
function writeLicences(metafile) {
  const packages = new Set(
    Object.keys(metafile.inputs).flatMap(
      (input) => input.match(/node_modules\/(?:@[^/]+\/)?[^/]+(?!.*node_modules)/) ?? [],
    ),
  )
  const texts = [...packages].sort().map((folder) => {
    const pkg = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'))
    const file = globSync('{LICENSE,LICENCE,license,licence,COPYING}*', { cwd: join(root, folder) })[0]
    const text = file ? readFileSync(join(root, folder, file), 'utf8').trim() : `Licence: ${pkg.license}`
    return `${pkg.name} ${pkg.version}\n\n${text}\n`
  })
  writeFileSync(join(dist, 'THIRD_PARTY_LICENSES'), texts.join(`\n${'-'.repeat(80)}\n\n`))
}

/** The manifest spares every start the loading of all commands. */
async function writeManifest() {
  const file = join(root, 'oclif.manifest.json')
  process.env.NODE_ENV = 'production'
  Object.assign(globalThis, { duplistatusLib: join(target, 'lib') })
  const { Plugin } = await import('@oclif/core/config')
  const plugin = new Plugin({
    root,
    type: 'core',
    ignoreManifest: true,
    errorOnManifestCreate: true,
    respectNoCacheDefault: true,
  })
  await plugin.load()
  for (const command of Object.values(plugin.manifest.commands)) command.description = unwrapped(command.description)
  writeFileSync(`${file}.${process.pid}`, `${JSON.stringify({ ...plugin.manifest, version })}\n`)
  renameSync(`${file}.${process.pid}`, file)
}

/**
 * Paragraphs on one line each: help wraps them for the terminal, and a line that was broken in the source would break twice.
 * @param {string | undefined} text
 */
function unwrapped(text) {
  return text?.replaceAll(/(?<=[^\n])\n(?=[^\s-])/g, ' ')
}
