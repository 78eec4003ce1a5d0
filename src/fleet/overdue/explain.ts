/**
 * How an expectation came about: each step with its time, for people and programs (docs/json.md, `overdue explain`).
 * Times in milliseconds since the epoch.
 */
import { nextReminder } from '../alerts/reminders.ts'
import type { OpenAlert, Reminder } from '../alerts/types.ts'
import type { JobFacts, ServerFacts } from '../facts.ts'
import { type AssessOptions, assess, type Verdict } from './assess.ts'
import { type Expectation, keptAt } from './expectation.ts'
import { readHabits, usualDuration } from './habits.ts'
import { countStarts, firstStartAfter, startBefore } from './starts.ts'

export interface Step {
  at: number
  why: string
}

export interface Explanation {
  verdict: Verdict
  /** From what was told to the expected start, which is the last; none where nothing is expected. */
  steps: Step[]
  /** From there to the judgement. */
  judgement: Step[]
  /** After this moment the job is overdue, if nothing runs; null for never. */
  overdueAfter: number | null
  lastRunAt: number | null
  lastSuccessAt: number | null
  /** When the next alert or reminder would go out if nothing ran; null for never. */
  nextAlarmAt: number | null
}

export interface ExplainOptions extends AssessOptions {
  /** When it is, if `now` is another moment that somebody asks for. */
  actually: number
  alert: OpenAlert | null
  /** The open one that the last success is too old. */
  ageAlert: OpenAlert | null
  reminder: Reminder
}

/** So many reports without a success are no chance. */
const TELLING = 5
/** Planned starts that are written out one by one. */
const SHOWN = 3

/**
 * Judges a job at `options.now`, and tells how. For a moment that is not now it is taken for granted that somebody looks then, and
 * that nothing ran but what is known.
 */
export function explain(job: JobFacts, server: ServerFacts, options: ExplainOptions): Explanation {
  const [ofJob, ofServer] = options.now === options.actually ? [job, server] : factsAt(job, server, options.now)
  const verdict = assess(ofJob, ofServer, options)
  return {
    verdict,
    steps: expectationSteps(verdict.expectation, ofJob, ofServer),
    judgement: judgementSteps(verdict, ofJob, ofServer, options),
    overdueAfter: firstOf(verdict.overdueAfter, verdict.tooOldAfter),
    lastRunAt: ofJob.lastBeganAt,
    lastSuccessAt: ofJob.lastSuccessAt,
    nextAlarmAt: nextAlarm(verdict, ofJob, ofServer, options),
  }
}

/** What would be known at another moment: of the past the runs until then, of the future that nothing came. */
function factsAt(job: JobFacts, server: ServerFacts, at: number): [JobFacts, ServerFacts] {
  const looked = { ...server, failingSince: null, lastCollectedAt: server.lastCollectedAt === null ? null : at }
  const plannedSeenAt = job.plannedSeenAt ?? (job.schedule === null ? null : server.lastCollectedAt)
  const then = { ...job, running: null, queued: false, liveAt: null, plannedSeenAt }
  if ((job.lastBeganAt ?? 0) <= at) return [then, looked]
  const runs = readHabits(job.habits).filter(({ beganAt }) => beganAt <= at)
  const [last] = runs
  const success = runs.find(({ status }) => status === 'Success' || status === 'Warning')
  const ended = (run: typeof last) => (run ? run.beganAt + (run.duration ?? 0) : null)
  const past = {
    ...then,
    ...planAt(job, server, last?.beganAt ?? at),
    status: last?.status ?? 'None',
    lastReceivedAt: null,
    lastBeganAt: last?.beganAt ?? null,
    lastEndedAt: ended(last),
    lastSuccessAt: ended(success),
    lastReportAt: job.lastReportAt === null ? null : ended(last),
    skippedAt: null,
    habits: JSON.stringify(runs.map(({ beganAt, duration, status }) => [beganAt, duration, status])),
  } satisfies JobFacts
  return [past, looked]
}

/** The plan counted back to a start that is not after a run of the past; what was told then is not kept. */
function planAt({ schedule, plannedAt }: JobFacts, server: ServerFacts, at: number): Partial<JobFacts> {
  const reported = { reportedNextAt: null, reportedNextSeenAt: null }
  if (!schedule?.repeat || plannedAt === null) return reported
  const { repeat, allowedDays } = schedule
  const rule = { repeat, allowedDays, timeZone: server.timeZone ?? 'UTC', keepClockTime: server.keepClockTime }
  const time = startBefore(rule, plannedAt, at)
  return { ...reported, plannedAt: time, schedule: { ...schedule, time, lastRun: null } }
}

