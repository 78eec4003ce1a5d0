import { decompress } from '../duplicati/decompress.ts'
import { type PostedReport, readReportBody } from '../duplicati/report-body.ts'
import { LogColumns, packLog } from '../store/log-pack.ts'

/** A body, and what is told of it in the headers and the address. */
export interface Body {
  /** As it came. */
  body: Uint8Array
  encoding: string | undefined
  /** Bytes that it may have when it is unpacked. */
  limit: number
  contentType: string | undefined
  query: Record<string, unknown>
  /** Milliseconds. */
  receivedAt: number
}

export interface ReadPosted {
  read: PostedReport
  /** The texts of a report as they are stored; null where it has none. Its `log` is empty then: nobody reads it on the way. */
  packedLog: Uint8Array | null
}

/** @throws UnreadableReport, BodyTooLarge */
export async function readPostedBody(posted: Body): Promise<ReadPosted> {
  const { encoding, limit, contentType, query, receivedAt } = posted
  const body = await decompress(posted.body, encoding, limit)
  const read = readReportBody({ contentType, body, query, sink: () => new LogColumns() }, new Date(receivedAt))
  if (read.kind === 'live') return { read, packedLog: null }
  const { run, sink } = read.report
  const packedLog = sink instanceof LogColumns ? sink.pack(run.versionDates) : packLog(run.log, run.versionDates)
  run.log = []
  // It would be copied to the thread that asks.
  read.report.sink = null
  return { read, packedLog }
}
