/**
 * Duplicati's answers → the words of `model.ts`. Unknown and missing fields are tolerated (versions differ), wrong types of what
 * cannot be done without are refused by name, and everything is bounded. Only scheme and host of a destination leave this
 * file. Field names and units: the HTTP API of Duplicati 2.1 to 2.3 and a canary, as recorded in test/fixtures/recordings.
 */
import { hash } from 'node:crypto'
import { isoDate } from './instant.ts'
import type { Backup, LogRow, Progress, Schedule, ServerInfo, ServerNotice, ServerState } from './model.ts'
import { destinationOf, redactText } from './redact.ts'
import { MalformedLogRow, parseLogRow } from './result.ts'
import { timespanSeconds } from './timespan.ts'
import { ianaZone } from './zone.ts'

const MAX_NAME = 512
const MAX_MESSAGE = 4096
const MAX_BACKUPS = 10_000
const MAX_TAGS = 100
const MAX_DAYS = 32
const MAX_NOTICES = 500
/** Duplicati's own largest page. */
const MAX_PAGE_ROWS = 500

type JsonObject = Record<string, unknown>

/** A field without which the answer is of no use is missing or of another type: `field` and what is wrong, as parts of a sentence. */
export class UnexpectedAnswer extends Error {
  override name = 'UnexpectedAnswer'
  readonly field: string
  readonly problem: string

  constructor(field: string, problem: string) {
    super(`${field} ${problem}`)
    this.field = field
    this.problem = problem
  }
}

/** Whether an answer to `/systeminfo` can have come from a Duplicati at all. */
export function isSystemInfo(body: unknown): body is JsonObject {
  return isObject(body) && typeof body.ServerVersion === 'string'
}

/** Duplicati before 2.1 logs in by a nonce; unstamped builds call themselves 1.0.0.0. */
export function isTooOld(version: string): boolean {
  return /^2\.0\.|^1\.[1-9]/.test(version)
}

/**
 * `GET /systeminfo` and `GET /serversettings`.
 *
 * The scheduler's zone is the setting `server-timezone`, empty for UTC, never the process's own `ServerTimeZone`. Where the
 * setting does not exist (2.1) the scheduler steps in UTC and takes weekdays in the process's zone, of which only the offset
 * is known: `timeZone` is then such as `-05:00`; a setting of that name is kept there without an effect. A zone that nobody knows counts as UTC, Duplicati's default, and so does a
 * setting that a later version (which tells its `ServerTimeZone`) does not show.
 */
export async function readServerInfo(system: JsonObject, settings: unknown): Promise<ServerInfo> {
  const serverTime = typeof system.ServerTime === 'string' ? system.ServerTime : ''
  const setting = isObject(settings) ? settings['server-timezone'] : undefined
  const duplicatiVersion = text(system.ServerVersion, 64) ?? ''
  const hasZone = !duplicatiVersion.startsWith('2.1.') && (typeof setting === 'string' || 'ServerTimeZone' in system)
  const zone = typeof setting === 'string' ? setting.slice(0, 128) : ''
  return {
    machineId: machineId(system.Options),
    machineName: text(system.MachineName, MAX_NAME),
    duplicatiVersion,
    timeZone: hasZone ? ((await ianaZone(zone)) ?? 'UTC') : offsetOf(serverTime),
    keepClockTime: hasZone,
    serverTime: isoDate(serverTime),
  }
}

/** The default of the option `machine-id`; empty until a new server's first restart (T63). */
function machineId(options: unknown): string | null {
  const list = Array.isArray(options) ? options : []
  const option = list.find((item) => isObject(item) && item.Name === 'machine-id')
  return text(option?.DefaultValue, 128)
}

function offsetOf(serverTime: string): string {
  const offset = /[+-](?:0\d|1[0-4]):[0-5]\d$/.exec(serverTime)?.[0]
  return !offset || offset.endsWith('00:00') ? 'UTC' : offset
}

