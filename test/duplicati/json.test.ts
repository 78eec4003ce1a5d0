import { describe, expect, it } from 'vitest'
import { MAX_JSON_DEPTH, parseJson, UnreadableJson } from '../../src/duplicati/json.ts'

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
