/** Reads one large body in a thread of its own (`reader.ts`). */
import { parentPort, workerData } from 'node:worker_threads'
import { type Body, readPostedBody } from './read-body.ts'
import { failureOf, type Told } from './reader-messages.ts'

const told: Told = await readPostedBody(workerData as Body).catch((error: unknown) => ({ failure: failureOf(error) }))
parentPort?.postMessage(told)
