import type { JobView, RunView, ServerView, StatusView } from '../../src/fleet/model.ts'
import { statusView } from '../../src/output/views.ts'
import type { MonitorRow } from '../../src/store/types.ts'

/** The moment of all screens in tests. */
export const NOW = Date.parse('2026-11-24T12:00:00.000Z')

/** ISO time of so many hours before NOW. */
export function hoursAgo(hours: number): string {
  return new Date(NOW - hours * 3_600_000).toISOString()
}

export function runOf(changes: Partial<RunView> = {}): RunView {
  return {
    id: 'r1',
    server: { id: 's1', name: 'nas' },
    job: { id: 'j1', name: 'Documents' },
    operation: 'Backup',
    status: 'Success',
    beganAt: hoursAgo(3),
    endedAt: hoursAgo(2.9),
    durationSeconds: 362.5,
    partial: false,
    interrupted: false,
    dryRun: false,
    examinedFiles: 12_345,
    openedFiles: 20,
    addedFiles: 12,
    modifiedFiles: 8,
    deletedFiles: 1,
    examinedBytes: 5 * 1024 ** 3,
    addedBytes: 2 * 1024 ** 2,
    modifiedBytes: 1024 ** 2,
    uploadedBytes: 3 * 1024 ** 2,
    downloadedBytes: 0,
    storageBytes: 4 * 1024 ** 3,
    freeBytes: null,
    totalBytes: null,
    versions: 7,
    messages: 5,
    warnings: 0,
    errors: 0,
    exception: null,
    duplicatiVersion: '2.3.0.2',
    sources: ['collect'],
    receivedAt: hoursAgo(2),
    timeDoubted: false,
    setAside: null,
    ...changes,
  }
}

export function jobOf(changes: Partial<JobView> = {}): JobView {
  return {
    id: 'j1',
    backupId: '1',
    name: 'Documents',
    server: { id: 's1', name: 'nas' },
    tags: [],
    status: 'Success',
    state: 'ok',
    lastRun: runOf(),
    lastSuccessAt: hoursAgo(2.9),
    lastSuccessAgeSeconds: 2.9 * 3600,
    lastVersionAt: hoursAgo(2.9),
    expectedAt: hoursAgo(-21),
    expectedFrom: 'server',
    toleranceSeconds: 3600,
    overdue: false,
    overdueSince: null,
    running: null,
    queued: false,
    removed: false,
    skippedAt: null,
    schedule: { time: hoursAgo(-21), repeat: '1D', allowedDays: [], timeZone: 'UTC' },
    files: 12_345,
    sourceBytes: 5 * 1024 ** 3,
    storageBytes: 4 * 1024 ** 3,
    uploadedBytes: 1.5 * 1024 ** 3,
    versions: 7,
    warnings: 0,
    errors: 0,
    runs: 250,
    recent: Array.from({ length: 10 }, () => 'Success' as const),
    failure: null,
    monitored: true,
    snoozedUntil: null,
    ...changes,
  }
}

export function serverOf(changes: Partial<ServerView> = {}): ServerView {
  return {
    id: 's1',
    name: 'nas',
    alias: 'nas',
    note: null,
    machineName: 'NAS',
    machineIds: [],
    url: 'https://nas:8200',
    addresses: ['https://nas:8200'],
    duplicatiVersion: '2.3.0.2',
    timeZone: 'UTC',
    tags: [],
    lastCollectedAt: hoursAgo(0.2),
    lastReportAt: null,
    paused: null,
    error: null,
    ...changes,
  }
}

/** A monitor that nothing is wrong with, and that no daemon checks. */
export const QUIET: MonitorRow = {
  lastCheckAt: null,
  nextCheckAt: null,
  listeningAt: null,
  stoppedAt: null,
  downtimes: [],
  remarks: [],
  withoutId: [],
  quarantined: 0,
  outboxWaiting: 0,
  outboxFailed: 0,
}

export function statusOf(jobs: JobView[], servers = 1, monitor = QUIET): StatusView {
  return statusView(jobs, servers, NOW, monitor)
}
