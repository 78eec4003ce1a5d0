import { describe, expect, it } from 'vitest'
import {
  isTooOld,
  readBackups,
  readLogRows,
  readNotices,
  readProgress,
  readServerInfo,
  readServerState,
  UnexpectedAnswer,
} from '../../src/duplicati/answers.ts'

function backup(fields: object, schedule: unknown = null) {
  return readBackups([{ Backup: { ID: '1', Name: 'Documents', ...fields }, Schedule: schedule }])[0]
}

describe('the list of jobs', () => {
  it('is empty where there are none', () => {
    expect(readBackups([])).toEqual([])
  })

  it('needs an id and a name only', () => {
    expect(readBackups([{ Backup: { ID: 7, Name: 'A' } }])).toEqual([
      {
        backupId: '7',
        name: 'A',
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
        },
      },
    ])
  })

  it('T29: ignores fields of later versions and wrong types of what can be done without', () => {
    const odd = { Tags: 'x', TargetURL: 7, Metadata: [], Future: { a: 1 } }
    expect(backup(odd, 'x')).toMatchObject({ tags: [], destination: null, schedule: null })
  })

  it('is bounded', () => {
    const entry = { Backup: { ID: '1', Name: 'x' } }
    expect(() => readBackups(Array(10_001).fill(entry))).toThrow(UnexpectedAnswer)
    const long = backup({ Name: 'x'.repeat(10_000), Tags: Array(1000).fill('t') })
    expect(long?.name).toHaveLength(512)
    expect(long?.tags).toHaveLength(100)
    expect(backup({ Name: `${'x'.repeat(511)}😀` })?.name).toBe('x'.repeat(511))
  })

  it('keeps one job of two with the same id', () => {
    const jobs = [{ Backup: { ID: '1', Name: 'a' } }, { Backup: { ID: '1', Name: 'b' } }]
    expect(readBackups(jobs).map(({ name }) => name)).toEqual(['a'])
  })

  it.each([{}, null, 'x', 0])('%j is none', (body) => {
    expect(() => readBackups(body)).toThrow(UnexpectedAnswer)
  })

  it.each(['../../x', '', ' ', 'x'.repeat(100), -1, 1.5, null, ['1']])('%j is no id', (ID) => {
    expect(() => backup({ ID })).toThrow('[0].Backup.ID is not an id')
  })

  it('T15: takes unset and impossible dates for none', () => {
    const dates = {
      LastBackupDate: '00010101T000000Z',
      LastBackupStarted: '20261123T184345Z',
      LastBackupFinished: '20261323T184345Z',
      LastErrorDate: 'yesterday',
    }
    expect(backup({ Metadata: dates })?.metadata).toMatchObject({
      lastVersionAt: null,
      lastStartedAt: '2026-11-23T18:43:45.000Z',
      lastFinishedAt: null,
      lastErrorAt: null,
    })
  })

  it('takes numbers that are none for unknown', () => {
    const numbers = {
      SourceFilesSize: '9007199254740993',
      SourceFilesCount: '-1',
      TargetFilesSize: '1e3',
      FreeQuotaSpace: -1,
      TotalQuotaSpace: '12',
    }
    expect(backup({ Metadata: numbers })?.metadata).toMatchObject({
      sourceBytes: null,
      sourceFiles: null,
      storageBytes: null,
      freeBytes: null,
      totalBytes: 12,
    })
  })

  it('falls back to the number of file sets', () => {
    expect(backup({ Metadata: { TargetFilesetsCount: '4' } })?.metadata.versions).toBe(4)
    expect(backup({ Metadata: { TargetFilesetsCount: '4', BackupListCount: '5' } })?.metadata.versions).toBe(5)
  })

  it('shows each weekday once, although 2.1 and 2.2 list them twice', () => {
    const schedule = {
      Time: '2026-11-24T01:30:00Z',
      Repeat: '1D',
      AllowedDays: ['mon', 'Monday', 'tue', 'Tuesday'],
      LastRun: '0001-01-01T00:00:00Z',
    }
    expect(backup({}, schedule)?.schedule).toEqual({
      time: '2026-11-24T01:30:00.000Z',
      repeat: '1D',
      allowedDays: ['mon', 'tue'],
      lastRun: null,
    })
  })

  it('without a planned time there is no schedule', () => {
    expect(backup({}, { Time: '0001-01-01T00:00:00Z', Repeat: '1D' })?.schedule).toBeNull()
  })

  it.each([
    ['ssh://nas/x?auth-username=bob&auth-password=geheim', 'ssh://nas'],
    ['webdav://bob:geheim@host.example:8080/x', 'webdav://host.example'],
    ['webdav://bob:ge/heim@host.example/x', 'webdav://'],
    ['webdav://bob:ge@heim@host.example/x', 'webdav://host.example'],
    ['webdav://bob:ge?heim@host.example/x', 'webdav://'],
    ['webdav://bob:ge#heim@host.example/x', 'webdav://'],
    ['S3://bucket/path?aws-secret-access-key=geheim', 's3://bucket'],
    ['file:///srv/data', 'file://'],
    ['file://C:\\Users\\bob', 'file://'],
    ['/srv/data', 'file://'],
    ['\\\\server\\share', 'file://'],
    ['ftp://[fe80::1]:21/x', 'ftp://[fe80::1]'],
    ['googledrive://bob%40example?authid=geheim', 'googledrive://'],
  ])('keeps scheme and host of %s at most', (TargetURL, destination) => {
    expect(backup({ TargetURL })?.destination).toBe(destination)
  })
})

