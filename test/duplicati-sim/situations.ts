/** For each recorded exchange, what must be so on the simulated server for it to answer the same. */

import type { SimNotification } from '../support/duplicati/answers.ts'
import { type SimJob, simJob } from '../support/duplicati/job.ts'
import { RunLog } from '../support/duplicati/log.ts'
import type { SimRun } from '../support/duplicati/result.ts'
import type { SimulatedDuplicati } from '../support/duplicati/server.ts'

export interface Situation {
  /** What happened before the request. */
  when?: (server: SimulatedDuplicati) => void
  /** The token that the request carries: a good one unless told. */
  token?: 'none' | 'bad'
  /** `Host`, where it is not the address. */
  host?: string
  /** What of the body must be equal, beside its shape; everything for refusals. */
  same?: (body: never) => unknown
}

const AT = Date.parse('2026-11-23T18:36:50.698Z')
const EVENING = 'sat'

function backup(minutes: number, more: Partial<SimRun> = {}): SimRun {
  const quota = { free: 83123089408, total: 270553174016 }
  const sizes = { examined: 8, sourceBytes: 41000, storage: 50051, versions: 2, uploaded: 20000, downloaded: 20000 }
  return { operation: 'Backup', beganAt: AT + minutes * 60_000, duration: 6381817, ...quota, ...sizes, ...more }
}

function operation(name: string, minutes: number): SimRun {
  return { ...backup(minutes), operation: name, uploaded: 0 }
}

function fatal(minutes: number): SimRun {
  const tag = 'Duplicati.Library.Main.Controller-FailedOperation'
  const text = 'The operation Backup has failed\nRemoteListVerificationException: Found 1 files that are missing'
  return backup(minutes, { result: 'Fatal', lines: [{ level: 'Error', tag, text }] })
}

function logOf(...runs: SimRun[]): RunLog {
  const log = new RunLog()
  for (const run of runs) log.add(run)
  return log
}

/** The jobs that the recorded servers had. */
export function recordedJobs(release: string): SimJob[] {
  const housekeeping = release === '2.1.0.5' ? [] : [operation('Compact', 12), operation('Vacuum', 13)]
  const others = [operation('Test', 11), ...housekeeping, operation('Repair', 14), operation('Restore', 15)]
  const documents = logOf(backup(0), backup(1), backup(2), ...others)
  // 2.1 writes no rows for these two, but its metadata knows them.
  const known = { LastVacuumDuration: '00:00:00.0070845', LastVacuumStarted: '20261123T190205Z' }
  const metadata = { ...known, LastVacuumFinished: '20261123T190205Z' }
  const schedule = { time: '2026-11-24T01:30:00Z', repeat: '1D' }
  return [
    simJob({ id: '1', name: 'Documents', description: 'Letters', tags: ['home'], schedule, log: documents, metadata }),
    simJob({ id: '2', name: 'Fotos & Vidéos – 写真 📷', log: logOf(backup(1)), schedule: saturdays() }),
    simJob({ id: '3', name: 'Mail', log: logOf(backup(2)) }),
    simJob({ id: '4', name: 'Website', log: logOf(backup(3), fatal(4)) }),
    simJob({ id: '5', name: 'Detached disk', log: logOf(backup(3), fatal(4)) }),
    simJob({ id: '7', name: 'Rehearsal' }),
    simJob({ id: '18', name: 'Everything' }),
    simJob({ id: '19', name: 'Skipped' }),
    simJob({
      id: '28',
      name: 'Verified',
      log: logOf(backup(3, { tested: false }), { ...operation('Test', 4), result: 'Fatal' }),
    }),
    ...['21', '23', '24', '25', '31', '33', 'N'].map((id) => simJob({ id, name: `Job ${id}` })),
  ]
}

function saturdays() {
  return { time: '2026-11-28T20:00:00Z', repeat: '1W', allowedDays: [EVENING] }
}

interface Row {
  ID: number
  Type: string
}

