import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { BodyTooLarge, decompress } from '../../src/duplicati/decompress.ts'
import type { LiveStatus } from '../../src/duplicati/live-status.ts'
import { type Report, UnreadableReport } from '../../src/duplicati/report.ts'
import { readReportBody } from '../../src/duplicati/report-body.ts'

const SEED = Number(process.env.SEED ?? 20261124)
const BODIES = 6_000
const RECORDINGS = new URL('../fixtures/recordings/', import.meta.url)
const receivedAt = new Date('2026-11-23T20:00:00Z')
const bodies: string[] = ['2.1.0.5', '2.3.0.4', 'canary'].flatMap((version) => {
  const folder = new URL(`${version}/reports/`, RECORDINGS)
  return readdirSync(folder).map((file) => JSON.parse(readFileSync(new URL(file, folder), 'utf8')).body)
})

let state = SEED
function random(below: number): number {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
  return Math.floor((state / 2 ** 32) * below)
}
const pick = <T>(list: readonly T[]): T => list[random(list.length)] as T

const ODD: readonly unknown[] = [
  null, true, -1, 0, 1e308, -1e308, 2 ** 53, 1.5, '', ' ', 'x', '\u0000\u001b[2J\u009b31m\u202e', '\ud800', 'é'.repeat(3_000),
  '9'.repeat(400), '0001-01-01T00:00:00', '2199-01-01T00:00:00Z', '-99999999.23:59:59', [], {}, [null], { Message: { Message: 1 } },
  { toString: 1, valueOf: 2, length: -1 }, ['2026-11-23 19:36:54 +01 - [Error-X]: a', 5, null, {}, '... and 5 more'],
  JSON.parse('{"__proto__": {"Data": 1}, "constructor": {"prototype": 1}}'),
] // biome-ignore format: a table
const PIECES: readonly string[] = [
  '\u0000', '\u001b[31m', '\n', '\r\n', '=', '&', '%', '%zz', '%ED%A0%80', '%F0%9F', '{', '}', '[', ']', '"', '\\', '\\ud800', ': ',
  'Failed: ', 'Details: ', 'Log data:\n', 'LimitedErrors: [\n', '    2026-11-23 19:38:03 +01 - [Error-X]: a,\n', '...\n', ' (a, b, c)',
  'Duplicati Backup report for ', 'BeginTime: x (99999999999999999)\n', 'MainOperation: ', '[['.repeat(2_000), '\ufeff', '1e999999',
] // biome-ignore format: a table

/** Changes one member somewhere in a JSON value. */
function spoilMember(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Object.keys(value).length === 0 || random(4) === 0)
    return pick(ODD)
  const key = pick(Object.keys(value))
  if (Array.isArray(value)) return value.with(Number(key), spoilMember(value[Number(key)]))
  if (random(6) === 0) return Object.fromEntries(Object.entries(value).filter(([name]) => name !== key))
  return { ...value, [key]: spoilMember((value as Record<string, unknown>)[key]) }
}

function spoilText(text: string): string {
  const at = random(text.length + 1)
  const what = random(4)
  if (what === 0) return text.slice(0, at)
  if (what === 1) return text.slice(0, at) + text.slice(Math.min(text.length, at + 1 + random(200)))
  if (what === 2) return text.slice(0, at) + pick(PIECES) + text.slice(at)
  return text.slice(0, at) + text.slice(random(text.length)) + text.slice(at)
}

function spoilBytes(text: string): Uint8Array {
  const bytes = Buffer.from(text)
  for (let i = random(8); i > 0 && bytes.length > 0; i--) bytes[random(bytes.length)] = random(256)
  return bytes
}

function hostile(): Uint8Array {
  let text = pick(bodies)
  if (text.startsWith('{')) {
    let value: unknown = JSON.parse(text)
    for (let i = random(4); i > 0; i--) value = spoilMember(value)
    text = JSON.stringify(value)
    if (random(4) === 0) text = `message=${encodeURIComponent(text.toWellFormed())}`
  } else if (random(2) === 0) text = new URLSearchParams(text).get('message') ?? ''
  for (let i = random(3); i > 0; i--) text = spoilText(text)
  return random(3) === 0 ? spoilBytes(text) : Buffer.from(text)
}

