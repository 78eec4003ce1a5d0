/** The program under test, as its daemon runs it: real store, ingest, check and delivery; only time and the network are made up. */
import { createIngest, type FullIngest } from '../../src/ingest/index.ts'
import { runOverdueCheck } from '../../src/ingest/overdue-check.ts'
import type { ReportedRun } from '../../src/ingest/reports.ts'
import type { NotifyConfig } from '../../src/notify/config.ts'
import { deliverDue } from '../../src/notify/deliver.ts'
import type { WritableStore } from '../../src/store/index.ts'
import { setListening } from '../../src/store/monitor.ts'
import { quickAll } from '../../src/store/quick.ts'
import type { Random } from '../support/duplicati/random.ts'
import type { Agenda } from './agenda.ts'
import type { Destinations } from './destinations.ts'
import type { SimJob, SimServer } from './duplicati.ts'
import { GLOBALS } from './rules.ts'

export type Mode = 'reports' | 'collection' | 'both'

export const TOLERANCE_SECONDS = 3600
const MINUTE = 60_000
/** The daemon's default. */
const CHECK_EVERY = 5 * MINUTE

export interface StoredEvent {
  id: number
  key: string
  kind: string
  job_id: number | null
  created_at: number
  data: {
    kind: string
    job?: { name: string } | null
    server?: { name: string }
    beganAt?: number
    problem?: string
    reminder?: number
    failuresInARow?: number
    expectedAt?: number | null
    interval?: string | null
  }
}

/** Is told of everything that the monitor gets to know, and of what it makes of it. */
export interface Observer {
  onReport(job: SimJob, report: ReportedRun, at: number): void
  onContact(server: SimServer, at: number, ok: boolean): void
  onRunEvents(at: number, events: StoredEvent[]): void
  isDue(from: number, to: number): boolean
  hasOpen(job: SimJob): boolean
  onCheckBegins(at: number): void
  onCheckEnds(at: number, events: StoredEvent[]): void
  onDown(at: number, listenedUntil: number): void
  onUp(at: number): void
}

export interface MonitorOptions {
  mode: Mode
  store: WritableStore
  agenda: Agenda
  now: () => number
  servers: SimServer[]
  destinations: Destinations
  random: Random
  observer: Observer
}

export class Monitor {
  isUp = false
  counts = { checks: 0, collections: 0, reports: 0, deliveries: 0 }
  readonly #options: MonitorOptions
  readonly #ingest: FullIngest
  #startedAt = 0
  #lastEvent = 0
  readonly #plannedChecks = new Set<number>()
  readonly #sureChecks = new Set<number>()
  #lastCheck = 0
  #deliveryAt = Number.POSITIVE_INFINITY

