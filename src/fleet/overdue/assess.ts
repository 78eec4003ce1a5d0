/**
 * Whether a job is late: its expectation, held against what is known. Nothing is judged without evidence: a server that was asked
 * after the planned start, or reports that use to come and did not. Times in milliseconds since the epoch.
 *
 * `assess` is the whole judgement, for a check: it says besides whether the job's server should be asked now (`ask`), so that a
 * daemon asks before it opens an alert. `fleet/state.ts` builds the words of `status` on it.
 */
import type { JobFacts, ServerFacts } from '../facts.ts'
import { CHANGE_OF_CLOCKS, certainStart, type Expectation, expectationOf, ruleOf, type Zone } from './expectation.ts'
import { readHabits, usualDuration } from './habits.ts'
import { countStarts, firstStartAfter, longestGap } from './starts.ts'

/** A time in which the monitor received nothing, since it did not run. */
export interface Downtime {
  from: number
  to: number
}

export interface AssessOptions {
  now: number
  /** Where neither the job nor its server has one of its own. */
  toleranceSeconds: number
  /** The monitor's zone: clock times that are learnt are kept in it where the server's is unknown. UTC when left out. */
  zone?: Zone | undefined
  /** When reports could not come in, the current time included if nobody listens now: what they did not tell then proves nothing. */
  downtimes?: readonly Downtime[] | undefined
}

/**
 * - `onTime`: nothing is due, or it was done
 * - `busy`: due, and running or waiting in the queue when last seen
 * - `paused`: the server holds its jobs back
 * - `overdue`: due, and there is evidence that nothing ran
 * - `unseen`: due, and nobody could look since (`stale`)
 * - `unjudged`: not monitored, or nothing is planned
 */
export type Punctuality = 'onTime' | 'busy' | 'paused' | 'overdue' | 'unseen' | 'unjudged'

export interface Verdict {
  punctuality: Punctuality
  expectation: Expectation | null
  toleranceSeconds: number
  /** After this moment the job counts as overdue if nothing ran; with reports alone the usual duration is in it. */
  overdueAfter: number | null
  overdueSince: number | null
  /** The last look that counts: when the server was asked, or now where reports tell. Null where nobody ever looked. */
  lookedAt: number | null
  evidence: 'collected' | 'reports' | null
  /** The evidence is older than a downtime of the monitor: enough to say, not enough to open an alert. */
  isOld: boolean
  running: boolean
  paused: boolean
  /** Asking the server now would tell more, and it can be asked: the judgement hangs on what nobody has seen yet. */
  ask: boolean
  /** Since when the last success is older than it may be; null while it is not, or while nobody can know. */
  tooOldSince: number | null
  /** After this moment the last success is older than it may be, if no other comes; null where no age is set. */
  tooOldAfter: number | null
  /** The age cannot be judged: a success since then may not have been seen. */
  ageUnseen: boolean
}

/** A start was missed, or the last success is older than it may be. */
export function isOverdue({ punctuality, tooOldSince }: Pick<Verdict, 'punctuality' | 'tooOldSince'>): boolean {
  return punctuality === 'overdue' || tooOldSince !== null
}

const DAY = 86_400_000
/** In days: what a change of clocks or a slow start makes of a gap. */
const ALIKE = 0.1

/** Live status comes every 30 seconds; one that has been silent so long is not believed any more. */
const LIVE_FOR = 30 * 60_000

/** Judges a job of a server. Snoozing silences alerts and changes nothing here. */
export function assess(job: JobFacts, server: ServerFacts, options: AssessOptions): Verdict {
  const { now } = options
  const toleranceSeconds = job.toleranceSeconds ?? options.toleranceSeconds
  const expectation = expectationOf(job, server, options.zone)
  const running = isRunning(job, server, now)
  const paused = isPaused(job, server, now)
  const look = { job, server, options, expectation, running, paused, tolerance: toleranceSeconds * 1000 }
  const lateness = judgeStart(look)
  const age = judgeAge(look)
  const isOld = lateness.evidence === 'collected' && isBeforeDowntime(lateness.lookedAt, options)
  return {
    expectation,
    toleranceSeconds,
    running,
    paused,
    ...lateness,
    ...age,
    isOld,
    ask: job.monitored && server.canBeAsked && (isOld || age.ageUnseen || mustAsk(look, lateness)),
  }
}

interface Look {
  job: JobFacts
  server: ServerFacts
  options: AssessOptions
  expectation: Expectation | null
  running: boolean
  paused: boolean
  tolerance: number
}