const TYPES = [undefined, 'application/json', 'application/x-www-form-urlencoded', 'text/plain', '\u0000']
const ISO = /^2\d{3}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/

/** What everything that comes out must be, whatever came in. */
function check(source: Report['source'], names: (string | null)[]) {
  for (const name of [source.machineId, source.machineName, ...names]) {
    if (name !== null && (name.length > 512 || !name.isWellFormed()))
      throw new Error(`an odd name: ${name.slice(0, 600)}`)
  }
}

function checkReport({ source, backupId, backupName, run }: Report) {
  check(source, [backupId, backupName])
  expect(run.operation).toMatch(/^[A-Za-z][A-Za-z0-9]{0,63}$/)
  expect(run.beganAt).toMatch(ISO)
  expect(run.endedAt ?? '').toMatch(ISO)
  expect(Date.parse(run.beganAt)).toBeLessThanOrEqual(receivedAt.getTime() + 86_400_000)
  expect(run.log.every(({ at, text }) => (at === null || ISO.test(at)) && text.isWellFormed())).toBe(true)
  for (const value of Object.values(run)) if (typeof value === 'number') expect(value).toBeGreaterThanOrEqual(0)
}

test(`${BODIES} broken bodies give a report or a reason, and nothing else (SEED=${SEED})`, () => {
  const seen = { report: 0, live: 0, unreadable: 0 }
  let slowest = 0
  for (let i = 0; i < BODIES; i++) {
    const body = hostile()
    const started = performance.now()
    try {
      const found = readReportBody({ contentType: pick(TYPES), body }, receivedAt)
      seen[found.kind]++
      if (found.kind === 'report') checkReport(found.report)
      else
        check((found.live satisfies LiveStatus).source, [
          found.live.backupName,
          found.live.errorMessage?.slice(0, 9) ?? null,
        ])
    } catch (error) {
      if (!(error instanceof UnreadableReport)) throw new Error(`body ${i} of SEED=${SEED}`, { cause: error })
      if (error.message.length > 300) throw new Error('a long reason')
      seen.unreadable++
    }
    slowest = Math.max(slowest, performance.now() - started)
  }
  expect(seen.report).toBeGreaterThan(BODIES / 10)
  expect(seen.unreadable).toBeGreaterThan(BODIES / 10)
  expect(slowest).toBeLessThan(1_000)
})

test.each([
  ['deep nesting', `{"Data":${'['.repeat(2_000_000)}`],
  ['deep nesting that ends', `{"Data":${'{"a":'.repeat(200_000)}1${'}'.repeat(200_001)}`],
  ['members without end', `{"Data":[${'1,'.repeat(5_000_000)}1]}`],
  ['brackets for names', `Duplicati Backup report for ${' (a, b'.repeat(500_000)})`],
  ['commas for names', `Duplicati Backup report for x (${', '.repeat(1_000_000)})`],
  ['lines without end', 'a: b\n'.repeat(2_000_000)],
  ['a list without end', `LimitedErrors: [\n${'    2026-11-23 19:38:03 +01 - [Error-X]: a,\n'.repeat(200_000)}`],
  ['parameters without end', 'a=b&'.repeat(3_000_000)],
  ['escapes without end', `message=${'%'.repeat(5_000_000)}`],
  ['one long line', 'x'.repeat(10_000_000)],
  ['white space', ' \n'.repeat(5_000_000)],
  ['details without end', `Details: a\n${'\n x'.repeat(1_000_000)}`],
])('%s is refused within seconds', (_, text) => {
  const body = Buffer.from(text)
  const started = performance.now()
  expect(() => readReportBody({ body }, receivedAt)).toThrow(UnreadableReport)
  expect(performance.now() - started).toBeLessThan(5_000)
})

test('broken compressed bodies give bytes, or are refused', async () => {
  for (let i = 0; i < 300; i++) {
    const encoding = pick(['gzip', 'deflate', 'br', 'zstd', 'x', undefined])
    const refusal = await decompress(hostile(), encoding, 100_000).catch((error: unknown) => error)
    const isFine =
      refusal instanceof Uint8Array || refusal instanceof UnreadableReport || refusal instanceof BodyTooLarge
    expect(isFine, String(refusal)).toBe(true)
  }
})
