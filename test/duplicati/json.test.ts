import { describe, expect, it } from 'vitest'
import { MAX_JSON_DEPTH, parseFirst, parseJson, UnreadableJson } from '../../src/duplicati/json.ts'

const parse = (text: string) => parseJson(Buffer.from(text))
const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth)

describe('parseJson', () => {
  it.each(['null', '[]', '{"a":[1,"\\"]}[",{"b":"\\\\"}]}', '"[[[["', '\ufeff{"a":1}'])('reads %s', (text) => {
    expect(parse(text)).toEqual(JSON.parse(text.replace('\ufeff', '')))
  })

  it.each(['', '{', '"', '"\\', '[1,]', '<html>'])('refuses %j', (text) => {
    expect(() => parse(text)).toThrow(UnreadableJson)
  })

  it('refuses what is nested too deep, but not brackets in texts', () => {
    expect(() => parse(nested(MAX_JSON_DEPTH))).not.toThrow()
    expect(() => parse(nested(MAX_JSON_DEPTH + 1))).toThrow('nested deeper')
    expect(() => parse(JSON.stringify({ a: nested(1000) }))).not.toThrow()
  })

  it('refuses more members than any Duplicati has', () => {
    expect(() => parse(`[${'[],'.repeat(2_100_000)}[]]`)).toThrow('members')
  })
})

describe('parseFirst', () => {
  const first = (text: string) => parseFirst(Buffer.from(text))

  it('reads the first object of a list, whatever comes after it', () => {
    expect(first('[{"a":"}]\\"{","b":{"c":[{}]}},{"d":1}]')).toEqual({ a: '}]"{', b: { c: [{}] } })
    expect(first('[{"a":1},}garbage')).toEqual({ a: 1 })
    expect(first('[{"a":1},{"garbage')).toEqual({ a: 1 })
    expect(first('[{"a":"},{","b":[{},{"c":2}]},{"d":1}]')).toEqual({ a: '},{', b: [{}, { c: 2 }] })
  })

  it('reads nothing where no whole object comes first', () => {
    for (const text of ['', '[', '[]', ' [{}]', '{"a":1}', '[1]', '[{"a":1', '[{"a":"}'])
      expect(first(text)).toBeUndefined()
  })

  it('refuses an object that is no JSON, or nested too deeply', () => {
    expect(() => first('[{a}]')).toThrow(UnreadableJson)
    expect(() => first(`[${'{"a":'.repeat(MAX_JSON_DEPTH + 1)}1${'}'.repeat(MAX_JSON_DEPTH + 1)}]`)).toThrow(
      UnreadableJson,
    )
  })
})