function expectationSteps(expectation: Expectation | null, job: JobFacts, server: ServerFacts): Step[] {
  if (!expectation) return []
  const kept = keptAt(job, server)
  const { at, anchorAt, toldAt } = expectation
  const told = toldAt === null ? [] : [{ at: toldAt, why: expectation.reported ? REPORT_CAME : SERVER_TOLD }]
  const ran = kept === null ? [] : [{ at: kept, why: keptWhy(job, kept) }]
  const anchor = { at: anchorAt, why: anchorWhy(expectation) }
  if (at === anchorAt) return [...told, ...ran, anchor]
  return [
    ...told,
    anchor,
    ...ran,
    ...between(expectation, kept),
    ...doubtedStep(expectation),
    { at, why: 'the first planned start after it: expected' },
  ]
}

const REPORT_CAME = 'a report came that tells the next planned start'
const SERVER_TOLD = 'the server was asked, and told its next planned start'

function anchorWhy({ from, at, anchorAt, reported, learnt }: Expectation): string {
  const isIt = at === anchorAt ? ': expected' : ''
  if (from === 'manual') return `the start set by hand${isIt}`
  if (learnt) return `${learnt.agreeing} of the last ${learnt.of} runs agree: the usual start, as kept last${isIt}`
  return reported ? `the next start, as the report told it${isIt}` : `the next start, as the server told it${isIt}`
}

function keptWhy(job: JobFacts, kept: number): string {
  return kept === job.skippedAt
    ? 'the last run was interrupted: no start before it is waited for'
    : 'the last run began: no start before it is waited for'
}

function doubtedStep({ doubted }: Expectation): Step[] {
  if (doubted === null) return []
  const why =
    'the next start by the usual days: a change of clocks may have moved it to another, so it is not waited for'
  return [{ at: doubted, why }]
}

/** The planned starts from the anchor to the expected one, the first ones by name. */
function between({ at: expectedAt, doubted, anchorAt, rule }: Expectation, kept: number | null): Step[] {
  const at = doubted ?? expectedAt
  if (!rule || kept === null || at === anchorAt) return []
  const count = countStarts(rule, anchorAt, anchorAt, at - 1) - 1
  const steps: Step[] = []
  for (let next = firstStartAfter(rule, anchorAt, anchorAt); next !== null && next < at && steps.length < SHOWN; ) {
    steps.push({ at: next, why: `the next planned start by ${rule.repeat}: passed` })
    next = firstStartAfter(rule, next, next)
  }
  const last = steps.at(-1)
  const left = count - steps.length
  return last && left > 0 ? [...steps, { at: last.at, why: `${left} more planned starts after it: passed` }] : steps
}

function judgementSteps(
  verdict: Verdict,
  job: JobFacts,
  server: ServerFacts,
  { now, actually }: ExplainOptions,
): Step[] {
  return [...startSteps(verdict, job, server, { now, actually }), ...ageSteps(verdict)]
}

/** The limit of the age that the last success may have. */
function ageSteps({ tooOldAfter, tooOldSince, ageUnseen }: Verdict): Step[] {
  if (tooOldAfter === null) return []
  const end = tooOldSince !== null ? ': overdue' : ageUnseen ? ', and nobody has looked since' : ''
  return [{ at: tooOldAfter, why: `the last success is older than its maximum age${end}` }]
}

function startSteps(
  verdict: Verdict,
  job: JobFacts,
  server: ServerFacts,
  { now, actually }: Pick<ExplainOptions, 'now' | 'actually'>,
): Step[] {
  const { expectation, overdueAfter, lookedAt, evidence, punctuality } = verdict
  if (!expectation || overdueAfter === null) return []
  const limit = { at: overdueAfter, why: limitWhy(verdict, job, server) }
  if (punctuality === 'paused') return [limit, { at: now, why: 'the server is paused: nothing is judged' }]
  if (punctuality === 'busy') return [limit, { at: now, why: 'it runs, or waits in the queue: not overdue' }]
  if (punctuality === 'overdue') {
    if (now !== actually) return [limit, { at: now, why: 'if somebody looks then, and nothing has run: overdue' }]
    const at = lookedAt ?? now
    if (evidence !== 'reports') return [limit, { at, why: 'the server was asked, and nothing had run: overdue' }]
    return [limit, ...silenceDoubted(job, limit.at), { at, why: 'no report has come: overdue' }]
  }
  if (punctuality !== 'unseen') return [limit]
  return [limit, { at: lookedAt ?? now, why: lookedAt === null ? 'nobody has ever looked' : 'nobody has looked since' }]
}