/** Of a log: which rows, of which type. */
const sameRows = (rows: Row[]) => rows.map(({ ID, Type }) => [ID, Type])
const whole = (body: unknown) => body
const info = (body: Record<string, unknown> & { Options: { Name: string; DefaultValue: string }[] }) => [
  [body.ServerVersion, body.ServerVersionName, body.ServerTimeZone, body.PasswordPlaceholder, body.MachineName],
  body.Options.map((option) => [option.Name, option.DefaultValue]),
]
const state = (body: Record<string, unknown>) => [
  [body.ProgramState, body.ActiveTask, body.SchedulerQueueIds, body.ProposedSchedule, body.HasWarning, body.HasError],
  [body.SuggestedStatusIcon, String(body.EstimatedPauseEnd).slice(0, 23)],
]
const progress = (body: Record<string, unknown>) => [
  [body.BackupID, body.TaskID, body.Phase, body.OverallProgress, body.StillCounting, body.BackendSpeed],
  [body.ProcessedFileCount, body.ProcessedFileSize, body.TotalFileCount, body.TotalFileSize],
]
const settingKeys = (body: object) => Object.keys(body).sort()

function notification(id: number, type: SimNotification['type'], more: Partial<SimNotification> = {}): SimNotification {
  const texts = { title: `${type} while running Mail`, message: 'Encountered 4 warnings.', backupId: '3' }
  return { id, type, ...texts, at: AT, ...more }
}

const REFUSED: Situation = { same: whole }
const EMPTY_LOG: Situation = { same: whole }
const LOG: Situation = { same: sameRows }

function running(phase: string, more: object = {}): Situation {
  return {
    same: progress,
    when: (server) => {
      server.running = { jobId: '18', phase, totalFiles: 400, totalBytes: 120000000, ...more }
    },
  }
}

function planned(list: [string, string][], more?: (server: SimulatedDuplicati) => void): Situation {
  return {
    same: state,
    when: (server) => {
      server.proposed = list.map(([jobId, time]) => ({ jobId, time }))
      server.notifications = [notification(1, 'Warning'), notification(2, 'Error')]
      more?.(server)
    },
  }
}

const TWO: [string, string][] = [
  ['1', '2026-11-24T01:30:00Z'],
  ['2', '2026-11-28T20:00:00Z'],
]

function machineId(id: string): Situation {
  return {
    same: info,
    when: (server) => {
      server.machineId = id
    },
  }
}

/** A job whose log has so many runs, and a plain line as its newest row. */
function manyRows(count: number): (server: SimulatedDuplicati) => void {
  return (server) => {
    const log = new RunLog(count, (index) => backup(index, { uploaded: 0 }))
    log.add({ type: 'Message', message: 'A plain line that is no result', timestamp: 1795459444 })
    for (const id of ['31', 'N']) Object.assign(server.job(id) ?? {}, { log, database: 'locked' })
  }
}

const warned = backup(0, {
  result: 'Warning',
  lines: [{ level: 'Warning', tag: 'X-PermissionDenied', text: 'Excluding path due to permission denied: /srv/x' }],
})

