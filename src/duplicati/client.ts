/** One Duplicati server over its HTTP API (2.1 and later): logs in once, asks a few things side by side, says what fails. */
import {
  isSystemInfo,
  isTooOld,
  readBackups,
  readLogRows,
  readNotices,
  readProgress,
  readServerInfo,
  readServerState,
} from './answers.ts'
import type { ClientOptions, DuplicatiApi, LogPageOptions, ServerAddress } from './api.ts'
import { DuplicatiError } from './failures.ts'
import { parseFirst, UnreadableJson } from './json.ts'
import type { LogRow } from './model.ts'
import { duplicatiError, tooOld } from './refusals.ts'
import { readSettings } from './reporting.ts'
import { MalformedLogRow, parseLogRow } from './result.ts'
import { Session } from './session.ts'

/** A page of 500 rows has some 4 MB; a row can hold more, an attack can hold anything. */
const MAX_PAGE_BYTES = 64 * 1024 * 1024
/** Rows of the server's own log that are read, newest first. */
const SERVER_LOG_ROWS = 100

/**
 * A client for one server. Nothing is sent before a method is called; the first call logs in, and at most four requests are under
 * way at once, however the methods are called. `close` ends it.
 */
export function createClient(address: ServerAddress, options: ClientOptions = {}): DuplicatiApi {
  const session = new Session(address, options)
  return {
    address,
    login: () => session.login(),
    info: () => info(session),
    state: () => session.read('/serverstate', readServerState),
    backups: () => session.read('/backups', readBackups),
    logPage: (backupId, page) => logPage(session, backupId, page),
    progress: () => progress(session),
    notices: () => notices(session),
    settings: () => session.read('/serversettings', readSettings),
    changeSettings: (changes) => session.patch('/serversettings', changes),
    close: () => session.close(),
  }
}

async function info(session: Session) {
  const settings = session.readOptional('/serversettings', [404])
  // Asked side by side; what the first answer says is told first.
  settings.catch(() => {})
  const system = await session.read('/systeminfo', (body) => body)
  if (!isSystemInfo(system)) throw session.notDuplicati('/systeminfo')
  const version = String(system.ServerVersion)
  if (isTooOld(version)) throw tooOld(session.asked('/systeminfo'), version)
  return readServerInfo(system, await settings)
}

/** 404: nothing has run since the server started (T24). */
async function progress(session: Session) {
  const body = await session.readOptional('/progressstate', [404])
  return body === undefined ? null : session.reading('/progressstate', () => readProgress(body))
}

/** What may be missing without harm: these two endpoints add to what the others tell (T68). */
async function notices(session: Session) {
  const [notifications, serverLog] = await Promise.all([
    attempt('/notifications'),
    attempt(`/logdata/log?pagesize=${SERVER_LOG_ROWS}`),
  ])
  return readNotices(notifications, serverLog)

  async function attempt(path: string): Promise<unknown> {
    try {
      return await session.read(path, (body) => body)
    } catch (error) {
      if (error instanceof DuplicatiError && DISPENSABLE.has(error.code)) return []
      throw error
    }
  }
}

const DISPENSABLE = new Set(['server_error', 'bad_answer', 'answer_too_large', 'not_duplicati', 'proxy_page', 'busy'])

async function logPage(session: Session, backupId: string, page: LogPageOptions) {
  const offset = page.before === undefined ? '' : `&offset=${page.before}`
  const path = `/backup/${encodeURIComponent(backupId)}/log?pagesize=${page.pageSize}${offset}`
  const answer = await session.getPatiently(path, MAX_PAGE_BYTES, page.patient)
  if (answer.status === 404 && duplicatiError(answer)) return null
  const newest = page.known && answer.status === 200 ? newestIn(answer.body) : null
  if (newest && newest.id === page.known?.id && newest.fingerprint === page.known.fingerprint)
    return { rows: [newest], more: true }
  const body = session.parse(answer, path)
  const rows = session.reading(path, () => readLogRows(body, page.before))
  // Duplicati clamps the size of a page (T21).
  return { rows, more: rows.length >= Math.min(Math.max(page.pageSize, 10), 500) }
}

/** The first row of a page; null where it cannot be read by itself, which reading the page then explains. */
function newestIn(page: Uint8Array): LogRow | null {
  try {
    return parseLogRow(parseFirst(page))
  } catch (error) {
    if (error instanceof UnreadableJson || error instanceof MalformedLogRow) return null
    throw error
  }
}
