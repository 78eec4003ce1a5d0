/**
 * A Duplicati server as its scheduler behaves (recordings of real ones): planned starts by `nextRun`, one queue, one run at a time,
 * one catch-up run after being off, nothing started while paused, manual runs that move no plan. No HTTP: what it tells comes as
 * the parsed answers of its API and as the reports that it posts.
 */
import type { Backup, LogRow, RunFacts, ServerInfo, ServerState } from '../../src/duplicati/model.ts'
import { nextRun } from '../../src/duplicati/schedule.ts'
import type { ReportedRun } from '../../src/ingest/reports.ts'
import { listedBackup, runFacts, serverInfo } from '../support/run-facts.ts'
import type { Agenda } from './agenda.ts'

export type Outcome = 'success' | 'warning' | 'error' | 'fatal' | 'skipped' | 'early'

export interface JobPlan {
  name: string
  backupId: string
  /** First planned start, in milliseconds. */
  first: number
  repeat: string
  days: string[]
}

/** How the next run goes; asked when it begins. */
export type Fate = (job: SimJob, now: number) => { outcome: Outcome; milliseconds: number }

export interface SimJob {
  readonly server: SimServer
  readonly plan: JobPlan
  /** The scheduler's next start: moves when a run that it started has ended. */
  next: number
  /** As `ProposedSchedule` has it: moves when a run is queued. */
  proposed: number
  lastScheduledStart: number | null
  repeat: string
  days: string[]
  queued: boolean
  /** Its schedule does not work: it is never queued. */
  stuck: boolean
  rows: LogRow[]
  lastFinishedAt: number | null
  lastErrorAt: number | null
  lastErrorWas: Outcome | null
  /** Every planned start that was due. */
  starts: number[]
}

interface Task {
  job: SimJob
  /** The planned start that it is for; null for a manual run. */
  due: number | null
}

interface Running extends Task {
  beganAt: number
  endsAt: number
  outcome: Outcome
  /** The scheduler's start after this one. */
  after: number | null
}

export interface SimServerOptions {
  name: string
  machineId: string
  timeZone: string
  version: string
  jobs: JobPlan[]
  agenda: Agenda
  now: () => number
  fate: Fate
  /** A report leaves. */
  onReport: (report: ReportedRun, job: SimJob) => Promise<void>
  /** Something is different now. */
  onChange: (server: SimServer) => void
}

const SECOND = 1000

export class SimServer {
  readonly name: string
  readonly url: string
  readonly timeZone: string
  readonly version: string
  readonly jobs: SimJob[]
  machineId: string
  isUp = true
  /** Its API cannot be reached, while its reports can leave. */
  isShut = false
  /** It reports under another machine id, and nobody has recognised it yet. */
  isStranger = false
  paused: { until: number | null } | null = null
  running: Running | null = null
  readonly #queue: Task[] = []
  readonly #options: SimServerOptions
  #rowId = 0
  #ticks = 0

  constructor(options: SimServerOptions) {
    this.#options = options
    this.name = options.name
    this.url = `https://${options.name}.example:8200`
    this.timeZone = options.timeZone
    this.version = options.version
    this.machineId = options.machineId
    this.jobs = options.jobs.map((plan) => ({
      server: this,
      plan,
      next: this.#firstStart(plan),
      proposed: this.#firstStart(plan),
      lastScheduledStart: null,
      repeat: plan.repeat,
      days: plan.days,
      queued: false,
      stuck: false,
      rows: [],
      lastFinishedAt: null,
      lastErrorAt: null,
      lastErrorWas: null,
      starts: [],
    }))
  }

  get isReachable(): boolean {
    return this.isUp && !this.isShut
  }

  get keepsClockTime(): boolean {
    return !this.version.startsWith('2.1')
  }

  /** The scheduler looks: what is due is queued once, and the queue goes on. */
  tick(): void {
    const now = this.#options.now()
    if (!this.isUp) return
    for (const job of this.jobs) {
      const isActive = job.queued || (this.running?.job === job && this.running.due !== null)
      if (job.stuck || isActive || job.next > now) continue
      job.queued = true
      job.starts.push(job.next)
      job.proposed = this.startAfter(job, job.next, now)
      this.#queue.push({ job, due: job.next })
    }
    this.#begin()
    const wake = Math.min(...this.jobs.filter(({ queued, stuck }) => !queued && !stuck).map(({ next }) => next))
    if (wake > now && Number.isFinite(wake)) this.#options.agenda.plan(wake, () => this.tick())
  }

  runByHand(job: SimJob): void {
    if (!this.isUp) return
    this.#queue.push({ job, due: null })
    this.#begin()
  }

  turnOff(): void {
    this.isUp = false
    // What ran has left no trace, and is due again.
    this.running = null
    this.#queue.length = 0
    for (const job of this.jobs) job.queued = false
    this.#options.onChange(this)
  }

  turnOn(): void {
    this.isUp = true
    this.tick()
    this.#options.onChange(this)
  }

  pause(until: number | null): void {
    this.paused = { until }
    this.#options.onChange(this)
  }

  resume(): void {
    this.paused = null
    this.tick()
    this.#options.onChange(this)
  }

  /** Somebody sets another time of day. */
  reschedule(job: SimJob, next: number): void {
    job.next = next
    job.proposed = next
    this.tick()
    this.#options.onChange(this)
  }

