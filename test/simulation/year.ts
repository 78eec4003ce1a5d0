/** A year of a fleet and its monitor. */
import { join } from 'node:path'
import { openStore, type WritableStore } from '../../src/store/index.ts'
import { quickAll, quickRun } from '../../src/store/quick.ts'
import { Random } from '../support/duplicati/random.ts'
import { temporaryFolder } from '../support/program.ts'
import { Agenda } from './agenda.ts'
import { Destinations } from './destinations.ts'
import { type SimJob, SimServer } from './duplicati.ts'
import { DAY, drawFate, drawFleet, drawTimes, HOUR, MINUTE } from './fleet.ts'
import { type Mode, Monitor } from './monitor.ts'
import { iso, Oracle } from './oracle.ts'
import { PROFILES } from './rules.ts'

const START = Date.parse('2026-01-10T00:00:00Z')
/** The fleet has run for a while before anything goes wrong, and goes well at the end. */
const WARM_UP = 10 * DAY
const CALM_END = 12 * DAY

export interface YearOptions {
  seed: number
  mode: Mode
  jobs: number
  days?: number
}

export interface YearResult {
  problems: string[]
  counts: Record<string, number>
  seconds: number
}

export async function simulateYear(options: YearOptions): Promise<YearResult> {
  const began = performance.now()
  using folder = temporaryFolder()
  let now = START
  const store = await openStore({
    file: join(folder.path, 'year.db'),
    mode: 'write',
    sync: 'close',
    now: () => new Date(now),
  })
  // What a power cut costs is tested elsewhere.
  quickRun(store.db, 'PRAGMA synchronous = OFF')
  try {
    const year = new Year(store, options, () => now)
    await year.run((at) => {
      now = at
    })
    return { problems: year.oracle.problems, counts: year.counts, seconds: (performance.now() - began) / 1000 }
  } finally {
    await store.close()
  }
}

class Year {
  readonly oracle: Oracle
  readonly #store: WritableStore
  readonly #options: Required<YearOptions>
  readonly #now: () => number
  readonly #agenda = new Agenda()
  readonly #random: Random
  readonly #servers: SimServer[]
  readonly #monitor: Monitor
  readonly #destinations: Destinations
  readonly #end: number
  readonly #calm = new Set<SimServer>()
  #isOver = false
  #events = 0

  constructor(store: WritableStore, options: YearOptions, now: () => number) {
    this.#store = store
    this.#options = { days: 365, ...options }
    this.#now = now
    this.#end = START + this.#options.days * DAY
    const { seed, mode, jobs } = options
    this.#random = new Random(seed, 1)
    this.#destinations = new Destinations(now)
    this.#servers = this.#makeServers(drawFleet(new Random(seed, 2), jobs, START), seed)
    this.oracle = new Oracle(mode, this.#servers)
    this.#monitor = new Monitor({
      ...{ mode, store, now, agenda: this.#agenda, servers: this.#servers, destinations: this.#destinations },
      random: new Random(seed, 3),
      observer: this.oracle,
    })
  }

