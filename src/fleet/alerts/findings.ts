/** What a judgement says of each problem of a job and of a server. Only what holds, or what an open alert asks for, is found. */
import type { JobFacts, ServerFacts } from '../facts.ts'
import { missedStarts, type Verdict } from '../overdue/assess.ts'
import type { Zone } from '../overdue/expectation.ts'
import { readHabits } from '../overdue/habits.ts'
import type { AlertKind, Finding, OpenAlert } from './types.ts'

export interface JudgedJob {
  id: string
  serverId: string
  facts: JobFacts
  /** Its server does not list it any more. */
  gone: boolean
  verdict: Verdict
}

export interface JudgedServer {
  id: string
  facts: ServerFacts
}

interface Moment {
  now: number
  /** The monitor's zone. */
  zone?: Zone | undefined
}

type Found = Pick<Finding, 'state'> & Partial<Finding>

/** @param alerts those of this job that are open */
export function jobFindings(
  job: JudgedJob,
  server: ServerFacts,
  alerts: readonly OpenAlert[],
  moment: Moment,
): Finding[] {
  const dropped = !job.facts.monitored || job.gone
  const found: [AlertKind, Found | null][] = [
    ['overdue', lateness(job, server, alertOf(alerts, 'overdue'), moment)],
    ['tooOld', age(job, alertOf(alerts, 'tooOld'))],
    ['failedEarly', earlyFailure(job, alertOf(alerts, 'failedEarly'))],
    ['failed', failures(job, alertOf(alerts, 'failed'))],
  ]
  return found.flatMap(([kind, one]) => {
    const state = dropped ? 'dropped' : (one?.state ?? 'unknown')
    const isOpen = alertOf(alerts, kind) !== undefined
    if (state === 'unknown' || (state !== 'holds' && !isOpen)) return []
    const about = { kind, serverId: job.serverId, jobId: job.id, snoozed: job.facts.snoozedUntil !== null }
    return [{ ...NOTHING, ...about, ...one, state }]
  })
}

/**
 * A server that cannot be asked although some of its jobs are due: one alert for it, none for each of them.
 * @param jobs those of this server
 */
export function serverFinding(
  server: JudgedServer,
  jobs: readonly JudgedJob[],
  alerts: readonly OpenAlert[],
): Finding | null {
  const { failingSince, canBeAsked } = server.facts
  const waiting = jobs.filter(({ facts, gone, verdict }) => facts.monitored && !gone && isUnseen(verdict))
  const isOpen = alertOf(alerts, 'unreachable') !== undefined
  const about = { ...NOTHING, kind: 'unreachable', serverId: server.id, jobId: null } as const
  if (failingSince === null) return isOpen ? { ...about, state: canBeAsked ? 'over' : 'dropped' } : null
  if (waiting.length === 0) return null
  const snoozed = waiting.every(({ facts }) => facts.snoozedUntil !== null)
  return { ...about, state: 'holds', since: failingSince, data: { jobs: waiting.length }, snoozed }
}

const NOTHING = { since: 0, data: {}, snoozed: false, again: false, renewed: false, missedRuns: null, failedRuns: 0 }

function isUnseen({ punctuality, ageUnseen, isOld, ask }: Verdict): boolean {
  return ask && (punctuality === 'unseen' || ageUnseen || isOld)
}

function alertOf(alerts: readonly OpenAlert[], kind: AlertKind): OpenAlert | undefined {
  return alerts.find((alert) => alert.kind === kind)
}

/** Lateness ends with a run that did not fail: one that a script skipped, or that failed, leaves the job without its backup. */
function lateness(
  { facts, verdict }: JudgedJob,
  server: ServerFacts,
  alert: OpenAlert | undefined,
  { now, zone }: Moment,
): Found | null {
  const { expectation, overdueSince } = verdict
  const { lastBeganAt } = facts
  if (expectation && overdueSince !== null) {
    // Missing reports alone prove nothing while the server can still be asked.
    if (verdict.ask && server.failingSince === null) return null
    // Nor does what was seen before the monitor was down: the job may have run since.
    if (!alert && verdict.isOld) return null
    const again = alert !== undefined && (lastBeganAt ?? 0) > (alert.data.lastRunAt ?? 0)
    return { state: 'holds', since: overdueSince, data: { expectedAt: expectation.at, lastRunAt: lastBeganAt }, again }
  }
  if (!alert) return null
  const from = alert.data.expectedAt ?? alert.since
  if (isGood(facts) && lastBeganAt !== null && lastBeganAt >= from - (expectation?.slack ?? 0)) {
    const missedRuns = missedStarts(facts, server, { from, to: Math.min(lastBeganAt, now), zone })
    return { state: 'over', missedRuns, failedRuns: 0 }
  }
  // A plan that was only guessed may be guessed again; one that the server has given up is not waited for.
  return expectation === null && isAsked(facts) ? { state: 'dropped' } : null
}

/** Its server says itself what is planned. */
function isAsked({ schedule, plannedSeenAt }: JobFacts): boolean {
  return schedule !== null || plannedSeenAt !== null
}

function age({ facts, verdict }: JudgedJob, alert: OpenAlert | undefined): Found | null {
  const { lastSuccessAt } = facts
  if (verdict.tooOldSince !== null) return { state: 'holds', since: verdict.tooOldSince, data: { lastSuccessAt } }
  if (!alert || verdict.ageUnseen) return null
  if (facts.maxAgeSeconds === null) return { state: 'dropped' }
  if ((lastSuccessAt ?? 0) > (alert.data.lastSuccessAt ?? 0)) return { state: 'over' }
  return verdict.running || verdict.paused ? null : { state: 'dropped' }
}

function earlyFailure({ facts }: JudgedJob, alert: OpenAlert | undefined): Found | null {
  const { failure, lastEndedAt } = facts
  if (failure) {
    const failureAt = Date.parse(failure.at)
    const isNew = alert?.data.failureAt !== failureAt
    const failures = (alert?.data.failures ?? 0) + (isNew ? 1 : 0)
    return { state: 'holds', since: failureAt, data: { failureAt, message: failure.message, failures } }
  }
  if (!alert || !isGood(facts) || (lastEndedAt ?? 0) <= (alert.data.failureAt ?? 0)) return null
  return { state: 'over', failedRuns: alert.data.failures ?? 1 }
}

function failures({ facts }: JudgedJob, alert: OpenAlert | undefined): Found | null {
  const { failuresInARow, lastSuccessAt } = facts
  if (failuresInARow > 0) {
    // A success between two checks ended what the alert was opened for: it goes on as one about the failures since.
    const renewed = alert !== undefined && (lastSuccessAt ?? 0) > alert.since
    const failures = Math.max(failuresInARow, renewed ? 0 : (alert?.data.failures ?? 0))
    return { state: 'holds', since: failingSince(facts), data: { failures }, renewed }
  }
  // The run that failed may have been set aside (T67), and its failure still hold.
  return alert && isGood(facts) && !facts.failure ? { state: 'over', failedRuns: alert.data.failures ?? 1 } : null
}

/** The begin of the first of the failures in a row, as far back as is known. */
function failingSince({ habits, lastBeganAt }: JobFacts): number {
  const runs = readHabits(habits)
  const good = runs.findIndex((run) => isGood(run))
  return (good < 0 ? runs : runs.slice(0, good)).at(-1)?.beganAt ?? lastBeganAt ?? 0
}

function isGood({ status }: Pick<JobFacts, 'status'>): boolean {
  return status === 'Success' || status === 'Warning'
}
