import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ROOT, runProgram, temporaryFolder } from '../support/program.ts'

/** Nodes to install with, beside the one that runs the tests: `DUPLISTATUS_TEST_NODES`, separated by colons (.ci/run sets it). */
const nodes = [process.execPath, ...(process.env.DUPLISTATUS_TEST_NODES ?? '').split(':').filter(Boolean)]

/** npm's own file, so that every Node runs the same npm; `DUPLISTATUS_TEST_NPM` names npm 10. */
const npms = [process.env.npm_execpath, process.env.DUPLISTATUS_TEST_NPM].filter((file) => file?.endsWith('.js'))

function versionOf(node: string): string {
  return spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout.trim()
}

function isOld(node: string): boolean {
  const [major = 0, minor = 0] = versionOf(node).slice(1).split('.').map(Number)
  return major < 22 || (major === 22 && minor < 19)
}

function pack(folder: string): string {
  const { stdout, stderr, status } = spawnSync(
    'npm',
    ['pack', '--ignore-scripts', '--json', '--pack-destination', folder],
    {
      cwd: ROOT,
      encoding: 'utf8',
    },
  )
  expect(status, stderr).toBe(0)
  expect(stdout).toContain('.tgz')
  return join(folder, readdirSync(folder).find((name) => name.endsWith('.tgz')) as string)
}

/** A PATH that holds this Node, a shell and nothing else: no Python, no compiler, no make. */
function barePath(folder: string, node: string): string {
  const bin = join(folder, 'bin')
  mkdirSync(bin, { recursive: true })
  symlinkSync(node, join(bin, 'node'))
  for (const tool of ['sh', 'env']) symlinkSync(`/bin/${tool}`, join(bin, tool))
  return bin
}

function install(npm: string, node: string, file: string, folder: string) {
  const prefix = join(folder, 'prefix')
  const path = barePath(folder, node)
  const { status, stderr, stdout } = spawnSync(
    node,
    [npm, 'install', '--global', '--offline', '--prefix', prefix, file],
    {
      cwd: folder,
      encoding: 'utf8',
      env: { PATH: path, HOME: folder, npm_config_cache: join(folder, 'cache') },
    },
  )
  expect(status, `${stdout}\n${stderr}`).toBe(0)
  return { program: join(prefix, 'bin/duplistatus'), path }
}

/** Starts `serve` of the installed program, posts a report to it, and ends it as a service manager does. */
async function receive({
  program,
  node,
  env,
  database,
}: {
  program: string
  node: string
  env: NodeJS.ProcessEnv
  database: string
}) {
  const args = [program, 'serve', '--open', '--host', '127.0.0.1', '--port', '0', '--db', database]
  const child = spawn(node, args, { env, stdio: ['ignore', 'ignore', 'pipe'] })
  const ended = once(child, 'close')
  let said = ''
  const url = await new Promise<string>((resolve, reject) => {
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text
      const [, found] = /Listening on (http:\S+)/.exec(said) ?? []
      if (found) resolve(found)
    })
    child.once('close', () => reject(new Error(`serve ended: ${said}`)))
  })
  const body = readFileSync(join(ROOT, 'test/fixtures/compat-reports/01-alpha-1-2026-11-20-Success.json'))
  const answer = await fetch(`${url}/api/upload`, { method: 'POST', body })
  expect(answer.status, said).toBe(200)
  child.kill('SIGTERM')
  expect(await ended, said).toEqual([0, null])
  // What V8 says of a flag that this Node.js does not have.
  expect(said).not.toContain('unrecognized')
}

describe.skipIf(process.platform === 'win32')('the packed file', () => {
  for (const npm of npms as string[]) {
    for (const node of nodes.filter((candidate) => !isOld(candidate))) {
      const npmVersion = JSON.parse(readFileSync(join(dirname(npm), '../package.json'), 'utf8')).version
      it(`installs with npm ${npmVersion} on Node ${versionOf(node)} without compiler or network, and runs`, async () => {
        using folder = temporaryFolder()
        const { program, path } = install(npm, node, pack(folder.path), folder.path)
        const env = { PATH: path, HOME: folder.path, XDG_DATA_HOME: folder.path, XDG_CONFIG_HOME: folder.path }

        const version = await runProgram(['--version'], { node, program, env, cwd: folder.path })
        expect(version.stderr).toBe('')
        expect(version.stdout).toContain(`node-${versionOf(node)}`)

        const database = join(folder.path, 'd.db')
        const added = await runProgram(['server', 'add', 'http://127.0.0.1:9', '--force', '--db', database], {
          node,
          program,
          env: { ...env, DUPLISTATUS_PASSWORD: 'secret' },
          cwd: folder.path,
        })
        expect(added.code, added.stderr).toBe(0)
        expect(existsSync(database)).toBe(true)
        const status = await runProgram(['server', 'list', '--json', '--db', database], {
          node,
          program,
          env,
          cwd: folder.path,
        })
        expect(status.code, status.stderr).toBe(0)
        expect(JSON.parse(status.stdout).servers).toHaveLength(1)

        await receive({ program, node, env: { ...env, XDG_CACHE_HOME: folder.path }, database })
        const checked = await runProgram(['check', 'alpha', '--json', '--db', database], {
          node,
          program,
          env,
          cwd: folder.path,
        })
        expect(JSON.parse(checked.stdout).jobs, checked.stderr).toHaveLength(1)
      }, 120_000)
    }
  }

  it('holds the licences of what is bundled, and no source or test', () => {
    using folder = temporaryFolder()
    const listing = spawnSync('tar', ['tzf', pack(folder.path)], { encoding: 'utf8' }).stdout.split('\n')
    expect(listing).toContain('package/dist/THIRD_PARTY_LICENSES')
    expect(listing).toContain('package/LICENSE')
    expect(listing).toContain('package/oclif.manifest.json')
    expect(listing.filter((name) => /package\/(src|test|commands)\//.test(name))).toEqual([])
  })

  for (const node of nodes.filter(isOld)) {
    it(`says in one line which Node is needed on ${versionOf(node)}`, async () => {
      const { code, stderr, stdout } = await runProgram(['--version'], { node })
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
      expect(stderr).toMatch(/^duplistatus needs Node 22\.19 or newer; this is Node \d+\.\d+\.\d+ \(.+\)\.\n$/)
    })
  }
})
