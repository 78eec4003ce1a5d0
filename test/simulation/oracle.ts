/**
 * Says what people must be told, from what the monitor can know (knowledge.ts), and holds every message of the program against it.
 * It shares no code with the program but Duplicati's own `nextRun`.
 */
import type { Destination } from '../../src/fleet/rules.ts'
import type { ReportedRun } from '../../src/ingest/reports.ts'
import type { SimJob, SimServer } from './duplicati.ts'
import { JobKnowledge, type KnownRun, ServerKnowledge } from './knowledge.ts'
import type { Mode, Observer, StoredEvent } from './monitor.ts'
import { TOLERANCE_SECONDS } from './monitor.ts'
import { PROFILES, type Profile, SERVER_ALERTS } from './rules.ts'

const DAY = 86_400_000
const TOLERANCE = TOLERANCE_SECONDS * 1000
const MOST_PROBLEMS = 20

type Kind = 'overdue' | 'failedEarly' | 'failed' | 'unreachable'
/** Of several that end together the first is told. */
const RANK: Kind[] = ['overdue', 'failedEarly', 'failed', 'unreachable']

interface Alert {
  kind: Kind
  openedAt: number
  toldAt: number
  reminders: number
  round: number
  /** The missed start, where it is known. */
  expectedAt: number | null
  lastRunAt: number | null
  told: Destination[]
}

/** Something that must be told, or may be. */
interface Expected {
  kind: string
  name: string
  must: boolean
  why: string
  destinations: Destination[]
}

interface Watched {
  knowledge: JobKnowledge
  profile: Profile
  alerts: Map<Kind, Alert>
  /** Since when a start has been missing without an alarm, for certain. */
  silentSince: number | null
}

export class Oracle implements Observer {
  readonly problems: string[] = []
  readonly jobs = new Map<string, Watched>()
  /** Whom each event is to reach, by its id. */
  readonly destinations = new Map<number, { event: StoredEvent; to: Destination[] }>()
  counts: Record<string, number> = {}
  readonly #servers = new Map<string, { knowledge: ServerKnowledge; alert: Alert | null }>()
  readonly #mode: Mode
  readonly #deaf: { from: number; to: number }[] = []
  #downSince: number | null = null
  #expectedRuns: { job: Watched; run: KnownRun }[] = []
  #contacts = new Set<string>()
  #unseen = new Set<string>()

