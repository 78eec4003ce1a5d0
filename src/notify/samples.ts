import type { EventData } from '../fleet/events.ts'
import type { TemplateKind } from '../i18n/types.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const GIB = 1024 ** 3

/** An event such as happens, for previews and test messages: as if at `now` (milliseconds). */
export function sampleEvent(kind: TemplateKind, now: number): EventData {
  const server = { name: 'nas', alias: 'Home NAS', note: 'in the cellar', url: 'https://nas.example:8200' }
  const job = { name: 'Documents' }
  const lastSuccessAt = now - 3 * DAY
  switch (kind) {
    case 'success':
      return { ...sampleRun(now), server, job }
    case 'warning':
      return {
        ...sampleRun(now),
        server,
        job,
        status: 'Error',
        warnings: 14,
        errors: 1,
        log: {
          lines: [
            'The remote server returned an error: (503) Server Unavailable',
            'Failed to process path: /home/me/mail/locked.db',
          ],
          omitted: 13,
        },
        lastSuccessAt,
        failuresInARow: 3,
      }
    case 'overdue':
      return {
        kind: 'overdue',
        server,
        job,
        lastRunAt: lastSuccessAt,
        lastSuccessAt,
        expectedAt: now - 2 * DAY,
        interval: '1D',
        toleranceSeconds: 3_600,
        failuresInARow: 0,
        reminder: 0,
      }
    case 'recovery':
      return {
        kind: 'recovery',
        server,
        job,
        problem: 'overdue',
        since: now - 2 * DAY,
        endedAt: now,
        lastRunAt: now - 10 * MINUTE,
        lastSuccessAt: now,
        failuresInARow: 0,
        missedRuns: 2,
      }
    case 'digest':
      return {
        kind: 'digest',
        period: 'week',
        from: now - 7 * DAY,
        to: now,
        servers: 3,
        jobs: 12,
        problems: 1,
        overdue: 1,
        text: 'Home NAS / Documents',
        html: null,
      }
  }
}

function sampleRun(now: number) {
  return {
    kind: 'run' as const,
    status: 'Success' as const,
    beganAt: now - 20 * MINUTE,
    durationSeconds: 1_085,
    uploadedBytes: 0.4 * GIB,
    storageBytes: 240 * GIB,
    sourceBytes: 312 * GIB,
    files: 48_211,
    versions: 30,
    messages: 12,
    warnings: 0,
    errors: 0,
    log: { lines: ['The operation Backup has completed'], omitted: 11 },
    lastSuccessAt: now,
    failuresInARow: 0,
  }
}
