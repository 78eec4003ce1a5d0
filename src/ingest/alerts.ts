/** A plan of the alert machine becomes rows: alerts, their events and messages, in the transaction of the check. */
import type { AlertData, Plan, Transition } from '../fleet/alerts/types.ts'
import { type Destination, destinationsFor, type Globals } from '../fleet/rules.ts'
import { changeAlert, openAlert, resolveAlert } from '../store/alerts.ts'
import { rowOf } from '../store/ids.ts'
import { toldOf } from '../store/outbox.ts'
import { quickAll, quickRun } from '../store/quick.ts'
import type { Db } from '../store/schema.ts'
import { effectiveServerSettings, effectiveSettingsOf } from '../store/settings.ts'
import { alertEvent, type Known, recoveryEvent, stormItem } from './alert-events.ts'
import { type FailedRun, tellsOf } from './failure.ts'
import { type News, tellAll } from './storm.ts'

/** Runs that began earlier need not be looked at, in milliseconds. */
const LONGEST_RUN = 30 * 86_400_000

export interface Applied {
  opened: number
  reminded: number
  resolved: number
  /** Events that were written. */
  told: number
}

/**
 * Applies what another process has not applied yet; the messages that follow are written with it.
 * @param known what the plan was made from
 */
export async function applyPlan(
  tx: Db,
  plan: Plan,
  known: Known,
  { globals, now }: { globals: Globals; now: number },
): Promise<Applied> {
  const applied: Applied = { opened: 0, reminded: 0, resolved: 0, told: 0 }
  const problems: News[] = []
  const ends: News[] = []
  for (const transition of plan.transitions) {
    const alertId = await applyOne(tx, transition, now)
    if (alertId === null) continue
    if (transition.type === 'open') applied.opened++
    if (transition.type === 'remind') applied.reminded++
    if (transition.type === 'resolve') applied.resolved++
    const news = await newsOf(tx, transition, alertId, known, { globals, now })
    if (news) (transition.type === 'resolve' ? ends : problems).push(await noteUntold(tx, transition, news))
  }
  applied.told += await tellAll(tx, problems, { asOne: plan.storm.alerts, recovered: false, now })
  applied.told += await tellAll(tx, ends, { asOne: plan.storm.recoveries, recovered: true, now })
  return applied
}

/** The alert's id; null where somebody else was quicker. */
async function applyOne(tx: Db, transition: Transition, now: number): Promise<number | null> {
  if (transition.type === 'open') return openAlert(tx, { ...transition, at: now })
  const { alert } = transition
  const isOurs =
    transition.type === 'resolve'
      ? await resolveAlert(tx, alert.id, transition.resolvedAt)
      : await changeAlert(tx, alert, changesOf(transition))
  return isOurs ? alert.id : null
}

function changesOf(transition: Extract<Transition, { type: 'remind' | 'update' }>) {
  const { data, since } = transition
  if (transition.type === 'update') return { since, data }
  const { remindedAt, reminders } = transition
  return { since, remindedAt, reminders, data }
}

async function newsOf(
  tx: Db,
  transition: Transition,
  alertId: number,
  known: Known,
  { globals, now }: { globals: Globals; now: number },
): Promise<News | null> {
  if (transition.type === 'update') return null
  if (transition.type !== 'remind' && !transition.tell) return null
  const { serverId, jobId, kind } = transition.type === 'open' ? transition : transition.alert
  const about = { alertId, serverId: rowOf('s', serverId), jobId: jobId === null ? null : rowOf('j', jobId) }
  if (transition.type === 'open' && kind === 'failedEarly' && (await isToldAsRun(tx, about.jobId, transition.data)))
    return null
  const item = stormItem(known, { serverId, jobId, kind })
  if (transition.type === 'resolve') {
    const data = recoveryEvent(known, transition)
    if (data === null) return null
    const told = await toldBefore(tx, transition.alert, transition.also)
    const settings = await settingsOf(tx, about)
    const destinations = destinationsFor({ kind: 'recovery', told }, settings, globals)
    return { ...about, key: `alert:${alertId}:resolved`, at: now, data, item, destinations, alertData: null }
  }
  const data = alertEvent(known, transition)
  if (data === null) return null
  const destinations = destinationsFor({ kind: 'alert' }, await settingsOf(tx, about), globals)
  const isFirst = transition.type === 'open' || transition.data.untold === true
  const key = isFirst ? `alert:${alertId}:opened` : `alert:${alertId}:reminder:${transition.reminders}`
  return { ...about, key, at: now, data, item, destinations, alertData: transition.data }
}

/** A report of 2.1 was told and set aside afterwards (T67): people have heard of this failure as of that run's. */
async function isToldAsRun(tx: Db, jobId: number | null, { failureAt }: AlertData): Promise<boolean> {
  if (jobId === null || failureAt === undefined) return false
  const runs = quickAll<FailedRun>(
    tx,
    `SELECT began_at AS beganAt, ended_at AS endedAt FROM run
      WHERE job_id = ? + 0 AND began_at > ? + 0 AND set_aside IS NOT NULL AND status IN ('Error', 'Fatal')
        AND EXISTS (SELECT 1 FROM event WHERE event.run_id = run.id)`,
    ...[jobId, failureAt - LONGEST_RUN],
  )
  return runs.some((run) => tellsOf(run, failureAt))
}

/** Keeps with an alert that nobody was told of its opening, until somebody is (`untold.ts`). */
async function noteUntold(tx: Db, { type }: Transition, news: News): Promise<News> {
  const { alertId, alertData, destinations } = news
  if (alertData === null) return news
  const untold = destinations.length === 0 && (type === 'open' || alertData.untold === true)
  if (untold === (alertData.untold === true)) return news
  const data = { ...alertData, untold: untold || undefined }
  quickRun(tx, 'UPDATE alert SET data = ? WHERE id = ?', JSON.stringify(data), alertId)
  return { ...news, alertData: data }
}

function settingsOf(tx: Db, { serverId, jobId }: { serverId: number | null; jobId: number | null }) {
  return jobId === null ? effectiveServerSettings(tx, serverId ?? 0) : effectiveSettingsOf(tx, jobId)
}

type Ended = { id: number; data: AlertData }

/** Those who heard of an alert hear of its end: also of those that end with it. */
async function toldBefore(tx: Db, alert: Ended, also: readonly Ended[]): Promise<Destination[]> {
  const told: Destination[] = []
  for (const { id, data } of [alert, ...also]) told.push(...(await toldOf(tx, id)), ...(data.told ?? []))
  return told
}