type Lateness = Pick<Verdict, 'punctuality' | 'overdueAfter' | 'overdueSince' | 'lookedAt' | 'evidence'>

function judgeStart(look: Look): Lateness {
  const { job, server, expectation, options } = look
  const none = { overdueSince: null, evidence: null, lookedAt: server.lastCollectedAt }
  if (!expectation) return { ...none, punctuality: 'unjudged', overdueAfter: null }
  const due = lastMoment(expectation.at, look)
  const byReports = reportsTell(look, expectation)
  const overdueAfter = byReports && !server.canBeAsked ? due + usualTime(job) : due
  if (!job.monitored) return { ...none, punctuality: 'unjudged', overdueAfter }
  if (look.paused) return { ...none, punctuality: 'paused', overdueAfter }
  if (look.running) return { ...none, punctuality: options.now > expectation.at ? 'busy' : 'onTime', overdueAfter }
  if (options.now <= due) return { ...none, punctuality: 'onTime', overdueAfter }
  if (server.lastCollectedAt !== null && server.lastCollectedAt > due)
    return askedAfter(look, due, server.lastCollectedAt)
  return byReports ? silentAfter(look, expectation) : { ...none, punctuality: 'unseen', overdueAfter }
}

function isBeforeDowntime(at: number | null, { downtimes = [], now }: AssessOptions): boolean {
  return at !== null && downtimes.some(({ from, to }) => at < from && to <= now)
}

/** The server was asked after the last moment: what it knew then is the evidence. */
function askedAfter({ job, server }: Look, due: number, askedAt: number): Lateness {
  const base = { overdueAfter: due, evidence: 'collected', lookedAt: askedAt } as const
  if (!job.queued && job.running === null) return { ...base, punctuality: 'overdue', overdueSince: due }
  // It was under way when somebody looked last; a server that has been silent since may have died over it.
  const punctuality = server.failingSince === null ? 'busy' : 'unseen'
  return { ...base, punctuality, overdueSince: null }
}

/** The job lives by reports: one that should have come by now and did not is the evidence. */
function silentAfter(look: Look, expectation: Expectation): Lateness {
  const { job, options } = look
  const heard = firstHeard(look, expectation)
  const due = lastMoment(expectation.at, look) + usualTime(job)
  const base = { overdueSince: null, evidence: null, lookedAt: lastLook(look) }
  if (heard === null) return { ...base, punctuality: 'unseen', overdueAfter: due }
  const after = lastMoment(heard, look) + usualTime(job)
  if (options.now > after) {
    return {
      punctuality: 'overdue',
      overdueAfter: after,
      overdueSince: after,
      evidence: 'reports',
      lookedAt: options.now,
    }
  }
  return { ...base, punctuality: heard === expectation.at ? 'onTime' : 'unseen', overdueAfter: after }
}

/** The first missed start whose report the monitor was there to receive; null where none is known. */
function firstHeard(look: Look, expectation: Expectation): number | null {
  const { job, server, options } = look
  const duration = usualTime(job)
  let start: number | null = expectation.at
  for (const { from, to } of options.downtimes ?? []) {
    if (start === null) return null
    if (from > lastMoment(start, look) + duration || to < start) continue
    const rule = ruleOf(expectation, job, server, options.zone)
    start = rule ? firstStartAfter(rule, start, to) : surelyBy(look, start, to)
    if (start !== null && expectation.learnt)
      start = certainStart(expectation.learnt, job, server, { after: to, at: start })
  }
  return start
}

/**
 * Of a job with few runs nobody knows how its starts go on. By the same time of a later week there was one, whatever its weekdays
 * are: daily jobs have one after each week, weekly ones too, others at least one within two weeks or twice their longest gap.
 * Null where no run is known.
 */
function surelyBy({ job, server }: Look, start: number, after: number): number | null {
  const begins = readHabits(job.habits)
    .map(({ beganAt }) => beganAt)
    .filter((began) => began < start)
  if (begins.length === 0) return null
  const longest = begins.reduce((most, began, i) => Math.max(most, (begins[i - 1] ?? start) - began), 0) / DAY
  const weeks = Math.round(longest / 7)
  const isWeekly = weeks > 0 && Math.abs(longest / 7 - weeks) < ALIKE
  const days = longest < 1 + ALIKE ? 7 : isWeekly ? 7 * weeks : Math.max(14, 2 * Math.ceil(longest))
  const steps = Math.max(1, Math.ceil((after - start) / (days * DAY)))
  return start + steps * days * DAY + (server.timeZone === null ? CHANGE_OF_CLOCKS : 0)
}

