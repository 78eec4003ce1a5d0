import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { BodyTooLarge, decompress } from '../../src/duplicati/decompress.ts'
import { UnreadableReport } from '../../src/duplicati/report.ts'

const body = Buffer.from(`{"Data":"${'x'.repeat(1_000)}"}`)
const LIMIT = 10_000

test.each([
  ['gzip', gzipSync(body)],
  ['GZIP', gzipSync(body)],
  ['x-gzip', gzipSync(body)],
  ['deflate', deflateSync(body)],
  ['deflate', deflateRawSync(body)],
  ['br', brotliCompressSync(body)],
  ['zstd', zstdCompressSync(body)],
  ['identity', body],
  ['', body],
  [undefined, body],
  [undefined, gzipSync(body)],
  ['deflate, gzip', gzipSync(deflateSync(body))],
])('%s is unpacked', async (encoding, packed) => {
  expect(Buffer.from(await decompress(packed, encoding, LIMIT)).equals(body)).toBe(true)
})

test.each([
  ['gzip', gzipSync(Buffer.alloc(50_000_000))],
  ['br', brotliCompressSync(Buffer.alloc(5_000_000))],
  ['deflate', deflateSync(Buffer.alloc(5_000_000))],
  ['zstd', zstdCompressSync(Buffer.alloc(5_000_000))],
  [undefined, Buffer.alloc(10_001)],
])('%s that is larger than the limit is refused without unpacking it all', async (encoding, packed) => {
  const before = process.memoryUsage().rss
  await expect(decompress(packed, encoding, LIMIT)).rejects.toThrow(BodyTooLarge)
  expect(process.memoryUsage().rss - before).toBeLessThan(20_000_000)
})

test.each([
  ['gzip', gzipSync(body).subarray(0, -9), 'it is no whole gzip'],
  ['gzip', body, 'it is no whole gzip'],
  [undefined, Buffer.of(0x1f, 0x8b, 8), 'it is no whole gzip'],
  ['compress\u001b[0m', body, 'its encoding "compress\\u001b[0m" is unknown'],
  ['constructor', body, 'its encoding "constructor" is unknown'],
  ['gzip, gzip, gzip', body, 'it is compressed too often'],
])('%s of broken data is unreadable', async (encoding, packed, reason) => {
  const refusal = await decompress(packed, encoding, LIMIT).catch((error: unknown) => error)
  expect(refusal).toBeInstanceOf(UnreadableReport)
  expect(refusal).toMatchObject({ reason })
})
