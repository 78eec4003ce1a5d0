/**
 * Reads posted bodies in a thread of its own (`reader.ts`): what a body costs, or what it breaks, stops nobody who asks for
 * something else.
 */
import { parentPort } from 'node:worker_threads'
import { decompress } from '../duplicati/decompress.ts'
import { readReportBody } from '../duplicati/report-body.ts'
import { packLog } from '../store/log-pack.ts'
import { type Asked, failureOf, type Told } from './reader-messages.ts'

parentPort?.on('message', async (asked: Asked[]) => {
  const told: Told[] = []
  const moved: ArrayBuffer[] = []
  for (const one of asked) {
    try {
      const read = await readOne(one)
      if (read.packedLog) moved.push(read.packedLog.buffer as ArrayBuffer)
      told.push({ id: one.id, ...read })
    } catch (error) {
      told.push({ id: one.id, failure: failureOf(error) })
    }
  }
  parentPort?.postMessage(told, moved)
})

async function readOne({ body, encoding, limit, contentType, query, receivedAt }: Asked) {
  const unpacked = await decompress(body, encoding, limit)
  const read = readReportBody({ contentType, body: unpacked, query }, new Date(receivedAt))
  if (read.kind === 'live') return { read, packedLog: null }
  const { log, versionDates } = read.report.run
  const isEmpty = log.length === 0 && versionDates === null
  // A copy of its own, since a buffer that is moved leaves nothing behind for those who share it.
  const packedLog = isEmpty ? null : new Uint8Array(packLog(log, versionDates))
  read.report.run.log = []
  return { read, packedLog }
}
