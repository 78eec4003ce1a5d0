import type { ChannelName } from '../fleet/rules.ts'
import type { WritableStore } from '../store/index.ts'
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
import { endPause, type Pause, type Pauses, readPauses, setPause } from '../store/pauses.ts'
import type { Db } from '../store/schema.ts'
import { backoff } from './backoff.ts'
import type { SendFailure, SendResult } from './types.ts'

/** What could not be delivered for so long is given up, and shown as failed. */
const LIMIT_DAYS = 3
const LIMIT = LIMIT_DAYS * 24 * 60 * 60 * 1000
/** A message that failed so often at a service that answers may be the cause itself: the next one is asked too. */
const DOUBTFUL = 3

export interface Due {
  id: number
  destination: string
}

/** What an attempt tells of the channel. `busy`: another process sends to that destination. */
export type Verdict = 'works' | 'down' | 'unclear' | 'busy'

interface LedgerOptions {
  store: Pick<WritableStore, 'db' | 'transaction'>
  channel: ChannelName
  now: () => Date
  random: () => number
  by: string
}

/**
 * What is written of one channel's messages in one round: claims, outcomes, and pauses of the channel and of its destinations.
 * In transactions, which wait for other writers without stopping the process.
 */
export class Ledger {
  sent = 0
  failed = 0
  deferred = 0
  /** The channel failed: the rest waits. */
  isDown = false
  readonly #options: LedgerOptions
  #pauses: Pauses = { whole: null, byDestination: new Map() }
  /** Destinations that are paused, or that another process sends to. */
  readonly #aside = new Set<string>()
  /** Messages that failed for a reason that may be theirs or the service's. */
  readonly #unclear: number[] = []

  constructor(options: LedgerOptions) {
    this.#options = options
  }

  /** Reads the pauses. @returns the channel's own, which may have ended */
  async open(): Promise<Pause | null> {
    const { store, channel } = this.#options
    this.#pauses = await readPauses(store.db, channel)
    const { whole, byDestination } = this.#pauses
    for (const [destination, { until }] of byDestination) if (until > this.now()) this.#aside.add(destination)
    return whole
  }

  now(): number {
    return this.#options.now().getTime()
  }

  /** Oldest first, without destinations that are to be left alone. */
  due(limit: number): Promise<Due[]> {
    const { store, channel } = this.#options
    return dueMessages(store.db, { channel, now: this.now(), limit, except: [...this.#aside] })
  }

  isAside(destination: string): boolean {
    return this.#aside.has(destination)
  }

  /** @param lease milliseconds. Null, with its destination put aside, where another process has it. */
  async claim({ id, destination }: Due, lease: number): Promise<Claimed | null> {
    const { by } = this.#options
    const claimed = await this.#write((tx) => claim(tx, id, { now: this.now(), by, lease }))
    if (claimed === null) this.#aside.add(destination)
    return claimed
  }

  /** Writes the outcome of an attempt. */
  async settle(claimed: Claimed, result: SendResult): Promise<Verdict> {
    if (!result.ok) return result.retryable ? this.#defer(claimed, result) : this.giveUp(claimed, result.message)
    const { channel } = this.#options
    const wasPaused = this.#pauses.byDestination.has(claimed.destination)
    await this.#write(async (tx) => {
      await markSent(tx, claimed.id, this.now())
      if (wasPaused) await endPause(tx, channel, claimed.destination)
    })
    this.sent++
    return 'works'
  }

  async giveUp(claimed: Claimed, why: string): Promise<'works'> {
    await this.#write((tx) => markFailed(tx, claimed.id, why))
    this.failed++
    return 'works'
  }

  /** @returns until when, in milliseconds */
  async pauseChannel(error: string, retryAfterMs: number | null): Promise<number> {
    this.isDown = true
    const until = await this.#pause(null, error, retryAfterMs)
    // Whatever keeps a message from being sent at all must not change the order of those that can be.
    await this.#write((tx) => deferTo(tx, this.#unclear, until))
    return until
  }

  async endPause(): Promise<void> {
    await this.#write((tx) => endPause(tx, this.#options.channel, null))
    this.#pauses = { ...this.#pauses, whole: null }
  }

  /** What has waited for the channel too long. */
  async giveUpOld(why: string): Promise<void> {
    const limit = { since: this.now() - LIMIT, error: givenUp(why) }
    this.failed += await this.#write((tx) => failOlder(tx, this.#options.channel, limit))
  }

  async #defer(claimed: Claimed, failure: SendFailure): Promise<Verdict> {
    const ownTurn = this.now() + backoff(claimed.attempts + 1, this.#options.random, failure.retryAfterMs)
    if (failure.scope === 'message') return this.#wait(claimed, ownTurn, failure, 'works')
    if (failure.scope === 'destination') {
      this.#aside.add(claimed.destination)
      const until = await this.#pause(claimed.destination, failure.message, failure.retryAfterMs)
      return this.#wait(claimed, until, failure, 'works')
    }
    if (failure.scope === 'unsure' && claimed.attempts >= DOUBTFUL) {
      this.#unclear.push(claimed.id)
      return this.#wait(claimed, ownTurn, failure, 'unclear')
    }
    const until = await this.pauseChannel(failure.message, failure.retryAfterMs)
    return this.#wait(claimed, until, failure, 'down')
  }

  async #wait(claimed: Claimed, nextAt: number, { message }: SendFailure, verdict: Verdict): Promise<Verdict> {
    if (this.now() - claimed.createdAt >= LIMIT) {
      await this.giveUp(claimed, givenUp(message))
      return verdict
    }
    await this.#write((tx) => markWaiting(tx, claimed.id, { nextAt, error: message }))
    this.deferred++
    return verdict
  }

  async #pause(destination: string | null, error: string, retryAfterMs: number | null): Promise<number> {
    const { whole, byDestination } = this.#pauses
    const before = destination === null ? whole : (byDestination.get(destination) ?? null)
    const failures = (before?.failures ?? 0) + 1
    const until = this.now() + backoff(failures, this.#options.random, retryAfterMs)
    const pause = { until, since: before?.since ?? this.now(), failures, error }
    await this.#write((tx) => setPause(tx, this.#options.channel, destination, pause))
    return until
  }

  #write<T>(work: (tx: Db) => Promise<T>): Promise<T> {
    return this.#options.store.transaction(work)
  }
}

function givenUp(why: string): string {
  return `Given up after ${LIMIT_DAYS} days: ${why}`
}
