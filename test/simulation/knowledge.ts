/** What a monitor can know of each job and server: from the reports that reached it, and from the answers that it got. */
import type { RunFacts } from '../../src/duplicati/model.ts'
import type { ReportedRun } from '../../src/ingest/reports.ts'
import type { SimJob, SimServer } from './duplicati.ts'
import { TOLERANCE_SECONDS } from './monitor.ts'

const TOLERANCE = TOLERANCE_SECONDS * 1000
const DAY = 86_400_000
/** As many durations make the usual one. */
const DURATIONS = 10

export interface KnownRun {
  beganAt: number
  endedAt: number
  status: RunFacts['status']
  receivedAt: number
}

/** What the server answered when it was asked last. */
interface Snapshot {
  at: number
  next: number
  queued: boolean
  running: boolean
  /** A failure that left no run. */
  failureAt: number | null
}

/**
 * - `late`: due, and by evidence nothing ran
 * - `fine`: not due, or done
 * - `unknown`: due, but nobody can tell (not seen since, running, waiting, paused)
 * - `maybe`: this source does not tell when the next start is, but it can be guessed
 */
export type Lateness = 'late' | 'fine' | 'unknown' | 'maybe'

export class JobKnowledge {
  readonly job: SimJob
  readonly server: ServerKnowledge
  /** Counting ones, newest first. */
  runs: KnownRun[] = []
  interruptedAt: number | null = null
  reported: { next: number; at: number } | null = null
  lastReportAt: number | null = null
  snapshot: Snapshot | null = null
  snoozedUntil = 0
  #rows = 0
  /** The last chain of starts: asked for at each check, and the same until something happens. */
  #chained = { about: '', at: 0 }
  /** Reports of a machine that nobody has recognised yet. */
  strangers: ReportedRun[] = []

  constructor(job: SimJob, server: ServerKnowledge) {
    this.job = job
    this.server = server
  }

  get last(): KnownRun | undefined {
    return this.runs[0]
  }

  get isGood(): boolean {
    return this.last?.status === 'Success' || this.last?.status === 'Warning'
  }

  get failuresInARow(): number {
    const good = this.runs.findIndex(({ status }) => status === 'Success' || status === 'Warning')
    return (good < 0 ? this.runs : this.runs.slice(0, good)).filter(({ status }) => status !== 'Unknown').length
  }

  /** @returns the run, if it is new and counts */
  learnRun(run: Omit<RunFacts, 'log'>, receivedAt: number): KnownRun | null {
    const beganAt = Date.parse(run.beganAt)
    const endedAt = Date.parse(run.endedAt ?? run.beganAt)
    if (run.interrupted) {
      this.interruptedAt = Math.max(this.interruptedAt ?? 0, endedAt)
      return null
    }
    if (this.runs.some((known) => known.beganAt === beganAt)) return null
    const known = { beganAt, endedAt, status: run.status, receivedAt }
    const place = this.runs.findIndex((other) => other.beganAt < beganAt)
    this.runs.splice(place < 0 ? this.runs.length : place, 0, known)
    this.runs.length = Math.min(this.runs.length, 40)
    return known
  }

  learnReport({ run, nextScheduledRun }: ReportedRun, at: number): KnownRun | null {
    this.lastReportAt = at
    this.server.lastReportAt = at
    if (nextScheduledRun) this.reported = { next: Date.parse(nextScheduledRun), at }
    return this.learnRun(run, at)
  }

  /** @returns runs that were new */
  learnAnswers(at: number): KnownRun[] {
    const { job } = this
    const fresh = job.rows.slice(this.#rows).flatMap(({ run }) => (run ? [this.learnRun(run, at)] : []))
    this.#rows = job.rows.length
    this.strangers = []
    this.snapshot = {
      at,
      next: job.next,
      queued: job.server.isQueued(job),
      running: job.server.running?.job === job,
      failureAt: this.#failureAt(),
    }
    return fresh.filter((run) => run !== null)
  }

  /** Newer than the last finished backup, and told by no run. */
  #failureAt(): number | null {
    const { lastErrorAt, lastErrorWas, lastFinishedAt } = this.job
    if (lastErrorAt === null || lastErrorWas !== 'early') return null
    const seconds = Math.floor(lastErrorAt / 1000) * 1000
    return seconds > Math.max(Math.floor((lastFinishedAt ?? 0) / 1000) * 1000, this.last?.endedAt ?? 0) ? seconds : null
  }

  /** Still current: a newer backup ends it. */
  get failureAt(): number | null {
    const at = this.snapshot?.failureAt ?? null
    return at !== null && (this.last?.endedAt ?? 0) > at ? null : at
  }

  /** Of the last run that a start may have been meant for. */
  get keptAt(): number | null {
    const began = this.last?.beganAt ?? null
    return this.interruptedAt !== null && (began === null || this.interruptedAt > began) ? this.interruptedAt : began
  }

