/** The JSON text of a result as Duplicati keeps it in a row of the job's log, in the shapes of the recordings. */
import { Random } from './random.ts'
import {
  fieldsSince,
  isoLocal,
  isoTicks,
  lineTime,
  localDate,
  type Release,
  timespan,
  VERSION_TEXTS,
} from './release.ts'

export interface SimLine {
  level: 'Information' | 'Warning' | 'Error'
  tag: string
  text: string
  /** Milliseconds after the begin of the run. */
  after?: number
}

/** One execution of an operation, as a test or a fleet describes it. */
export interface SimRun {
  operation: string
  /** Begin: epoch milliseconds, and the 100-ns ticks below them. */
  beganAt: number
  beganTicks?: number
  /** In 100-ns ticks. */
  duration: number
  result?: 'Success' | 'Warning' | 'Error' | 'Fatal' | 'Unknown'
  partial?: boolean
  interrupted?: boolean
  dryRun?: boolean
  examined?: number
  added?: number
  modified?: number
  deleted?: number
  sourceBytes?: number
  addedBytes?: number
  modifiedBytes?: number
  uploaded?: number
  downloaded?: number
  storage?: number
  versions?: number
  free?: number
  total?: number
  /** The newest version at the end of the run. */
  newestVersion?: number
  /** What a retention policy considered and deleted: lines in the log say it. */
  retention?: { considered: number[]; deleted: number[] }
  lines?: SimLine[]
  /** True counts, where they differ from the lines that are given. */
  counts?: { messages?: number; warnings?: number; errors?: number }
  exception?: string
  /** Whether the backup verified samples at its end; it does unless told. */
  tested?: boolean
}

/** What of its server a result shows. */
export interface ResultContext {
  release: Release
  zone: string
  locale: string
}

const LISTED = 20
const EVENT = 'Duplicati.Library.Main.BasicResults-BackendEvent'
const RETENTION = 'Duplicati.Library.Main.Operation.DeleteHandler:RetentionPolicy'
const UNSET = '0001-01-01T00:00:00'

/** The `Message` of the row. */
export function resultMessage(run: SimRun, context: ResultContext): string {
  const statistics = backendStatistics(run, context)
  const own = { ...operationFields(run, context, statistics), ...basicFields(run, context) }
  const texts = { Messages: listed(run, context, 'Information'), Warnings: listed(run, context, 'Warning') }
  const exception = run.exception === undefined ? {} : { Exception: run.exception }
  return JSON.stringify({
    ...own,
    ...texts,
    Errors: listed(run, context, 'Error'),
    ...exception,
    BackendStatistics: statistics,
  })
}

/** Lines that a backup leaves when it goes well. */
export function usualLines(run: SimRun, seed: number): SimLine[] {
  const random = new Random(seed, Math.floor(run.beganAt / 1000))
  const volumes = [`b${random.hex(32)}.dblock`, `i${random.hex(32)}.dindex`, `${compact(run.beganAt)}.dlist`]
  const half = Math.floor(run.duration / 2e4)
  const transfers = (run.uploaded ? volumes : []).flatMap((volume, index) => [
    event(`Put - Started: duplicati-${volume}.zip.aes (${(1.1 + index).toFixed(2)} MiB)`, half),
    event(`Put - Completed: duplicati-${volume}.zip.aes (${(1.1 + index).toFixed(2)} MiB)`, half + 900),
  ])
  return [
    info(`Duplicati.Library.Main.Controller-StartingOperation`, `The operation ${run.operation} has started`),
    event('List - Started:  ()'),
    event(`List - Completed:  (${3 * (run.versions ?? 1)} bytes)`),
    event('QuotaInfo - Started:  ()'),
    ...transfers,
    ...(run.retention
      ? [info('Duplicati.Library.Main.Database.LocalDeleteDatabase-CompactReason', 'Compacting not required', half)]
      : []),
    event('List - Started:  ()', half + 1000),
    event(`List - Completed:  (${3 * (run.versions ?? 1)} bytes)`, half + 1000),
  ]
}

function info(tag: string, text: string, after = 0): SimLine {
  return { level: 'Information', tag, text, after }
}

function event(text: string, after = 0): SimLine {
  return info(EVENT, `Backend event: ${text}`, after)
}

function compact(at: number): string {
  return `${isoTicks(Math.floor(at / 1000) * 1000).replaceAll(/[-:]/g, '')}`
}

