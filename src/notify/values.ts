import type {
  DigestEvent,
  EventJob,
  EventServer,
  FailedEarlyEvent,
  LateEvent,
  LogExcerpt,
  RecoveryEvent,
  RunEvent,
} from '../fleet/events.ts'
import type { TemplateKind, Texts } from '../i18n/types.ts'
import { clean } from '../output/escape.ts'
import type { MessageFormat } from './format.ts'
import { fill } from './templates.ts'
import type { VariableOf } from './variables.ts'

/** Every variable of a template with its value: inert texts, in the template's language. */
export type Values<Kind extends TemplateKind> = Readonly<Record<VariableOf<Kind>, string>>

export interface Wording {
  texts: Texts
  format: MessageFormat
}

/** Stands for how long ago something was that never was. */
const NO_AGE = '–'
/** Names are lines in a title. */
const LONGEST_NAME = 200
const LONGEST_NOTE = 1000

export function runValues(run: RunEvent, wording: Wording): Values<'warning'> {
  const { texts, format } = wording
  return {
    ...serverValues(run.server),
    ...jobValues(run.job),
    status: texts.statuses[run.status],
    backup_date: format.date(run.beganAt),
    duration: format.duration(run.durationSeconds),
    uploaded_size: format.bytes(run.uploadedBytes),
    storage_size: format.bytes(run.storageBytes),
    file_size: format.bytes(run.sourceBytes),
    file_count: format.count(run.files),
    available_versions: format.count(run.versions),
    messages_count: format.count(run.messages),
    warnings_count: format.count(run.warnings),
    errors_count: format.count(run.errors),
    log_text: logText(run.log, wording),
    ...lastSuccess(run.lastSuccessAt, format),
    failures_in_a_row: format.count(run.failuresInARow),
  }
}

/** A failure that no run tells of reads like a run that failed, as far as anything is known of it. */
export function failedEarlyValues(failure: FailedEarlyEvent, wording: Wording): Values<'warning'> {
  return runValues(
    {
      ...failure,
      kind: 'run',
      status: 'Error',
      beganAt: failure.at,
      durationSeconds: null,
      uploadedBytes: null,
      storageBytes: null,
      sourceBytes: null,
      files: null,
      versions: null,
      messages: 0,
      warnings: 0,
      errors: 1,
      log: { lines: failure.message.split('\n'), omitted: 0 },
    },
    wording,
  )
}

export function lateValues(late: LateEvent, { texts, format }: Wording): Values<'overdue'> {
  const interval = late.interval === null ? texts.unknown : line(late.interval, LONGEST_NAME)
  return {
    ...serverValues(late.server),
    ...jobValues(late.job),
    problem: texts.problems[late.kind],
    ...lastRun(late.lastRunAt, format),
    ...lastSuccess(late.lastSuccessAt, format),
    expected_date: format.date(late.expectedAt),
    expected_elapsed: ago(late.expectedAt, format),
    backup_interval: interval,
    backup_interval_value: interval,
    backup_interval_type: '',
    overdue_tolerance: format.span(late.toleranceSeconds),
    failures_in_a_row: format.count(late.failuresInARow),
  }
}

export function recoveryValues(recovery: RecoveryEvent, { texts, format }: Wording): Values<'recovery'> {
  return {
    ...serverValues(recovery.server),
    ...jobValues(recovery.job),
    problem: texts.problems[recovery.problem],
    problem_duration: format.duration((recovery.endedAt - recovery.since) / 1000),
    missed_runs: format.count(recovery.missedRuns),
    ...lastRun(recovery.lastRunAt, format),
    ...lastSuccess(recovery.lastSuccessAt, format),
    failures_in_a_row: format.count(recovery.failuresInARow),
  }
}

export function digestValues(digest: DigestEvent, { texts, format }: Wording): Values<'digest'> {
  return {
    // A digest is of many: the variables of a server and a job are there for templates that share a text, and are empty.
    ...serverValues({ name: '', alias: null, note: null, url: null }),
    ...jobValues(null),
    period: texts.periods[digest.period],
    period_start: format.date(digest.from),
    period_end: format.date(digest.to),
    servers_count: format.count(digest.servers),
    jobs_count: format.count(digest.jobs),
    problems_count: format.count(digest.problems),
    overdue_count: format.count(digest.overdue),
    digest_text: clean(digest.text, { newlines: true }),
  }
}

/** What people call the server: its alias, with the name behind it where both exist. */
export function nameOf({ name, alias }: EventServer): string {
  const [own, given] = [line(name, LONGEST_NAME), line(alias ?? '', LONGEST_NAME)]
  if (given === '' || given === own) return own
  return own === '' ? given : `${given} (${own})`
}

/** An address that may be shown and opened: http or https, without a login or what follows the path. Null for any other. */
export function linkOf(url: string | null): string | null {
  const parsed = url === null ? null : URL.parse(url)
  if (parsed === null || !/^https?:$/.test(parsed.protocol)) return null
  return `${parsed.origin}${parsed.pathname === '/' ? '' : parsed.pathname}`
}

/** One inert line, cut where it is longer than anybody reads. */
export function line(text: string, longest: number): string {
  const inert = clean(text).replace(/\s+/g, ' ').trim()
  return inert.length > longest ? `${inert.slice(0, longest).toWellFormed()}…` : inert
}

function serverValues(server: EventServer) {
  return {
    server_name: line(server.name, LONGEST_NAME),
    server_alias: nameOf(server),
    server_note: line(server.note ?? '', LONGEST_NOTE),
    server_url: linkOf(server.url) ?? '',
  }
}

function jobValues(job: EventJob | null) {
  return { backup_name: line(job?.name ?? '', LONGEST_NAME) }
}

function lastRun(at: number | null, format: MessageFormat) {
  return { last_backup_date: format.date(at), last_elapsed: ago(at, format) }
}

function lastSuccess(at: number | null, format: MessageFormat) {
  return { last_success_date: format.date(at), last_success_elapsed: ago(at, format) }
}

function ago(at: number | null, format: MessageFormat): string {
  return at === null ? NO_AGE : format.ago(at)
}

/** The lines, and how many more there are. */
export function logText({ lines, omitted }: LogExcerpt, { texts, format }: Wording): string {
  // Counted, but with no text that was kept: there is nothing that more would follow on.
  if (lines.length === 0) return ''
  const inert = lines.map((text) => clean(text))
  return [...inert, ...(omitted > 0 ? [fill(texts.omitted, { count: format.count(omitted) })] : [])].join('\n')
}
