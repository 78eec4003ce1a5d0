/** A job of a simulated server, and its metadata. */
import { RunLog, type SimLog } from './log.ts'
import { compactDate, fieldsSince, type Release, sizeText, timespan } from './release.ts'
import type { SimRun } from './result.ts'

export interface SimSchedule {
  /** The next planned run, ISO UTC with whole seconds. */
  time: string
  repeat: string
  /** Short names `mon`…`sun`; all by default. */
  allowedDays?: string[]
  lastRun?: string
}

/** What stands between the server and the rows of a job's log. */
export type SimDatabase = 'ready' | 'missing' | 'locked' | 'corrupt'

export interface SimJob {
  id: string
  name: string
  description: string
  tags: string[]
  targetUrl: string
  schedule: SimSchedule | null
  log: SimLog
  database: SimDatabase
  /** Keys that stand beside, or in place of, those that the runs give; undefined takes one away. */
  metadata: Record<string, string | undefined>
}

const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']
const DAY_NAMES = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday']
const LOOK_BACK = 50

/** A job with what is not told filled in. Its destination holds credentials, as in real life. */
export function simJob(job: Partial<SimJob> & { id: string; name: string }): SimJob {
  return {
    description: '',
    tags: [],
    targetUrl: `ssh://backup.example/${job.id}?auth-username=bob&auth-password=s3cret-destination`,
    schedule: null,
    log: new RunLog(),
    database: 'ready',
    metadata: {},
    ...job,
  }
}

/** One entry of `GET /backups`. `listed` is false for `GET /backup/{id}`, which shows sources and settings too. */
export function backupAnswer(job: SimJob, release: Release, listed = true) {
  return {
    Backup: {
      ID: job.id,
      ...fieldsSince(release, '2.2.0.3', { ExternalID: listed ? '' : null }),
      Name: job.name,
      Description: job.description,
      Tags: job.tags,
      TargetURL: job.targetUrl,
      ...fieldsSince(release, '2.3.0.4', { ConnectionStringID: -1 }),
      ...fieldsSince(release, 'canary', { OperationType: 'Backup' }),
      DBPath: `/var/lib/duplicati/JOB${job.id}.sqlite`,
      ...fieldsSince(release, '2.2.0.3', { DBPathExists: job.log.last > 0 }),
      ...(listed ? listedParts(release) : storedParts(job)),
      Metadata: metadataOf(job, release),
      IsTemporary: false,
      IsUnencryptedOrPassphraseStored: listed,
      ...fieldsSince(release, '2.3.0.4', { AdditionalTargetURLs: [] }),
    },
    Schedule: scheduleAnswer(job, release),
  }
}

function listedParts(release: Release) {
  return { Sources: release === '2.1.0.5' || release === '2.2.0.3' ? null : [], Settings: null, Filters: null }
}

function storedParts(job: SimJob) {
  const setting = (name: string, value: string) => ({ Filter: '', Name: name, Value: value, Argument: null })
  return { Sources: [`/srv/data/${job.id}/`], Settings: [setting('compression-module', 'zip')], Filters: [] }
}

function scheduleAnswer({ id, schedule }: SimJob, release: Release) {
  if (!schedule) return null
  const days = DAYS.flatMap((day, index) => ((schedule.allowedDays ?? DAYS).includes(day) ? [index] : []))
  return {
    ID: Number(id),
    Tags: [`ID=${id}`],
    Time: schedule.time,
    Repeat: schedule.repeat,
    LastRun: schedule.lastRun ?? '0001-01-01T00:00:00Z',
    Rule: `AllowedWeekDays=${days.map((index) => DAY_NAMES[index]).join(',')}`,
    // 2.1 names each day twice.
    AllowedDays: days.flatMap((index) => (release === '2.1.0.5' ? [DAYS[index], DAY_NAMES[index]] : [DAYS[index]])),
  }
}

/** What Duplicati keeps of the last runs of a job; all values are texts. */
export function metadataOf(job: SimJob, release: Release): Record<string, string> {
  const backup = newest(job.log, (run) => run.operation === 'Backup' && completed(run))
  const failed = newest(job.log, (run) => run.result === 'Fatal')
  const found = {
    ...(backup ? backupMetadata(backup, release) : {}),
    ...operationMetadata(job.log, 'Compact'),
    ...operationMetadata(job.log, 'Vacuum'),
    ...operationMetadata(job.log, 'Restore'),
    ...(failed ? errorMetadata(failed) : {}),
    ...job.metadata,
  }
  return Object.fromEntries(Object.entries(found).filter((entry): entry is [string, string] => entry[1] !== undefined))
}

function backupMetadata(run: SimRun, release: Release) {
  const storage = run.storage ?? 0
  const source = run.sourceBytes ?? 0
  return {
    LastBackupDate: compactDate(run.newestVersion ?? Math.floor(run.beganAt / 1000) * 1000),
    BackupListCount: String(run.versions ?? 0),
    TotalQuotaSpace: String(run.total ?? -1),
    FreeQuotaSpace: String(run.free ?? -1),
    AssignedQuotaSpace: '-1',
    TargetFilesSize: String(storage),
    TargetFilesCount: String(3 * (run.versions ?? 0)),
    ...fieldsSince(release, '2.2.0.3', { TargetFilesetsCount: String(run.versions ?? 0) }),
    TargetSizeString: sizeText(release, storage),
    SourceFilesSize: String(source),
    SourceFilesCount: String(run.examined ?? 0),
    SourceSizeString: sizeText(release, source),
    LastBackupStarted: compactDate(run.beganAt),
    LastBackupFinished: compactDate(run.beganAt + run.duration / 1e4),
    LastBackupDuration: timespan(run.duration),
    LastCompactDuration: '00:00:00.0060647',
    LastCompactStarted: compactDate(run.beganAt + run.duration / 1e4),
    LastCompactFinished: compactDate(run.beganAt + run.duration / 1e4),
  }
}

function operationMetadata(log: SimLog, operation: string) {
  const run = newest(log, (candidate) => candidate.operation === operation)
  if (!run) return {}
  return {
    [`Last${operation}Duration`]: timespan(run.duration),
    [`Last${operation}Started`]: compactDate(run.beganAt),
    [`Last${operation}Finished`]: compactDate(run.beganAt + run.duration / 1e4),
  }
}

function errorMetadata(run: SimRun) {
  const line = run.lines?.findLast((candidate) => candidate.level === 'Error')
  const text = line?.text
    .split('\n')
    .at(-1)
    ?.replace(/^[\w.]*Exception: /, '')
  return {
    LastErrorDate: compactDate(run.beganAt + run.duration / 1e4),
    LastErrorMessage: text ?? 'The operation failed',
  }
}

/** A thrown error leaves `LastBackupFinished` as it was; so does a skipped run. */
function completed(run: SimRun): boolean {
  return run.result !== 'Fatal' && !run.interrupted
}

function newest(log: SimLog, wanted: (run: SimRun) => boolean): SimRun | null {
  for (let id = log.last; id > Math.max(0, log.last - LOOK_BACK); id--) {
    const run = log.run(id)
    if (run && wanted(run)) return run
  }
  return null
}