  get counts(): Record<string, number> {
    return {
      ...{ events: this.#events, ...this.#monitor.counts, messages: this.#destinations.received.length },
      ...this.oracle.counts,
    }
  }

  async run(setNow: (at: number) => void): Promise<void> {
    const agenda = this.#agenda
    await this.#addServers()
    for (const server of this.#servers) server.tick()
    agenda.plan(START + 1, () => this.#monitor.start())
    agenda.plan(START + WARM_UP - DAY, () => this.#setRules())
    this.#planDays()
    this.#planTroubles()
    this.#events = await agenda.runUntil(this.#end, setNow)
    await this.#verifyDelivery()
  }

  #jobs(): SimJob[] {
    return this.#servers.flatMap(({ jobs }) => jobs)
  }

  #makeServers(plans: ReturnType<typeof drawFleet>, seed: number): SimServer[] {
    const numbers = new Map<SimJob, Random>()
    const numbersOf = (job: SimJob) => {
      const known = numbers.get(job) ?? new Random(seed, 4, ...[...job.plan.name].map((letter) => letter.charCodeAt(0)))
      numbers.set(job, known)
      return known
    }
    const isCalm = ({ server }: SimJob) => this.#calm.has(server) || this.#isOver || this.#now() < START + WARM_UP
    return plans.map(
      (plan) =>
        new SimServer({
          ...plan,
          agenda: this.#agenda,
          now: this.#now,
          fate: drawFate(numbersOf, isCalm),
          onReport: async (report, job) => {
            await this.#monitor.receive(report, job)
            // Duplicati sends again what it thinks was not taken.
            if (report.run.beganTicks! % 37 === 0) await this.#monitor.receive(report, job)
          },
          onChange: (server) => {
            const matters = server.jobs.some((job) => this.oracle.hasOpen(job))
            this.#monitor.askForCheck(this.#now(), matters)
          },
        }),
    )
  }

  async #addServers(): Promise<void> {
    if (!this.#monitor.collects) return
    for (const { url, name } of this.#servers) {
      const { id } = await this.#store.servers.add({ url, alias: name })
      await this.#store.servers.setSecrets(id, { password: 'sealed' })
    }
  }

  /** As `job edit` does; a monthly job may not have been heard of yet. */
  async #setRules(jobs = this.#jobs()): Promise<void> {
    const all = this.#jobs()
    const known = (await this.#store.read.names()).jobs
    const unknown: SimJob[] = []
    for (const job of jobs) {
      const id = known.find(({ name }) => name === job.plan.name)?.id
      const profile = PROFILES[all.indexOf(job) % PROFILES.length]!
      if (id) {
        await this.#store.settings.editJobs([id], { set: profile.set, inherit: [] })
        this.oracle.jobs.get(job.plan.name)!.profile = profile
      } else unknown.push(job)
    }
    if (unknown.length > 0) this.#agenda.plan(this.#now() + HOUR, () => this.#setRules(unknown))
  }

  /** Collections every six hours, and checks now and then; those that matter follow from what happens. */
  #planDays(): void {
    const { random } = { random: new Random(this.#options.seed, 5) }
    for (let at = START + 6 * HOUR; at < this.#end; at += 6 * HOUR) {
      this.#agenda.plan(at, () => this.#monitor.collectAll())
    }
    for (let at = START + HOUR; at < this.#end; at += 6 * HOUR) {
      this.#monitor.askForCheck(at + random.between(0, 300) * MINUTE, true)
    }
    const look = () => {
      const at = this.#now()
      for (const moment of this.oracle.moments(at)) {
        if (moment > at - DAY && moment < at + 2 * DAY) this.#monitor.askForCheck(Math.max(moment, at))
      }
      this.#agenda.plan(at + HOUR, look)
    }
    this.#agenda.plan(START + HOUR, look)
  }

  #planTroubles(): void {
    const [from, to] = [START + WARM_UP, this.#end - CALM_END]
    const random = this.#random
    const times = (count: number, least: number, most: number) =>
      drawTimes(random, { count: Math.round((count * (to - from)) / (365 * DAY)), from, to, least, most })
    const during = (time: { from: number; to: number }, begin: () => unknown, end: () => unknown) => {
      this.#agenda.plan(time.from, async () => void (await begin()))
      this.#agenda.plan(time.to, async () => void (await end()))
    }
    for (const time of times(9, 10_000, 3 * DAY)) {
      const gracefully = random.next() < 0.5
      during(
        time,
        () => this.#monitor.stop(gracefully),
        () => this.#monitor.start(),
      )
    }
    for (const channel of ['ntfy', 'email'] as const) {
      for (const time of times(7, MINUTE, 12 * HOUR)) {
        during(
          time,
          () => this.#destinations.down.add(channel),
          () => this.#destinations.down.delete(channel),
        )
      }
    }
    // A machine that changes its id in the middle of other troubles is two machines to everybody.
    const unlessCalm = (server: SimServer, begin: () => unknown) => () => (this.#calm.has(server) ? undefined : begin())
    for (const [index, server] of this.#servers.entries()) {
      for (const time of times(4, 10 * MINUTE, 5 * DAY)) {
        during(
          time,
          unlessCalm(server, () => server.turnOff()),
          () => server.turnOn(),
        )
      }
      for (const time of times(2, 2 * HOUR, 3 * DAY)) {
        during(
          time,
          () => this.#shut(server, true),
          () => this.#shut(server, false),
        )
      }
      for (const time of times(4, 20 * MINUTE, 2 * DAY)) {
        const isTold = random.next() < 0.5
        during(
          time,
          unlessCalm(server, () => server.pause(isTold ? time.to : null)),
          () => server.resume(),
        )
      }
      if (index % 4 === 1 && !server.version.startsWith('2.1'))
        this.#planNewMachine(server, from + random.next() * (to - from))
    }
    for (const job of this.#jobs()) {
      for (const time of times(1.5, 3 * HOUR, 12 * DAY)) {
        during(
          time,
          unlessCalm(job.server, () => {
            job.stuck = true
          }),
          () => {
            job.stuck = false
            job.server.tick()
          },
        )
      }
      for (const time of times(5, 1, 2)) this.#agenda.plan(time.from, () => this.#byHand(job))
      for (const time of times(0.7, DAY, 12 * DAY)) this.#agenda.plan(time.from, () => this.#snooze(job, time.to))
      for (const time of times(1, 1, 2))
        this.#agenda.plan(time.from, () => this.#reschedule(job, random.between(-8, 8)))
    }
    this.#agenda.plan(to, () => {
      this.#isOver = true
    })
  }

  #shut(server: SimServer, isShut: boolean): void {
    server.isShut = isShut
    this.#monitor.askForCheck(this.#now())
  }

  #byHand(job: SimJob): void {
    if (!this.#calm.has(job.server)) job.server.runByHand(job)
  }

  async #snooze(job: SimJob, until: number): Promise<void> {
    const { jobs } = await this.#store.read.names()
    const id = jobs.find(({ name }) => name === job.plan.name)?.id
    if (!id) return
    await this.#store.settings.snooze([id], { until, reason: null })
    this.oracle.jobs.get(job.plan.name)!.knowledge.snoozedUntil = until
  }