/** The moment after which a start is late. What a known pause held back may begin when the pause ends. */
function lastMoment(start: number, { server, expectation, tolerance }: Look): number {
  return Math.max(start, server.paused?.until ?? start) + tolerance + (expectation?.lateness ?? 0)
}

/**
 * Whether a report came within the last two intervals before the start, so that one can be missed. Not where the server has been
 * out of reach since before its last report: then it is the server that is missing.
 */
function reportsTell({ job, server }: Look, { at, rule, from }: Expectation): boolean {
  if (job.lastReportAt === null) return false
  if (server.failingSince !== null && (server.lastReportAt ?? 0) < server.failingSince) return false
  if (from === 'report') return true
  const gap = rule && longestGap(rule)
  return gap === null ? job.lastReportAt >= (job.lastBeganAt ?? 0) : job.lastReportAt >= at - 2 * gap
}

function usualTime(job: JobFacts): number {
  return usualDuration(readHabits(job.habits))
}

/** When the server was asked last, or the job reported; null for never. */
export function lastLook({ job, server }: Pick<Look, 'job' | 'server'>): number | null {
  const looks = [server.lastCollectedAt, job.lastReportAt].filter((at) => at !== null)
  return looks.length === 0 ? null : Math.max(...looks)
}

/** Live status tells by itself; what was collected holds until the server is out of reach, or the run itself has come in. */
function isRunning({ running, liveAt, lastReceivedAt }: JobFacts, server: ServerFacts, now: number): boolean {
  if (running === null) return false
  const seenAt = liveAt ?? server.lastCollectedAt
  if (seenAt !== null && lastReceivedAt !== null && lastReceivedAt > seenAt) return false
  return liveAt === null ? server.failingSince === null : now - liveAt <= LIVE_FOR
}

/** A pause without an end lasts until somebody sees that it is over: by asking, or by a run that began since. */
function isPaused(job: JobFacts, { paused, lastCollectedAt }: ServerFacts, now: number): boolean {
  if (paused === null || (paused.until !== null && paused.until <= now)) return false
  return (job.lastBeganAt ?? 0) <= (lastCollectedAt ?? 0)
}

/** What hangs on an answer: due and not seen, told by missing reports alone, or under way for longer than a start may be late. */
function mustAsk({ server, options, tolerance }: Look, { punctuality, evidence }: Lateness): boolean {
  if (punctuality === 'unseen' || (punctuality === 'overdue' && evidence === 'reports')) return true
  return punctuality === 'busy' && options.now - (server.lastCollectedAt ?? 0) > tolerance
}

function judgeAge({
  job,
  server,
  options,
  running,
  paused,
}: Look): Pick<Verdict, 'tooOldSince' | 'tooOldAfter' | 'ageUnseen'> {
  const since = job.lastSuccessAt ?? readOldest(job)
  const none = { tooOldSince: null, ageUnseen: false }
  if (!job.monitored || job.maxAgeSeconds === null || since === null) return { ...none, tooOldAfter: null }
  const after = since + job.maxAgeSeconds * 1000
  if (options.now <= after) return { ...none, tooOldAfter: after }
  const asked = server.lastCollectedAt !== null && server.lastCollectedAt > after
  const isSeen = asked || (job.lastReportAt !== null && !server.canBeAsked)
  return { tooOldSince: isSeen && !running && !paused ? after : null, tooOldAfter: after, ageUnseen: !isSeen }
}

/** A job that never succeeded is as old as the first run that is known of it. */
function readOldest(job: JobFacts): number | null {
  return job.maxAgeSeconds === null ? null : (readHabits(job.habits).at(-1)?.beganAt ?? job.skippedAt)
}

/**
 * How many planned starts passed from one moment to another, both included: those that nothing ran at, between the first that was
 * missed (`from`, a planned start) and the run that came at last. Null where how they repeat is not known.
 */
export function missedStarts(
  job: JobFacts,
  server: ServerFacts,
  { from, to, zone }: { from: number; to: number; zone?: Zone | undefined },
): number | null {
  const expectation = expectationOf(job, server, zone)
  const rule = expectation && ruleOf(expectation, job, server, zone)
  return rule && countStarts(rule, from, from, to)
}
