import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import type { PostedReport } from '../duplicati/report-body.ts'
import { type Asked, errorOf, type Told } from './reader-messages.ts'

/** No body takes so long: a thread that does is ended, in milliseconds. */
const LONGEST = 30_000
/** In megabytes. What outgrows them costs the thread, not the daemon. */
const SMALL_HEAP = { maxOldGenerationSizeMb: 256, maxYoungGenerationSizeMb: 8 }
const LARGE_HEAP = { maxOldGenerationSizeMb: 1_024, maxYoungGenerationSizeMb: 32 }
/** Bodies that may be larger than this are read in a thread that ends with them, which gives all of its memory back. */
export const LARGE_BYTES = 4 * 1024 * 1024

/** A body, and what is told of it in the headers and the address. */
export type Body = Omit<Asked, 'id'>

export interface ReadPosted {
  read: PostedReport
  /** The texts of a report as they are stored; null where it has none. */
  packedLog: Uint8Array | null
}

export interface BodyReader {
  /** @throws UnreadableReport, BodyTooLarge, and Error where reading it broke something */
  read(body: Body): Promise<ReadPosted>
  close(): Promise<void>
}

interface Waiting {
  body: Body
  resolve: (read: ReadPosted) => void
  reject: (error: Error) => void
  /** It was being read when a thread ended: it is read alone then, since it may be what ended it. */
  suspect: boolean
}

/** Reads bodies outside of the thread that answers. */
export function bodyReader(): BodyReader {
  const small = new Thread(SMALL_HEAP)
  return {
    read: (body) => (body.limit > LARGE_BYTES ? readAlone(body) : small.read(body)),
    close: () => small.close(),
  }
}

async function readAlone(body: Body): Promise<ReadPosted> {
  const thread = new Thread(LARGE_HEAP)
  try {
    return await thread.read(body)
  } finally {
    await thread.close()
  }
}

/** One thread, begun when it is first needed and again after it ended. */
class Thread {
  readonly #heap: typeof SMALL_HEAP
  readonly #asked = new Map<number, Waiting>()
  #waiting: Waiting[] = []
  #worker: Worker | null = null
  #timer: NodeJS.Timeout | null = null
  #next = 1
  #flushing = false

  constructor(heap: typeof SMALL_HEAP) {
    this.#heap = heap
  }

  read(body: Body): Promise<ReadPosted> {
    return new Promise((resolve, reject) => this.#add({ body, resolve, reject, suspect: false }))
  }

  async close(): Promise<void> {
    const worker = this.#worker
    this.#worker = null
    if (this.#timer) clearTimeout(this.#timer)
    await worker?.terminate()
  }

  #add(one: Waiting): void {
    this.#waiting.push(one)
    if (this.#flushing) return
    this.#flushing = true
    setImmediate(() => this.#flush())
  }

  /** What came in one turn of the event loop goes in one message: to wake a thread costs more than to copy a report. */
  #flush(): void {
    this.#flushing = false
    if (this.#waiting.length === 0) return
    const isSuspect = this.#waiting[0]?.suspect === true
    if (isSuspect && this.#asked.size > 0) return
    const group = isSuspect ? this.#waiting.splice(0, 1) : this.#waiting.splice(0)
    const message = group.map((one): Asked => {
      const id = this.#next++
      this.#asked.set(id, one)
      // The original stays here: a body whose reading fails is kept.
      return { id, ...one.body, body: new Uint8Array(one.body.body) }
    })
    this.#watch()
    this.#started().postMessage(
      message,
      message.map(({ body }) => body.buffer as ArrayBuffer),
    )
  }

  #started(): Worker {
    if (this.#worker) return this.#worker
    const worker = new Worker(workerFile(), { resourceLimits: this.#heap, stdout: false, stderr: false })
    worker.on('message', (told: Told[]) => this.#tell(told))
    worker.on('error', () => {})
    worker.on('exit', () => this.#ended(worker))
    worker.unref()
    this.#worker = worker
    return worker
  }

  #tell(told: Told[]): void {
    for (const one of told) {
      const asked = this.#asked.get(one.id)
      this.#asked.delete(one.id)
      if ('failure' in one) asked?.reject(errorOf(one.failure))
      else asked?.resolve({ read: one.read, packedLog: one.packedLog })
    }
    this.#watch()
    if (this.#waiting.length > 0) this.#flush()
  }

  /** The clock runs while something is being read. */
  #watch(): void {
    if (this.#timer) clearTimeout(this.#timer)
    this.#timer = null
    if (this.#asked.size === 0) return
    this.#timer = setTimeout(() => void this.#worker?.terminate(), LONGEST)
    this.#timer.unref()
  }

  /** Out of memory, out of time, or a bug: each that was being read is tried once more, alone. */
  #ended(worker: Worker): void {
    if (this.#worker !== worker) return
    this.#worker = null
    const lost = [...this.#asked.values()]
    this.#asked.clear()
    this.#watch()
    for (const one of lost) {
      if (one.suspect || lost.length === 1) one.reject(new Error('reading it took too much time or memory'))
      else this.#waiting.unshift({ ...one, suspect: true })
    }
    this.#flush()
  }
}

/** Beside this file in the sources; in the build beside the commands (esbuild.config.js). */
function workerFile(): string {
  const { duplistatusLib: lib } = globalThis as { duplistatusLib?: string }
  if (lib !== undefined) return join(lib, '..', 'reader-worker.js')
  return fileURLToPath(new URL('./reader-worker.ts', import.meta.url))
}
