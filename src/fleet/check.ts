/**
 * What `check` says of jobs, in the words of monitoring plug-ins (docs/check.md): each job's state with its reasons, and the state
 * of all together. Pure; the sentences are made in output/check.ts.
 */
import type { JobFacts, ServerFacts } from './facts.ts'
import type { JobView } from './model.ts'
import { type AssessOptions, assess, lastLook } from './overdue/assess.ts'

export type CheckState = 'OK' | 'WARNING' | 'CRITICAL' | 'UNKNOWN'

/** The worst first: what nobody knows may be worse than a warning. */
const WORST_FIRST = ['CRITICAL', 'UNKNOWN', 'WARNING', 'OK'] as const satisfies CheckState[]

export const EXIT_CODES: Readonly<Record<CheckState, number>> = { OK: 0, WARNING: 1, CRITICAL: 2, UNKNOWN: 3 }

/** Limits of the last success's age, in seconds; null for none. */
export interface AgeLimits {
  warning: number | null
  critical: number | null
}

export interface Reason {
  kind: 'overdue' | 'failed' | 'never' | 'old' | 'stale' | 'warning' | 'partial' | 'paused'
  state: Exclude<CheckState, 'OK'>
  /** How long it has been so, or how old what is too old is; null where that is not known. */
  seconds: number | null
}

export interface JobCheck {
  state: CheckState
  /** The worst first; none where all is well. */
  reasons: Reason[]
  /** Age of the last success; null for none. */
  ageSeconds: number | null
  /** The limits that hold for this job. */
  limits: AgeLimits
}

/** A job as `status` judged it, and what it was judged by. */
export interface CheckedJob {
  view: JobView
  facts: JobFacts
  server: ServerFacts
}

/**
 * Judges one job. A failure counts also while the next run is under way, else a job that fails every night would be well once a day.
 * A limit of the age that the job has by itself holds where none is given.
 * @param options as `judge` has it; `now` in milliseconds
 */
export function checkJob({ view, facts, server }: CheckedJob, given: AgeLimits, options: AssessOptions): JobCheck {
  const limits = { warning: given.warning, critical: given.critical ?? facts.maxAgeSeconds }
  const ageSeconds = view.lastSuccessAgeSeconds
  const base = { ageSeconds, limits }
  if (!view.monitored) return { ...base, state: 'OK', reasons: [] }
  const own = facts.maxAgeSeconds === null ? null : assess(facts, server, options)
  const isTooOld = given.critical === null ? own !== null && own.tooOldSince !== null : isOlder(view, given.critical)
  // Overdue by its age alone: said once.
  const isLate = view.overdue && !(isTooOld && own !== null && own.punctuality !== 'overdue')
  const since = (at: number | null) => (at === null ? null : Math.max(0, Math.floor((options.now - at) / 1000)))
  const found: (Reason | false)[] = [
    isLate && { kind: 'overdue', state: 'CRITICAL', seconds: since(parsed(view.overdueSince)) },
    hasFailed(view) && { kind: 'failed', state: 'CRITICAL', seconds: since(failedAt(view)) },
    isUnbegun(view, server, options.now) && {
      kind: 'never',
      state: 'CRITICAL',
      seconds: since(parsed(view.expectedAt)),
    },
    isTooOld && { kind: 'old', state: 'CRITICAL', seconds: ageSeconds },
    view.state === 'stale' && { kind: 'stale', state: 'UNKNOWN', seconds: since(lastLook({ job: facts, server })) },
    view.state === 'warning' && {
      kind: view.lastRun?.partial ? 'partial' : 'warning',
      state: 'WARNING',
      seconds: since(parsed(view.lastRun?.endedAt ?? null)),
    },
    view.state === 'paused' && { kind: 'paused', state: 'WARNING', seconds: null },
    !isTooOld && isOlder(view, limits.warning) && { kind: 'old', state: 'WARNING', seconds: ageSeconds },
  ]
  const reasons = found.filter((one) => one !== false)
  return { ...base, state: worst(reasons.map(({ state }) => state)), reasons }
}

/** The state of all: the worst; UNKNOWN where there is nothing to judge. */
export function checkAll(states: readonly CheckState[]): CheckState {
  return states.length === 0 ? 'UNKNOWN' : worst(states)
}

export function bySeverity(a: CheckState, b: CheckState): number {
  return WORST_FIRST.indexOf(a) - WORST_FIRST.indexOf(b)
}

function worst(states: readonly CheckState[]): CheckState {
  return WORST_FIRST.find((state) => states.includes(state)) ?? 'OK'
}

function hasFailed({ status, failure }: JobView): boolean {
  return status === 'Error' || status === 'Fatal' || failure !== null
}

function failedAt({ failure, lastRun }: JobView): number | null {
  return parsed(failure?.at ?? lastRun?.endedAt ?? lastRun?.beganAt ?? null)
}

/** Its first planned start is past, and the server was asked since and had not begun it. */
function isUnbegun({ state, expectedAt, queued }: JobView, { lastCollectedAt }: ServerFacts, now: number): boolean {
  const planned = parsed(expectedAt)
  if (state !== 'never' || planned === null || queued) return false
  return planned < now && lastCollectedAt !== null && lastCollectedAt > planned
}

/** A job that ran and never succeeded is older than any limit; one that never ran is not judged by age. */
function isOlder({ lastSuccessAgeSeconds: age, runs }: JobView, limit: number | null): boolean {
  if (limit === null) return false
  return age === null ? runs > 0 : age > limit
}

function parsed(time: string | null): number | null {
  return time === null ? null : Date.parse(time)
}
