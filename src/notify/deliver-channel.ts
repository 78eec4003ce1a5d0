import { UserError } from '../errors.ts'
import {
  type Claimed,
  claim,
  deferTo,
  dueMessages,
  failOlder,
  markFailed,
  markSent,
  markWaiting,
} from '../store/outbox.ts'
import { endPause, type Pauses, readPauses, setPause } from '../store/pauses.ts'
import type { Db } from '../store/schema.ts'
import { backoff } from './backoff.ts'
import type { Delivered, Delivery } from './deliver.ts'
import { type Build, messageBuilder } from './message.ts'
import type { Channel, Message, Sender, SendFailure, SendResult } from './types.ts'

/** What could not be delivered for so long is given up, and shown as failed. */
const LIMIT_DAYS = 3
const LIMIT = LIMIT_DAYS * 24 * 60 * 60 * 1000
/** Ids read at once. */
const PAGE = 500
/** Beyond what a sending takes, for a machine that is slow. */
const LEASE_RESERVE = 60_000
/** A message that failed so often at a service that answers may be the cause itself: the next one is asked too. */
const DOUBTFUL = 3
const MOST_DOUBTFUL = 10

type Options = Required<Delivery>
interface Due {
  id: number
  destination: string
}

/** What an attempt tells of the channel. */
type Verdict = 'works' | 'down' | 'unclear' | 'busy'

/** Delivers what is due on one channel. */
export async function deliverChannel(options: Options, channel: Channel): Promise<Omit<Delivered, 'nextAt'>> {
  const round = new Round(options, channel)
  await round.run()
  return { sent: round.sent, failed: round.failed, deferred: round.deferred }
}

class Round {
  sent = 0
  failed = 0
  deferred = 0
  readonly #options: Options
  readonly #channel: Channel
  #pauses: Pauses = { whole: null, byDestination: new Map() }
  #isDown = false
  /** Destinations that are paused, or that another process sends to. */
  readonly #aside = new Set<string>()
  /** Messages that failed for a reason that may be theirs or the service's. */
  readonly #unclear: number[] = []

  constructor(options: Options, channel: Channel) {
    this.#options = options
    this.#channel = channel
  }

