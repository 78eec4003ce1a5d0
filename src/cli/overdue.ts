/** What `overdue` and `overdue explain` read. */
import { UserError } from '../errors.ts'
import type { OpenAlert } from '../fleet/alerts/types.ts'
import { type OffsetMinutes, parseDuration, sinceDate } from '../fleet/durations.ts'
import { matchJob, matchTargets } from '../fleet/match.ts'
import { serverRule } from '../fleet/overdue/expectation.ts'
import { explain } from '../fleet/overdue/explain.ts'
import type { Lookalike } from '../ingest/recognise.ts'
import { type ExplainView, explainView, type OverdueView, overdueView } from '../output/overdue-views.ts'
import { sortJobs } from '../output/status-select.ts'
import { jobViews } from '../output/views.ts'
import type { WritableStore } from '../store/index.ts'
import type { JobRow, ServerRow } from '../store/types.ts'
import type { Context } from './context.ts'
import { judging } from './judging.ts'

/** What `--at` means: a date or time as everywhere, `3h` ago, `+3h` from now. @throws UsageError `bad_time`, `bad_duration` */
export function momentOf(text: string, now: number, offset: OffsetMinutes): number {
  const trimmed = text.trim()
  return trimmed.startsWith('+') ? now + parseDuration(trimmed.slice(1)) * 1000 : sinceDate(trimmed, now, offset)
}

export interface LateJobs {
  view: OverdueView
  /** How many jobs are due, and nobody could look since. */
  stale: number
  /** Whether the server of one of these has an address. */
  canAsk: boolean
  /** How many jobs were judged. */
  judged: number
}

/** @param targets words of the command line; all jobs without */
export async function loadOverdue(store: WritableStore, context: Context, targets: string[]): Promise<LateJobs> {
  const { read } = store
  const meant = targets.length > 0 ? matchTargets(targets, await read.names()) : undefined
  const now = context.now.getTime()
  const rows = await read.status(meant)
  const jobs = sortJobs(jobViews(rows, judging(context, await read.monitor())), [])
  const alerts = jobs.some(({ overdue }) => overdue) ? await openAlertsOf(store) : []
  const stale = jobs.filter(({ state }) => state === 'stale')
  const askable = new Set(rows.servers.filter(({ view }) => view.url !== null).map(({ view }) => view.id))
  const canAsk = stale.some(({ server }) => askable.has(server.id))
  return { view: overdueView(jobs, alerts, now), stale: stale.length, canAsk, judged: jobs.length }
}

/** @param at the moment to judge at, in milliseconds */
export async function loadExplanation(
  store: WritableStore,
  context: Context,
  word: string,
  at: number,
): Promise<{ view: ExplainView; reason: string | null }> {
  const { read } = store
  const jobId = matchJob(word, await read.names())
  const { job, server } = await oneJob(store, jobId, word)
  const facts = job.gone ? { ...job.facts, monitored: false } : job.facts
  const alerts = await openAlertsOf(store)
  const { loadConfig } = await import('../settings/config.ts')
  const alertOf = (kind: OpenAlert['kind']) =>
    alerts.find((alert) => alert.kind === kind && alert.jobId === jobId) ?? null
  const explanation = explain(facts, server.facts, {
    ...judging(context, await read.monitor(), at),
    actually: context.now.getTime(),
    alert: alertOf('overdue'),
    ageAlert: alertOf('tooOld'),
    reminder: loadConfig(context).values['overdue.reminder'],
  })
  const view = explainView(
    {
      server: { id: server.view.id, name: server.view.name },
      job: { id: job.id, name: job.name },
      rule: serverRule(facts, server.facts),
      lookalikes: await lookalikesOf(store, job, explanation.verdict, at),
    },
    explanation,
  )
  return { view, reason: reasonOf(job, view) }
}

async function oneJob(
  { read }: WritableStore,
  jobId: string,
  word: string,
): Promise<{ job: JobRow; server: ServerRow }> {
  const rows = await read.status({ jobIds: [jobId] })
  const [job] = rows.jobs
  const server = rows.servers.find(({ view }) => view.id === job?.serverId)
  if (job && server) return { job, server }
  throw new UserError(`${word} is archived: nobody waits for it`, {
    code: 'archived_job',
    hint: 'duplistatus job archive --undo makes it a job again.',
  })
}

async function openAlertsOf(store: WritableStore): Promise<OpenAlert[]> {
  const { openAlerts } = await import('../store/alerts.ts')
  return store.query(openAlerts)
}

/** Servers that this one may have become: told, not decided. */
async function lookalikesOf(
  store: WritableStore,
  job: JobRow,
  verdict: Parameters<typeof import('../ingest/recognise.ts').lookalikes>[2],
  at: number,
): Promise<ExplainView['lookalikes']> {
  const { lookalikes, reasonOf: whyOf } = await import('../ingest/recognise.ts')
  const found = await store.query((db) => lookalikes(db, job, verdict, at))
  if (found.length === 0) return []
  const { servers, jobs } = await store.read.status({ jobIds: found.map(({ jobId }) => jobId) })
  const nameOf = (id: string, all: { id: string; name: string }[]) => all.find((one) => one.id === id)?.name ?? id
  return found.map((other: Lookalike) => ({
    server: {
      id: other.serverId,
      name: nameOf(
        other.serverId,
        servers.map(({ view }) => view),
      ),
    },
    job: { id: other.jobId, name: nameOf(other.jobId, jobs) },
    lastRunAt: jobs.find(({ id }) => id === other.jobId)?.lastRun?.beganAt ?? null,
    reason: whyOf(job, other),
  }))
}

/** Why nothing is expected, or nobody waits for it; null where somebody does. */
function reasonOf({ facts, gone }: JobRow, { expectedAt }: ExplainView): string | null {
  if (gone) return 'its server does not know it any more: nobody waits for it'
  if (!facts.monitored) return 'not monitored: nobody waits for it'
  if (expectedAt !== null) return null
  if (facts.plannedSeenAt !== null || facts.schedule !== null)
    return 'its server has no schedule for it: nothing is expected'
  if (facts.lastBeganAt === null) return 'it never ran, and no schedule is known'
  return 'no schedule is known, and too few runs agree on a usual time'
}
