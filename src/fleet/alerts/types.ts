/**
 * Alerts: problems that people are told of once when they open, again by a schedule while they last, and once when they end.
 *
 * A check goes so: `checkFleet` (check.ts) judges every job (`assess`) and returns which servers to ask first; when they were asked
 * and the facts read again, its `plan` holds what changes (`step`, step.ts). Whoever stores alerts applies the transitions in one
 * transaction with the events that they cause. Nothing here has a clock or state of its own: the same input gives the same plan,
 * and a plan that was applied gives an empty one. All times are milliseconds since the epoch.
 */
import type { Problem } from '../events.ts'
import type { Destination } from '../rules.ts'

export type AlertKind = Problem

/** An alert that is open, as it is stored (table `alert`). */
export interface OpenAlert {
  id: number
  kind: AlertKind
  serverId: string
  /** Null where the whole server is meant. */
  jobId: string | null
  since: number
  openedAt: number
  /** When it was told again last; null where it was only opened, `FORGOTTEN` where that was forgotten by hand. */
  remindedAt: number | null
  /** Counts up for as long as the alert is open, so that each reminder has a name of its own. */
  reminders: number
  data: AlertData
}

/** `remindedAt` of an alert that is to be told again at the next check, whatever the schedule says. */
export const FORGOTTEN = 0

/** What is kept with an alert (JSON). */
export interface AlertData {
  /** `overdue`: the planned start that was missed first. */
  expectedAt?: number | null
  /** The begin of the last counting run when the alert was opened, or said to be late again. */
  lastRunAt?: number | null
  /** `tooOld`: the last success that got too old. */
  lastSuccessAt?: number | null
  /** `failed`: runs that failed in a row; `failedEarly`: failures that were seen. */
  failures?: number
  /** `failedEarly`: the newest of them, and what it said. */
  failureAt?: number
  message?: string
  /** `unreachable`: jobs that wait for an answer of the server. */
  jobs?: number
  /** How many reminders had gone out when the schedule of reminders began anew. */
  round?: number
  /** Who was told of it in a message about many: they are to hear of its end too. */
  told?: readonly Destination[]
  /** It was opened while nobody was to be told: no channel had a destination. It is told as soon as somebody is. */
  untold?: boolean | undefined
}

/**
 * What a check found of one problem of a job or server.
 * - `holds`: it is there, by evidence
 * - `over`: it has ended, and somebody may be told so
 * - `dropped`: nobody waits for it any more (not monitored, removed, no limit): it ends without a word
 * - `unknown`: nobody can tell now: an open alert stays as it is and is not told again
 */
export interface Finding {
  kind: AlertKind
  serverId: string
  jobId: string | null
  state: 'holds' | 'over' | 'dropped' | 'unknown'
  /** When the problem began; for one that holds. */
  since: number
  data: AlertData
  /** Alerts of the job are silenced: nothing opens and nothing is told, but what is open stays. */
  snoozed: boolean
  /** A newer run came, and the job is late once more. */
  again: boolean
  /** What the alert was opened for has ended unnoticed, and the same began anew: it is about that from now on. */
  renewed: boolean
  /** For `over`: planned starts that nothing ran at; null where it cannot be told. */
  missedRuns: number | null
  /** For `over`: runs that failed. */
  failedRuns: number
}

/** How often an open alert is told again. `default`: a day after it was opened, then weekly. */
export const REMINDERS = ['default', 'once', 'daily', 'weekly', 'monthly'] as const
export type Reminder = (typeof REMINDERS)[number]

export interface AlertSettings {
  reminder: Reminder
  /** Of more messages of one sort in one check one is made. */
  stormLimit: number
  /** Kinds that may open or be told again now; all where left out. What ends always ends. */
  kinds?: readonly AlertKind[] | undefined
}

export type Transition = Open | Remind | Update | Resolve

export interface Open {
  type: 'open'
  kind: AlertKind
  serverId: string
  jobId: string | null
  since: number
  data: AlertData
  /** False for `failed`: its runs are told of themselves. */
  tell: boolean
}

/** The alert's new values; told to those who are told of it. */
export interface Remind {
  type: 'remind'
  alert: OpenAlert
  since: number
  remindedAt: number
  reminders: number
  data: AlertData
  /** Not by the schedule: a newer run came, and the job is late once more. */
  again: boolean
}

/** New data, which nobody is told of. */
export interface Update {
  type: 'update'
  alert: OpenAlert
  since: number
  data: AlertData
}

export interface Resolve {
  type: 'resolve'
  alert: OpenAlert
  resolvedAt: number
  /** Whether to tell: not of what was dropped, of a snoozed job, or where another alert of the job says it (`also` of that one). */
  tell: boolean
  /** Alerts of the same job that ended with this one, and are told of with it. */
  also: OpenAlert[]
  missedRuns: number | null
  failedRuns: number
}

export interface Plan {
  transitions: Transition[]
  /** More than the limit: what is told of openings and reminders (or of ends) becomes one message per channel. */
  storm: { alerts: boolean; recoveries: boolean }
}
