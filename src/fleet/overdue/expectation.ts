/**
 * Which start is expected of a job next, and where that is known from, in this order: a schedule set by hand; the server's own next
 * run, as it was told last; what follows from there by the schedule; a schedule learnt from the usual start times.
 * Times in milliseconds since the epoch.
 */
import type { JobFacts, ServerFacts } from '../facts.ts'
import type { JobView } from '../model.ts'
import { startOnAnyDay } from './day-moves.ts'
import { readHabits } from './habits.ts'
import { type Learnt, learn } from './learn.ts'
import { firstStartAfter, longestGap, type Rule } from './starts.ts'

/** The monitor's own zone; a function where to know it costs something (28 ms to load the data of all zones). */
export type Zone = string | (() => string)

export type ExpectedFrom = NonNullable<JobView['expectedFrom']>

/** What is planned, and how it is known. */
export interface Expectation {
  from: ExpectedFrom
  /** The first planned start after the last run. */
  at: number
  /** The planned start that it was reckoned from. */
  anchorAt: number
  /** When somebody told the anchor; null for a schedule that was set or learnt. */
  toldAt: number | null
  /** The anchor came in a report, not from the server's answers. */
  reported: boolean
  /** How starts go on; null where only the anchor is known. */
  rule: Rule | null
  /** A run that begins so much before its planned start was meant for it. */
  slack: number
  /** How much later than planned runs begin as a rule. */
  lateness: number
  learnt: Learnt | null
  /** An earlier start by the usual weekdays, not waited for: a change of clocks may have moved it to another day. */
  doubted: number | null
}

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
/** By hand or learnt, the plan is not of the server's clock: so much may a run begin before it. */
const SLACK = 10 * MINUTE
/** Where the server's zone is unknown, its clock may change when the monitor's does not. */
export const CHANGE_OF_CLOCKS = HOUR
/** A begin so long after the run arrived is a clock gone wrong, and must not pass for a backup for years (T53). */
const BELIEVED_AHEAD = DAY

/**
 * @param zone the monitor's own, for schedules that are learnt where the server's is unknown
 * @returns null where nothing is planned, or nobody can know
 */
export function expectationOf(job: JobFacts, server: ServerFacts, zone: Zone | undefined): Expectation | null {
  const kept = keptAt(job, server)
  if (job.manual) return byHand(job, server, kept, zone)
  const told = toldPlan(job, server)
  if (told === 'none') return null
  return (told && follow(told, job, server, kept)) ?? fromHabits(job, server, kept, zone)
}

/**
 * When the last run began that a planned start may have been meant for. A run by hand counts: it satisfies no schedule, but is a
 * fresh backup. So does one that a script skipped where the server is asked: Duplicati goes on to the next start, and says so. With
 * reports alone it is a missing backup.
 */
export function keptAt(job: JobFacts, { canBeAsked, lastCollectedAt }: ServerFacts): number | null {
  const { lastBeganAt, lastReceivedAt: received } = job
  const isAsked = canBeAsked || (lastCollectedAt ?? 0) >= (job.skippedAt ?? 0)
  const skippedAt = isAsked ? job.skippedAt : null
  const isAhead = lastBeganAt !== null && received !== null && lastBeganAt > received + BELIEVED_AHEAD
  const began = isAhead ? received : lastBeganAt
  return began === null ? skippedAt : Math.max(began, skippedAt ?? began)
}

/** The schedule as the server told it; null where it has none that Duplicati would follow. */
export function serverRule({ schedule }: JobFacts, { timeZone, keepClockTime }: ServerFacts): Rule | null {
  if (!schedule?.repeat) return null
  return { repeat: schedule.repeat, allowedDays: schedule.allowedDays, timeZone: timeZone ?? 'UTC', keepClockTime }
}

/** How starts go on from an expectation: as it says itself, else as the usual start times do. */
export function ruleOf(
  expectation: Expectation,
  job: JobFacts,
  server: ServerFacts,
  zone: Zone | undefined,
): Rule | null {
  return expectation.rule ?? learn(readHabits(job.habits), zoneOf(server, zone))?.rule ?? null
}

function zoneOf({ timeZone }: ServerFacts, zone: Zone = 'UTC'): string {
  return timeZone ?? (typeof zone === 'string' ? zone : zone())
}

interface Told {
  at: number
  seenAt: number | null
  reported: boolean
}

/** What was told last; `none` where the server was asked since and plans nothing. */
function toldPlan(job: JobFacts, server: ServerFacts): Told | 'none' | null {
  const { reportedNextAt, reportedNextSeenAt } = job
  const isKnown = job.plannedSeenAt !== null || job.schedule !== null
  const seenAt = job.plannedSeenAt ?? (isKnown ? server.lastCollectedAt : null)
  if (reportedNextAt !== null && (!isKnown || (reportedNextSeenAt ?? 0) > (seenAt ?? 0))) {
    return { at: reportedNextAt, seenAt: reportedNextSeenAt, reported: true }
  }
  const at = plannedStart(job, server)
  if (at !== null) return { at, seenAt, reported: false }
  return isKnown ? 'none' : null
}