/** `GET /serverstate`. */
export function readServerState(body: unknown): ServerState {
  const state = object(body, 'the server state')
  const isPaused = state.ProgramState === 'Paused'
  return {
    // Year 1: paused without end.
    paused: isPaused ? { until: isoDate(state.EstimatedPauseEnd) } : null,
    activeBackupId: isObject(state.ActiveTask) ? backupId(state.ActiveTask.Item2) : null,
    queuedBackupIds: pairs(state.SchedulerQueueIds).flatMap(({ Item2 }) => backupId(Item2) ?? []),
    proposed: Object.fromEntries(
      pairs(state.ProposedSchedule).flatMap(({ Item1, Item2 }) => {
        const [id, at] = [backupId(Item1), isoDate(Item2)]
        return id && at ? [[id, at]] : []
      }),
    ),
  }
}

function pairs(list: unknown): JsonObject[] {
  return (Array.isArray(list) ? list : []).slice(0, MAX_BACKUPS).filter(isObject)
}

/**
 * `GET /backups`.
 *
 * @throws UnexpectedAnswer when it is no list of jobs with ids and names, or a list of more than 10,000
 */
export function readBackups(body: unknown): Backup[] {
  if (!Array.isArray(body)) throw new UnexpectedAnswer('the list of jobs', 'is not a list')
  if (body.length > MAX_BACKUPS) throw new UnexpectedAnswer('the list of jobs', `has more than ${MAX_BACKUPS} entries`)
  const backups = new Map<string, Backup>()
  for (const [index, entry] of body.entries()) {
    const backup = readBackup(entry, index)
    if (!backups.has(backup.backupId)) backups.set(backup.backupId, backup)
  }
  return [...backups.values()]
}

function readBackup(entry: unknown, index: number): Backup {
  const { Backup: raw, Schedule: schedule } = object(entry, `[${index}]`)
  const backup = object(raw, `[${index}].Backup`)
  const id = backupId(backup.ID)
  if (id === null) throw new UnexpectedAnswer(`[${index}].Backup.ID`, 'is not an id')
  const name = text(backup.Name, MAX_NAME)
  if (name === null) throw new UnexpectedAnswer(`[${index}].Backup.Name`, 'is not a text')
  return {
    backupId: id,
    name,
    tags: texts(backup.Tags, MAX_TAGS, MAX_NAME),
    destination:
      typeof backup.TargetURL === 'string' && backup.TargetURL !== '' ? destinationOf(backup.TargetURL) : null,
    schedule: readSchedule(schedule),
    metadata: readMetadata(isObject(backup.Metadata) ? backup.Metadata : {}),
  }
}

/** Without a time that can be read there is no schedule: nothing could be expected of it. */
function readSchedule(schedule: unknown): Schedule | null {
  if (!isObject(schedule)) return null
  const time = isoDate(schedule.Time)
  if (time === null) return null
  const id = backupId(schedule.ID)
  return {
    ...(id !== null && { id }),
    time,
    repeat: text(schedule.Repeat, 128),
    allowedDays: [...new Set(texts(schedule.AllowedDays, MAX_DAYS, 32).map(shortDay))],
    lastRun: isoDate(schedule.LastRun),
  }
}

