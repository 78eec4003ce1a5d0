import { spawn, spawnSync } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { PROGRAM, ROOT, runProgram, temporaryFolder } from '../support/program.ts'

function homeIn(folder: string): NodeJS.ProcessEnv {
  return { HOME: folder, XDG_CONFIG_HOME: join(folder, 'config'), XDG_DATA_HOME: join(folder, 'data') }
}

describe('the built program', () => {
  it('tells version, Node and platform', async () => {
    const { stdout, code } = await runProgram(['--version'])
    expect(stdout).toMatch(/^duplistatus\/\d+\.\d+\.\d+ \S+ node-v\d+/)
    expect(code).toBe(0)
  })

  it('prints how to begin on an empty machine, and makes no file', async () => {
    using folder = temporaryFolder()
    const { stdout, stderr, code } = await runProgram([], { env: homeIn(folder.path) })
    expect(code).toBe(0)
    expect(stdout + stderr).toContain('duplistatus server add')
    expect(readdirSync(folder.path)).toEqual([])
  })

  it.each([
    [['--help'], 'USAGE'],
    [['help'], 'COMMANDS'],
    [['server', '--help'], 'server setup-reporting'],
    [['help', 'server', 'add'], '--trust'],
    [['check', '--help'], '--max-age'],
  ])('helps: %j', async (args, text) => {
    expect(await runProgram(args)).toMatchObject({ code: 0, stderr: '', stdout: expect.stringContaining(text) })
  })

  it('ends quietly when the reader closes the pipe early', () => {
    const { status, stderr } = spawnSync(
      'sh',
      ['-c', `"${process.execPath}" "${PROGRAM}" --help | head -n 1 >/dev/null`],
      {
        encoding: 'utf8',
      },
    )
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  })

  it.each([
    [['foo'], '"duplistatus help" lists the commands.'],
    [['hist'], 'Did you mean "duplistatus history"?'],
    [['stauts'], 'Did you mean "duplistatus status"?'],
    [['server', 'ad'], 'Did you mean "duplistatus server add"?'],
    [['status', '--nonsense'], 'Nonexistent flag: --nonsense'],
  ])('answers wrong usage %j with 2 and a hint', async (args, hint) => {
    const { code, stderr, stdout } = await runProgram(args)
    expect(stderr).toContain(hint)
    expect(stdout).toBe('')
    expect(code).toBe(2)
  })

  it('prints an error as one JSON object on stdout, without the arguments', async () => {
    const { code, stdout, stderr } = await runProgram(['status', '--json', '--nonsense=hunter2'])
    expect(code).toBe(2)
    expect(stderr).toBe('')
    expect(Object.keys(JSON.parse(stdout).error)).toEqual(['code', 'message', 'hint'])
    expect(stdout).not.toContain('hunter2')
  })

  it('says which time zone or locale it does not know', async () => {
    expect(await runProgram(['status', '--tz', 'Mars/Olympus'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('Mars/Olympus'),
    })
    expect(await runProgram(['status', '--locale', 'x y'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('x y'),
    })
  })

  it.each([
    ['as one file', {}],
    ['as files of its own', { NODE_DISABLE_COMPILE_CACHE: '1' }],
  ])('loads none of the heavy modules for status, %s', (_, env) => {
    using folder = temporaryFolder()
    const cache = { NODE_COMPILE_CACHE: join(folder.path, 'cache') }
    spawnSync(
      process.execPath,
      ['--cpu-prof', '--cpu-prof-interval', '100', `--cpu-prof-dir=${folder.path}`, PROGRAM, 'status'],
      {
        env: { PATH: process.env.PATH, ...homeIn(folder.path), ...cache, ...env },
      },
    )
    const profile = readdirSync(folder.path).find((name) => name.endsWith('.cpuprofile')) as string
    const text = readFileSync(join(folder.path, profile), 'utf8')
    // What is loaded does show.
    expect(text).toContain('node_modules/@oclif/core/')
    for (const module of ['undici', 'zod', 'conf', 'ink', 'fastify', 'luxon']) {
      expect(text, module).not.toContain(`node_modules/${module}/`)
    }
    for (const module of ['crypto', 'http', 'zlib', 'tls']) expect(text, module).not.toContain(`"node:${module}"`)
  })

  it('loads nothing of commands into the thread that reads reports', () => {
    const files = new Set(['reader-worker.js'])
    for (const file of files) {
      const text = readFileSync(join(ROOT, 'dist', file), 'utf8')
      expect(text, file).not.toContain('node_modules/@oclif')
      for (const [, chunk] of text.matchAll(/"(?:\.\/chunks|\.)\/(chunk-\w+\.js)"/g)) files.add(`chunks/${chunk}`)
    }
    expect(files.size).toBeGreaterThan(3)
  })

  it('shows collection, status, a chart and an alert in the demo, and leaves nothing behind when it is interrupted', async () => {
    using folder = temporaryFolder()
    writeFileSync(join(folder.path, 'x'), '')
    const child = spawn(process.execPath, [PROGRAM, 'demo', '--hold'], {
      cwd: ROOT,
      env: { PATH: process.env.PATH, ...homeIn(folder.path), TMPDIR: folder.path, NODE_DISABLE_COMPILE_CACHE: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let printed = ''
    await new Promise<void>((resolve, reject) => {
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        printed += text
        if (printed.includes('Ctrl-C')) resolve()
      })
      child.once('exit', (code) => reject(new Error(`demo --hold ended with ${code}:\n${printed}`)))
    })
    for (const shown of [
      'office-pc ',
      'overdue',
      'nas/Documents: uploaded per day',
      'Accounting on office-pc: overdue\n',
    ])
      expect(printed).toContain(shown)
    child.removeAllListeners('exit')
    const ended = new Promise((resolve) => child.once('exit', (code, signal) => resolve(signal ?? code)))
    child.kill('SIGINT')
    expect([130, 'SIGINT']).toContain(await ended)
    expect(readdirSync(folder.path)).toEqual(['x'])
  }, 60_000)
})
