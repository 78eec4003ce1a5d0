import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { type Body, type ReadPosted, readPostedBody } from './read-body.ts'
import { errorOf, type Told } from './reader-messages.ts'

/** Up to here a body is read at once: that takes less time than to wake another thread for it, and some milliseconds at most. */
export const SMALL_BYTES = 1024 * 1024
/** No body takes so long: a thread that does is ended, in milliseconds. */
const LONGEST = 60_000
/** In megabytes. A body that outgrows it costs its thread, not the daemon. */
const HEAP = { maxOldGenerationSizeMb: 1_024, maxYoungGenerationSizeMb: 32 }

/**
 * Reads what was posted: a large body in a thread that ends with it, so that others are answered meanwhile, and all of its memory
 * is given back.
 * @throws UnreadableReport, BodyTooLarge, and Error where reading it broke something
 */
export async function readAnywhere(body: Body): Promise<ReadPosted> {
  return body.limit > SMALL_BYTES ? readApart(body) : readPostedBody(body)
}

function readApart(body: Body): Promise<ReadPosted> {
  const worker = new Worker(workerFile(), { workerData: body, resourceLimits: HEAP })
  return new Promise<ReadPosted>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('reading it took too long')), LONGEST)
    worker.on('message', (told: Told) => ('failure' in told ? reject(errorOf(told.failure)) : resolve(told)))
    worker.on('error', (error) => reject(new Error(`reading it failed: ${error.message}`)))
    worker.on('exit', () => reject(new Error('reading it ended early')))
    worker.on('exit', () => clearTimeout(timer))
  }).finally(() => worker.terminate())
}

/** Beside this file in the sources; in the build beside the commands (esbuild.config.js). */
function workerFile(): string {
  const { duplistatusLib: lib } = globalThis as { duplistatusLib?: string }
  if (lib !== undefined) return join(lib, '..', 'reader-worker.js')
  return fileURLToPath(new URL('./reader-worker.ts', import.meta.url))
}
