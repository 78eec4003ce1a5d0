/** JSON reports as Duplicati 2.3 posts them, each of a run of its own, with as many log lines as asked for. */

export interface BodyOptions {
  /** Number of the first report: reports of different numbers are of different runs. */
  from: number
  count: number
  servers: number
  jobsPerServer: number
  lines: number
}

const FIRST_BEGIN = Date.parse('2025-01-01T00:00:00Z')
/** Runs of one job lie this far apart, so that each has a second of its own. */
const APART = 600_000

/** Key of the run that a report is of: who, which job, begin. */
export interface ReportKey {
  machine: string
  backupId: string
  beginTime: string
}

export function keyOf(
  number: number,
  { servers, jobsPerServer }: Pick<BodyOptions, 'servers' | 'jobsPerServer'>,
): ReportKey {
  const jobs = servers * jobsPerServer
  const job = number % jobs
  const round = Math.floor(number / jobs)
  const begin = FIRST_BEGIN + round * APART + job * 37
  const ticks = String(number % 10_000).padStart(4, '0')
  return {
    machine: `bench-${job % servers}`,
    backupId: `DB-${Math.floor(job / servers) + 1}`,
    beginTime: new Date(begin).toISOString().replace('Z', `${ticks}Z`),
  }
}

/** The text of report `number`. */
export function reportText(number: number, options: Omit<BodyOptions, 'from' | 'count'>): string {
  const { machine, backupId, beginTime } = keyOf(number, options)
  const begin = Date.parse(beginTime)
  const seconds = 60 + (number % 600)
  const stamp = (offset: number) => new Date(begin + offset).toISOString().slice(0, 19).replace('T', ' ')
  const end = new Date(begin + seconds * 1000).toISOString()
  const lines = Array.from({ length: options.lines }, (_, i) => {
    const volume = ((number * 7919 + i * 104729) >>> 0).toString(16).padStart(8, '0').repeat(4)
    const event = i % 2 === 0 ? 'Started' : 'Completed'
    return `${stamp((i * seconds * 1000) / options.lines)} +00 - [Information-Duplicati.Library.Main.BasicResults-BackendEvent]: Backend event: Put - ${event}: duplicati-b${volume}.dblock.zip.aes (49.${i % 10} MB)`
  })
  return JSON.stringify({
    Data: {
      ...FIXED,
      ...figures(number),
      EndTime: end,
      BeginTime: beginTime,
      Duration: duration(seconds, number),
      MessagesActualLength: lines.length,
    },
    Extra: {
      OperationName: 'Backup',
      'machine-id': `${machine}-id`,
      'machine-name': machine,
      'backup-name': `Job ${backupId}`,
      'backup-id': backupId,
      'operating-system': 'Linux',
      'update-channel': 'Stable',
      'next-scheduled-run': null,
    },
    LogLines: lines,
    Exception: null,
  })
}

function duration(seconds: number, number: number): string {
  const clock = new Date(seconds * 1000).toISOString().slice(11, 19)
  return `${clock}.${String((number * 31) % 10_000_000).padStart(7, '0')}`
}

function figures(number: number) {
  return {
    ExaminedFiles: 10_000 + (number % 500),
    SizeOfExaminedFiles: 5_000_000_000 + number,
    AddedFiles: number % 50,
    BackendStatistics: {
      RemoteCalls: 12,
      BytesUploaded: 1_000_000 + number,
      BytesDownloaded: 20_000,
      FilesUploaded: 3,
      KnownFileCount: 900,
      KnownFileSize: 40_000_000_000 + number,
      LastBackupDate: '2025-01-01T00:00:00+00:00',
      BackupListCount: 14,
      TotalQuotaSpace: 0,
      FreeQuotaSpace: 0,
      AssignedQuotaSpace: -1,
      ReportedQuotaError: false,
      MainOperation: 'Backup',
      ParsedResult: 'Success',
      Version: '2.3.0.4 (2.3.0.4_stable_2026-07-09)',
    },
  }
}

const FIXED = {
  DeletedFiles: 0,
  DeletedFolders: 0,
  ModifiedFiles: 3,
  OpenedFiles: 12,
  SizeOfModifiedFiles: 4_000,
  SizeOfAddedFiles: 90_000,
  SizeOfOpenedFiles: 94_000,
  NotProcessedFiles: 0,
  AddedFolders: 1,
  TooLargeFiles: 0,
  FilesWithError: 0,
  PartialBackup: false,
  Dryrun: false,
  MainOperation: 'Backup',
  CompactResults: null,
  VacuumResults: null,
  DeleteResults: null,
  RepairResults: null,
  TestResults: null,
  ParsedResult: 'Success',
  Interrupted: false,
  Version: '2.3.0.4 (2.3.0.4_stable_2026-07-09)',
  WarningsActualLength: 0,
  ErrorsActualLength: 0,
}
