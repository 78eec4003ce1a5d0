import type { Backup, LogRow, RunFacts, ServerInfo } from '../../src/duplicati/model.ts'

const TICKS_A_MILLISECOND = 10_000
const SECOND = 1_000

/**
 * What a run says of itself, as a log row tells it: a successful backup of one minute, with the changes given. The end follows
 * from begin and duration unless it is given.
 */
export function runFacts(change: Partial<RunFacts> = {}): RunFacts {
  const beganAt = change.beganAt ?? '2026-11-20T02:00:00.123Z'
  const durationSeconds = change.durationSeconds === undefined ? 60.1234567 : change.durationSeconds
  return {
    operation: 'Backup',
    status: 'Success',
    beganAt,
    beganTicks: 4567,
    endedAt: durationSeconds === null ? null : new Date(Date.parse(beganAt) + durationSeconds * SECOND).toISOString(),
    durationSeconds,
    partial: false,
    interrupted: false,
    dryRun: false,
    examinedFiles: 10,
    openedFiles: 2,
    addedFiles: 1,
    modifiedFiles: 1,
    deletedFiles: 0,
    examinedBytes: 1_000,
    addedBytes: 100,
    modifiedBytes: 10,
    uploadedBytes: 110,
    downloadedBytes: 5,
    storageBytes: 5_000,
    freeBytes: null,
    totalBytes: null,
    versions: 3,
    messages: 0,
    warnings: 0,
    errors: 0,
    exception: null,
    duplicatiVersion: '2.3.0.4',
    log: [],
    versionDates: null,
    ...change,
  }
}

/** A run whose begin is told to 100 ns: `ticks` after `beganAt`'s second. */
export function exactRun(second: string, ticks: number, change: Partial<RunFacts> = {}): RunFacts {
  const beganAt = new Date(Date.parse(second) + Math.floor(ticks / TICKS_A_MILLISECOND)).toISOString()
  return runFacts({ beganAt, beganTicks: ticks % TICKS_A_MILLISECOND, ...change })
}

/** The same run as a source tells it that knows whole seconds only. */
export function inWholeSeconds(run: RunFacts): RunFacts {
  const second = Math.floor(Date.parse(run.beganAt) / SECOND) * SECOND
  return { ...run, beganAt: new Date(second).toISOString(), beganTicks: null }
}

export function logRow(id: number, run: RunFacts | null): LogRow {
  const timestamp = run?.endedAt ? Math.floor(Date.parse(run.endedAt) / SECOND) : id
  return { id, timestamp, fingerprint: `row ${id}`, run, unreadable: null }
}

export function serverInfo(change: Partial<ServerInfo> = {}): ServerInfo {
  return {
    machineId: 'B',
    machineName: 'nas',
    duplicatiVersion: '2.3.0.4',
    timeZone: 'UTC',
    keepClockTime: true,
    serverTime: null,
    ...change,
  }
}

/** A job as the API lists it: without a schedule, and with nothing known of its past. */
export function listedBackup(
  change: Partial<Omit<Backup, 'metadata'>> = {},
  metadata: Partial<Backup['metadata']> = {},
): Backup {
  return {
    backupId: '1',
    name: 'Documents',
    tags: [],
    destination: null,
    schedule: null,
    metadata: {
      lastStartedAt: null,
      lastFinishedAt: null,
      lastVersionAt: null,
      lastErrorAt: null,
      lastErrorMessage: null,
      sourceFiles: null,
      sourceBytes: null,
      storageBytes: null,
      versions: null,
      freeBytes: null,
      totalBytes: null,
      ...metadata,
    },
    ...change,
  }
}
