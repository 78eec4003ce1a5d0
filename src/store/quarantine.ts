/** Bodies that were posted and not understood: kept until a newer version understands them, in bounded number, size and age. */
import { hash } from 'node:crypto'
import { promisify } from 'node:util'
import { constants, zstdCompress, zstdDecompress } from 'node:zlib'
import { unknownUnread } from './ids.ts'
import { quickAll, quickGet, quickRun } from './quick.ts'
import type { Db } from './schema.ts'
import { iso } from './views.ts'

const DAY = 86_400_000
/** What is kept at most; the oldest go first. */
export const QUARANTINE_LIMITS = { items: 1_000, bytes: 256 * 1024 * 1024, days: 90 }
/** A stored body is ours, but the file may be damaged: no more than this is unpacked. */
const MOST_BYTES = 256 * 1024 * 1024

const compress = promisify(zstdCompress)
const decompress = promisify(zstdDecompress)

/** A body as it came, and why it was not understood. */
export interface PostedBody {
  receivedAt: number
  address: string | null
  contentType: string | null
  /** Of the URL, without tokens. */
  query: string
  body: Uint8Array
  /** The end of a sentence, such as `it names no machine`. */
  reason: string
}

/** json.md, `quarantine list`. */
export interface QuarantineItem {
  id: string
  receivedAt: string
  bytes: number
  contentType: string | null
  reason: string
}

export interface QuarantinedBody extends QuarantineItem {
  address: string | null
  query: string
  body: Uint8Array
}

interface Row {
  id: number
  received_at: number
  address: string | null
  content_type: string | null
  query: string
  bytes: number
  reason: string
}

/**
 * Prepares a body outside of the transaction that keeps it: compressing a large one takes time. The same body is kept once.
 * @returns what to call inside a transaction; its result tells whether the body is new
 */
export async function quarantine(posted: PostedBody): Promise<(tx: Db) => Promise<boolean>> {
  const { body, receivedAt } = posted
  const packed = await compress(body, { params: { [constants.ZSTD_c_compressionLevel]: 3 } })
  const digest = hash('sha256', body)
  return async (tx) => {
    const known = quickGet(tx, "SELECT 1 FROM quarantine WHERE digest = ? || '' LIMIT 1", digest)
    if (known) return false
    quickRun(
      tx,
      `INSERT INTO quarantine (received_at, address, content_type, query, bytes, reason, digest, body)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
      receivedAt,
      posted.address,
      posted.contentType,
      posted.query,
      body.length,
      posted.reason,
      digest,
      packed,
    )
    await keepBounded(tx, receivedAt)
    return true
  }
}

async function keepBounded(tx: Db, now: number): Promise<void> {
  const { items, bytes, days } = QUARANTINE_LIMITS
  quickRun(tx, 'DELETE FROM quarantine WHERE received_at < ? + 0', now - days * DAY)
  quickRun(
    tx,
    `DELETE FROM quarantine WHERE id <= coalesce((SELECT max(id) FROM (
      SELECT id, count(*) OVER newer AS n, sum(length(body)) OVER newer AS size FROM quarantine
      WINDOW newer AS (ORDER BY id DESC)) WHERE n > ? OR size > ?), 0)`,
    items,
    bytes,
  )
}

/** Newest first. */
export async function listQuarantine(db: Db): Promise<QuarantineItem[]> {
  const rows = quickAll<Row>(db, 'SELECT id, received_at, content_type, bytes, reason FROM quarantine ORDER BY id DESC')
  return rows.map(itemOf)
}

/** @throws UserError `unknown_item` */
export async function readQuarantined(db: Db, id: string): Promise<QuarantinedBody> {
  const row = quickGet<Row & { body: Uint8Array }>(db, 'SELECT * FROM quarantine WHERE id = ?', rowOf(id))
  if (!row) throw unknownUnread(id)
  const body = await decompress(row.body, { maxOutputLength: MOST_BYTES })
  return { ...itemOf(row), address: row.address, query: row.query, body }
}

/** Call it inside a transaction. */
export async function removeQuarantined(tx: Db, id: string): Promise<void> {
  const { changes } = quickRun(tx, 'DELETE FROM quarantine WHERE id = ?', rowOf(id))
  if (changes === 0) throw unknownUnread(id)
}

/** Deletes what was received before this moment; returns how many. Call it inside a transaction. */
export async function pruneQuarantine(tx: Db, before: number): Promise<number> {
  return quickRun(tx, 'DELETE FROM quarantine WHERE received_at < ? + 0', before).changes
}

function itemOf(row: Row): QuarantineItem {
  const { id, received_at, bytes, content_type, reason } = row
  return { id: `q${id}`, receivedAt: iso(received_at), bytes, contentType: content_type, reason }
}

function rowOf(id: string): number {
  return /^q?[1-9]\d{0,14}$/.test(id) ? Number(id.replace('q', '')) : -1
}