  constructor(mode: Mode, servers: SimServer[]) {
    this.#mode = mode
    for (const server of servers) {
      const knowledge = new ServerKnowledge(server, mode !== 'reports', this.#deaf)
      this.#servers.set(server.name, { knowledge, alert: null })
      for (const job of server.jobs) {
        const watched = {
          knowledge: new JobKnowledge(job, knowledge),
          profile: PROFILES[0]!,
          alerts: new Map(),
          silentSince: null,
        }
        this.jobs.set(job.plan.name, watched)
      }
    }
  }

  onDown(_at: number, listenedUntil: number): void {
    this.#downSince = listenedUntil
  }

  onUp(at: number): void {
    if (this.#downSince !== null) this.#deaf.push({ from: this.#downSince, to: at })
    this.#downSince = null
  }

  onReport(job: SimJob, report: ReportedRun, at: number): void {
    const watched = this.#watched(job)
    const { knowledge } = watched
    if (job.server.isStranger) {
      knowledge.strangers.push(report)
      return
    }
    const run = knowledge.learnReport(report, at)
    if (run) this.#arrived(watched, run)
  }

  onContact(server: SimServer, at: number, ok: boolean): void {
    this.#contacts.add(server.name)
    this.#server(server).knowledge.learnContact(at, ok)
    if (!ok) return
    // Rows of its log that are the same runs as those of an unknown machine.
    if (server.jobs.some((job) => this.#watched(job).knowledge.strangers.length > 0)) server.isStranger = false
    for (const job of server.jobs) {
      const watched = this.#watched(job)
      for (const report of watched.knowledge.strangers)
        watched.knowledge.learnReport(report, report.receivedAt.getTime())
      for (const run of watched.knowledge.learnAnswers(at)) this.#arrived(watched, run)
    }
  }

  /** A run of the last day is news, unless the job is snoozed. */
  #arrived(job: Watched, run: KnownRun): void {
    const { knowledge, profile, alerts } = job
    if (run.receivedAt - run.endedAt >= DAY || knowledge.snoozedUntil > run.receivedAt) return
    const to = profile.runs[run.status as keyof Profile['runs']]
    if (to.length === 0) return
    this.#expectedRuns.push({ job, run })
    if (run.status !== 'Error' && run.status !== 'Fatal') return
    if (knowledge.failuresInARow === 0) return
    const open = alerts.get('failed') ?? this.#open(job, 'failed', run.receivedAt, [])
    open.told.push(...to)
  }

  onRunEvents(at: number, events: StoredEvent[]): void {
    for (const event of events) {
      const index = this.#expectedRuns.findIndex(
        ({ job, run }) => event.data.job?.name === job.knowledge.job.plan.name && event.data.beganAt === run.beganAt,
      )
      const expected = this.#expectedRuns[index]
      if (event.kind !== 'run' || !expected) {
        this.#fail(at, `false message ${describe(event)}`)
        continue
      }
      this.#expectedRuns.splice(index, 1)
      this.#tell(event, expected.job.profile.runs[expected.run.status as keyof Profile['runs']])
    }
    for (const { job, run } of this.#expectedRuns) {
      this.#fail(at, `no message of the run of ${job.knowledge.job.plan.name} at ${iso(run.beganAt)} (${run.status})`)
    }
    this.#expectedRuns = []
  }

  /** Whether a check at this moment may find something that the last one could not. */
  isDue(from: number, to: number): boolean {
    for (const moment of this.moments(from)) if (moment > from && moment <= to) return true
    return false
  }

  /** Whether what happens to a job may end something. */
  hasOpen(job: SimJob): boolean {
    const { alerts, knowledge } = this.#watched(job)
    return alerts.size > 0 || knowledge.failuresInARow > 0 || knowledge.job.server.isStranger
  }

  onCheckBegins(at: number): void {
    this.#contacts.clear()
    this.#unseen.clear()
    for (const { knowledge } of this.jobs.values()) {
      if (!knowledge.server.isPolled) continue
      const after = (knowledge.dueAt ?? 0) + knowledge.usualTime
      if (knowledge.isUnseen(at) && at > after) this.#unseen.add(knowledge.job.server.name)
    }
  }

  onCheckEnds(at: number, events: StoredEvent[]): void {
    for (const name of this.#unseen) {
      if (!this.#contacts.has(name)) this.#fail(at, `${name} was not asked although a job of it is due and not seen`)
    }
    this.#recognise(at)
    const expected = [...this.#serverNews(at)]
    for (const watched of this.jobs.values()) expected.push(...this.#jobNews(watched, at, events))
    this.#compare(at, expected, events)
    for (const watched of this.jobs.values()) this.#watchSilence(watched, at)
  }

  /** A machine that changed its id is the same where its run kept the time of one that is late. */
  #recognise(at: number): void {
    for (const { knowledge: server } of this.#servers.values()) {
      if (!server.server.isStranger) continue
      const jobs = server.server.jobs.map((job) => this.#watched(job).knowledge)
      const isFound = jobs.some((job) => {
        const { expectedAt } = job
        if (expectedAt === null || job.lateness(at) !== 'late') return false
        return job.strangers.some(({ run }) => Math.abs(Date.parse(run.beganAt) - expectedAt) <= TOLERANCE)
      })
      if (!isFound) continue
      server.server.isStranger = false
      this.#count('recognised')
      for (const job of jobs) {
        for (const report of job.strangers) job.learnReport(report, report.receivedAt.getTime())
        job.strangers = []
      }
    }
  }

  *#serverNews(at: number): Generator<Expected> {
    for (const [name, entry] of this.#servers) {
      const { knowledge, alert } = entry
      if (!knowledge.isPolled) continue
      const jobs = knowledge.server.jobs.map((job) => this.#watched(job).knowledge)
      const isOut = knowledge.failingSince !== null
      const waiting = isOut ? jobs.filter((job) => job.isUnseen(at)) : []
      const isSnoozed = waiting.length > 0 && waiting.every(({ snoozedUntil }) => snoozedUntil > at)
      const isSure = !knowledge.reportsTell
      const to = SERVER_ALERTS
      if (!alert && waiting.length > 0 && !isSnoozed) {
        yield { kind: 'unreachable', name, must: isSure, why: 'out of reach, and jobs are due', destinations: to }
      } else if (alert && !isOut) {
        yield { kind: 'recovery:unreachable', name, must: true, why: 'it answers again', destinations: to }
      } else if (alert && waiting.length > 0 && !isSnoozed && at >= nextReminder(alert)) {
        yield {
          kind: `unreachable:${alert.reminders + 1}`,
          name,
          must: isSure,
          why: 'still out of reach',
          destinations: to,
        }
      }
    }
  }

  *#jobNews(watched: Watched, at: number, events: StoredEvent[]): Generator<Expected> {
    const { knowledge, profile, alerts } = watched
    const name = knowledge.job.plan.name
    const isSnoozed = knowledge.snoozedUntil > at
    const lateness = knowledge.lateness(at)
    const ended: Alert[] = []
    const to = profile.alerts
    const overdue = alerts.get('overdue')
    if (!overdue) {
      const may = lateness === 'late' || (lateness === 'maybe' && knowledge.isTrulyMissing(at))
      if (may && !isSnoozed) {
        const must = lateness === 'late'
        yield {
          kind: 'overdue',
          name,
          must,
          why: `${lateness}: expected ${iso(knowledge.expectedAt)}`,
          destinations: to,
        }
      }
    } else if (lateness === 'late') {
      const again = (knowledge.last?.beganAt ?? 0) > (overdue.lastRunAt ?? 0)
      if (!isSnoozed && (again || at >= nextReminder(overdue))) {
        const why = again ? 'late again after a newer run' : 'still late'
        yield { kind: `overdue:${overdue.reminders + 1}`, name, must: true, why, destinations: to }
      }
    } else if (isOver(overdue, knowledge, events)) {
      ended.push(overdue)
    } else if (lateness === 'maybe' && !isSnoozed) {
      yield { kind: `overdue:${overdue.reminders + 1}`, name, must: false, why: 'perhaps late', destinations: to }
    }
    yield* this.#earlyNews(watched, at, ended)
    const failed = alerts.get('failed')
    if (!failed && knowledge.failuresInARow > 0 && !isSnoozed) this.#open(watched, 'failed', at, [])
    else if (failed && knowledge.isGood) ended.push(failed)
    yield* this.#end(watched, ended, isSnoozed, events)
  }

  *#earlyNews({ knowledge, alerts, profile }: Watched, at: number, ended: Alert[]): Generator<Expected> {
    const { failureAt } = knowledge
    const name = knowledge.job.plan.name
    const early = alerts.get('failedEarly')
    const isSnoozed = knowledge.snoozedUntil > at
    const base = { name, must: true, destinations: profile.alerts }
    if (failureAt !== null) {
      if (isSnoozed) return
      if (!early) yield { ...base, kind: 'failedEarly', why: `failed early at ${iso(failureAt)}` }
      else if (at >= nextReminder(early))
        yield { ...base, kind: `failedEarly:${early.reminders + 1}`, why: 'still failing' }
      if (early) early.expectedAt = failureAt
    } else if (early && knowledge.isGood && (knowledge.last?.endedAt ?? 0) > (early.expectedAt ?? 0)) ended.push(early)
  }

  /** One good run is one recovery, told to all who heard of what it ends. */
  *#end(
    { knowledge, alerts }: Watched,
    ended: Alert[],
    isSnoozed: boolean,
    events: StoredEvent[],
  ): Generator<Expected> {
    const name = knowledge.job.plan.name
    const [first] = ended.sort((a, b) => RANK.indexOf(a.kind) - RANK.indexOf(b.kind))
    for (const { kind } of ended) alerts.delete(kind)
    if (!first || isSnoozed) return
    const told = unique(ended.flatMap((alert) => alert.told))
    if (told.length === 0) return
    const found = events.find(({ data }) => data.kind === 'recovery' && data.job?.name === name)
    const kind = `recovery:${found?.data.problem ?? first.kind}`
    yield {
      kind,
      name,
      must: true,
      why: `well again since ${iso(knowledge.last?.beganAt ?? null)}`,
      destinations: told,
    }
  }

  #compare(at: number, expected: Expected[], events: StoredEvent[]): void {
    const left = [...expected]
    for (const event of events) {
      const name = event.data.job?.name ?? event.data.server?.name ?? ''
      const index = left.findIndex((one) => one.kind === kindOf(event) && one.name === name)
      const [found] = index < 0 ? [] : left.splice(index, 1)
      if (!found) {
        this.#fail(at, `false message ${describe(event)} ${this.#state(name, at)}`)
        continue
      }
      this.#tell(event, found.destinations)
      this.#note(event, found, at)
    }
    for (const { kind, name, must, why } of left) {
      if (must) this.#fail(at, `no message ${kind} of ${name}: ${why} ${this.#state(name, at)}`)
    }
  }

  /** Keeps the open alerts as the messages that were accepted made them. */
  #note(event: StoredEvent, { destinations }: Expected, at: number): void {
    const [kind = '', reminder] = kindOf(event).split(':')
    if (kind === 'recovery') {
      const server = event.data.job ? undefined : this.#servers.get(event.data.server?.name ?? '')
      if (server) server.alert = null
      return
    }
    const job = this.jobs.get(event.data.job?.name ?? '')
    const server = this.#servers.get(event.data.server?.name ?? '')
    if (reminder === undefined) {
      if (job) this.#open(job, kind as Kind, at, [...destinations])
      else if (server) server.alert = newAlert('unreachable', at, [...destinations])
      return
    }
    const alert = job?.alerts.get(kind as Kind) ?? server?.alert
    if (!alert) return
    alert.reminders++
    alert.toldAt = at
    const last = job?.knowledge.last?.beganAt ?? null
    if ((last ?? 0) > (alert.lastRunAt ?? 0) && kind === 'overdue') {
      alert.round = alert.reminders
      alert.expectedAt = job?.knowledge.expectedAt ?? null
      alert.lastRunAt = last
    }
  }