/** Recording → situation. A recording without an entry fails the test. */
export const SITUATIONS: Record<string, Situation> = {
  '2.1.0.5/backups': {},
  '2.1.0.5/backups-after-scheduled-run': {},
  '2.1.0.5/log-database-locked': { same: whole, when: manyRows(3) },
  '2.1.0.5/log-documents': LOG,
  '2.1.0.5/log-script-ok-skip': {
    same: sameRows,
    when: (server) => Object.assign(server.job('19') ?? {}, { log: logOf(backup(0, { interrupted: true })) }),
  },
  '2.1.0.5/login': { token: 'none' },
  '2.1.0.5/serversettings': { same: settingKeys },
  '2.1.0.5/systeminfo': machineId('8cc507e98317404386061f2d91864371'),

  '2.3.0.4/backup-big': {
    when: (server) => Object.assign(server.job('18') ?? {}, { log: logOf(backup(1, { partial: true })) }),
  },
  '2.3.0.4/backup-documents': {},
  '2.3.0.4/backup-dry': {
    when: (server) => Object.assign(server.job('7') ?? {}, { log: logOf(backup(1, { dryRun: true })) }),
  },
  '2.3.0.4/backup-err': {
    when: (server) => server.jobs.push(simJob({ id: '6', name: 'Dumps', log: logOf(backup(0), fatal(1)) })),
  },
  '2.3.0.4/backup-fatal': {},
  '2.3.0.4/backup-nodest': {},
  '2.3.0.4/backup-photos': {},
  '2.3.0.4/backup-unknown': REFUSED,
  '2.3.0.4/backup-warn': {},
  '2.3.0.4/backups': {},
  '2.3.0.4/backups-after-manual-run': {},
  '2.3.0.4/backups-after-scheduled-run': {},
  '2.3.0.4/backups-bad-token': { ...REFUSED, token: 'bad' },
  '2.3.0.4/backups-before-scheduled-run': {},
  '2.3.0.4/backups-empty': {
    same: whole,
    when: (server) => {
      server.jobs = []
    },
  },
  '2.3.0.4/backups-without-token': { ...REFUSED, token: 'none' },
  '2.3.0.4/during-run-backups-200': {},
  '2.3.0.4/during-run-log-200': { ...EMPTY_LOG, when: running('Backup_ProcessingFiles').when ?? (() => {}) },
  '2.3.0.4/during-run-progressstate-200-Backup_Complete': {
    same: progress,
    when: (server) => {
      server.finished = { jobId: '18', files: 400, bytes: 120000000, totalFiles: 400, totalBytes: 120000000 }
    },
  },
  '2.3.0.4/during-run-progressstate-200-Backup_PreBackupVerify': running('Backup_PreBackupVerify', {
    totalFiles: 0,
    totalBytes: 0,
  }),
  '2.3.0.4/during-run-progressstate-200-Backup_ProcessingFiles': running('Backup_ProcessingFiles', {
    files: 23,
    bytes: 6900000,
    transfer: 'duplicati-b3c1.dblock.zip',
    currentFile: '/srv/data/src/big/file-bg125.bin',
  }),
  '2.3.0.4/during-run-progressstate-200-Verify_Running': running('Verify_Running', {
    files: 400,
    bytes: 120000000,
    overall: 0.6666667,
    transfer: 'duplicati-ba10.dblock.zip',
  }),
  '2.3.0.4/during-run-serverstate-200': planned(TWO, (server) => {
    server.running = { jobId: '18', taskId: 33 }
  }),
  '2.3.0.4/filesets-documents': {
    when: (server) => {
      const kept = backup(5, { retention: { considered: [AT], deleted: [] } })
      Object.assign(server.job('1') ?? {}, { log: logOf(kept) })
    },
  },
  '2.3.0.4/log-database-corrupt': {
    same: whole,
    when: (server) => Object.assign(server.job('33') ?? {}, { database: 'corrupt' }),
  },
  '2.3.0.4/log-database-locked': { same: sameRows, when: manyRows(1252) },
  '2.3.0.4/log-database-missing': {
    same: whole,
    when: (server) => Object.assign(server.job('33') ?? {}, { database: 'missing', log: logOf(backup(0)) }),
  },
  '2.3.0.4/log-documents': LOG,
  '2.3.0.4/log-documents-offset-0': EMPTY_LOG,
  '2.3.0.4/log-documents-offset-1': EMPTY_LOG,
  '2.3.0.4/log-documents-pagesize--1': LOG,
  '2.3.0.4/log-documents-pagesize-10-offset-3': LOG,
  '2.3.0.4/log-documents-pagesize-abc': REFUSED,
  '2.3.0.4/log-dry': EMPTY_LOG,
  '2.3.0.4/log-fatal': LOG,
  '2.3.0.4/log-never-run': {
    same: whole,
    when: (server) => Object.assign(server.job('1') ?? {}, { log: logOf() }),
  },
  '2.3.0.4/log-nodest': LOG,
  '2.3.0.4/log-photos': LOG,
  '2.3.0.4/log-script-error-skip': EMPTY_LOG,
  '2.3.0.4/log-script-ok-skip': EMPTY_LOG,
  '2.3.0.4/log-script-required-fails': EMPTY_LOG,
  '2.3.0.4/log-script-unknown-exit': EMPTY_LOG,
  '2.3.0.4/log-script-warning-skip': EMPTY_LOG,
  '2.3.0.4/log-unknown-backup': REFUSED,
  '2.3.0.4/log-verify-corrupt': LOG,
  '2.3.0.4/log-warn': LOG,
  '2.3.0.4/log-warning-unreadable-files': {
    same: sameRows,
    when: (server) => Object.assign(server.job('1') ?? {}, { log: logOf(warned) }),
  },
  // The recording keeps three rows of the page.
  '2.3.0.4/log-with-plain-message-row': { same: (rows: Row[]) => sameRows(rows).slice(0, 3), when: manyRows(1252) },
  '2.3.0.4/login': { token: 'none' },
  '2.3.0.4/login-wrong-host-header': { ...REFUSED, token: 'none', host: 'backup.example' },
  '2.3.0.4/login-wrong-password': { ...REFUSED, token: 'none' },
  '2.3.0.4/notifications': {
    when: (server) => {
      server.notifications = [notification(1, 'Error', { messageId: 'MissingRemoteFiles' }), notification(2, 'Warning')]
    },
  },
  '2.3.0.4/notifications-warnings': {
    when: (server) => {
      server.notifications = [notification(1, 'Error'), notification(2, 'Warning')]
    },
  },
  '2.3.0.4/patch-serversettings-additional-report-url': REFUSED,
  '2.3.0.4/patch-serversettings-options': REFUSED,
  '2.3.0.4/progressstate-idle': REFUSED,
  '2.3.0.4/remotelog-documents': {},
  '2.3.0.4/serverlog': {
    when: (server) => {
      server.serverLog = [{ backupId: 18, message: 'Failed', exception: 'System.Exception: x', at: AT }]
    },
  },
  '2.3.0.4/serversettings': { same: settingKeys },
  '2.3.0.4/serversettings-with-options': {
    same: settingKeys,
    when: (server) => {
      // As the recorded requests left it: the protected key was ignored, the unknown one stored.
      const options = { '--send-http-json-urls': 'http://127.0.0.1:8390/global', '--send-http-max-log-lines': '0' }
      Object.assign(server.settings, options, { 'additional-activity-url': 'http://127.0.0.1:8390/activity' })
    },
  },
  '2.3.0.4/serverstate-after-scheduled-run': planned([
    ['31', '2026-11-23T19:43:45Z'],
    ['34', '2026-11-23T19:43:49Z'],
    ['1', '2026-11-24T01:30:00Z'],
    ['33', '2026-11-24T18:43:53Z'],
    ['32', '2026-11-25T18:43:47Z'],
    ['2', '2026-11-28T20:00:00Z'],
  ]),
  '2.3.0.4/serverstate-before-scheduled-run': planned(
    [
      ['31', '2026-11-23T18:43:45Z'],
      ['32', '2026-11-23T18:43:47Z'],
      ['34', '2026-11-23T18:43:49Z'],
      ['33', '2026-11-23T18:43:53Z'],
      ['1', '2026-11-24T01:30:00Z'],
      ['2', '2026-11-28T20:00:00Z'],
    ],
    (server) => {
      server.running = { jobId: '33', taskId: 49 }
    },
  ),
  '2.3.0.4/serverstate-idle': planned([], (server) => {
    server.notifications = []
  }),
  '2.3.0.4/serverstate-paused': planned(TWO, (server) => {
    server.paused = { until: Date.parse('2026-11-23T19:40:19.589Z') }
  }),
  '2.3.0.4/serverstate-scheduled': planned(TWO),
  '2.3.0.4/serverstate-warnings': planned([]),
  '2.3.0.4/systeminfo': machineId(''),
  '2.3.0.4/systeminfo-after-restart': machineId('b9b8e8f9ede842ddbb7913f86824a970'),
  '2.3.0.4/systeminfo-after-runs': machineId(''),
  '2.3.0.4/tasks': REFUSED,
  '2.3.0.4/unknown-endpoint': REFUSED,
  '2.3.0.4/wrong-host-header': { ...REFUSED, host: 'backup.example' },

  'canary/backups': {},
  'canary/during-run-log-400': { same: whole, when: running('Backup_ProcessingFiles').when ?? (() => {}) },
  'canary/during-run-progressstate-200-Backup_ProcessingFiles': running('Backup_ProcessingFiles', {
    files: 32,
    bytes: 9600000,
    speed: 196608,
    remaining: '00:00:09.4',
    transfer: 'duplicati-bfb3.dblock.zip',
    currentFile: '/srv/data/src/big/file-bg314.bin',
  }),
  'canary/progressstate-idle': REFUSED,
  'canary/systeminfo': machineId(''),
}
