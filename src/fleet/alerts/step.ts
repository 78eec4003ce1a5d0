/** The step of the alert machine: open alerts and what a check found → what changes. */
import { EARLY, nextReminder } from './reminders.ts'
import {
  type AlertData,
  type AlertSettings,
  type Finding,
  FORGOTTEN,
  type OpenAlert,
  type Plan,
  type Remind,
  type Resolve,
  type Transition,
} from './types.ts'

/** Of several alerts of a job that end together the first of these is told, for all of them. */
const FIRST_TOLD = ['overdue', 'tooOld', 'failedEarly', 'failed', 'unreachable'] as const

/**
 * @param open of the servers and jobs that the findings are about; what nothing was found of stays as it is
 * @param findings at most one of a kind for a job or server
 */
export function step(
  open: readonly OpenAlert[],
  findings: readonly Finding[],
  settings: AlertSettings,
  now: number,
): Plan {
  const opened = new Map(open.map((alert) => [keyOf(alert), alert]))
  const transitions = findings.flatMap((finding) => {
    const change = changeOf(opened.get(keyOf(finding)), finding, settings, now)
    return change ? [change] : []
  })
  tellOnce(transitions)
  return planOf(transitions, settings)
}

/** One plan of what several steps of one check came to, each about other servers. */
export function planOf(transitions: Transition[], { stormLimit }: AlertSettings): Plan {
  const count = (isOne: (transition: Transition) => boolean) => transitions.filter(isOne).length > stormLimit
  return {
    transitions,
    storm: {
      alerts: count((one) => one.type === 'remind' || (one.type === 'open' && one.tell)),
      recoveries: count((one) => one.type === 'resolve' && one.tell),
    },
  }
}

function keyOf({ kind, serverId, jobId }: Pick<OpenAlert, 'kind' | 'serverId' | 'jobId'>): string {
  return `${kind} ${jobId ?? serverId}`
}

function changeOf(
  alert: OpenAlert | undefined,
  finding: Finding,
  settings: AlertSettings,
  now: number,
): Transition | null {
  const { state, snoozed, kind } = finding
  if (state === 'unknown') return null
  if (state !== 'holds') return alert ? resolve(alert, finding, now) : null
  const mayTell = !snoozed && (settings.kinds?.includes(kind) ?? true)
  if (!alert) return mayTell ? open(finding) : null
  return (mayTell ? remind(alert, finding, settings, now) : null) ?? update(alert, finding)
}

function open({ kind, serverId, jobId, since, data }: Finding): Transition {
  return { type: 'open', kind, serverId, jobId, since, data, tell: kind !== 'failed' }
}

/** By the schedule, or at once where the job is late once more after a newer run, or somebody had the reminders forgotten. */
function remind(alert: OpenAlert, finding: Finding, settings: AlertSettings, now: number): Remind | null {
  const at = nextReminder(alert, settings.reminder)
  if (!finding.again && (at === null || at > now + EARLY)) return null
  const reminders = alert.reminders + 1
  const isAnew = finding.again || alert.remindedAt === FORGOTTEN
  return {
    type: 'remind',
    alert,
    since: finding.again ? finding.since : alert.since,
    remindedAt: now,
    reminders,
    data: { ...merged(alert, finding), ...(isAnew && { round: reminders }) },
    again: finding.again,
  }
}

function update(alert: OpenAlert, finding: Finding): Transition | null {
  const data = merged(alert, finding)
  const changed = (Object.keys(data) as (keyof AlertData)[]).some((key) => data[key] !== alert.data[key])
  const since = finding.renewed ? finding.since : alert.since
  return changed || since !== alert.since ? { type: 'update', alert, since, data } : null
}

/** What an overdue alert began with stays, so that its end can say how many starts were missed. */
function merged(alert: OpenAlert, { kind, data, again }: Finding): AlertData {
  return kind === 'overdue' && !again ? alert.data : { ...alert.data, ...data }
}

function resolve(alert: OpenAlert, { state, snoozed, missedRuns, failedRuns }: Finding, now: number): Resolve {
  const tell = state === 'over' && !snoozed
  return { type: 'resolve', alert, resolvedAt: now, tell, also: [], missedRuns, failedRuns }
}

/** A good run may end several alerts of its job: that is one recovery. */
function tellOnce(transitions: Transition[]): void {
  const ends = transitions.filter((one): one is Resolve => one.type === 'resolve' && one.tell)
  for (const group of Map.groupBy(ends, ({ alert }) => alert.jobId ?? alert.serverId).values()) {
    const [first, ...others] = group.sort((a, b) => rank(a) - rank(b))
    if (!first) continue
    for (const other of others) {
      other.tell = false
      first.also.push(other.alert)
      first.missedRuns ??= other.missedRuns
      first.failedRuns = Math.max(first.failedRuns, other.failedRuns)
    }
  }
}

function rank({ alert }: Resolve): number {
  return FIRST_TOLD.indexOf(alert.kind)
}