  /** The first planned start after the last run; null where it cannot be told for certain. */
  get expectedAt(): number | null {
    const { snapshot, reported, keptAt: kept } = this
    const isReported = reported !== null && reported.at > (snapshot?.at ?? 0)
    const told = isReported ? reported.next : (snapshot?.next ?? null)
    if (told === null) return null
    if (kept === null || told > kept) return told
    if (snapshot === null) return null
    const { repeat, days } = this.job
    const about = `${told} ${kept} ${repeat} ${days}`
    if (this.#chained.about !== about) this.#chained = { about, at: this.#chain(told, kept) }
    return this.#chained.at
  }

  #chain(told: number, kept: number): number {
    let at = told
    while (at <= kept) at = this.job.server.startAfter(this.job, at, at)
    return at
  }

  /** After this moment a start is late. */
  get dueAt(): number | null {
    const { expectedAt } = this
    return expectedAt === null ? null : Math.max(expectedAt, this.server.paused?.until ?? 0) + TOLERANCE
  }

  /** The longest of the last ten: the 95th percentile of so few. */
  get usualTime(): number {
    const lengths = this.runs.slice(0, DURATIONS).map(({ beganAt, endedAt }) => endedAt - beganAt)
    return lengths.length === 0 ? 0 : Math.max(...lengths) + 1
  }

  isPaused(at: number): boolean {
    const { paused, contactAt } = this.server
    if (paused === null || (paused.until !== null && paused.until <= at)) return false
    return (this.last?.beganAt ?? 0) <= (contactAt ?? 0)
  }

  get isRunning(): boolean {
    if (!this.snapshot?.running || this.server.failingSince !== null) return false
    return (this.last?.receivedAt ?? 0) <= this.snapshot.at
  }

  /** Due by what is known, and nobody has looked since. */
  isUnseen(at: number): boolean {
    const due = this.dueAt
    if (due === null || at <= due || this.isPaused(at) || this.isRunning) return false
    if ((this.server.contactAt ?? 0) <= due) return true
    // It was under way when somebody looked last, and may have died over it.
    return this.server.failingSince !== null && (this.snapshot?.queued === true || this.snapshot?.running === true)
  }

  lateness(at: number): Lateness {
    const { expectedAt, dueAt, server } = this
    if (expectedAt === null || dueAt === null) return 'maybe'
    if (this.isPaused(at) || this.isRunning) return 'unknown'
    if (at <= dueAt) return 'fine'
    if (server.contactAt !== null && server.contactAt > dueAt) {
      return this.snapshot?.queued || this.snapshot?.running ? 'unknown' : 'late'
    }
    if (server.isPolled) return server.reportsTell ? 'maybe' : 'unknown'
    const after = dueAt + this.usualTime
    if (at <= after) return 'fine'
    return server.wasDeaf(expectedAt, after) ? 'maybe' : 'late'
  }

  /**
   * Whether a start was really planned, and nothing of it came to this monitor: what an alarm must rest on even where the monitor
   * has to guess.
   */
  isTrulyMissing(at: number): boolean {
    const { job } = this
    const kept = this.keptAt ?? 0
    let next = job.next
    while (next <= kept) next = job.server.startAfter(job, next, next)
    return [...job.starts.slice(-200), next].some((start) => start + TOLERANCE < at && start > kept)
  }

  /** When what is known may come to something else by itself. */
  *moments(at: number): Generator<number> {
    const due = this.dueAt
    if (due === null) return
    for (const moment of [due, due + this.usualTime]) if (moment > at && moment < at + 40 * DAY) yield moment + 1
  }
}

export class ServerKnowledge {
  readonly server: SimServer
  readonly isPolled: boolean
  /** When it answered last. */
  contactAt: number | null = null
  failingSince: number | null = null
  lastReportAt: number | null = null
  paused: { until: number | null } | null = null
  /** When the monitor received nothing, for all servers. */
  readonly #deaf: readonly { from: number; to: number }[]

  constructor(server: SimServer, isPolled: boolean, deaf: readonly { from: number; to: number }[]) {
    this.server = server
    this.isPolled = isPolled
    this.#deaf = deaf
  }

  learnContact(at: number, ok: boolean): void {
    if (!ok) {
      this.failingSince ??= at
      return
    }
    this.failingSince = null
    this.contactAt = at
    this.paused = this.server.paused && { ...this.server.paused }
  }

  /** Reports came since it was out of reach. */
  get reportsTell(): boolean {
    if (this.lastReportAt === null) return false
    return this.failingSince === null || this.lastReportAt >= this.failingSince
  }

  wasDeaf(from: number, to: number): boolean {
    return this.#deaf.some((time) => time.from <= to && time.to >= from)
  }
}