  #open({ knowledge, alerts }: Watched, kind: Kind, at: number, told: Destination[]): Alert {
    const alert = newAlert(kind, at, told)
    alert.expectedAt = kind === 'failedEarly' ? knowledge.failureAt : knowledge.expectedAt
    alert.lastRunAt = knowledge.last?.beganAt ?? null
    alerts.set(kind, alert)
    return alert
  }

  /** Even where the monitor has to guess it must not stay silent for ever. */
  #watchSilence(watched: Watched, at: number): void {
    const { knowledge, alerts } = watched
    const isTold = alerts.has('overdue') || knowledge.snoozedUntil > at
    if (isTold || knowledge.server.isPolled || !knowledge.isTrulyMissing(at)) {
      watched.silentSince = null
      return
    }
    watched.silentSince ??= at
    const { repeat } = knowledge.job
    const patience = 14 * DAY + (repeat.endsWith('M') ? 62 * DAY : repeat.endsWith('W') ? 21 * DAY : 0)
    if (at - watched.silentSince > patience && knowledge.runs.length >= 10) {
      this.#fail(
        at,
        `${knowledge.job.plan.name} has been missing since ${iso(watched.silentSince)} and nobody was told`,
      )
      watched.silentSince = at
    }
  }

  #tell(event: StoredEvent, to: Destination[]): void {
    this.destinations.set(event.id, { event, to: unique(to) })
    this.#count(kindOf(event).replace(/:\d+$/, ':reminder'))
  }

  #count(kind: string): void {
    this.counts[kind] = (this.counts[kind] ?? 0) + 1
  }

  /** When a check may find something new without anything happening. */
  *moments(at: number): Generator<number> {
    for (const { knowledge, alerts } of this.jobs.values()) {
      yield* knowledge.moments(at)
      for (const alert of alerts.values()) if (alert.kind !== 'failed') yield nextReminder(alert)
      if (knowledge.snoozedUntil > at) yield knowledge.snoozedUntil
    }
    for (const { alert } of this.#servers.values()) if (alert) yield nextReminder(alert)
  }

  #watched(job: SimJob): Watched {
    return this.jobs.get(job.plan.name)!
  }

  #server({ name }: SimServer): { knowledge: ServerKnowledge; alert: Alert | null } {
    return this.#servers.get(name)!
  }

  #state(name: string, at: number): string {
    const watched = this.jobs.get(name)
    if (!watched) return ''
    const { knowledge, alerts } = watched
    const { server, snapshot, reported } = knowledge
    return `[${knowledge.lateness(at)} expected ${iso(knowledge.expectedAt)} last ${iso(knowledge.last?.beganAt ?? null)} ${knowledge.last?.status} got ${iso(knowledge.last?.receivedAt ?? null)} skipped ${iso(knowledge.interruptedAt)} contact ${iso(server.contactAt)} failing ${iso(server.failingSince)} paused ${JSON.stringify(server.paused)} snapshot ${iso(snapshot?.next ?? null)}@${iso(snapshot?.at ?? null)} q${snapshot?.queued} r${snapshot?.running} reported ${iso(reported?.next ?? null)}@${iso(reported?.at ?? null)} usual ${Math.round(knowledge.usualTime / 60_000)}min open ${[...alerts.keys()]}]`
  }

  #fail(at: number, text: string): void {
    if (this.problems.length < MOST_PROBLEMS) this.problems.push(`${iso(at)} ${this.#mode}: ${text}`)
  }
}

