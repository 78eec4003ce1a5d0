/** The endpoints of the simulated server: which request gets which answer. */
import type { IncomingMessage } from 'node:http'
import { notificationAnswer, progressState, serverLogAnswer, serverState, systemInfo } from './answers.ts'
import { backupAnswer, metadataOf, type SimJob } from './job.ts'
import { logPage } from './log.ts'
import { Random } from './random.ts'
import { isoLocal, type Release, since } from './release.ts'
import type { SimulatedDuplicati } from './server.ts'

export interface Answer {
  status: number
  text: string
  headers: Record<string, string>
}

interface Call {
  server: SimulatedDuplicati
  request: IncomingMessage
  query: URLSearchParams
  body: string
  /** The job of the path. */
  job: SimJob | undefined
}

type Handler = (call: Call) => Answer

const INTEGER = /^\s*[+-]?\d{1,18}\s*$/
/** Settings that a client cannot set; asking for it is answered as if it had been done. */
const PROTECTED = ['server-passphrase', 'server-passphrase-salt', 'encrypted-fields']
const PROTECTED_LATER = ['additional-report-url']

const ENDPOINTS: [RegExp, Record<string, Handler>][] = [
  [/^\/systeminfo$/, { GET: getSystemInfo }],
  [/^\/serversettings$/, { GET: ({ server }) => json(server.settings), PATCH: patchSettings }],
  [/^\/serverstate$/, { GET: getServerState }],
  [/^\/backups$/, { GET: ({ server }) => json(server.jobs.map((job) => backupAnswer(job, server.release))) }],
  [/^\/backup\/([^/]+)$/, { GET: ofJob(getBackup) }],
  [/^\/backup\/([^/]+)\/log$/, { GET: getLog }],
  [/^\/backup\/([^/]+)\/remotelog$/, { GET: ofJob(getRemoteLog) }],
  [/^\/backup\/([^/]+)\/filesets$/, { GET: ofJob(getFilesets) }],
  [/^\/notifications$/, { GET: ({ server }) => json(server.notifications.map(notificationAnswer)) }],
  [/^\/logdata\/log$/, { GET: getServerLog }],
  [/^\/progressstate$/, { GET: getProgress }],
  [/^\/tasks$/, { GET: () => json([]) }],
  [/^\/task\/([^/]+)$/, { GET: () => failure(404, 'No such task found') }],
]

/** The answer of Duplicati itself: host name filter, then login, then token, then the endpoint. */
export function route(server: SimulatedDuplicati, request: IncomingMessage, line: string, body: string): Answer {
  const host = hostName(request.headers.host ?? '')
  if (!hostAllowed(host, server.allowedHosts)) return failure(403, `Invalid hostname: ${host}`)
  const url = new URL(line.slice(line.indexOf(' ') + 1), 'http://server')
  if (!url.pathname.startsWith('/api/v1/')) return bare(404)
  const path = url.pathname.slice('/api/v1'.length)
  const call = { server, request, query: url.searchParams, body, job: undefined }
  if (path === '/auth/login') return request.method === 'POST' ? login(call) : bare(405, { allow: 'POST' })
  for (const [pattern, handlers] of ENDPOINTS) {
    const match = pattern.exec(path)
    if (!match) continue
    const handler = handlers[request.method ?? '']
    if (!handler) return bare(405, { allow: Object.keys(handlers).join(', ') })
    return refusal(call) ?? handler({ ...call, job: server.job(match[1] ?? '') })
  }
  return bare(404)
}

/** A successful answer with a JSON text. */
function jsonText(text: string): Answer {
  return { status: 200, text, headers: { 'content-type': 'application/json; charset=utf-8' } }
}

function json(body: unknown): Answer {
  return jsonText(JSON.stringify(body))
}

/** An answer without a body. */
export function bare(status: number, headers: Record<string, string> = {}): Answer {
  return { status, text: '', headers }
}

/** Duplicati's own words for what went wrong. */
export function failure(status: number, error: string, more: object = {}): Answer {
  const headers = { 'content-type': 'application/json', 'cache-control': 'no-cache,no-store', pragma: 'no-cache' }
  return { status, text: JSON.stringify({ Error: error, Code: status, ...more }), headers }
}

/** What a release answers to a call for the log of a job whose database is in use. */
export function databaseBusy(release: Release): Answer {
  if (release !== 'canary') return failure(500, 'An error occurred')
  const text =
    'The backup database is currently in use by another operation and cannot be accessed concurrently. Please wait for the running operation to finish and try again.'
  return failure(400, text, { HelpId: 'DatabaseLocked' })
}

function hostName(host: string): string {
  return host.startsWith('[') ? host.slice(0, host.indexOf(']') + 1) : host.replace(/:\d+$/, '')
}

function hostAllowed(host: string, allowed: string[]): boolean {
  return host === 'localhost' || host.startsWith('[') || /^[\d.]+$/.test(host) || allowed.includes(host)
}

function login({ server, request, body }: Call): Answer {
  if (!request.headers['content-type']?.startsWith('application/json')) return bare(415)
  const password = passwordOf(body)
  if (password === null) return bare(400)
  if (password !== server.password) return failure(401, 'Failed to log in')
  const token = server.issueToken()
  const nonce = Buffer.from(new Random(server.requests.length).hex(64), 'hex').toString('base64')
  return json({ AccessToken: token, ...(since(server.release, '2.2.0.3') ? { RefreshNonce: nonce } : {}) })
}

