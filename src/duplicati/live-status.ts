/**
 * Live status: what `http-report-status-url` (Duplicati 2.4) posts when an operation starts, every 30 seconds while it runs, and
 * when it ends. It is no result: the report of the run comes besides.
 */
import { isoDate } from './instant.ts'
import { isCount, isObject } from './json.ts'
import { redactText } from './redact.ts'
import { bounded, type Reporter, reporterOf, UnreadableReport } from './report.ts'

type JsonObject = Record<string, unknown>

const STATES = { Started: 'started', Progress: 'progress', Completed: 'completed', Failed: 'failed' } as const
const OPERATION = /^[A-Za-z][A-Za-z0-9]{0,63}$/
const MAX_PHASE = 64
const MAX_MESSAGE = 4096

export interface LiveStatus extends Reporter {
  operation: string
  state: (typeof STATES)[keyof typeof STATES]
  /** ISO 8601 UTC, of the server's clock; the time of receipt where it is missing. */
  startedAt: string
  reportedAt: string
  phase: string | null
  /** 0…1, or null while Duplicati still counts. */
  progress: number | null
  /** Source bytes processed a second since the start; null where nothing was yet. */
  bytesPerSecond: number | null
  /** At the pace so far; null where that tells nothing. */
  remainingSeconds: number | null
  errorMessage: string | null
}

/** Whether a body is a live status: it must never be taken for a result, wherever it is posted. */
export function isLiveStatus(body: unknown): body is JsonObject {
  return isObject(body) && !('Data' in body) && typeof body.status === 'string' && isObject(body.metadata)
}

/**
 * A live status, already parsed.
 *
 * @throws UnreadableReport when it names no machine, job or operation, or its status is unknown
 */
export function parseLiveStatus(body: unknown, receivedAt: Date): LiveStatus {
  if (!isLiveStatus(body)) throw new UnreadableReport('it is not a live status')
  const state = Object.hasOwn(STATES, String(body.status)) ? STATES[body.status as keyof typeof STATES] : null
  if (state === null) throw new UnreadableReport('its status is unknown')
  if (typeof body.operation !== 'string' || !OPERATION.test(body.operation))
    throw new UnreadableReport('it names no operation')
  const startedAt = isoDate(body.startedUtc) ?? receivedAt.toISOString()
  const reportedAt = isoDate(body.reportedUtc) ?? receivedAt.toISOString()
  return {
    ...reporterOf(body.metadata as JsonObject),
    operation: body.operation,
    state,
    startedAt,
    reportedAt,
    ...pace(body.progress, (Date.parse(reportedAt) - Date.parse(startedAt)) / 1000),
    errorMessage: redactText(bounded(body.errorMessage, MAX_MESSAGE)) || null,
  }
}

/** How far it is and how fast: Duplicati posts what was processed, and no speed. */
function pace(told: unknown, elapsedSeconds: number) {
  const snapshot = isObject(told) ? told : {}
  const phase = bounded(snapshot.phase, MAX_PHASE) || null
  const [done, all] = [amount(snapshot.fileSizeProcessed), amount(snapshot.fileSize)]
  const isProcessing = phase !== null && /_(?:ProcessingFiles|WaitForUpload)$/.test(phase)
  const share = isProcessing && done !== null && all ? done / all : snapshot.progress
  const isKnown = snapshot.countingFiles !== true && typeof share === 'number' && share >= 0
  const progress = isKnown ? Math.min(share, 1) : null
  const runs = isProcessing && elapsedSeconds > 0
  return {
    phase,
    progress,
    bytesPerSecond: runs && done ? Math.round(done / elapsedSeconds) : null,
    remainingSeconds: runs && progress ? Math.round((elapsedSeconds * (1 - progress)) / progress) : null,
  }
}

function amount(value: unknown): number | null {
  return isCount(value) ? value : null
}