/** A good run came that was meant for the missed start; where that was guessed, the program says which run it was. */
function isOver(
  { expectedAt, lastRunAt, openedAt }: Alert,
  { isGood, last, job }: JobKnowledge,
  events: StoredEvent[],
) {
  if (!isGood || last === undefined) return false
  if (expectedAt !== null) return last.beganAt >= expectedAt
  const isTold = events.some(({ data }) => data.kind === 'recovery' && data.job?.name === job.plan.name)
  return last.beganAt >= openedAt || (isTold && last.beganAt > (lastRunAt ?? 0))
}

function newAlert(kind: Kind, at: number, told: Destination[]): Alert {
  return { kind, openedAt: at, toldAt: at, reminders: 0, round: 0, expectedAt: null, lastRunAt: null, told }
}

/** A day after it was opened, then every week; anew when it is late again. */
function nextReminder({ toldAt, reminders, round }: Alert): number {
  return toldAt + (reminders > round ? 7 * DAY : DAY)
}

function kindOf({ kind, data }: StoredEvent): string {
  if (kind === 'recovery') return `recovery:${data.problem}`
  return data.reminder ? `${kind}:${data.reminder}` : kind
}

function unique(destinations: Destination[]): Destination[] {
  const seen = new Map(destinations.map((one) => [`${one.channel} ${one.destination}`, one]))
  return [...seen.values()]
}

function describe(event: StoredEvent): string {
  const { expectedAt = null, interval = '-' } = event.data
  const about = `${event.data.job?.name ?? event.data.server?.name} (${event.key})`
  return `${kindOf(event)} of ${about} expected ${iso(expectedAt)} every ${interval}`
}

export function iso(at: number | null): string {
  return at === null ? '-' : new Date(at).toISOString().slice(0, 19)
}
