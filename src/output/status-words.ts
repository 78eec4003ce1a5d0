/** What a job's state is called on a screen, and what is said about its problems. */
import type { JobState, JobView, LogLineView, ServerView } from '../fleet/model.ts'
import { clean, firstLine } from './escape.ts'
import { type Format, millis } from './format.ts'
import { type Look, type Paint, stateLook, statusLook } from './look.ts'

/** A state with its symbol: `✗ overdue 5h, Error`. */
export interface StateWords {
  text: string
  paint: Paint
}

/** Worst first; what nobody needs to look at last. */
export const SEVERITY: readonly JobState[] = [
  'overdue',
  'failed',
  'stale',
  'warning',
  'never',
  'paused',
  'running',
  'unscheduled',
  'ok',
  'unmonitored',
]

const REMOVED = 'removed in Duplicati'

/**
 * The state as a person should read it. `server` adds until when it is paused and since when nobody asked it.
 * @param now epoch milliseconds
 */
export function stateWords(
  job: JobView,
  server: ServerView | undefined,
  { look, format, now }: { look: Look; format: Format; now: number },
): StateWords {
  const { symbol, paint } = job.state === 'ok' ? statusLook(job.status, look) : stateLook(job.state, look)
  const words = [mainWord(job, server, format, now), ...asides(job, now)]
  return { text: `${symbol} ${words.join(', ')}`, paint }
}

function mainWord(job: JobView, server: ServerView | undefined, format: Format, now: number): string {
  switch (job.state) {
    case 'running':
      return job.running?.progress == null ? 'running' : `running ${format.percent(job.running.progress)}`
    case 'paused':
      return server?.paused?.until ? `paused until ${format.moment(server.paused.until)}` : 'paused'
    case 'overdue':
      return job.overdueSince ? `overdue ${format.age((now - millis(job.overdueSince)) / 1000)}` : 'overdue'
    case 'failed':
      return job.status === 'Error' || job.status === 'Fatal' ? job.status : 'failed'
    case 'stale':
      return lookedAt(server) ? `stale since ${format.moment(lookedAt(server))}` : 'stale'
    case 'warning':
      return job.lastRun?.partial ? 'partial' : 'Warning'
    case 'never':
      return 'never ran'
    case 'unscheduled':
      return 'no schedule'
    case 'unmonitored':
      return job.removed ? REMOVED : 'not monitored'
    case 'ok':
      return job.status
  }
}

/** The state by its name alone, for lists of another matter; a job that was removed in Duplicati is called so there too. */
export function stateName({ state, removed }: JobView, look: Look): StateWords {
  const { symbol, paint } = stateLook(state, look)
  return { text: `${symbol} ${state === 'unmonitored' && removed ? REMOVED : state}`, paint }
}

/** "Last run", wherever it stands: when that run ended, or began where nobody knows its end. */
export function lastRunAt({ lastRun }: JobView): string | null {
  return lastRun && (lastRun.endedAt ?? lastRun.beganAt)
}

/** When something was heard of the server last: an answer, or a report. */
function lookedAt(server: ServerView | undefined): string | null {
  const times = [server?.lastCollectedAt, server?.lastReportAt].filter((time) => time != null)
  return times.sort().at(-1) ?? null
}

/** What else holds beside the state that comes first. */
function asides(job: JobView, now: number): string[] {
  const words: string[] = []
  const tellsStatus = job.state !== 'failed' && job.state !== 'ok' && job.state !== 'warning'
  if (tellsStatus && (job.status === 'Error' || job.status === 'Fatal' || job.status === 'Warning')) {
    words.push(job.status)
  }
  if (job.lastRun?.partial && job.state !== 'warning') words.push('partial')
  if (job.queued && !job.running) words.push('queued')
  if (job.skippedAt) words.push('skipped')
  if (job.snoozedUntil && millis(job.snoozedUntil) > now) words.push('snoozed')
  return words
}

/** One line about a problem, the worst first. */
export interface Problem {
  paint: Paint
  symbol: string
  text: string
}

