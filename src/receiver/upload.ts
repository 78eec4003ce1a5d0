import { BodyTooLarge, decompress } from '../duplicati/decompress.ts'
import { UnreadableReport } from '../duplicati/report.ts'
import type { TellRuns } from '../ingest/events.ts'
import { type GroupWriter, isStorageFailure } from '../ingest/group.ts'
import { noteLive } from '../ingest/live.ts'
import { addReported, toReported } from '../ingest/reports.ts'
import { quarantine } from '../store/quarantine.ts'
import type { Answer } from './answer.ts'
import { Busy, type ReadBody, readBody, SenderGone, type Turns } from './body.ts'
import { type Log, sayRarely } from './log.ts'
import { notPosted, type Post, type PostHandler } from './posts.ts'
import type { ReadPosted } from './read-body.ts'
import { type BodyReader, SMALL_BYTES } from './reader.ts'

export interface UploadOptions {
  reader: BodyReader
  writer: GroupWriter
  large: Turns
  log: Log
  now: () => Date
  maxBody: number
  tell: TellRuns | null
  /** Told of each write to the disk: null when it went well. */
  onStored: (failure: Error | null) => void
}

const STORED: Answer = { code: 200, body: JSON.stringify({ success: true }) }
const KEPT: Answer = {
  code: 200,
  body: JSON.stringify({ success: true, message: 'not understood: kept in quarantine' }),
}

/**
 * Takes what Duplicati posts. It is answered 200 when it is on the disk, whatever it says: repeated, of another operation, of an
 * unknown job, or not understood at all (then it is kept in quarantine), since Duplicati tries again and warns at any other
 * answer. 413 for too large a body, 503 where it could not be stored.
 */
export function uploadHandler(options: UploadOptions): PostHandler {
  const { writer, log, now, onStored } = options
  const failed = storageFailures(options)

  const keep = async ({ post, bytes, receivedAt }: Posted, reason: string): Promise<Answer> => {
    const keepIt = await quarantine({
      receivedAt: receivedAt.getTime(),
      address: post.ip,
      contentType: typeOf(post) ?? null,
      query: queryWithoutToken(post),
      // What can be unpacked is kept so: how it was packed is not known any more when it is read again.
      body: await decompress(bytes, encodingOf(post), options.maxBody).catch(() => bytes),
      reason,
    })
    const isNew = await writer.write(keepIt)
    log.warn({ address: post.ip, bytes: bytes.length, reason, known: !isNew }, 'Not understood: kept in quarantine')
    return KEPT
  }

  const store = async (posted: Posted, { read, packedLog }: ReadPosted): Promise<Answer> => {
    const { receivedAt } = posted
    try {
      if (read.kind === 'live') await writer.write((tx) => noteLive(tx, read.live, receivedAt))
      else {
        const reported = toReported(read.report, receivedAt, packedLog)
        const { serverId, setAside, new: added } = await writer.write((tx) => addReported(tx, reported, options.tell))
        const { machineName, backupName } = reported
        log.debug({ serverId, machineName, backupName, new: added, setAside }, 'Report stored')
      }
      return STORED
    } catch (error) {
      if (isStorageFailure(error)) throw error
      log.error({ error }, 'A report that was understood could not be stored: a bug of duplistatus')
      return keep(posted, 'it was understood, but could not be stored')
    }
  }

  const take = async (post: Post, body: ReadBody, receivedAt: Date): Promise<Answer> => {
    const posted: Posted = { post, bytes: body.bytes, receivedAt }
    let read: ReadPosted
    try {
      read = await readPosted(posted, body, options)
    } catch (error) {
      if (error instanceof BodyTooLarge || error instanceof Busy) throw error
      if (!(error instanceof UnreadableReport)) log.error({ error }, 'A body could not be read')
      if (post.method === 'GET') return notPosted()
      return keep(posted, error instanceof UnreadableReport ? error.reason : (error as Error).message)
    }
    return store(posted, read)
  }

  return async (post) => {
    let body: ReadBody | null = null
    try {
      body = await readBody(post.raw, options.maxBody, options.large)
      const answer = await take(post, body, now())
      if (answer.code === 200) onStored(null)
      return answer
    } catch (error) {
      if (error instanceof SenderGone) return null
      if (error instanceof BodyTooLarge) return tooLarge(error.limit)
      if (!(error instanceof Busy) && !isStorageFailure(error)) throw error
      if (isStorageFailure(error)) failed(error)
      const told = { error: 'Service Unavailable', message: error.message, status: 503 }
      return { code: 503, headers: { 'retry-after': '5' }, body: told }
    } finally {
      body?.release()
    }
  }
}

interface Posted {
  post: Post
  /** As they came. */
  bytes: Uint8Array
  receivedAt: Date
}

/** A small body that unpacks to a large one waits for its turn as a large one does. */
async function readPosted(
  posted: Posted,
  body: ReadBody,
  { reader, large, maxBody }: UploadOptions,
): Promise<ReadPosted> {
  const { post, bytes, receivedAt } = posted
  const about = {
    body: bytes,
    encoding: encodingOf(post),
    contentType: typeOf(post),
    query: wordsOf(post),
    receivedAt: receivedAt.getTime(),
  }
  const enough = Math.min(maxBody, Math.max(SMALL_BYTES, bytes.length))
  try {
    return await reader.read({ ...about, limit: enough })
  } catch (error) {
    if (!(error instanceof BodyTooLarge) || enough === maxBody) throw error
  }
  if (bytes.length <= SMALL_BYTES) {
    const [before, taken] = [body.release, await large.take()]
    body.release = () => {
      before()
      taken()
    }
  }
  return reader.read({ ...about, limit: maxBody })
}

/** A disk that is full is said once in ten seconds, not with each report that it costs. */
function storageFailures({ log, onStored }: UploadOptions): (error: Error) => void {
  let last: Error = new Error('nothing failed yet')
  const say = sayRarely(10_000, Date.now, (times) => {
    const { code } = last as { code?: string }
    log.error({ code, times }, `Reports cannot be stored and were answered 503: ${last.message}`)
  })
  return (error) => {
    last = error
    onStored(error)
    say()
  }
}

function tooLarge(limit: number): Answer {
  const message = `The body is larger than ${limit} bytes: fewer log lines (send-http-max-log-lines), or serve --max-body`
  return { code: 413, headers: { connection: 'close' }, body: { error: 'Payload Too Large', message, status: 413 } }
}

function encodingOf({ headers }: Post): string | undefined {
  return headers['content-encoding']
}

/** Text that a type can be: nothing else of it goes on, into logs and the quarantine neither. */
function typeOf({ headers }: Post): string | undefined {
  const type = headers['content-type']
  if (type === undefined || TYPE.test(type)) return type
  return 'application/octet-stream'
}

const TYPE = /^[\w.+-]{1,64}\/[\w.+-]{1,64}(?:; ?[\w.+-]{1,64}="?[\w.+-]{1,64}"?){0,4}$/

function wordsOf({ query }: Post): Record<string, unknown> {
  const { token: _, ...words } = query
  return words
}

function queryWithoutToken(post: Post): string {
  const words = Object.entries(wordsOf(post)).flatMap(([name, value]) =>
    [value].flat().map((one): [string, string] => [name, String(one)]),
  )
  return new URLSearchParams(words).toString().slice(0, 8_192)
}
