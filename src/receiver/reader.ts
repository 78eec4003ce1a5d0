import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type ResourceLimits, Worker } from 'node:worker_threads'
import type { Body, ReadPosted } from './read-body.ts'
import { type Answered, type Asked, errorOf, readAgain, sharedSize } from './reader-messages.ts'

/** Bodies up to here share a thread; they are read in milliseconds at most. */
export const SMALL_BYTES = 1024 * 1024
/** Bodies that a thread is given at once, and the memory that it shares for them. */
const MOST = 6
const SHARED_BYTES = 2 * SMALL_BYTES
/** No body takes so long: a thread that does is ended, in milliseconds. */
const LONGEST = 60_000
/** Megabytes that the thread of small bodies fills before it looks what of them is still needed: what is young dies with each body. */
export const SEMI_SPACE_MB = 4
/** Megabytes. A body that outgrows them costs its thread, not the daemon. V8 counts three semi-spaces as the young generation. */
const SMALL_HEAP = { maxOldGenerationSizeMb: 256, maxYoungGenerationSizeMb: 3 * SEMI_SPACE_MB }
const LARGE_HEAP = { maxOldGenerationSizeMb: 1_024, maxYoungGenerationSizeMb: 32 }

export interface BodyReader {
  /** @throws UnreadableReport, BodyTooLarge, and Error where reading it broke something */
  read(body: Body): Promise<ReadPosted>
  close(): Promise<void>
}

/**
 * Reads bodies outside of the thread that answers. A large one gets a thread that ends with it: others are not kept waiting, and
 * all of its memory is given back.
 */
export function bodyReader(): BodyReader {
  const small = new Thread(SMALL_HEAP, SHARED_BYTES)
  return {
    read: (body) => (body.limit > SMALL_BYTES ? readApart(body) : small.read(body)),
    close: () => small.close(),
  }
}

async function readApart(body: Body): Promise<ReadPosted> {
  const thread = new Thread(LARGE_HEAP, sharedSize(body.body.length))
  try {
    return await thread.read(body)
  } finally {
    await thread.close()
  }
}

interface Waiting {
  body: Body
  resolve: (read: ReadPosted) => void
  reject: (error: Error) => void
  /** It was being read, with others, when a thread ended: it is read alone then, since it may be what ended it. */
  suspect: boolean
}

/** One thread, begun when it is first needed and again after it ended. */
class Thread {
  readonly #heap: ResourceLimits
  readonly #shared: Uint8Array<SharedArrayBuffer>
  #waiting: Waiting[] = []
  #asked: Waiting[] = []
  #worker: Worker | null = null
  #timer: NodeJS.Timeout | undefined

  /** @param bytes of memory that it shares: as much as the largest body has */
  constructor(heap: ResourceLimits, bytes: number) {
    this.#heap = heap
    this.#shared = new Uint8Array(new SharedArrayBuffer(bytes))
  }

  read(body: Body): Promise<ReadPosted> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ body, resolve, reject, suspect: false })
      if (this.#waiting.length === 1) setImmediate(() => this.#ask())
    })
  }

  async close(): Promise<void> {
    const worker = this.#worker
    this.#worker = null
    clearTimeout(this.#timer)
    await worker?.terminate()
  }

  /** What comes while the thread is at work goes in one message: to wake a thread takes longer than to copy a report. */
  #ask(): void {
    if (this.#waiting.length === 0 || this.#asked.length > 0) return
    this.#worker ??= this.#start()
    this.#asked = this.#waiting.splice(0, this.#fitting())
    let from = 0
    const message = this.#asked.map(({ body: { body, ...about } }): Asked => {
      this.#shared.set(body, from)
      from += sharedSize(body.length)
      return { ...about, size: body.length }
    })
    // A text is passed on several times as fast as objects.
    this.#worker.postMessage(JSON.stringify(message))
    this.#timer = setTimeout(() => void this.#worker?.terminate(), LONGEST)
  }

  /** How many of those that wait go together: as many as there is room for, a suspect alone. */
  #fitting(): number {
    let bytes = 0
    const beyond = this.#waiting.findIndex(({ body, suspect }, i) => {
      bytes += sharedSize(body.body.length)
      return i > 0 && (suspect || this.#waiting[0]?.suspect || bytes > this.#shared.length || i >= MOST)
    })
    return beyond < 0 ? this.#waiting.length : beyond
  }

  #start(): Worker {
    const worker = new Worker(workerFile(), { resourceLimits: this.#heap, workerData: this.#shared.buffer })
    worker.on('message', (answered: Answered) => this.#tell(answered))
    // What ends a thread is known by its end.
    worker.on('error', () => {})
    worker.on('exit', () => this.#ended(worker))
    worker.unref()
    return worker
  }

  #tell(answered: Answered): void {
    const asked = this.#asked
    this.#asked = []
    clearTimeout(this.#timer)
    this.#ask()
    for (const [i, one] of readAgain(answered).entries()) {
      if ('failure' in one) asked[i]?.reject(errorOf(one.failure))
      else asked[i]?.resolve(one)
    }
  }

  /** Out of memory, out of time, or a bug: each that was being read is tried once more, alone. */
  #ended(worker: Worker): void {
    if (this.#worker !== worker) return
    this.#worker = null
    clearTimeout(this.#timer)
    const lost = this.#asked
    this.#asked = []
    for (const one of lost) {
      if (lost.length > 1 && !one.suspect) this.#waiting.unshift({ ...one, suspect: true })
      else one.reject(new Error('reading it took too much memory or time'))
    }
    this.#ask()
  }
}

/** Beside this file in the sources; in the build beside the commands (esbuild.config.js). */
function workerFile(): string {
  const { duplistatusLib: lib } = globalThis as { duplistatusLib?: string }
  if (lib !== undefined) return join(lib, '..', 'reader-worker.js')
  return fileURLToPath(new URL('./reader-worker.ts', import.meta.url))
}