/**
 * The server's own next run, as it was told last. Duplicati proposes the next one as soon as a run is queued, but `Time` stays
 * until that run has ended: where `Time` is a planned start by itself and nothing ran since, it is what was missed.
 */
function plannedStart(job: JobFacts, server: ServerFacts): number | null {
  const { schedule } = job
  // Duplicati ignores a schedule without a repeat.
  if (schedule && !schedule.repeat) return null
  const planned = known(job.plannedAt)
  const time = known(schedule?.time ?? null)
  if (!schedule || time === null || planned === null) return planned ?? time
  const startsAtTime = schedule.allowedDays.length === 0 && (schedule.lastRun ?? 0) < time
  return startsAtTime && time < planned && (keptAt(job, server) ?? time - 1) < time ? time : planned
}

/** The year 1 stands for unset in Duplicati; nothing was ever planned before 1970. */
function known(at: number | null): number | null {
  return at !== null && at > 0 ? at : null
}

/** The plan itself while nothing ran since, else what follows from it by the schedule. */
function follow(told: Told, job: JobFacts, server: ServerFacts, kept: number | null): Expectation | null {
  const rule = serverRule(job, server)
  const base = {
    anchorAt: told.at,
    toldAt: told.seenAt,
    reported: told.reported,
    rule,
    slack: 0,
    lateness: 0,
    learnt: null,
    doubted: null,
  }
  if (kept === null || told.at > kept) return { ...base, from: told.reported ? 'report' : 'server', at: told.at }
  const at = rule && firstStartAfter(rule, told.at, kept)
  return at === null ? null : { ...base, from: 'computed', at }
}

function byHand(job: JobFacts, server: ServerFacts, kept: number | null, zone: Zone | undefined): Expectation | null {
  const { manual } = job
  if (!manual) return null
  const timeZone = manual.timeZone ?? zoneOf(server, zone)
  const rule = { repeat: manual.interval, allowedDays: manual.weekdays, timeZone, keepClockTime: true }
  const gap = longestGap(rule)
  const anchorAt = manual.time === null ? anchorWithout(job, server, kept, zone) : Date.parse(manual.time)
  if (gap === null || anchorAt === null || Number.isNaN(anchorAt)) return null
  const slack = Math.min(SLACK, gap / 4)
  const at =
    kept === null ? firstStartAfter(rule, anchorAt, anchorAt - 1) : firstStartAfter(rule, anchorAt, kept + slack)
  if (at === null) return null
  const base = { anchorAt, toldAt: null, reported: false, rule, slack }
  return { ...base, from: 'manual', at, lateness: 0, learnt: null, doubted: null }
}

/** Only the interval was set: starts go by the server's clock time, else by the usual one, else by the last run. */
function anchorWithout(job: JobFacts, server: ServerFacts, kept: number | null, zone: Zone | undefined): number | null {
  const told = toldPlan(job, server)
  if (told !== null && told !== 'none') return told.at
  return learn(readHabits(job.habits), zoneOf(server, zone))?.anchorAt ?? kept
}

function fromHabits(
  job: JobFacts,
  server: ServerFacts,
  kept: number | null,
  zone: Zone | undefined,
): Expectation | null {
  if (kept === null) return null
  const learnt = learn(readHabits(job.habits), zoneOf(server, zone))
  if (!learnt) return null
  const guess = server.timeZone === null && (longestGap(learnt.rule) ?? 0) >= DAY ? CHANGE_OF_CLOCKS : 0
  const slack = learnt.slack + guess
  const usual = firstStartAfter(learnt.rule, learnt.anchorAt, kept + slack)
  if (usual === null) return null
  const at = certainStart(learnt, job, server, { after: kept + slack, at: usual })
  const lateness = learnt.lateness + guess
  const { rule, anchorAt } = learnt
  const doubted = usual < at ? usual : null
  return { from: 'learnt', at, anchorAt, toldAt: null, reported: false, rule, slack, lateness, learnt, doubted }
}

/**
 * The first learnt start that a change of clocks on the server cannot have moved to another day, where its zone is unknown.
 * @param after what the start follows on
 * @param at the first start after it by the usual days
 */
export function certainStart(
  learnt: Learnt,
  job: JobFacts,
  server: ServerFacts,
  { after, at }: { after: number; at: number },
): number {
  if (server.timeZone !== null) return at
  const starts = readHabits(job.habits).map(({ beganAt }) => beganAt)
  return startOnAnyDay(learnt, starts, after, at)
}