  /** f(due, max(now, due) + 1 s), as the server calls it. */
  startAfter(job: SimJob, due: number, now: number): number {
    const schedule = {
      time: new Date(due).toISOString(),
      repeat: job.repeat,
      allowedDays: job.days,
      timeZone: this.timeZone,
      keepClockTime: this.keepsClockTime,
    }
    const next = nextRun(schedule, new Date(Math.max(now, due) + SECOND))
    if (!next) throw new Error(`${job.plan.name} has no start after ${new Date(due).toISOString()}`)
    return next.getTime()
  }

  /** f(Time, LastRun), as the server calls it for a schedule that it has not seen before. */
  #firstStart({ first, repeat, days }: JobPlan): number {
    const schedule = { time: new Date(first).toISOString(), repeat, allowedDays: days, timeZone: this.timeZone }
    return nextRun({ ...schedule, keepClockTime: this.keepsClockTime }, new Date(0))?.getTime() ?? first
  }

  #begin(): void {
    if (!this.isUp || this.paused || this.running) return
    const task = this.#queue.shift()
    if (!task) return
    const { job, due } = task
    const now = this.#options.now()
    if (due !== null) job.queued = false
    const { outcome, milliseconds } = this.#options.fate(job, now)
    const after = due === null ? null : job.proposed
    const running: Running = { ...task, beganAt: now, endsAt: now + milliseconds, outcome, after }
    this.running = running
    this.#options.agenda.plan(running.endsAt, () => (this.running === running ? this.#end(running) : undefined))
  }

  async #end(running: Running): Promise<void> {
    const { job, due, beganAt, endsAt, outcome, after } = running
    this.running = null
    if (after !== null && due === job.next) {
      job.next = after
      job.lastScheduledStart = Math.floor(beganAt / SECOND) * SECOND
    }
    const run = outcome === 'early' ? null : this.#runOf(running)
    if (run) {
      const id = ++this.#rowId
      job.rows.push({ id, timestamp: Math.floor(endsAt / SECOND), fingerprint: `row ${id}`, run, unreadable: null })
    }
    if (outcome === 'early' || outcome === 'fatal') Object.assign(job, { lastErrorAt: endsAt, lastErrorWas: outcome })
    else if (outcome !== 'skipped') job.lastFinishedAt = endsAt
    if (run && outcome !== 'skipped') await this.#options.onReport(this.#reportOf(job, run, after), job)
    this.tick()
    this.#options.onChange(this)
  }

  #runOf({ beganAt, endsAt, outcome }: Running): RunFacts {
    this.#ticks = (this.#ticks * 7919 + 1237) % 10_000
    const status = STATUSES[outcome]
    return runFacts({
      beganAt: new Date(beganAt).toISOString(),
      beganTicks: this.#ticks,
      endedAt: new Date(endsAt).toISOString(),
      durationSeconds: (endsAt - beganAt) / SECOND + this.#ticks / 1e7,
      status,
      interrupted: outcome === 'skipped',
      warnings: outcome === 'warning' ? 2 : 0,
      errors: outcome === 'error' || outcome === 'fatal' ? 1 : 0,
      duplicatiVersion: this.version,
    })
  }

  #reportOf(job: SimJob, run: RunFacts, after: number | null): ReportedRun {
    return {
      machineId: this.machineId,
      machineName: this.name,
      backupId: `DB-${job.plan.backupId}`,
      backupName: job.plan.name,
      run,
      receivedAt: new Date(this.#options.now()),
      nextScheduledRun: after === null || this.version.startsWith('2.1') ? null : new Date(after).toISOString(),
    }
  }

  info(): ServerInfo {
    const { machineId, name: machineName, version: duplicatiVersion, timeZone } = this
    return serverInfo({ machineId, machineName, duplicatiVersion, timeZone, keepClockTime: this.keepsClockTime })
  }

  state(): ServerState {
    const { paused } = this
    return {
      paused: paused && { until: paused.until === null ? null : new Date(paused.until).toISOString() },
      activeBackupId: this.running?.job.plan.backupId ?? null,
      queuedBackupIds: this.#queue.map(({ job }) => job.plan.backupId),
      proposed: Object.fromEntries(
        this.jobs.map(({ plan, proposed }) => [plan.backupId, new Date(proposed).toISOString()]),
      ),
    }
  }

  backups(): Backup[] {
    return this.jobs.map((job) =>
      listedBackup(
        {
          backupId: job.plan.backupId,
          name: job.plan.name,
          schedule: {
            id: job.plan.backupId,
            time: new Date(job.next).toISOString(),
            repeat: job.repeat,
            allowedDays: job.days,
            lastRun: job.lastScheduledStart === null ? null : new Date(job.lastScheduledStart).toISOString(),
          },
        },
        {
          lastFinishedAt: inSeconds(job.lastFinishedAt),
          lastErrorAt: inSeconds(job.lastErrorAt),
          lastErrorMessage: job.lastErrorAt === null ? null : 'it failed',
        },
      ),
    )
  }

  isQueued(job: SimJob): boolean {
    return this.#queue.some((task) => task.job === job)
  }
}

const STATUSES = {
  success: 'Success',
  warning: 'Warning',
  error: 'Error',
  fatal: 'Fatal',
  skipped: 'Success',
} as Record<Outcome, RunFacts['status']>

function inSeconds(at: number | null): string | null {
  return at === null ? null : new Date(Math.floor(at / SECOND) * SECOND).toISOString()
}
