import { statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { makeFolder } from '../src/folders.ts'
import { temporaryFolder } from './support/store.ts'

describe('makeFolder', () => {
  it('makes what is missing, for nobody else to read', () => {
    const top = temporaryFolder()
    const dir = join(top, 'a', 'b', 'c')
    makeFolder(dir)
    makeFolder(dir)
    expect(statSync(dir).isDirectory()).toBe(true)
    if (process.platform !== 'win32') expect(statSync(join(top, 'a')).mode & 0o777).toBe(0o700)
  })

  it.each([
    ['a file', [], 'EEXIST'],
    ['below a file', ['x', 'y'], 'ENOTDIR'],
  ])('fails with what the system says: %s', (_, below, code) => {
    const file = join(temporaryFolder(), 'file')
    writeFileSync(file, '')
    expect(() => makeFolder(join(file, ...below))).toThrow(expect.objectContaining({ code }))
  })

  it.skipIf(process.platform !== 'linux').each(['/proc/none', '/proc/none/a/b'])(
    'ends where a folder that exists refuses new ones with ENOENT: %s',
    (dir) => {
      expect(() => makeFolder(dir)).toThrow(expect.objectContaining({ code: 'ENOENT', path: '/proc/none' }))
    },
  )
})
