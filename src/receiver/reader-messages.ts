import { BodyTooLarge } from '../duplicati/decompress.ts'
import { UnreadableReport } from '../duplicati/report.ts'
import type { Body, ReadPosted } from './read-body.ts'

/** What a reading thread is asked: the bodies themselves stand in shared memory, in this order. */
export type Asked = Omit<Body, 'body'> & { size: number }

/** What a reading thread tells. */
export type Told = ReadPosted | { failure: Failure }

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