function linesOf(run: SimRun, { locale, zone }: ResultContext): SimLine[] {
  if (!run.retention) return run.lines ?? []
  const dates = (list: number[]) => list.map((at) => localDate(locale, zone, at)).join(', ')
  const after = Math.floor(run.duration / 1.5e4)
  return [
    ...(run.lines ?? []).slice(0, 10),
    info(`${RETENTION}-StartCheck`, 'Start checking if backups can be removed', after),
    info(`${RETENTION}-FramesAndIntervals`, 'Time frames and intervals pairs: 7.00:00:00 / 1.00:00:00', after),
    info(`${RETENTION}-BackupList`, `Backups to consider: ${dates(run.retention.considered)}`, after),
    info(`${RETENTION}-BackupsToDelete`, 'Backups outside of all time frames and thus getting deleted: ', after),
    info(`${RETENTION}-AllBackupsToDelete`, `All backups to delete: ${dates(run.retention.deleted)}`, after),
    ...(run.lines ?? []).slice(10),
  ]
}

function listed(run: SimRun, context: ResultContext, level: SimLine['level']): string[] {
  const lines = linesOf(run, context).filter((line) => line.level === level)
  return lines.slice(0, LISTED).map((line) => {
    const at = lineTime(context.zone, run.beganAt + (line.after ?? 0))
    return `${at} - [${level}-${line.tag}]: ${line.text}`
  })
}

function countOf(run: SimRun, context: ResultContext, level: SimLine['level']): number {
  return linesOf(run, context).filter((line) => line.level === level).length
}

/** Fields that every result has. */
function basicFields(run: SimRun, context: ResultContext) {
  const { release } = context
  return {
    ParsedResult: run.result ?? 'Success',
    Interrupted: run.interrupted ?? false,
    Version: VERSION_TEXTS[release].result,
    ...times(run),
    MessagesActualLength: run.counts?.messages ?? countOf(run, context, 'Information'),
    WarningsActualLength: run.counts?.warnings ?? countOf(run, context, 'Warning'),
    ErrorsActualLength: run.counts?.errors ?? countOf(run, context, 'Error'),
  }
}

function times(run: SimRun) {
  const end = (run.beganTicks ?? 0) + (run.duration % 1e4)
  const endMs = run.beganAt + Math.floor(run.duration / 1e4) + Math.floor(end / 1e4)
  return {
    EndTime: isoTicks(endMs, end % 1e4),
    BeginTime: isoTicks(run.beganAt, run.beganTicks),
    Duration: timespan(run.duration),
  }
}

/** Fields of the operation itself, in Duplicati's order. */
function operationFields(run: SimRun, context: ResultContext, statistics: object): object {
  const { release } = context
  switch (run.operation) {
    case 'Backup':
      return backupFields(run, context, statistics)
    case 'Restore':
      return restoreFields(run, release)
    case 'Test':
      return { MainOperation: 'Test', ...verifications(run) }
    case 'Compact':
      return compactFields()
    case 'Repair':
      return { MainOperation: 'Repair', RecreateDatabaseResults: null }
    default:
      return { MainOperation: run.operation }
  }
}

function backupFields(run: SimRun, context: ResultContext, statistics: object): object {
  const { release } = context
  // An operation that failed or was skipped never came to its last steps; without a new version nothing is compacted.
  const whole = !run.interrupted && run.result !== 'Fatal' && run.result !== 'Error'
  const step = { ...emptyResult(run, release), BackendStatistics: statistics }
  return {
    DeletedFiles: run.deleted ?? 0,
    DeletedFolders: 0,
    ModifiedFiles: run.modified ?? 0,
    ExaminedFiles: run.examined ?? 0,
    OpenedFiles: (run.added ?? 0) + (run.modified ?? 0),
    AddedFiles: run.added ?? 0,
    SizeOfModifiedFiles: run.modifiedBytes ?? 0,
    SizeOfAddedFiles: run.addedBytes ?? 0,
    SizeOfExaminedFiles: run.sourceBytes ?? 0,
    SizeOfOpenedFiles: (run.addedBytes ?? 0) + (run.modifiedBytes ?? 0),
    NotProcessedFiles: 0,
    AddedFolders: 0,
    TooLargeFiles: 0,
    FilesWithError: 0,
    ...fieldsSince(release, '2.2.0.3', { TimestampChangedFiles: 0 }),
    ModifiedFolders: 0,
    ModifiedSymlinks: 0,
    AddedSymlinks: 0,
    DeletedSymlinks: 0,
    PartialBackup: run.partial ?? false,
    Dryrun: run.dryRun ?? false,
    MainOperation: 'Backup',
    CompactResults: whole && run.uploaded ? { ...compactFields(), ...step } : null,
    VacuumResults: null,
    DeleteResults: null,
    RepairResults: null,
    TestResults: whole && run.tested !== false ? { MainOperation: 'Test', ...verifications(run), ...step } : null,
    ...fieldsSince(release, '2.3.0.4', { LockResults: null, RemoteSynchronizationResults: [] }),
  }
}

