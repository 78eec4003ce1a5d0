/** Bodies of the answers about the server itself, field by field as each release gives them. */
import { fieldsSince, isoLocal, type Release, since, VERSION_TEXTS } from './release.ts'

export interface SimNotification {
  id: number
  type: 'Information' | 'Warning' | 'Error'
  title: string
  message: string
  exception?: string
  backupId?: string
  action?: string
  /** Epoch milliseconds. */
  at: number
  messageId?: string
}

export interface SimServerLogRow {
  /** -1: no job. */
  backupId: number
  message: string
  exception: string
  at: number
}

/** The operation of `GET /progressstate`: running, or the last one that ran. */
export interface SimProgress {
  jobId: string
  taskId?: number
  phase?: string
  /** 0…1. */
  overall?: number
  files?: number
  bytes?: number
  totalFiles?: number
  totalBytes?: number
  counting?: boolean
  speed?: number
  currentFile?: string | null
  /** .NET's duration until the end, which the canary tells. */
  remaining?: string | null
  /** File that is being transferred. */
  transfer?: string
}

export function systemInfo(
  release: Release,
  server: { machineId: string; machineName: string; timeZone: string; now: number },
) {
  const { number, name } = VERSION_TEXTS[release]
  const late = since(release, '2.3.0.4')
  return {
    APIVersion: 1,
    PasswordPlaceholder: late ? '***************' : '**********',
    ServerVersion: number,
    ServerVersionName: name,
    ServerVersionType: 'Stable',
    RemoteControlRegistrationUrl: 'https://api.duplicati.com/remotecontrol/register',
    ...(late ? { RemoteControlDashboardUrl: 'https://app.duplicati.com/app/machines' } : {}),
    StartedBy: 'Server',
    DefaultUpdateChannel: 'Stable',
    DefaultUsageReportLevel: 'Disabled',
    ServerTime: isoLocal(server.timeZone, server.now, 7),
    ...fieldsSince(release, '2.2.0.3', { ServerTimeZone: server.timeZone }),
    OSType: 'Linux',
    OSVersion: 'Debian GNU/Linux 12 (bookworm)',
    DirectorySeparator: '/',
    PathSeparator: ':',
    CaseSensitiveFilesystem: true,
    MachineName: server.machineName,
    PackageTypeId: '',
    UserName: 'duplicati',
    NewLine: '\n',
    CLRVersion: '10.0.12',
    Options: [
      option('machine-id', 'Machine ID', server.machineId),
      option('machine-name', 'Machine name', server.machineName),
    ],
    ...fieldsSince(release, 'canary', { ServerOnlyOptions: [storeTaskConfig()] }),
    ...modules(release),
    UsingAlternateUpdateURLs: false,
    LogLevels: ['ExplicitOnly', 'Profiling', 'Verbose', 'Retry', 'Information', 'DryRun', 'Warning', 'Error'],
    SpecialFolders: [],
    BrowserLocale: {
      Code: '',
      EnglishName: 'Invariant Language (Invariant Country)',
      DisplayName: 'Invariant Language',
    },
    SupportedLocales: [],
    BrowserLocaleSupported: false,
    ...(late ? newerParts() : {}),
  }
}

function option(name: string, title: string, value: string) {
  return {
    Aliases: null,
    LongDescription: `${title} of the machine running the backup.`,
    Name: name,
    ShortDescription: title,
    Type: 'String',
    ValidValues: null as string[] | null,
    DefaultValue: value,
    Typename: 'String',
    Deprecated: false,
    DeprecationMessage: '',
  }
}

function storeTaskConfig() {
  const type = { Type: 'Enumeration', Typename: 'Enumeration', ValidValues: ['Auto', 'None', 'Self', 'All'] }
  return { ...option('store-task-config', 'Store task configuration with backup', 'Auto'), ...type }
}

function modules(release: Release) {
  const names = ['Compression', 'Encryption', 'Backend', 'Generic', 'Web', 'Connection', 'Server', 'SecretProvider']
  const newer = since(release, '2.3.0.4') ? ['SourceProvider', 'RestoreDestinationProvider'] : []
  return Object.fromEntries([...names, ...newer].map((name) => [`${name}Modules`, []]))
}

function newerParts() {
  const unlicensed = {
    IsConfigured: false,
    IsValid: false,
    IsInGracePeriod: false,
    ExpiresAt: null,
    ExpiresWithGraceAt: null,
    Features: null,
  }
  return {
    TimeZones: [],
    APIExtensions: ['v2:backup:list-filesets', 'v1:websocket'],
    APIScopes: [],
    DefaultOAuthURL: 'https://duplicati-oauth-handler.appspot.com/refresh',
    DefaultOAuthURLv2: 'https://oauth-service.duplicati.com/refresh',
    PowerModeProviders: [],
    LocalLicenseStatus: unlicensed,
    RemoteLicenseStatus: unlicensed,
  }
}