function passwordOf(body: string): string | null {
  const password = (parsed(body) as { Password?: unknown } | null)?.Password
  return typeof password === 'string' ? password : null
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return null
  }
}

/** 401 for a request without a good token. */
function refusal({ server, request }: Call): Answer | null {
  const token = /^bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1]
  if (token && server.acceptsToken(token)) return null
  return bare(401, { 'www-authenticate': token ? 'Bearer error="invalid_token"' : 'Bearer' })
}

function ofJob(handler: (call: Call & { job: SimJob }) => Answer): Handler {
  return (call) => (call.job ? handler({ ...call, job: call.job }) : failure(404, 'Backup not found'))
}

function getSystemInfo({ server }: Call): Answer {
  const { machineId, machineName, timeZone } = server
  return json(systemInfo(server.release, { machineId, machineName, timeZone, now: server.now() }))
}

function patchSettings({ server, body }: Call): Answer {
  const changes = parsed(body)
  if (typeof changes !== 'object' || changes === null) return bare(400)
  const ignored = since(server.release, '2.2.0.3') ? [...PROTECTED, ...PROTECTED_LATER] : PROTECTED
  for (const [key, value] of Object.entries(changes)) {
    if (ignored.includes(key)) continue
    if (value === null) delete server.settings[key]
    else server.settings[key] = String(value)
  }
  return bare(200)
}

function getServerState({ server }: Call): Answer {
  const { running, paused, queue, notifications } = server
  const active = running && { taskId: running.taskId ?? 33, jobId: running.jobId }
  return json(serverState(server.release, { active, paused, queue, notifications, proposed: proposedOf(server) }))
}

function proposedOf(server: SimulatedDuplicati): { jobId: string; time: string }[] {
  if (server.proposed) return server.proposed
  const planned = server.jobs.flatMap((job) => (job.schedule ? [{ jobId: job.id, time: job.schedule.time }] : []))
  return planned.sort((a, b) => (a.time < b.time ? -1 : 1))
}

function getBackup({ server, job }: Call & { job: SimJob }): Answer {
  const { Backup, Schedule } = backupAnswer(job, server.release, false)
  return json({
    Schedule,
    Backup,
    DisplayNames: Object.fromEntries((Backup.Sources ?? []).map((path) => [path, job.name])),
  })
}

function getLog(call: Call): Answer {
  const { server, job } = call
  const paging = pagingOf(call)
  if (!paging) return bare(400)
  if (!job) return failure(404, 'Backup not found')
  if (job.database === 'corrupt') return failure(500, 'An error occurred')
  if (isBusy(server, job)) return databaseBusy(server.release)
  if (job.database === 'missing') return json([])
  const context = { release: server.release, zone: server.timeZone, locale: server.locale }
  return jsonText(logPage(job.log, context, paging.size, paging.offset))
}

/** From the canary on a database is read by one at a time; before 2.3 a lock is an error; between it is no hindrance. */
function isBusy(server: SimulatedDuplicati, job: SimJob): boolean {
  if (server.release !== 'canary') return job.database === 'locked' && !since(server.release, '2.3.0.4')
  return job.database === 'locked' || server.running?.jobId === job.id || (server.openLogs.get(job.id) ?? 0) > 1
}

/** Paging of a log; null for what is no number. */
function pagingOf({ query }: Call): { size: number; offset?: number } | null {
  const [size, offset] = [query.get('pagesize') ?? '100', query.get('offset')]
  if (!INTEGER.test(size) || (offset !== null && !INTEGER.test(offset))) return null
  return { size: Number(size), ...(offset === null ? {} : { offset: Number(offset) }) }
}

function getServerLog(call: Call): Answer {
  const paging = pagingOf(call)
  if (!paging) return bare(400)
  const before = (paging.offset ?? Number.POSITIVE_INFINITY) * 1000
  const rows = call.server.serverLog.filter((row) => row.at < before).sort((a, b) => b.at - a.at)
  return json(rows.slice(0, Math.min(500, Math.max(10, paging.size))).map(serverLogAnswer))
}

function getRemoteLog({ job }: Call & { job: SimJob }): Answer {
  const run = job.log.run(job.log.last)
  if (!run) return json([])
  const row = {
    ID: 1,
    OperationID: job.log.last,
    Timestamp: Math.floor(run.beganAt / 1000),
    Operation: 'list',
    Path: '',
  }
  return json([{ ...row, Data: '[]' }])
}

function getFilesets({ server, job }: Call & { job: SimJob }): Answer {
  const count = Number(metadataOf(job, server.release).BackupListCount ?? 0)
  const newest = job.log.run(job.log.last)
  const times = newest ? [newest.newestVersion ?? newest.beganAt, ...(newest.retention?.considered ?? [])] : []
  const sets = times.slice(0, Math.max(1, count)).map((at, version) => ({
    Version: version,
    IsFullBackup: 1,
    Time: isoLocal(server.timeZone, at),
    FileCount: -1,
    FileSizes: -1,
  }))
  return json(sets)
}

function getProgress({ server }: Call): Answer {
  const progress = server.running ?? server.finished
  if (!progress) return failure(404, 'No active backup')
  const done = server.running ? {} : { phase: 'Backup_Complete', overall: 1 }
  return json(progressState(server.release, { ...progress, ...done }))
}