/** With `send-http-level` good runs may be left unreported (T12): nobody has ever heard of one then. */
function silenceDoubted({ habits }: JobFacts, at: number): Step[] {
  const runs = readHabits(habits)
  if (runs.length < TELLING || runs.some(({ status }) => status === 'Success')) return []
  const why = `none of its last ${runs.length} reports told a success: if send-http-level leaves those out, it may be well`
  return [{ at, why }]
}

function limitWhy(
  { expectation, toleranceSeconds, overdueAfter }: Verdict,
  { habits }: JobFacts,
  { paused }: ServerFacts,
): string {
  const { at = 0, lateness = 0, learnt = null } = expectation ?? {}
  if (paused?.until != null && paused.until > at) return 'the tolerance after the end of the pause ends'
  const usual = learnt?.lateness ?? 0
  const rest = (overdueAfter ?? 0) - at - lateness - toleranceSeconds * 1000
  // Where reports could not come in at a start, a later one is waited for.
  const isLater = rest > usualDuration(readHabits(habits))
  const parts = [
    ...(usual > 0 ? ['how much later than that it usually begins'] : []),
    ...(lateness > usual ? ['an hour, since nobody knows its time zone and when its clock changes'] : []),
    ...(rest > 0 ? ['the time that a run usually takes'] : []),
  ]
  const ends = isLater ? 'the tolerance after a later start ends, since the monitor was away' : 'the tolerance ends'
  return [ends, ...parts].join(', and ')
}

type Told = Parameters<typeof nextReminder>[0]

/** An alert as it is when it has just been opened. */
function openedAt(kind: 'overdue' | 'tooOld', at: number): Told {
  return { kind, openedAt: at, remindedAt: null, reminders: 0, data: {} }
}

/** When somebody is told next of a problem that began at a moment which may be past. */
function toldNext(
  kind: 'overdue' | 'tooOld',
  since: number,
  alert: OpenAlert | null,
  { reminder, now, actually }: ExplainOptions,
): number | null {
  if (alert) return reminderAfter(alert, reminder, now)
  // As of another moment the alert was opened in time.
  return now === actually || since >= now ? since : reminderAfter(openedAt(kind, since), reminder, now)
}

/** The first reminder that is not before a moment, if each goes out in time. */
function reminderAfter(alert: Told, reminder: Reminder, now: number): number | null {
  let at = nextReminder(alert, reminder)
  for (let { reminders } = alert; at !== null && at > 0 && at < now; ) {
    reminders++
    at = nextReminder({ ...alert, remindedAt: at, reminders }, reminder)
  }
  return at
}

/** The sooner of what there is. */
function firstOf(...times: (number | null)[]): number | null {
  const known = times.filter((time) => time !== null)
  return known.length === 0 ? null : Math.min(...known)
}

/** The next alert that the job is overdue or too old, or its reminder. */
function nextAlarm(verdict: Verdict, job: JobFacts, server: ServerFacts, options: ExplainOptions): number | null {
  return firstOf(lateAlarm(verdict, job, server, options), ageAlarm(verdict, job, options))
}

function ageAlarm(
  { tooOldAfter, tooOldSince }: Verdict,
  { snoozedUntil }: JobFacts,
  options: ExplainOptions,
): number | null {
  if (tooOldAfter === null) return null
  const at = tooOldSince === null ? tooOldAfter : toldNext('tooOld', tooOldAfter, options.ageAlert, options)
  return at === null ? null : Math.max(at, snoozedUntil ?? 0, tooOldSince === null ? 0 : options.now)
}

/** The alert itself, or its next reminder; not before a snooze ends. */
function lateAlarm(
  { punctuality, overdueAfter }: Verdict,
  job: JobFacts,
  { paused }: ServerFacts,
  options: ExplainOptions,
): number | null {
  const { now, actually } = options
  if (!job.monitored || overdueAfter === null || (punctuality === 'paused' && paused?.until === null)) return null
  const at = punctuality === 'overdue' ? toldNext('overdue', overdueAfter, options.alert, options) : overdueAfter
  const isComing = punctuality === 'onTime' || now !== actually
  return at === null ? null : Math.max(at, job.snoozedUntil ?? 0, isComing ? 0 : now)
}
