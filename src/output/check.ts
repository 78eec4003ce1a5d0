/** `check` as JSON and as the output of a monitoring plug-in: one line with performance data, details below. */
import {
  type AgeLimits,
  bySeverity,
  type CheckState,
  checkAll,
  EXIT_CODES,
  type JobCheck,
  type Reason,
} from '../fleet/check.ts'
import type { ErrorView, JobView, NameRef } from '../fleet/model.ts'
import { clean, firstLine } from './escape.ts'
import { type Format, millis, plural } from './format.ts'

/** One entry of the performance data: a count, or seconds with the limits that hold for them. */
export interface Performance {
  label: string
  value: number
  /** `s`, or empty for counts. */
  unit: string
  warning: number | null
  critical: number | null
}

export interface CheckView {
  schemaVersion: 1
  state: CheckState
  exitCode: number
  message: string
  checkedAt: string
  jobs: { server: NameRef; job: NameRef; state: CheckState; reasons: string[] }[]
  performance: Performance[]
}

export interface Checked {
  view: JobView
  check: JobCheck
}

const STATES = ['ok', 'warning', 'critical', 'unknown'] as const
/** So many problems are named in the first line. */
const NAMED = 3
/** Monitoring systems keep a few kilobytes of a plug-in's output. */
const MOST_DETAILS = 50
const MOST_AGES = 100
/** Some of them tell labels apart by so many characters. */
const LABEL_LENGTH = 19

/** @param limits as they were given, for the sum over all jobs */
export function checkView(jobs: readonly Checked[], limits: AgeLimits, now: number, format: Format): CheckView {
  const states = jobs.map(({ check }) => check.state)
  const state = checkAll(states)
  const told = jobs.map(({ view, check }) => ({
    server: view.server,
    job: { id: view.id, name: view.name },
    state: check.state,
    reasons: check.reasons.map((reason) => reasonText(reason, view, format)),
  }))
  return {
    schemaVersion: 1,
    state,
    exitCode: EXIT_CODES[state],
    message: messageOf(told, jobs, format),
    checkedAt: new Date(now).toISOString(),
    jobs: told,
    performance: performanceOf(jobs, limits),
  }
}

/** What is left to say where nothing could be judged: wrong usage, an unreadable database. */
export function failedCheck({ message, hint }: ErrorView, now: number): CheckView {
  const text = hint === null ? message : `${message} (${hint})`
  return {
    schemaVersion: 1,
    state: 'UNKNOWN',
    exitCode: EXIT_CODES.UNKNOWN,
    message: text,
    checkedAt: new Date(now).toISOString(),
    jobs: [],
    performance: [],
  }
}

/**
 * The plug-in's output. Nothing in it but the one before the performance data is a `|`.
 * @param notes more details, such as servers that could not be asked
 */
export function renderCheck(view: CheckView, notes: readonly string[] = []): string[] {
  const first = `DUPLISTATUS ${view.state} - ${plain(firstLine(view.message))}`
  const performance = bounded(view.performance).map(performanceText).join(' ')
  const problems = view.jobs
    .filter(({ state }) => state !== 'OK')
    .sort((a, b) => bySeverity(a.state, b.state))
    .map((job) => `${job.state} ${nameOf(job)}: ${job.reasons.join('; ')}`)
  const left = problems.length - MOST_DETAILS
  const details = [
    ...problems.slice(0, MOST_DETAILS),
    ...(left > 0 ? [`and ${left} more`] : []),
    ...notes.map(firstLine),
  ]
  return [performance === '' ? first : `${first} | ${performance}`, ...details.map(plain)]
}

function messageOf(told: CheckView['jobs'], jobs: readonly Checked[], format: Format): string {
  if (jobs.length === 0) return 'no jobs are known'
  const counts = (['CRITICAL', 'UNKNOWN', 'WARNING'] as const).flatMap((word) => {
    const count = told.filter(({ state }) => state === word).length
    return count > 0 ? [`${format.count(count)} ${word.toLowerCase()}`] : []
  })
  const all = plural(jobs.length, 'job', format.count)
  if (counts.length === 0) return `${all} ok${oldest(jobs, format)}`
  const problems = told.filter(({ state }) => state !== 'OK').sort((a, b) => bySeverity(a.state, b.state))
  const named = problems.slice(0, NAMED).map((job) => `${nameOf(job)} ${job.reasons[0] ?? ''}`.trim())
  const more = problems.length > NAMED ? [`${format.count(problems.length - NAMED)} more`] : []
  return `${counts.join(', ')} of ${all}: ${[...named, ...more].join('; ')}`
}