/** The rest of a result inside another one: no counts, no lines. */
function emptyResult(run: SimRun, release: Release) {
  return {
    ParsedResult: 'Success',
    Interrupted: false,
    Version: VERSION_TEXTS[release].result,
    ...times(run),
    MessagesActualLength: 0,
    WarningsActualLength: 0,
    ErrorsActualLength: 0,
    Messages: null,
    Warnings: null,
    Errors: null,
  }
}

function compactFields() {
  return {
    DeletedFileCount: 0,
    DownloadedFileCount: 0,
    UploadedFileCount: 0,
    DeletedFileSize: 0,
    DownloadedFileSize: 0,
    UploadedFileSize: 0,
    Dryrun: false,
    VacuumResults: null,
    MainOperation: 'Compact',
  }
}

function restoreFields(run: SimRun, release: Release) {
  const numbers = { RestoredFiles: run.examined ?? 0, SizeOfRestoredFiles: run.sourceBytes ?? 0 }
  const links = { RestoredFolders: 2, RestoredSymlinks: 0, PatchedFiles: 0 }
  const deleted = { DeletedFiles: 0, DeletedFolders: 0, DeletedSymlinks: 0 }
  const broken = { BrokenLocalFiles: [], BrokenRemoteFiles: [] }
  const newer = {
    SizeOfRestoredData: run.sourceBytes ?? 0,
    UnmodifiedFiles: 0,
    SizeOfUnmodifiedFiles: 0,
    RestorePath: '/srv/restored',
    TotalVolumesAccessed: 2,
  }
  const operation = { MainOperation: 'Restore', RecreateDatabaseResults: null }
  return {
    ...numbers,
    ...links,
    ...deleted,
    ...fieldsSince(release, '2.2.0.3', broken),
    ...fieldsSince(release, '2.3.0.4', newer),
    ...operation,
  }
}

function verifications(run: SimRun) {
  const random = new Random(Math.floor(run.beganAt / 1000))
  const names = [`${compact(run.beganAt)}.dlist`, `i${random.hex(32)}.dindex`, `b${random.hex(32)}.dblock`]
  return {
    VerificationsActualLength: names.length,
    Verifications: names.map((name) => ({ Key: `duplicati-${name}.zip.aes`, Value: [] })),
  }
}

function backendStatistics(run: SimRun, { release, zone }: ResultContext) {
  return {
    RemoteCalls: run.interrupted ? 0 : 11,
    BytesUploaded: run.uploaded ?? 0,
    BytesDownloaded: run.downloaded ?? 0,
    FilesUploaded: run.uploaded ? 3 : 0,
    FilesDownloaded: run.downloaded ? 3 : 0,
    FilesDeleted: 0,
    FoldersCreated: 0,
    RetryAttempts: 0,
    UnknownFileSize: 0,
    UnknownFileCount: 0,
    KnownFileCount: 3 * (run.versions ?? 0),
    KnownFileSize: run.storage ?? 0,
    ...fieldsSince(release, '2.2.0.3', { KnownFilesets: run.versions ?? 0 }),
    LastBackupDate: run.newestVersion === undefined ? UNSET : isoLocal(zone, run.newestVersion),
    BackupListCount: run.versions ?? 0,
    TotalQuotaSpace: run.total ?? -1,
    FreeQuotaSpace: run.free ?? -1,
    AssignedQuotaSpace: -1,
    ReportedQuotaError: false,
    ReportedQuotaWarning: false,
    MainOperation: run.operation,
    ...emptyResult(run, release),
    EndTime: UNSET,
    Duration: '00:00:00',
  }
}
