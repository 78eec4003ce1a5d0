/** The shapes of `overdue --json` and `overdue explain --json` (docs/json.md). */
import type { OpenAlert } from '../fleet/alerts/types.ts'
import type { JobView, NameRef } from '../fleet/model.ts'
import { isOverdue } from '../fleet/overdue/assess.ts'
import type { Explanation, Step } from '../fleet/overdue/explain.ts'
import type { Rule } from '../fleet/overdue/starts.ts'

export interface OverdueJobView extends JobView {
  /** When somebody was told last that the job is overdue; null for not yet. */
  lastNotifiedAt: string | null
}

export interface OverdueView {
  schemaVersion: 1
  checkedAt: string
  jobs: OverdueJobView[]
}

/** Alerts that say that a backup is overdue: a start was missed, or the last success is too old. */
const LATE: ReadonlySet<string> = new Set(['overdue', 'tooOld'])

/** @param alerts that are open */
export function overdueView(jobs: readonly JobView[], alerts: readonly OpenAlert[], now: number): OverdueView {
  const told = new Map(
    alerts
      .filter(({ kind, data }) => LATE.has(kind) && !data.untold)
      .map((alert) => [alert.jobId, toldAt(alert)] as const)
      .sort(([, a], [, b]) => a.localeCompare(b)),
  )
  const late = jobs
    .filter(({ overdue }) => overdue)
    .map((job) => ({ ...job, lastNotifiedAt: told.get(job.id) ?? null }))
  const longestFirst = late.sort((a, b) => (a.overdueSince ?? '').localeCompare(b.overdueSince ?? ''))
  return { schemaVersion: 1, checkedAt: new Date(now).toISOString(), jobs: longestFirst }
}

/** Reminders that were forgotten by hand leave only the opening. */
function toldAt({ openedAt, remindedAt }: OpenAlert): string {
  return new Date(remindedAt || openedAt).toISOString()
}

export interface StepView {
  at: string
  why: string
}

export interface ExplainView {
  schemaVersion: 1
  server: NameRef
  job: NameRef
  source: JobView['expectedFrom']
  anchorAt: string | null
  timeZone: string | null
  repeat: string | null
  allowedDays: string[]
  /** From what was told to the expected start, which is the last. */
  steps: StepView[]
  expectedAt: string | null
  toleranceSeconds: number
  overdueAfter: string | null
  overdue: boolean
  /** Due, and nobody could look since: neither overdue nor on time. */
  stale: boolean
  /** From the expected start to the judgement. */
  judgement: StepView[]
  /** When somebody looked last in a way that counts. */
  lookedAt: string | null
  lastRunAt: string | null
  lastSuccessAt: string | null
  nextAlarmAt: string | null
  /** For a schedule that was learnt: how many of how many runs agree. */
  learnt: { agreeing: number; of: number } | null
  /** Servers that look like this one after a change. */
  lookalikes: { server: NameRef; job: NameRef; lastRunAt: string | null; reason: string }[]
}

/**
 * @param rule the schedule to show where nothing is expected: what the server says, or null
 */
export function explainView(
  about: { server: NameRef; job: NameRef; rule: Rule | null; lookalikes: ExplainView['lookalikes'] },
  { verdict, steps, judgement, ...times }: Explanation,
): ExplainView {
  const { expectation, toleranceSeconds, punctuality } = verdict
  const overdue = isOverdue(verdict)
  const rule = expectation?.rule ?? about.rule
  return {
    schemaVersion: 1,
    server: about.server,
    job: about.job,
    source: expectation?.from ?? null,
    anchorAt: iso(expectation?.anchorAt ?? null),
    timeZone: rule?.timeZone ?? null,
    repeat: rule?.repeat ?? null,
    allowedDays: [...(rule?.allowedDays ?? [])],
    steps: steps.map(stepView),
    expectedAt: iso(expectation?.at ?? null),
    toleranceSeconds,
    overdueAfter: iso(times.overdueAfter),
    overdue,
    stale: punctuality === 'unseen' && !overdue,
    judgement: judgement.map(stepView),
    lookedAt: iso(verdict.lookedAt),
    lastRunAt: iso(times.lastRunAt),
    lastSuccessAt: iso(times.lastSuccessAt),
    nextAlarmAt: iso(times.nextAlarmAt),
    learnt: expectation?.learnt ? { agreeing: expectation.learnt.agreeing, of: expectation.learnt.of } : null,
    lookalikes: about.lookalikes,
  }
}

function stepView({ at, why }: Step): StepView {
  return { at: new Date(at).toISOString(), why }
}

function iso(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString()
}