/**
 * Explains each problem of the jobs shown and of the servers: overdue, failed, stale, unreachable.
 * @param reasons by run id, what went wrong in it (`reasonOf`)
 */
export function problems(
  jobs: JobView[],
  servers: ServerView[],
  { look, format, now }: { look: Look; format: Format; now: number },
  reasons: ReadonlyMap<string, string> = new Map(),
): Problem[] {
  const ago = (time: string) => format.age((now - millis(time)) / 1000)
  const { palette, symbols } = look
  const unreachable = servers.flatMap(({ name, error, lastCollectedAt }) => {
    if (!error) return []
    const last = lastCollectedAt ? `last collected ${ago(lastCollectedAt)} ago` : 'never collected'
    const why = sentence(firstLine(error.message))
    return [
      {
        paint: palette.red,
        symbol: symbols.bad,
        text: `${clean(name)} could not be collected: ${why} (for ${ago(error.since)}, ${last})`,
      },
    ]
  })
  const servedBy = new Map(servers.map((server) => [server.id, server]))
  const worstFirst = [...jobs].sort((a, b) => SEVERITY.indexOf(a.state) - SEVERITY.indexOf(b.state))
  const ofJobs = worstFirst.flatMap((job) => {
    const text = explain(job, servedBy.get(job.server.id), format, now, reasons)
    return text === null ? [] : [{ ...stateLook(job.state, look), text: `${jobName(job)}: ${text}` }]
  })
  return [...unreachable, ...ofJobs]
}

/** `SERVER/JOB`, inert. */
export function jobName(job: { name: string; server: { name: string } }): string {
  return `${clean(job.server.name)}/${clean(job.name)}`
}

function explain(
  job: JobView,
  server: ServerView | undefined,
  format: Format,
  now: number,
  reasons: ReadonlyMap<string, string>,
): string | null {
  const age = (time: string) => format.age((now - millis(time)) / 1000)
  const ago = (time: string) => `${age(time)} ago`
  const failure = job.failure ? `${sentence(firstLine(job.failure.message))} (${ago(job.failure.at)})` : null
  switch (job.state) {
    case 'overdue': {
      const { expectedAt, overdueSince } = job
      const isMissed = expectedAt !== null && (overdueSince === null || expectedAt < overdueSince)
      const expected = isMissed ? `expected ${ago(expectedAt)}` : 'its last success is older than it may be'
      const success = job.lastSuccessAt ? `last success ${ago(job.lastSuccessAt)}` : 'no success yet'
      return [expected, success, ...(failure ? [failure] : [])].join(', ')
    }
    case 'failed':
      return failure ?? runFailure(job, reasons)
    case 'stale': {
      const planned = job.expectedAt ? `planned ${ago(job.expectedAt)}` : 'its start has passed'
      if (server?.lastCollectedAt) return `${planned}, the server was not asked for ${age(server.lastCollectedAt)}`
      return server?.lastReportAt
        ? `${planned}, its last report came ${ago(server.lastReportAt)}`
        : `${planned}, the server was never asked`
    }
    case 'unmonitored':
      return null
    default:
      return failure
  }
}

function runFailure(job: JobView, reasons: ReadonlyMap<string, string>): string {
  const { lastRun } = job
  const reason = lastRun?.exception || (lastRun && reasons.get(lastRun.id))
  if (reason) return sentence(firstLine(reason))
  const count = lastRun?.errors ?? 0
  return count === 1 ? '1 error in the last run' : `${count} errors in the last run`
}

/** What went wrong in a run, in one line: its first error, told by the exception below it where there is one. */
export function reasonOf(lines: LogLineView[]): string | null {
  const error = lines.find(({ level }) => level === 'error')
  if (!error) return null
  const [first = '', second = ''] = error.text.split('\n')
  return /^[\w.]*Exception: (.+)/.exec(second)?.[1] ?? first
}

function sentence(text: string): string {
  return text.replace(/[.\s]+$/, '')
}
