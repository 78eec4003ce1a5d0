import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { UserError } from '../../src/errors.ts'
import { readSettings } from '../../src/settings/reader.ts'
import { temporaryFolder } from '../support/store.ts'

function file(content: string): string {
  const path = join(temporaryFolder(), 'config.json')
  writeFileSync(path, content)
  return path
}

describe('the settings file', () => {
  it('may be missing or empty', () => {
    expect(readSettings(join(temporaryFolder(), 'a', 'config.json'))).toEqual({})
    expect(readSettings(join(file('{}'), 'config.json'))).toEqual({})
    expect(readSettings(file(' \n'))).toEqual({})
  })

  it('may have nested or dotted keys, nulls, and keys of other commands', () => {
    const settings = { locale: 'de-DE', 'overdue.tolerance': '2h', 'collect.concurrency': 5 }
    expect(readSettings(file(JSON.stringify(settings)))).toEqual(settings)
    const nested = { locale: 'de-DE', overdue: { tolerance: '2h' }, collect: { concurrency: 5 }, timeZone: null, x: [] }
    expect(readSettings(file(JSON.stringify(nested)))).toEqual(settings)
  })

  it('may begin with a byte order mark', () => {
    expect(readSettings(file('\uFEFF{"locale":"fr"}'))).toEqual({ locale: 'fr' })
  })

  it('takes nothing from prototypes', () => {
    expect(readSettings(file('{"__proto__":{"locale":"fr"},"overdue":"2h"}'))).toEqual({})
  })

  it.each([
    ['a broken one', '{"locale": ', /JSON/],
    ['a list', '[]', /no JSON object/],
    ['a text', '"x"', /no JSON object/],
    ['a locale that is a number', '{"locale":7}', /"locale" must be a text/],
    ['a tolerance that is an object', '{"overdue":{"tolerance":{}}}', /"overdue.tolerance" must be a text/],
    ['a concurrency of 0', '{"collect.concurrency":0}', /"collect.concurrency" must be a whole number from 1 to 500/],
    ['a concurrency of 501', '{"collect":{"concurrency":501}}', /from 1 to 500/],
    ['a concurrency of 1.5', '{"collect.concurrency":1.5}', /whole number/],
    ['a huge one', `{"x":"${'y'.repeat(1_000_000)}"}`, /larger than 1000000 bytes/],
    ['a deep one', `${'['.repeat(200_000)}${']'.repeat(200_000)}`, /./],
  ])('is refused in words: %s', (_, content, words) => {
    const path = file(content)
    const read = () => readSettings(path)
    expect(read).toThrow(UserError)
    expect(read).toThrow(path)
    expect(read).toThrow(words)
  })

  it('is refused in words where it is a folder', () => {
    const path = join(temporaryFolder(), 'config.json')
    mkdirSync(path)
    expect(() => readSettings(path)).toThrow(/it is a folder/)
  })
})
