/**
 * What a run must say, read from the row of the server's own log by code that shares nothing with the product.
 */
import type { RawRow } from './api.ts'

interface Result {
  MainOperation: string
  ParsedResult: string
  Interrupted: boolean
  PartialBackup?: boolean
  Dryrun?: boolean
  Version: string
  BeginTime: string
  EndTime: string
  Duration: string
  Messages: string[] | null
  Warnings: string[] | null
  Errors: string[] | null
  BackendStatistics?: Record<string, number> | null
  [field: string]: unknown
}

/** The columns of a run that a log row decides; ids, names and times of receipt are left out. */
export function expectedRun(row: RawRow) {
  const result = resultOf(row)
  const number = (field: string) => (result[field] as number | undefined) ?? null
  const backend = result.BackendStatistics ?? {}
  const quota = (field: string) => ((backend[field] ?? -1) > 0 ? backend[field] : null)
  return {
    operation: result.MainOperation,
    status: statusOf(result),
    beganAt: milliseconds(result.BeginTime),
    endedAt: milliseconds(result.EndTime),
    durationSeconds: seconds(result.Duration),
    partial: result.PartialBackup === true,
    interrupted: result.Interrupted,
    dryRun: result.Dryrun === true,
    examinedFiles: number('ExaminedFiles'),
    openedFiles: number('OpenedFiles'),
    addedFiles: number('AddedFiles'),
    modifiedFiles: number('ModifiedFiles'),
    deletedFiles: number('DeletedFiles'),
    examinedBytes: number('SizeOfExaminedFiles'),
    addedBytes: number('SizeOfAddedFiles'),
    modifiedBytes: number('SizeOfModifiedFiles'),
    uploadedBytes: backend.BytesUploaded ?? null,
    downloadedBytes: backend.BytesDownloaded ?? null,
    storageBytes: backend.KnownFileSize ?? null,
    freeBytes: quota('FreeQuotaSpace'),
    totalBytes: quota('TotalQuotaSpace'),
    versions: backend.BackupListCount ?? null,
    messages: number('MessagesActualLength'),
    warnings: number('WarningsActualLength'),
    errors: number('ErrorsActualLength'),
    duplicatiVersion: result.Version.split(' ')[0],
    sources: ['collect'],
  }
}

export type ExpectedRun = ReturnType<typeof expectedRun>

/** The texts that came along: time and tag of the head, and what follows it with its lines. */
export function expectedLog(row: RawRow) {
  const result = resultOf(row)
  return [
    ...(result.Messages ?? []).map((line) => expectedLine('message', line)),
    ...(result.Warnings ?? []).map((line) => expectedLine('warning', line)),
    ...(result.Errors ?? []).map((line) => expectedLine('error', line)),
  ]
}

function expectedLine(level: string, line: string) {
  const parts = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d) ([+-]\d\d) - \[[A-Za-z]+-([^\]]*)\]: ([\s\S]*)$/.exec(line)
  if (!parts) throw new Error(`A line of the log of another form: ${line}`)
  const [, date, time, , tag, text = ''] = parts
  // `+05` stands for +05:30, too: the minutes are told by the caller's zone, so only the clock on the wall is compared.
  return { level, clock: `${date}T${time}`, tag, text: text.replaceAll('\r\n', '\n') }
}

/** Whether a run counts: a backup that was neither interrupted nor a dry run. */
export function counts(run: ExpectedRun): boolean {
  return run.operation === 'Backup' && !run.interrupted && !run.dryRun
}

export function isResult(row: RawRow): boolean {
  return row.Type === 'Result'
}

function resultOf(row: RawRow): Result {
  return JSON.parse(row.Message) as Result
}

function statusOf(result: Result): string {
  const told = result.ParsedResult
  return told === 'Success' && Number(result.WarningsActualLength) > 0 ? 'Warning' : told
}

/** `2026-11-24T00:51:06.9302240Z`, trailing zeros dropped, to milliseconds. */
function milliseconds(time: string): string {
  const [whole = '', fraction = ''] = time.replace('Z', '').split('.')
  return `${whole}.${fraction.padEnd(3, '0').slice(0, 3)}Z`
}

/** `[d.]hh:mm:ss[.fffffff]`: whole seconds and ticks apart, so that seven digits stay exact. */
function seconds(duration: string): number {
  const [, days = '0', hours, minutes, whole, ticks = '0'] =
    /^(?:(\d+)\.)?(\d\d):(\d\d):(\d\d)(?:\.(\d{7}))?$/.exec(duration) ?? []
  const sum = Number(days) * 86_400 + Number(hours) * 3_600 + Number(minutes) * 60 + Number(whole)
  return Number(`${sum}.${ticks.padStart(7, '0')}`)
}

/** Duplicati's compact dates in metadata: `20261124T005106Z`; the year 1 stands for none. */
export function compactDate(text: string | undefined): string | null {
  const parts = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text ?? '')
  if (!parts || parts[1] === '0001') return null
  const [, year, month, day, hour, minute, second] = parts
  return `${year}-${month}-${day}T${hour}:${minute}:${second}.000Z`
}

/** The versions at a `file://` destination, newest first: each has one list of files, named by its time. */
export function versionTimes(files: { file: string }[]): string[] {
  return files
    .map(({ file }) => compactDate(/-(\d{8}T\d{6}Z)\.dlist/.exec(file)?.[1]))
    .filter((time) => time !== null)
    .toSorted()
    .reverse()
}