function oldest(jobs: readonly Checked[], format: Format): string {
  const age = oldestAge(jobs)
  return age === null ? '' : `, oldest success ${format.age(age)} ago`
}

function reasonText({ kind, state, seconds }: Reason, { lastSuccessAt, failure }: JobView, format: Format): string {
  const lasting = seconds === null ? '' : ` for ${format.age(seconds)}`
  const ago = seconds === null ? '' : ` ${format.age(seconds)} ago`
  switch (kind) {
    case 'overdue':
      return `overdue${lasting}, ${lastSuccessAt === null ? 'no success yet' : successText(lastSuccessAt, format)}`
    case 'failed':
      return failure === null ? `failed${ago}` : `failed${ago}: ${firstLine(failure.message)}`
    case 'never':
      return `never ran, its first start was planned${ago}`
    case 'old': {
      const limit = state === 'CRITICAL' ? 'too old' : 'old'
      return seconds === null ? 'no success yet' : `last success${ago} is ${limit}`
    }
    case 'stale':
      return seconds === null ? 'due, and nobody looked yet' : `due, and nobody looked${lasting}`
    case 'warning':
      return `ended with warnings${ago}`
    case 'partial':
      return `made a part only${ago}`
    case 'paused':
      return 'the server is paused'
  }
}

function successText(at: string, format: Format): string {
  return `last success ${format.relative(millis(at))}`
}

function performanceOf(jobs: readonly Checked[], { warning, critical }: AgeLimits): Performance[] {
  const count = (label: string, value: number) => ({ label, value, unit: '', warning: null, critical: null })
  const counts = STATES.map((word) =>
    count(word, jobs.filter(({ check }) => check.state.toLowerCase() === word).length),
  )
  const age = oldestAge(jobs)
  const labels = labelsOf(jobs.map(({ view }) => view))
  const ages = jobs.flatMap(({ check }, at) =>
    check.ageSeconds === null ? [] : [{ label: labels[at] ?? '', value: check.ageSeconds, unit: 's', ...check.limits }],
  )
  return [
    count('jobs', jobs.length),
    ...counts,
    ...(age === null ? [] : [{ label: 'oldest success', value: age, unit: 's', warning, critical }]),
    ...ages,
  ]
}

/** The oldest last success of a job that somebody waits for. */
function oldestAge(jobs: readonly Checked[]): number | null {
  const ages = jobs.flatMap(({ view, check }) =>
    view.monitored && check.ageSeconds !== null ? [check.ageSeconds] : [],
  )
  return ages.length === 0 ? null : Math.max(...ages)
}

/** `SERVER/JOB`; where two begin alike, with the id before it: such labels would be taken for one. */
function labelsOf(views: readonly JobView[]): string[] {
  const names = views.map((view) => labelText(nameOf({ server: view.server, job: view })))
  const beginnings = Map.groupBy(names, (name) => name.slice(0, LABEL_LENGTH))
  return names.map((name, at) => {
    const alike = beginnings.get(name.slice(0, LABEL_LENGTH))?.length ?? 0
    return alike > 1 ? `${views[at]?.id} ${name}` : name
  })
}

function labelText(name: string): string {
  return plain(name).replaceAll('=', '_')
}

/** More jobs than a monitoring system can keep are told as their counts. */
function bounded(performance: readonly Performance[]): readonly Performance[] {
  const fixed = performance.findIndex(({ label, unit }) => unit === 's' && label !== 'oldest success')
  return fixed >= 0 && performance.length - fixed > MOST_AGES ? performance.slice(0, fixed) : performance
}

function performanceText({ label, value, unit, warning, critical }: Performance): string {
  const quoted = /^[\w-]+$/.test(label) ? label : `'${label.replaceAll("'", "''")}'`
  return `${quoted}=${value}${unit};${warning ?? ''};${critical ?? ''};0`
}

function nameOf({ server, job }: { server: NameRef; job: Pick<NameRef, 'name'> }): string {
  return `${clean(server.name)}/${clean(job.name)}`
}

/** One line without the character that begins the performance data. */
function plain(text: string): string {
  return clean(text).replaceAll('|', '/')
}
