import type { IncomingMessage } from 'node:http'
import { BodyTooLarge } from '../duplicati/decompress.ts'
import { SMALL_BYTES } from './reader.ts'

/** A large body that arrives more slowly than this gives way to the next one. */
const SLOWEST_BYTES_A_SECOND = 32 * 1024
const CHECK_EVERY = 5_000
/** How long one that waits for its turn is kept waiting: Duplicati itself gives up after 100 s. */
const LONGEST_WAIT = 90_000
/** What is too large is read to its end, up to so many times the limit: a sender that is cut off does not see the answer. */
const DISCARDED_TIMES = 4

/** The sender is gone, or too slow to be waited for: there is nobody to answer. */
export class SenderGone extends Error {
  override name = 'SenderGone'
}

/** Too many large bodies at once. */
export class Busy extends Error {
  override name = 'Busy'
}

export interface ReadBody {
  bytes: Buffer
  /** Call it when the body is not needed any more. */
  release(): void
}

/** One large body at a time, in the order in which they came, so that many of them do not fill the memory. */
export interface Turns {
  /** @throws Busy after `LONGEST_WAIT` */
  take(): Promise<() => void>
}

export function turns(): Turns {
  const queue: (() => void)[] = []
  let taken = false
  const release = () => {
    const next = queue.shift()
    if (next) next()
    else taken = false
  }
  return {
    async take() {
      if (taken) await waitIn(queue)
      taken = true
      let released = false
      return () => {
        if (!released) release()
        released = true
      }
    },
  }
}

function waitIn(queue: (() => void)[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const enter = () => {
      clearTimeout(timer)
      resolve()
    }
    const timer = setTimeout(() => {
      queue.splice(queue.indexOf(enter), 1)
      reject(new Busy('too many large bodies are being read'))
    }, LONGEST_WAIT)
    queue.push(enter)
  })
}

/**
 * Reads the body of a request.
 * @param limit in bytes
 * @throws BodyTooLarge, SenderGone, Busy
 */
export function readBody(request: IncomingMessage, limit: number, large: Turns): Promise<ReadBody> {
  const announced = Number(request.headers['content-length'] ?? 0)
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let size = 0
    let isTooLarge = announced > limit
    let release = () => {}
    let watch: NodeJS.Timeout | null = null
    const fail = (error: Error) => {
      if (watch) clearInterval(watch)
      release()
      chunks.length = 0
      reject(error)
    }
    const waitForTurn = async () => {
      request.pause()
      try {
        release = await large.take()
      } catch (error) {
        return fail(error as Error)
      }
      if (request.destroyed) return fail(new SenderGone('the sender is gone'))
      watch = watchSpeed(request, () => size)
      request.resume()
    }
    request.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size > limit) isTooLarge = true
      if (isTooLarge) {
        chunks.length = 0
        if (size > limit * DISCARDED_TIMES) fail(new BodyTooLarge(limit))
        return
      }
      const isFirstLarge = size > SMALL_BYTES && size - chunk.length <= SMALL_BYTES
      chunks.push(chunk)
      if (isFirstLarge) void waitForTurn()
    })
    request.on('end', () => {
      if (isTooLarge) return fail(new BodyTooLarge(limit))
      if (watch) clearInterval(watch)
      resolve({ bytes: chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks, size), release })
    })
    request.on('error', () => fail(new SenderGone('the connection broke')))
    request.on('close', () => {
      if (!request.complete) fail(new SenderGone('the sender is gone'))
    })
  })
}

function watchSpeed(request: IncomingMessage, read: () => number): NodeJS.Timeout {
  let before = read()
  return setInterval(() => {
    if (read() - before < (SLOWEST_BYTES_A_SECOND * CHECK_EVERY) / 1_000) request.destroy()
    before = read()
  }, CHECK_EVERY)
}