  async run(): Promise<void> {
    if ((await this.#due(1)).length === 0) return
    this.#pauses = await readPauses(this.#db, this.#channel.name)
    const { whole, byDestination } = this.#pauses
    if (whole !== null && whole.until > this.#now()) return this.#giveUpOld(whole.error)
    for (const [destination, { until }] of byDestination) if (until > this.#now()) this.#aside.add(destination)
    if ((await this.#due(1)).length === 0) return
    const sender = await this.#open()
    if (sender === null) return
    try {
      const build = await messageBuilder(this.#db, this.#options.config)
      if (whole === null || (await this.#probe(sender, build))) await this.#sendAll(sender, build)
    } finally {
      await sender.close()
    }
  }

  get #db() {
    return this.#options.store.db
  }

  /** In a transaction, which waits for other writers without stopping the process. */
  #write<T>(work: (tx: Db) => Promise<T>): Promise<T> {
    return this.#options.store.transaction(work)
  }

  get #isStopped(): boolean {
    return this.#isDown || this.#options.signal?.aborted === true
  }

  #now(): number {
    return this.#options.now().getTime()
  }

  #due(limit: number): Promise<Due[]> {
    const except = [...this.#aside]
    return dueMessages(this.#db, { channel: this.#channel.name, now: this.#now(), limit, except })
  }

  /** Null, with the channel paused, where it is not set up or cannot be right: only a person mends that. */
  async #open(): Promise<Sender | null> {
    let why = `${this.#channel.name === 'email' ? 'E-mail' : 'ntfy'} is not set up`
    try {
      const sender = await this.#channel.open(this.#options.config, this.#options.env)
      if (sender !== null) return sender
    } catch (error) {
      if (!(error instanceof UserError)) throw error
      why = error.message
    }
    await this.#pauseChannel(why, null)
    return null
  }

  /**
   * After a pause one message decides, the oldest, so that a service that is still down costs one attempt and not one for each
   * message.
   */
  async #probe(sender: Sender, build: Build): Promise<boolean> {
    let error = ''
    for (const due of await this.#due(MOST_DOUBTFUL)) {
      const { verdict, why } = await this.#attempt(due, sender, build)
      if (verdict === 'works') {
        await this.#write((tx) => endPause(tx, this.#channel.name, null))
        this.#pauses = { ...this.#pauses, whole: null }
        return true
      }
      if (verdict !== 'unclear') return false
      error = why
    }
    if (error !== '') await this.#pauseChannel(error, null)
    return false
  }

  async #sendAll(sender: Sender, build: Build): Promise<void> {
    while (!this.#isStopped) {
      const page = await this.#due(PAGE)
      if (page.length === 0) return
      const queues = [...Map.groupBy(page, ({ destination }) => destination).values()]
      const serve = async () => {
        for (let queue = queues.shift(); queue && !this.#isStopped; queue = queues.shift()) {
          await this.#sendQueue(queue, sender, build)
        }
      }
      await Promise.all(Array.from({ length: this.#channel.concurrency }, serve))
    }
  }

  /** One destination's messages, one after the other. */
  async #sendQueue(queue: Due[], sender: Sender, build: Build): Promise<void> {
    for (const due of queue) {
      if (this.#isStopped || this.#aside.has(due.destination)) return
      const { verdict } = await this.#attempt(due, sender, build)
      if (verdict === 'busy') this.#aside.add(due.destination)
    }
  }

  async #attempt(due: Due, sender: Sender, build: Build): Promise<{ verdict: Verdict; why: string }> {
    const lease = this.#channel.longest + LEASE_RESERVE
    const claimed = await this.#write((tx) => claim(tx, due.id, { now: this.#now(), by: this.#options.by, lease }))
    if (claimed === null) return { verdict: 'busy', why: '' }
    const message = buildOrNull(build, claimed)
    if (typeof message === 'string') {
      await this.#giveUp(claimed, message)
      return { verdict: 'works', why: '' }
    }
    const result = await sender.send(message, claimed.destination)
    return { verdict: await this.#settle(claimed, result), why: result.ok ? '' : result.message }
  }

  async #settle(claimed: Claimed, result: SendResult): Promise<Verdict> {
    if (result.ok) {
      await this.#write((tx) => markSent(tx, claimed.id, this.#now()))
      this.sent++
      if (this.#pauses.byDestination.has(claimed.destination)) {
        await this.#write((tx) => endPause(tx, this.#channel.name, claimed.destination))
      }
      return 'works'
    }
    if (!result.retryable) {
      await this.#giveUp(claimed, result.message)
      return 'works'
    }
    return this.#defer(claimed, result)
  }

  async #defer(claimed: Claimed, failure: SendFailure): Promise<Verdict> {
    const ownTurn = this.#now() + backoff(claimed.attempts + 1, this.#options.random, failure.retryAfterMs)
    if (failure.scope === 'message') {
      await this.#wait(claimed, ownTurn, failure)
      return 'works'
    }
    if (failure.scope === 'destination') {
      await this.#wait(claimed, await this.#pauseDestination(claimed.destination, failure), failure)
      return 'works'
    }
    if (failure.scope === 'unsure' && claimed.attempts >= DOUBTFUL) {
      await this.#wait(claimed, ownTurn, failure)
      this.#unclear.push(claimed.id)
      return 'unclear'
    }
    await this.#wait(claimed, await this.#pauseChannel(failure.message, failure.retryAfterMs), failure)
    return 'down'
  }

  async #wait(claimed: Claimed, nextAt: number, { message }: SendFailure): Promise<void> {
    if (this.#now() - claimed.createdAt >= LIMIT) return this.#giveUp(claimed, givenUp(message))
    await this.#write((tx) => markWaiting(tx, claimed.id, { nextAt, error: message }))
    this.deferred++
  }

  async #giveUp(claimed: Claimed, why: string): Promise<void> {
    await this.#write((tx) => markFailed(tx, claimed.id, why))
    this.failed++
  }

  async #giveUpOld(why: string): Promise<void> {
    const limit = { since: this.#now() - LIMIT, error: givenUp(why) }
    this.failed += await this.#write((tx) => failOlder(tx, this.#channel.name, limit))
  }

  /** @returns until when */
  async #pauseChannel(error: string, retryAfterMs: number | null): Promise<number> {
    this.#isDown = true
    const until = await this.#pause(null, error, retryAfterMs)
    // Whatever keeps a message from being sent at all must not change the order of those that can be.
    await this.#write((tx) => deferTo(tx, this.#unclear, until))
    await this.#giveUpOld(error)
    return until
  }

  async #pauseDestination(destination: string, { message, retryAfterMs }: SendFailure): Promise<number> {
    this.#aside.add(destination)
    return this.#pause(destination, message, retryAfterMs)
  }

  async #pause(destination: string | null, error: string, retryAfterMs: number | null): Promise<number> {
    const { whole, byDestination } = this.#pauses
    const before = destination === null ? whole : (byDestination.get(destination) ?? null)
    const failures = (before?.failures ?? 0) + 1
    const until = this.#now() + backoff(failures, this.#options.random, retryAfterMs)
    const pause = { until, since: before?.since ?? this.#now(), failures, error }
    await this.#write((tx) => setPause(tx, this.#channel.name, destination, pause))
    return until
  }
}

/** The message, or why it cannot be built: that must not stop those behind it. */
function buildOrNull(build: Build, { event }: Claimed): Message | string {
  try {
    return build(event)
  } catch (error) {
    return `The message can't be built: ${error instanceof Error ? error.message : String(error)}`
  }
}

function givenUp(why: string): string {
  return `Given up after ${LIMIT_DAYS} days: ${why}`
}
