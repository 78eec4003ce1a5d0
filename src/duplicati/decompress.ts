/** Bodies that a proxy or an own sender compressed (Duplicati does not), unpacked up to a limit. */
import { promisify } from 'node:util'
import { brotliDecompress, gunzip, inflate, inflateRaw, zstdDecompress } from 'node:zlib'
import { bounded, UnreadableReport } from './report.ts'

/** A body has more bytes than are taken, or would have when unpacked. */
export class BodyTooLarge extends Error {
  override name = 'BodyTooLarge'
  /** In bytes. */
  readonly limit: number

  constructor(limit: number) {
    super(`The body is larger than ${limit} bytes`)
    this.limit = limit
  }
}

type Unpack = (body: Uint8Array, options: { maxOutputLength: number }) => Promise<Buffer>

const UNPACK: Record<string, Unpack> = {
  gzip: promisify(gunzip),
  'x-gzip': promisify(gunzip),
  deflate: (body, options) => (isZlib(body) ? promisify(inflate) : promisify(inflateRaw))(body, options),
  br: promisify(brotliDecompress),
  zstd: promisify(zstdDecompress),
}
/** Nobody packs twice but to make a small body of a large one. */
const MAX_ENCODINGS = 2

/**
 * A body without its `Content-Encoding`; gzip is also known by its first bytes, where the header was lost.
 *
 * @param limit most bytes of the result
 * @throws BodyTooLarge over the limit, without unpacking more than that
 * @throws UnreadableReport for broken data and unknown encodings
 */
export async function decompress(body: Uint8Array, encoding: string | undefined, limit: number): Promise<Uint8Array> {
  if (body.length > limit) throw new BodyTooLarge(limit)
  const told = (encoding ?? '').toLowerCase().split(',', 10)
  const names = told.map((name) => name.trim()).filter((name) => name !== '' && name !== 'identity')
  if (names.length === 0) return isGzip(body) ? unpack(body, 'gzip', limit) : body
  if (names.length > MAX_ENCODINGS) throw new UnreadableReport('it is compressed too often')
  let unpacked = body
  for (const name of names.reverse()) unpacked = await unpack(unpacked, name, limit)
  return unpacked
}

async function unpack(body: Uint8Array, name: string, limit: number): Promise<Uint8Array> {
  const unpackAll = Object.hasOwn(UNPACK, name) ? UNPACK[name] : undefined
  if (!unpackAll) throw new UnreadableReport(`its encoding ${JSON.stringify(bounded(name, 40))} is unknown`)
  try {
    return await unpackAll(body, { maxOutputLength: limit })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw new BodyTooLarge(limit)
    throw new UnreadableReport(`it is no whole ${name}`, { cause: error })
  }
}

function isGzip(body: Uint8Array): boolean {
  return body[0] === 0x1f && body[1] === 0x8b
}

/** HTTP's `deflate` has a zlib header; some senders leave it out. */
function isZlib(body: Uint8Array): boolean {
  const [first = 0, second = 0] = body
  return (first & 0x0f) === 8 && (first * 256 + second) % 31 === 0
}
