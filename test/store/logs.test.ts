import { expect, it } from 'vitest'
import type { LogLine } from '../../src/duplicati/model.ts'
import { packLog } from '../../src/store/log-pack.ts'
import { unpackLog } from '../../src/store/log-unpack.ts'

const line = (change: Partial<LogLine> = {}): LogLine => ({
  level: 'message',
  at: '2026-11-23T18:45:05.000Z',
  tag: 'Duplicati.Library.Main.BasicResults-BackendEvent',
  text: 'Backend event: List - Started:  ()',
  ...change,
})

const unpacked = (...log: Parameters<typeof packLog>) => unpackLog(packLog(...log) ?? new Uint8Array())

it('unpacks what was packed: order, levels, times, tags, texts of several lines, version dates', () => {
  const lines = [
    line(),
    line({ level: 'warning', at: null, tag: null, text: 'naïve 🗄 – “quoted”\n  at Somewhere()\u0000\u001b[31m' }),
    line({ level: 'error', at: '2026-11-23T18:45:04.250Z', text: '' }),
    line({ at: '1969-12-31T23:59:59.999Z', tag: '' }),
  ]
  const versionDates = ['2026-11-22T02:00:00.000Z', '2026-11-21T02:00:00.000Z']
  expect(unpacked(lines, versionDates)).toEqual({ lines, versionDates })
  expect(unpacked([], ['2026-11-22T02:00:00.000Z'])).toMatchObject({ lines: [] })
  expect(packLog([], null)).toBeNull()
})

it('packs texts that are far larger than usual', () => {
  const lines = Array.from({ length: 3_000 }, (_, i) => line({ level: 'warning', text: `${i} ${'x'.repeat(500)}` }))
  const packed = packLog(lines, null) ?? new Uint8Array()
  expect(packed.length).toBeLessThan(60_000)
  expect(unpackLog(packed).lines).toEqual(lines)
})

it('tells texts apart that hold what stands between texts', () => {
  const lines = [line({ text: 'one\0two' }), line({ text: '\0' }), line({ text: 'three\nfour' })]
  expect(unpacked(lines, null).lines).toEqual(lines)
})

it('reads what was packed as JSON, before 2026-11-29', () => {
  const body = Buffer.from(
    'ASi1L/0g35UDAMJFFBpwS9vOsepwUMJCLSZXbAHusK5qk4n2Vf+XEBHkwn/An3+eE84xd8aGrDQpNhkYy1oPPbuSRgwSh2VDu41k//GYYAATwSlpZfOycFqtOnQNCQoAzCRACBcQCcxUVnkwhRsxlgncAqB3gJ/rCGKFSw==',
    'base64',
  )
  expect(unpackLog(body)).toEqual({
    lines: [line(), line({ level: 'warning', at: null, tag: null, text: 'two\nlines' })],
    versionDates: ['2026-11-22T02:00:00.000Z'],
  })
})

it('says that a body is of a format that it does not know', () => {
  expect(() => unpackLog(Buffer.of(9, 1, 2, 3))).toThrow('format 9')
})
