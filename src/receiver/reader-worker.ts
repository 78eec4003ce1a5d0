/** Reads posted bodies in a thread of its own (`reader.ts`). */
import { parentPort } from 'node:worker_threads'
import { type Body, readPostedBody } from './read-body.ts'
import { failureOf, type Told } from './reader-messages.ts'

parentPort?.on('message', async (bodies: Body[]) => {
  const told: Told[] = []
  for (const body of bodies) {
    told.push(await readPostedBody(body).catch((error: unknown): Told => ({ failure: failureOf(error) })))
  }
  parentPort?.postMessage(told)
})