/** The settings of a fresh server. */
export function freshSettings(release: Release, port: number): Record<string, string> {
  const empty = (keys: string) => Object.fromEntries(keys.split(' ').map((key) => [key, '']))
  return {
    ...empty('startup-delay max-download-speed max-upload-speed'),
    ...(release === '2.1.0.5' ? empty('thread-priority') : {}),
    'last-webserver-port': String(port),
    ...empty('is-first-run'),
    'server-port-changed': 'True',
    ...empty('last-update-check update-check-interval update-check-latest unacked-error unacked-warning'),
    'server-listen-interface': 'loopback',
    'server-disable-https': 'False',
    'has-fixed-invalid-backup-id': 'True',
    ...empty('update-channel usage-reporter-level'),
    'disable-tray-icon-login': 'False',
    ...empty('allowed-hostnames remote-control-enabled'),
    'autogenerated-passphrase': 'False',
    ...empty('disable-visual-captcha disable-signin-tokens encrypted-fields'),
    ...(since(release, '2.2.0.3') ? newerSettings(release) : {}),
    ...(since(release, '2.3.0.4')
      ? empty(
          'remote-control-dashboard-url remote-control-storage-api-id remote-control-storage-endpoint-url enable-folder-status-service shown-welcome-page-v1',
        )
      : {}),
    ...(since(release, 'canary') ? empty('additional-activity-url') : {}),
  }
}

function newerSettings(release: Release) {
  return {
    'server-timezone': '',
    'paused-until': '',
    'last-update-check-version': VERSION_TEXTS[release].number,
    'additional-report-url': '',
    'backup-list-sort-order': '',
    'disable-api-extensions': '',
    'power-mode-provider': '',
    'disable-console-control': '',
  }
}

export function serverState(
  release: Release,
  server: {
    active: { taskId: number; jobId: string } | null
    /** `until` is epoch milliseconds; null: without end. */
    paused: { until: number | null } | null
    queue: { taskId: number; jobId: string }[]
    proposed: { jobId: string; time: string }[]
    notifications: SimNotification[]
  },
) {
  const has = (type: SimNotification['type']) => server.notifications.some((item) => item.type === type)
  const ready = has('Error') ? 'ReadyError' : has('Warning') ? 'ReadyWarning' : 'Ready'
  const item = ({ taskId, jobId }: { taskId: number; jobId: string }) => ({ Item1: taskId, Item2: jobId })
  const zulu = release === '2.1.0.5' ? '' : 'Z'
  return {
    ActiveTask: server.active && item(server.active),
    ProgramState: server.paused ? 'Paused' : 'Running',
    SchedulerQueueIds: server.queue.map(item),
    ProposedSchedule: server.proposed.map(({ jobId, time }) => ({ Item1: jobId, Item2: time })),
    HasWarning: has('Warning') || has('Error'),
    HasError: has('Error'),
    SuggestedStatusIcon: server.paused ? 'Paused' : server.active ? 'Active' : ready,
    EstimatedPauseEnd: server.paused?.until
      ? new Date(server.paused.until).toISOString()
      : `0001-01-01T00:00:00${zulu}`,
    LastEventID: 6,
    LastDataUpdateID: 3,
    LastNotificationUpdateID: server.notifications.length,
    UpdatedVersion: null,
    UpdaterState: 'Waiting',
    UpdateDownloadLink: null,
    UpdateDownloadProgress: 0,
    ...fieldsSince(release, '2.2.0.3', { Type: 'legacystatus' }),
  }
}

export function progressState(release: Release, progress: SimProgress) {
  const file = {
    BackendAction: progress.transfer ? 'Put' : 'Get',
    BackendPath: progress.transfer ?? null,
    BackendFileSize: progress.transfer ? 4207914 : 0,
    BackendFileProgress: progress.transfer ? 1245184 : 0,
    BackendSpeed: progress.speed ?? -1,
    BackendIsBlocking: false,
  }
  return {
    BackupID: progress.jobId,
    TaskID: progress.taskId ?? 33,
    ...file,
    CurrentFilename: progress.currentFile ?? null,
    CurrentFilesize: 0,
    CurrentFileoffset: 0,
    CurrentFilecomplete: false,
    Phase: progress.phase ?? 'Backup_ProcessingFiles',
    OverallProgress: progress.overall ?? 0,
    ProcessedFileCount: progress.files ?? 0,
    ProcessedFileSize: progress.bytes ?? 0,
    TotalFileCount: progress.totalFiles ?? 0,
    TotalFileSize: progress.totalBytes ?? 0,
    StillCounting: progress.counting ?? false,
    ...fieldsSince(release, '2.2.0.3', { ActiveTransfers: progress.transfer ? [file] : [] }),
    ...fieldsSince(release, 'canary', { EstimatedTimeToCompletion: progress.remaining ?? null }),
    ...fieldsSince(release, '2.3.0.4', { RemoteSyncDestinationIndex: 0, RemoteSyncDestinationCount: 0 }),
  }
}

export function notificationAnswer(item: SimNotification) {
  return {
    ID: item.id,
    Type: item.type,
    Title: item.title,
    Message: item.message,
    Exception: item.exception ?? '',
    BackupID: item.backupId ?? null,
    Action: item.action ?? 'backup:show-log',
    Timestamp: `${new Date(item.at).toISOString().slice(0, 19)}Z`,
    LogEntryID: null,
    MessageID: item.messageId ?? null,
    MessageLogTag: null,
  }
}

export function serverLogAnswer(row: SimServerLogRow) {
  return {
    BackupID: row.backupId,
    Message: row.message,
    Exception: row.exception,
    Timestamp: Math.floor(row.at / 1000),
  }
}