  #reschedule(job: SimJob, quarters: number): void {
    // Where nobody tells the plan, one that somebody changed looks like one that was missed.
    if (job.server.version.startsWith('2.1') || this.#calm.has(job.server)) return
    if (job.plan.repeat === '1h' || quarters === 0 || job.queued || job.server.running?.job === job) return
    const next = job.next + quarters * 15 * MINUTE
    if (next > this.#now()) job.server.reschedule(job, next)
  }

  /** The machine is installed anew: from now on its reports carry another id. */
  #planNewMachine(server: SimServer, at: number): void {
    this.#agenda.plan(at, () => {
      this.#calm.add(server)
      this.#agenda.plan(this.#now() + 3 * DAY, () => this.#changeIdWhenWell(server))
    })
  }

  /** What began before the calm may still last. */
  #changeIdWhenWell(server: SimServer): void {
    const isWell = server.isUp && !server.paused && server.jobs.every((job) => !job.stuck && !this.oracle.hasOpen(job))
    if (!isWell) {
      this.#agenda.plan(this.#now() + DAY, () => this.#changeIdWhenWell(server))
      return
    }
    server.machineId = `new-${server.machineId.slice(4)}`
    server.isStranger = true
    this.#agenda.plan(this.#now() + 9 * DAY, () => this.#calmUntilKnown(server))
  }

  /** Until it is recognised it is a server of its own, with rules of its own. */
  #calmUntilKnown(server: SimServer): void {
    if (server.isStranger) this.#agenda.plan(this.#now() + DAY, () => this.#calmUntilKnown(server))
    else this.#calm.delete(server)
  }

  /** Every event reached each of its destinations once, and the messages of a destination kept their order. */
  async #verifyDelivery(): Promise<void> {
    const { problems, destinations } = this.oracle
    const waiting = quickAll<{ n: number }>(this.#store.db, "SELECT count(*) AS n FROM outbox WHERE state <> 'sent'")
    if (waiting[0]?.n !== 0) problems.push(`${waiting[0]?.n} messages were not sent`)
    const got = Map.groupBy(this.#destinations.received, ({ key }) => key)
    for (const { event, to } of destinations.values()) {
      const received = got.get(`${event.key}@${event.created_at}`) ?? []
      got.delete(`${event.key}@${event.created_at}`)
      const have = received.map(nameOf).sort().join(', ')
      const want = to.map(nameOf).sort().join(', ')
      if (have !== want) problems.push(`${event.key} of ${iso(event.created_at)} went to "${have}", not to "${want}"`)
    }
    for (const [key] of got) problems.push(`${key} was sent and nobody knows why`)
    const order = new Map([...destinations.values()].map(({ event }) => [`${event.key}@${event.created_at}`, event.id]))
    for (const [name, received] of Map.groupBy(this.#destinations.received, nameOf)) {
      const ids = received.map(({ key }) => order.get(key) ?? 0)
      const wrong = ids.findIndex((id, index) => index > 0 && id < (ids[index - 1] ?? 0))
      if (wrong >= 0) problems.push(`${name} got ${received[wrong]?.key} after a newer message`)
    }
  }
}

function nameOf({ channel, destination }: { channel: string; destination: string }): string {
  return `${channel} ${destination}`
}
