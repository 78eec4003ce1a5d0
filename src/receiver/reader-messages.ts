import { BodyTooLarge } from '../duplicati/decompress.ts'
import { UnreadableReport } from '../duplicati/report.ts'
import type { Body, ReadPosted } from './read-body.ts'

/** What a reading thread is asked: the bodies themselves stand in shared memory, in this order. */
export type Asked = Omit<Body, 'body'> & { size: number }

/** Bytes that a body takes in shared memory: one that does not begin at a word is copied byte by byte. */
export function sharedSize(bytes: number): number {
  return Math.ceil(bytes / 8) * 8
}

/** What a reading thread tells of a body. */
export type Told = ReadPosted | { failure: Failure }

/**
 * What it tells of all that it was asked at once. Text, since a text is read several times as fast as an object is copied from
 * thread to thread; the packed logs stand one after the other.
 */
export interface Answered {
  text: string
  logs: Uint8Array
}

/** In the text: bytes of its log, null where it has none. */
type Line = { read: ReadPosted['read']; logSize: number | null } | { failure: Failure }

export function written(told: Told[]): Answered {
  const logs: Uint8Array[] = []
  const lines = told.map((one): Line => {
    if ('failure' in one) return one
    if (one.packedLog !== null) logs.push(one.packedLog)
    return { read: one.read, logSize: one.packedLog?.length ?? null }
  })
  // Bytes of their own: a part of a buffer would take the whole of it with it.
  return { text: JSON.stringify(lines), logs: new Uint8Array(Buffer.concat(logs)) }
}

export function readAgain({ text, logs }: Answered): Told[] {
  let from = 0
  return (JSON.parse(text) as Line[]).map((line): Told => {
    if ('failure' in line) return line
    const { read, logSize } = line
    if (logSize === null) return { read, packedLog: null }
    from += logSize
    return { read, packedLog: logs.subarray(from - logSize, from) }
  })
}

/** Errors lose their class between threads. */
export type Failure =
  | { kind: 'unreadable'; reason: string }
  | { kind: 'tooLarge'; limit: number }
  | { kind: 'bug'; message: string; stack: string | undefined }

export function failureOf(error: unknown): Failure {
  if (error instanceof UnreadableReport) return { kind: 'unreadable', reason: error.reason }
  if (error instanceof BodyTooLarge) return { kind: 'tooLarge', limit: error.limit }
  const { message, stack } = error instanceof Error ? error : new Error(String(error))
  return { kind: 'bug', message, stack }
}

export function errorOf(failure: Failure): Error {
  if (failure.kind === 'unreadable') return new UnreadableReport(failure.reason)
  if (failure.kind === 'tooLarge') return new BodyTooLarge(failure.limit)
  return Object.assign(new Error(failure.message), { stack: failure.stack })
}