describe('the server', () => {
  const system = { ServerVersion: '2.3.0.4', MachineName: 'nas', ServerTime: '2026-11-23T19:36:50.5907979+01:00' }
  const zoneOf = (settings: unknown, time = system.ServerTime) =>
    readServerInfo({ ...system, ServerTime: time }, settings)

  it('T63: an empty id is none', async () => {
    const info = (id: string) =>
      readServerInfo({ ...system, Options: [{ Name: 'x' }, { Name: 'machine-id', DefaultValue: id }] }, {})
    expect((await info('')).machineId).toBeNull()
    expect((await info('abc')).machineId).toBe('abc')
    expect((await readServerInfo(system, {})).machineId).toBeNull()
  })

  it.each([
    ['', 'UTC'],
    ['Europe/Berlin', 'Europe/Berlin'],
    ['W. Europe Standard Time', 'Europe/Berlin'],
    ['Middle Earth', 'UTC'],
  ])('the scheduler’s zone %j is %s', async (zone, expected) => {
    expect(await zoneOf({ 'server-timezone': zone })).toMatchObject({ timeZone: expected, keepClockTime: true })
  })

  it.each([
    ['2026-11-23T14:01:12.49-05:00', '-05:00'],
    ['2026-11-23T14:01:12+05:45', '+05:45'],
    ['2026-11-23T14:01:12+00:00', 'UTC'],
    ['2026-11-23T14:01:12Z', 'UTC'],
    ['nonsense', 'UTC'],
  ])('2.1, whose clock says %s, is in %s', async (time, expected) => {
    expect(await zoneOf({}, time)).toMatchObject({ timeZone: expected, keepClockTime: false })
  })

  it('2.1 keeps a setting that it does not know, without an effect', async () => {
    const settings = { 'server-timezone': 'America/New_York' }
    const info = await readServerInfo({ ...system, ServerVersion: '2.1.0.5' }, settings)
    expect(info).toMatchObject({ timeZone: '+01:00', keepClockTime: false })
  })

  it('knows which versions are too old', () => {
    expect(['2.0.8.1', '2.0.9.109'].every(isTooOld)).toBe(true)
    expect(['2.1.0.5', '2.3.0.4', '1.0.0.0', '2.10.0.0', '3.0.0.0'].some(isTooOld)).toBe(false)
  })

  it('T74: is paused until a time, or without end', () => {
    const state = (end: string) => readServerState({ ProgramState: 'Paused', EstimatedPauseEnd: end }).paused
    expect(state('2026-11-24T03:35:21.627925+01:00')).toEqual({ until: '2026-11-24T02:35:21.627Z' })
    expect(state('0001-01-01T00:00:00Z')).toEqual({ until: null })
    expect(readServerState({ ProgramState: 'Running', EstimatedPauseEnd: '2026-11-24T03:35:21Z' }).paused).toBeNull()
  })

  it('tells what waits and what is planned', () => {
    const state = readServerState({
      ActiveTask: { Item1: 3, Item2: '2' },
      SchedulerQueueIds: [{ Item1: 16, Item2: '2' }, { Item1: 15, Item2: '1' }, { Item1: 17, Item2: null }, 7],
      ProposedSchedule: [
        { Item1: '1', Item2: '2026-11-24T01:30:00Z' },
        { Item1: '2', Item2: 'x' },
        { Item1: '__proto__', Item2: '2026-11-24T01:30:00Z' },
      ],
    })
    expect(state).toMatchObject({ activeBackupId: '2', queuedBackupIds: ['2', '1'] })
    expect(Object.entries(state.proposed)[0]).toEqual(['1', '2026-11-24T01:30:00.000Z'])
    expect(Object.getPrototypeOf(state.proposed)).toBe(Object.prototype)
  })
})

