/** What the events of alerts keep: the values that their messages are built from. */
import type { AlertKind, Open, Remind, Resolve } from '../fleet/alerts/types.ts'
import type { EventData, EventServer, RecoveryEvent, StormEvent } from '../fleet/events.ts'
import type { ServerView } from '../fleet/model.ts'
import type { Verdict } from '../fleet/overdue/assess.ts'
import { ruleOf } from '../fleet/overdue/expectation.ts'
import type { JobFactsRow, ServerRow } from '../store/types.ts'

/** What a check knew of the servers and jobs that its plan is about. */
export interface Known {
  servers: ReadonlyMap<string, ServerRow>
  jobs: ReadonlyMap<string, JobFactsRow>
  verdicts: ReadonlyMap<string, Verdict>
}

/** Null where the job or server is gone meanwhile. */
export function alertEvent(known: Known, transition: Open | Remind): EventData | null {
  const { serverId, jobId, kind } = transition.type === 'open' ? transition : transition.alert
  const reminder = transition.type === 'open' || transition.data.untold ? 0 : transition.reminders
  const server = serverOf(known, serverId)
  if (server === null) return null
  if (kind === 'unreachable') {
    const message = known.servers.get(serverId)?.view.error?.message ?? ''
    return { kind, server, since: transition.since, message, jobs: transition.data.jobs ?? 0, reminder }
  }
  const job = jobId === null ? undefined : known.jobs.get(jobId)
  if (!job || kind === 'failed') return null
  const { facts } = job
  const { lastSuccessAt, failuresInARow } = facts
  const base = { server, job: { name: job.name }, lastSuccessAt, reminder }
  if (kind === 'failedEarly') {
    const { failureAt = transition.since, message = '', failures = 1 } = transition.data
    return { ...base, kind, at: failureAt, message, failuresInARow: failures }
  }
  const verdict = known.verdicts.get(job.id)
  const expectation = verdict?.expectation ?? null
  const asked = known.servers.get(serverId)?.facts
  // Reports tell the next start alone: how starts go on is learnt then, as for the number of missed runs.
  const rule = expectation && asked ? ruleOf(expectation, facts, asked, undefined) : null
  return {
    ...base,
    kind,
    lastRunAt: facts.lastBeganAt,
    expectedAt: kind === 'overdue' ? (expectation?.at ?? transition.data.expectedAt ?? null) : transition.since,
    interval: rule?.repeat ?? facts.schedule?.repeat ?? null,
    toleranceSeconds: verdict?.toleranceSeconds ?? null,
    failuresInARow,
  }
}

export function recoveryEvent(
  known: Known,
  { alert, resolvedAt, missedRuns, failedRuns }: Resolve,
): RecoveryEvent | null {
  const server = serverOf(known, alert.serverId)
  const job = alert.jobId === null ? null : known.jobs.get(alert.jobId)
  if (server === null || job === undefined) return null
  const endedAt = Math.min(resolvedAt, job?.facts.lastEndedAt ?? resolvedAt)
  return {
    kind: 'recovery',
    server,
    job: job && { name: job.name },
    problem: alert.kind,
    since: alert.since,
    endedAt: Math.max(alert.since, endedAt),
    lastRunAt: job?.facts.lastBeganAt ?? null,
    lastSuccessAt: job?.facts.lastSuccessAt ?? null,
    failuresInARow: failedRuns,
    // Of a job that was late besides, that is the problem which is told.
    missedRuns: missedRuns ?? (alert.kind === 'failed' || alert.kind === 'failedEarly' ? 0 : null),
  }
}

/** One line of a message about many. */
export function stormItem(
  known: Known,
  { serverId, jobId, kind }: { serverId: string; jobId: string | null; kind: AlertKind },
): StormEvent['items'][number] {
  return {
    server: known.servers.get(serverId)?.view.name ?? serverId,
    job: jobId === null ? null : (known.jobs.get(jobId)?.name ?? jobId),
    problem: kind,
  }
}

function serverOf(known: Known, id: string): EventServer | null {
  const row = known.servers.get(id)
  return row ? eventServer(row.view) : null
}

export function eventServer({ machineName, alias, note, url, name }: ServerView): EventServer {
  return { name: machineName ?? name, alias, note, url }
}
