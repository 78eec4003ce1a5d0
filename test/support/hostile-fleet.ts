import type { StatusScreen } from '../../src/output/status-table.ts'
import { hoursAgo, jobOf, runOf, serverOf, statusOf } from './views.ts'

/** One job in each state, with names that are wide, right to left, long, or hostile. */
export function hostileFleet(): StatusScreen {
  const server = { id: 's2', name: '文書サーバー\u001b[31m' }
  const jobs = [
    jobOf(),
    jobOf({
      id: 'j2',
      name: 'Photos of the whole family since 1970 \u{1f468}‍\u{1f469}‍\u{1f467}',
      state: 'overdue',
      overdue: true,
      overdueSince: hoursAgo(5),
      expectedAt: hoursAgo(6),
      lastSuccessAgeSeconds: 30 * 3600,
      lastSuccessAt: hoursAgo(30),
      status: 'Error',
      errors: 3,
      recent: ['Error', 'Fatal', 'Warning', 'Success', 'Unknown'],
    }),
    jobOf({
      id: 'j3',
      name: 'גיבוי\u202e',
      server,
      state: 'failed',
      failure: { at: hoursAgo(1), message: 'No route\r\nto host \u001b]0;owned\u0007', source: 'serverLog' },
    }),
    jobOf({
      id: 'j4',
      name: 'Mail',
      server,
      state: 'failed',
      status: 'Fatal',
      lastRun: runOf({ exception: 'Boom.\n at x' }),
    }),
    jobOf({ id: 'j5', name: 'Stale', server, state: 'stale', expectedAt: hoursAgo(40) }),
    jobOf({ id: 'j6', name: 'Partial', state: 'warning', lastRun: runOf({ partial: true }), warnings: 2 }),
    jobOf({ id: 'j7', name: 'Never', state: 'never', status: 'None', ...neverRan }),
    jobOf({
      id: 'j8',
      name: 'By hand',
      state: 'unscheduled',
      status: 'None',
      ...neverRan,
      schedule: null,
      expectedAt: null,
    }),
    jobOf({ id: 'j9', name: 'Paused', server, state: 'paused' }),
    jobOf({
      id: 'j10',
      name: 'Running',
      state: 'running',
      running: {
        phase: 'Backup_ProcessingFiles',
        progress: 0.429,
        startedAt: null,
        bytesPerSecond: null,
        remainingSeconds: null,
      },
    }),
    jobOf({ id: 'j11', name: 'Skipped', skippedAt: hoursAgo(1) }),
    jobOf({ id: 'j12', name: 'Off', state: 'unmonitored', monitored: false }),
  ]
  const servers = [
    serverOf(),
    serverOf({
      id: 's2',
      name: server.name,
      lastCollectedAt: hoursAgo(50),
      paused: { until: hoursAgo(-2) },
      error: { code: 'refused', message: 'Connection refused by 10.0.0.2:8200.', since: hoursAgo(48) },
    }),
  ]
  return { view: statusOf(jobs, 2), servers }
}

const neverRan = {
  lastRun: null,
  lastSuccessAt: null,
  lastSuccessAgeSeconds: null,
  files: null,
  sourceBytes: null,
  storageBytes: null,
  uploadedBytes: 0,
  versions: null,
  warnings: null,
  errors: null,
  runs: 0,
  recent: [],
}