describe('progress', () => {
  const running = {
    BackupID: '18',
    Phase: 'Backup_ProcessingFiles',
    OverallProgress: 0,
    ProcessedFileSize: 30,
    TotalFileSize: 120,
    StillCounting: false,
    BackendSpeed: -1,
  }

  it('tells how far a backup is by what it processed', () => {
    expect(readProgress(running)).toEqual({
      backupId: '18',
      phase: 'Backup_ProcessingFiles',
      progress: 0.25,
      bytesPerSecond: null,
      remainingSeconds: null,
    })
  })

  it('takes the rest from the canary on, and the speed where it is known', () => {
    expect(readProgress({ ...running, BackendSpeed: 196608, EstimatedTimeToCompletion: '00:00:04.5' })).toMatchObject({
      bytesPerSecond: 196608,
      remainingSeconds: 4.5,
    })
  })

  it('is unknown while files are counted', () => {
    expect(readProgress({ ...running, StillCounting: true })?.progress).toBeNull()
  })

  it.each(['Backup_Complete', 'Restore_Complete', 'Error'])('%s is over', (Phase) => {
    expect(readProgress({ ...running, Phase })).toBeNull()
  })

  it('stays within 0 and 1', () => {
    expect(readProgress({ ...running, ProcessedFileSize: 500 })?.progress).toBe(1)
    expect(readProgress({ ...running, TotalFileSize: 0, OverallProgress: -3 })?.progress).toBeNull()
  })
})

describe('T68: notices', () => {
  const notification = {
    ID: 1,
    Type: 'Error',
    Title: 'Error while running Website',
    Message: 'Found 1 files',
    Exception: 'X.YException: Found 1 files\n at Z',
    BackupID: '4',
    Timestamp: '2026-11-23T18:36:56Z',
  }
  const row = {
    BackupID: 18,
    Message: 'Failed while executing Backup',
    Exception: 'System.Threading.Tasks.TaskCanceledException: A task was canceled.\n   at X',
    Timestamp: 1795459157,
  }

  it('come newest first, with what the exception adds', () => {
    expect(readNotices([notification], [row])).toMatchObject([
      {
        source: 'serverLog',
        level: 'error',
        backupId: '18',
        message: 'Failed while executing Backup: A task was canceled.',
        at: '2026-11-23T18:39:17.000Z',
      },
      {
        source: 'notification',
        level: 'error',
        backupId: '4',
        title: 'Error while running Website',
        message: 'Found 1 files',
      },
    ])
  })

  it('T80: are told apart by content and time, not by id', () => {
    const later = { ...notification, Timestamp: '2026-11-24T18:36:56Z' }
    const other = { ...notification, Message: 'Found 2 files' }
    const prints = [notification, later, other, { ...notification, ID: 9 }].map(
      (item) => readNotices([item], [])[0]?.fingerprint,
    )
    expect(new Set(prints).size).toBe(3)
    expect(prints[3]).toBe(prints[0])
  })

  it("belong to the schedule that the scheduler's own errors name, not to the job of that number", () => {
    const error = {
      BackupID: 2,
      Message: 'Scheduler failed to find next date',
      Exception: 'System.Exception: Unable to find a valid date\n   at X',
      Timestamp: 1795459157,
    }
    expect(readNotices([], [error])).toMatchObject([
      {
        source: 'serverLog',
        backupId: null,
        scheduleId: '2',
        message: 'Scheduler failed to find next date: Unable to find a valid date',
      },
    ])
  })

  it('belong to no job with -1', () => {
    expect(readNotices([], [{ ...row, BackupID: -1 }])[0]?.backupId).toBeNull()
  })

  it('are bounded, and odd ones are left out', () => {
    const many = Array.from({ length: 2000 }, (_, i) => ({ ...row, Timestamp: 1795459157 + i }))
    expect(readNotices([], many)).toHaveLength(500)
    expect(
      readNotices(['x', null, { Type: 'Error' }, { ...notification, Timestamp: '0001-01-01T00:00:00Z' }], 'x'),
    ).toEqual([])
    expect(readNotices([{ ...notification, Message: 'x'.repeat(1e6) }], [])[0]?.message.length).toBeLessThanOrEqual(
      4096,
    )
  })
})

describe('log pages', () => {
  const row = (ID: number) => ({ ID, Timestamp: 1795459157, Type: 'Message', Message: 'x' })

  it('come newest first, in whatever order a server sends them', () => {
    expect(readLogRows([row(2), row(9), row(5)], undefined).map(({ id }) => id)).toEqual([9, 5, 2])
  })

  it.each([[{}], [[1]], [[{ ID: 'x' }]], [Array(501).fill(row(1))]])('refuses what is none', (body) => {
    expect(() => readLogRows(body, undefined)).toThrow(UnexpectedAnswer)
  })
})
