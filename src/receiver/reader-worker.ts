/** Reads posted bodies in a thread of its own (`reader.ts`). */
import { parentPort, workerData } from 'node:worker_threads'
import { readPostedBody } from './read-body.ts'
import { type Asked, failureOf, sharedSize, type Told, written } from './reader-messages.ts'

/** Where the bodies of a message stand, one after the other; shared with those who ask. */
const shared = Buffer.from(workerData as SharedArrayBuffer)

parentPort?.on('message', async (text: string) => {
  const asked: Asked[] = JSON.parse(text)
  const told: Told[] = []
  let from = 0
  for (const { size, ...about } of asked) {
    told.push(await read({ ...about, body: ownCopy(from, from + size) }))
    from += sharedSize(size)
  }
  parentPort?.postMessage(written(told))
})

async function read(posted: Parameters<typeof readPostedBody>[0]): Promise<Told> {
  try {
    return await readPostedBody(posted)
  } catch (error) {
    return { failure: failureOf(error) }
  }
}

let room = new Uint8Array(64 * 1024)

/** Shared memory is not for everything that reads bytes. Nothing holds a body when it was read: the same room serves the next. */
function ownCopy(from: number, to: number): Uint8Array {
  if (to - from > room.length) room = new Uint8Array(to - from)
  shared.copy(room, 0, from, to)
  return room.subarray(0, to - from)
}
