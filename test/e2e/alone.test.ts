import { spawnSync } from 'node:child_process'
import { chmodSync, globSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { PROGRAM, temporaryFolder } from '../support/program.ts'

/** Runs `status` with a cache of its own, and gives the file that its compiled code is kept in. */
function statusIn(folder: string, env: NodeJS.ProcessEnv = {}) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [PROGRAM, 'status', '--json'], {
    encoding: 'utf8',
    env: { PATH: process.env.PATH, HOME: folder, NODE_COMPILE_CACHE: join(folder, 'cache'), ...env },
  })
  expect(stderr).toBe('')
  expect(status).toBe(0)
  expect(JSON.parse(stdout)).toMatchObject({ summary: { jobs: 0 } })
  return globSync('cache/*/duplistatus-*', { cwd: folder }).map((file) => join(folder, file))
}

/** A file that is new is looked at again at the next run: its time says so. */
const isNew = (file: string) => statSync(file).mtimeMs === 0

it('keeps the compiled code of a command, looks at it once more, and leaves it then', () => {
  using folder = temporaryFolder()
  const [file = ''] = statusIn(folder.path)
  expect(isNew(file)).toBe(true)
  const bytes = readFileSync(file)
  expect(statusIn(folder.path)).toEqual([file])
  expect(isNew(file)).toBe(false)
  const { mtimeMs } = statSync(file)
  expect(statusIn(folder.path)).toEqual([file])
  expect(statSync(file).mtimeMs).toBe(mtimeMs)
  expect(bytes.equals(readFileSync(file))).toBe(true)
})

it('compiles anew where what is kept is damaged or cut off', () => {
  using folder = temporaryFolder()
  const [file = ''] = statusIn(folder.path)
  const whole = readFileSync(file)
  const spoilt = Buffer.from(whole).fill(0, whole.length / 2, whole.length / 2 + 512)
  for (const broken of [Buffer.alloc(0), Buffer.alloc(5000, 7), whole.subarray(0, whole.length / 2), spoilt]) {
    writeFileSync(file, broken)
    statusIn(folder.path)
    expect(isNew(file)).toBe(true)
    expect(readFileSync(file).length / whole.length).toBeCloseTo(1, 1)
  }
})

it.skipIf(process.platform === 'win32')('reads no code that others can write', () => {
  using folder = temporaryFolder()
  const [file = ''] = statusIn(folder.path)
  statusIn(folder.path)
  expect(isNew(file)).toBe(false)
  chmodSync(file, 0o666)
  statusIn(folder.path)
  expect(isNew(file)).toBe(true)
  expect(statSync(file).mode & 0o777).toBe(0o600)
})

it('runs without a place to keep code', () => {
  using folder = temporaryFolder()
  expect(statusIn(folder.path, { NODE_DISABLE_COMPILE_CACHE: '1' })).toEqual([])
  writeFileSync(join(folder.path, 'file'), '')
  expect(statusIn(folder.path, { NODE_COMPILE_CACHE: join(folder.path, 'file', 'x') })).toEqual([])
})