  constructor(options: MonitorOptions) {
    this.#options = options
    this.#ingest = createIngest(options.store, {
      notify: {
        globals: () => GLOBALS,
        onFailure: (error) => {
          throw error
        },
      },
    })
  }

  get #listens(): boolean {
    return this.#options.mode !== 'collection'
  }

  get collects(): boolean {
    return this.#options.mode !== 'reports'
  }

  async start(): Promise<void> {
    const { now, observer, servers } = this.#options
    this.isUp = true
    this.#startedAt = now()
    observer.onUp(now())
    if (this.collects) for (const server of servers) await this.collect(server)
    await this.check()
    await this.deliver()
  }

  /** @param gracefully a process that is killed told last up to a minute before that it listened */
  async stop(gracefully: boolean): Promise<void> {
    const { now, store, observer, random } = this.#options
    this.isUp = false
    const last = gracefully ? now() : now() - random.between(0, MINUTE)
    if (this.#listens) await store.transaction((tx) => setListening(tx, last))
    observer.onDown(now(), last)
  }

  async receive(report: ReportedRun, job: SimJob): Promise<void> {
    const { now, observer } = this.#options
    if (!this.isUp || !this.#listens) return
    this.counts.reports++
    await this.#ingest.addReported(report)
    observer.onReport(job, report, now())
    await this.#newRunEvents()
    const matters = observer.hasOpen(job) || report.run.status !== 'Success' || report.run.beganTicks! % 5 === 0
    if (matters) this.askForCheck(now(), true)
  }

  async collectAll(): Promise<void> {
    if (!this.isUp || !this.collects) return
    for (const server of this.#options.servers) await this.collect(server)
    this.askForCheck(this.#options.now(), true)
  }

  async collect(server: SimServer): Promise<void> {
    const { store, now, observer } = this.#options
    this.counts.collections++
    const at = now()
    if (!server.isReachable) {
      const id = await store.servers.findByUrl(server.url)
      if (id) await store.servers.setError(id, { code: 'unreachable', message: `${server.url} can't be reached` })
      observer.onContact(server, at, false)
      return
    }
    const collection = await this.#ingest.openCollection({ url: server.url, info: server.info(), at: new Date(at) })
    for (const { plan, rows } of server.jobs) {
      const mark = await collection.mark(plan.backupId)
      const fresh = rows.slice(rows.findLastIndex(({ id }) => id <= (mark?.rowId ?? 0)) + 1).reverse()
      if (fresh.length > 0) await collection.addPage(plan, fresh)
      const newest = rows.at(-1)
      await collection.completeLog(plan.backupId, newest ? { rowId: newest.id, fingerprint: newest.fingerprint } : null)
    }
    await collection.finish({ backups: server.backups(), state: server.state(), progress: null, notices: [] })
    observer.onContact(server, at, true)
    await this.#newRunEvents()
  }

  /**
   * At the next time of the cron expression. Checks between two events that change nothing are left out.
   * @param surely something has happened; else only if it is still to be expected then
   */
  askForCheck(at: number, surely = false): void {
    const time = Math.floor(at / CHECK_EVERY) * CHECK_EVERY + CHECK_EVERY
    if (surely) this.#sureChecks.add(time)
    if (this.#plannedChecks.has(time)) return
    this.#plannedChecks.add(time)
    this.#options.agenda.plan(time, async () => {
      this.#plannedChecks.delete(time)
      const isSure = this.#sureChecks.delete(time)
      if (this.isUp && (isSure || this.#options.observer.isDue(this.#lastCheck, time))) await this.check()
    })
  }

  async check(): Promise<void> {
    const { store, now, observer, servers } = this.#options
    this.counts.checks++
    const at = now()
    this.#lastCheck = at
    // The daemon writes it every minute; nothing else happened since the last jump.
    if (this.#listens && at - this.#startedAt > MINUTE) {
      await store.transaction((tx) => setListening(tx, Math.max(this.#startedAt, at - MINUTE)))
    }
    observer.onCheckBegins(at)
    const checked = await runOverdueCheck({
      store,
      now: () => new Date(at),
      nextAt: at + CHECK_EVERY,
      listeningSince: this.#listens ? this.#startedAt : null,
      config: {
        toleranceSeconds: TOLERANCE_SECONDS,
        zone: 'Asia/Tokyo',
        reminder: 'default',
        stormLimit: 10_000,
        globals: GLOBALS,
      },
      ...(this.collects && {
        ask: async (ids: string[]) => {
          const urls = (await store.servers.access(ids)).map(({ url }) => url)
          for (const server of servers) if (urls.includes(server.url)) await this.collect(server)
        },
      }),
    })
    observer.onCheckEnds(at, await this.#newEvents())
    if (checked.told > 0) await this.deliver()
  }

  async deliver(): Promise<void> {
    const { store, now, destinations, agenda, random } = this.#options
    if (!this.isUp) return
    this.counts.deliveries++
    this.#deliveryAt = Number.POSITIVE_INFINITY
    const { nextAt } = await deliverDue({
      store,
      config: NOTIFY,
      now: () => new Date(now()),
      channels: destinations.channels,
      random: () => random.next(),
      by: 'simulation',
    })
    if (nextAt === null || nextAt >= this.#deliveryAt) return
    const time = Math.max(nextAt, now() + 1000)
    this.#deliveryAt = time
    agenda.plan(time, async () => {
      if (time === this.#deliveryAt) await this.deliver()
    })
  }

  async #newRunEvents(): Promise<void> {
    const events = await this.#newEvents()
    this.#options.observer.onRunEvents(this.#options.now(), events)
    if (events.length > 0) await this.deliver()
  }

  async #newEvents(): Promise<StoredEvent[]> {
    const rows = quickAll<StoredEvent & { data: unknown }>(
      this.#options.store.db,
      'SELECT id, key, kind, job_id, created_at, data FROM event WHERE id > ? ORDER BY id',
      this.#lastEvent,
    )
    this.#lastEvent = rows.at(-1)?.id ?? this.#lastEvent
    return rows.map((row) => ({ ...row, data: JSON.parse(String(row.data)) }))
  }
}

const NOTIFY: NotifyConfig = {
  ntfy: { url: 'https://ntfy.example', topic: 'main', token: null },
  email: {
    ...{ host: 'mail.example', port: 25, security: 'plain', user: null, password: null },
    ...{ from: 'monitor@example.org', senderName: null, to: ['admin@example.org'] },
  },
  language: 'en',
  locale: 'en-GB',
  timeZone: 'Asia/Tokyo',
}