/** 2.1 and 2.2 list each day twice, as `mon` and as `Monday`. */
function shortDay(day: string): string {
  const name = day.trim().toLowerCase()
  return /^(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?$/.test(name) ? name.slice(0, 3) : name
}

/** Metadata are texts throughout; dates compact (`20261123T184345Z`), -1 for no quota. */
function readMetadata(metadata: JsonObject): Backup['metadata'] {
  return {
    lastStartedAt: isoDate(metadata.LastBackupStarted),
    lastFinishedAt: isoDate(metadata.LastBackupFinished),
    lastVersionAt: isoDate(metadata.LastBackupDate),
    lastErrorAt: isoDate(metadata.LastErrorDate),
    lastErrorMessage: redacted(text(metadata.LastErrorMessage, MAX_MESSAGE)),
    sourceFiles: count(metadata.SourceFilesCount),
    sourceBytes: count(metadata.SourceFilesSize),
    storageBytes: count(metadata.TargetFilesSize),
    // The list count is what runs tell too, and what 2.1 has.
    versions: count(metadata.BackupListCount) ?? count(metadata.TargetFilesetsCount),
    freeBytes: count(metadata.FreeQuotaSpace),
    totalBytes: count(metadata.TotalQuotaSpace),
  }
}

/**
 * `GET /progressstate`: null for the last operation when it is over (`Backup_Complete`, `Error`). A verify or repair keeps its
 * phase when it is over, so what runs is told by `ServerState.activeBackupId`, and only how far it is by this.
 */
export function readProgress(body: unknown): Progress | null {
  const state = object(body, 'the progress')
  const id = backupId(state.BackupID)
  const phase = text(state.Phase, 64)
  if (id === null || phase === null || /(?:_Complete|^Error)$/.test(phase)) return null
  const speed = count(state.BackendSpeed)
  return {
    backupId: id,
    phase,
    progress: progressOf(state, phase),
    bytesPerSecond: speed === 0 ? null : speed,
    remainingSeconds: timespanSeconds(state.EstimatedTimeToCompletion),
  }
}

/** `OverallProgress` stays 0 while files are processed: what was processed tells more. */
function progressOf(state: JsonObject, phase: string): number | null {
  if (state.StillCounting === true) return null
  const [done, all] = [count(state.ProcessedFileSize), count(state.TotalFileSize)]
  const isProcessing = /_(?:ProcessingFiles|WaitForUpload)$/.test(phase)
  const share = isProcessing && done !== null && all ? done / all : state.OverallProgress
  return typeof share === 'number' && share >= 0 ? Math.min(share, 1) : null
}

/**
 * `GET /notifications` and `GET /logdata/log`, as one list, newest first. Left out are rows without a time or a text, and
 * those that say the same of the same second as another one.
 */
export function readNotices(notifications: unknown, serverLog: unknown): ServerNotice[] {
  const notices = [...list(notifications).flatMap(readNotification), ...list(serverLog).flatMap(readServerLogRow)]
  const distinct = [...new Map(notices.map((item) => [item.fingerprint, item])).values()]
  return distinct.toSorted((a, b) => (a.at < b.at ? 1 : a.at > b.at ? -1 : 0))
}

function list(body: unknown): JsonObject[] {
  return (Array.isArray(body) ? body : []).slice(0, MAX_NOTICES).filter(isObject)
}

const LEVELS: Record<string, ServerNotice['level']> = { Error: 'error', Warning: 'warning' }

function readNotification(row: JsonObject): ServerNotice[] {
  const level = LEVELS[String(row.Type)] ?? 'information'
  const facts = {
    source: 'notification' as const,
    level,
    backupId: backupId(row.BackupID),
    title: text(row.Title, MAX_NAME),
  }
  return notice(facts, isoDate(row.Timestamp), row)
}

/**
 * The server's own log holds nothing but errors; `BackupID` is a number there, -1 for none. What the scheduler writes ("Scheduler
 * failed to find next date") has the id of the schedule in it, in 2.1 to 2.3: often the number of another job.
 */
function readServerLogRow(row: JsonObject): ServerNotice[] {
  const id = backupId(row.BackupID)
  const isScheduler = typeof row.Message === 'string' && row.Message.startsWith('Scheduler ')
  const about = isScheduler ? { backupId: null, ...(id !== null && { scheduleId: id }) } : { backupId: id }
  const facts = { source: 'serverLog' as const, level: 'error' as const, ...about, title: null }
  return notice(facts, epochDate(row.Timestamp), row)
}

type NoticeFacts = Pick<ServerNotice, 'source' | 'level' | 'backupId' | 'scheduleId' | 'title'>

function notice(facts: NoticeFacts, at: string | null, row: JsonObject): ServerNotice[] {
  const message = noticeText(text(row.Message, MAX_MESSAGE), firstLine(row.Exception))
  if (at === null || message === null) return []
  const content = JSON.stringify([facts.source, facts.level, facts.backupId, facts.title, at, message])
  return [{ ...facts, at, message, fingerprint: hash('sha256', content).slice(0, 32) }]
}

function noticeText(message: string | null, reason: string | null): string | null {
  if (message === null || reason === null || message.includes(reason)) return redacted(message ?? reason)
  return redacted(`${message.slice(0, MAX_MESSAGE - 600)}: ${reason}`)
}

/** Messages of failures may quote a destination with its login. */
function redacted(message: string | null): string | null {
  return message === null ? null : redactText(message)
}

/** What an exception says, without its class name and stack trace. */
function firstLine(exception: unknown): string | null {
  const line = text(exception, MAX_MESSAGE)?.split('\n', 1)[0]?.trim()
  return line?.replace(/^[A-Za-z_][\w.`+]*(?:Exception|Error): /, '').slice(0, 500) || null
}

/**
 * A page of `GET /backup/{id}/log`, newest first.
 *
 * @throws UnexpectedAnswer for anything that is no page of rows, and for rows that were not asked for (from `before` on): a
 *   server that repeats itself would be read for ever
 */
export function readLogRows(body: unknown, before: number | undefined): LogRow[] {
  if (!Array.isArray(body)) throw new UnexpectedAnswer('the page', 'is not a list')
  if (body.length > MAX_PAGE_ROWS) throw new UnexpectedAnswer('the page', `has more than ${MAX_PAGE_ROWS} rows`)
  const rows = body.map(readLogRow).toSorted((a, b) => b.id - a.id)
  if (before !== undefined && rows[0] && rows[0].id >= before) {
    throw new UnexpectedAnswer('the page', `holds row ${rows[0].id}, although rows below ${before} were asked for`)
  }
  return rows
}

function readLogRow(raw: unknown): LogRow {
  try {
    return parseLogRow(raw)
  } catch (error) {
    if (error instanceof MalformedLogRow) throw new UnexpectedAnswer('the page', `is unreadable: ${error.message}`)
    throw error
  }
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function object(value: unknown, field: string): JsonObject {
  if (!isObject(value)) throw new UnexpectedAnswer(field, 'is not an object')
  return value
}

/** Ids are numbers as text; the server's log writes them as numbers, -1 for none. */
function backupId(value: unknown): string | null {
  const id = typeof value === 'number' ? String(value) : value
  return typeof id === 'string' && /^\w[\w-]{0,63}$/.test(id) ? id : null
}

/** A text of at most `limit` UTF-16 units, never cut within a character; null for empty ones and other types. */
function text(value: unknown, limit: number): string | null {
  if (typeof value !== 'string' || value === '') return null
  return value.length > limit
    ? value
        .slice(0, limit)
        .replace(/[\ud800-\udbff]$/, '')
        .toWellFormed()
    : value.toWellFormed()
}

function texts(value: unknown, most: number, limit: number): string[] {
  return (Array.isArray(value) ? value : []).slice(0, most).flatMap((item) => text(item, limit) ?? [])
}

/** A count or a size, also as a decimal text; null for -1, anything else below 0, and what a double can't hold exactly. */
function count(value: unknown): number | null {
  const number = typeof value === 'string' && /^\d{1,16}$/.test(value) ? Number(value) : value
  return typeof number === 'number' && Number.isSafeInteger(number) && number >= 0 ? number : null
}

function epochDate(value: unknown): string | null {
  const seconds = count(value)
  return seconds === null || seconds > 4e9 ? null : isoDate(new Date(seconds * 1000).toISOString())
}
