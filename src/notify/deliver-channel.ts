import { UserError } from '../errors.ts'
import type { Claimed } from '../store/outbox.ts'
import type { Delivered, Delivery } from './deliver.ts'
import { type Due, Ledger, type Verdict } from './ledger.ts'
import { type Build, messageBuilder } from './message.ts'
import type { Channel, Message, Sender } from './types.ts'

/** Ids read at once. */
const PAGE = 500
/** Beyond what a sending takes, for a machine that is slow. */
const LEASE_RESERVE = 60_000
/** Messages that may be the cause of a failure themselves, asked one after the other for a verdict on the channel. */
const MOST_DOUBTFUL = 10

type Options = Required<Delivery>
type Attempt = (due: Due) => Promise<{ verdict: Verdict; why: string }>

/** Delivers what is due on one channel. */
export async function deliverChannel(options: Options, channel: Channel): Promise<Omit<Delivered, 'nextAt'>> {
  const ledger = new Ledger({ ...options, channel: channel.name })
  await deliver(ledger, options, channel)
  return { sent: ledger.sent, failed: ledger.failed, deferred: ledger.deferred }
}

async function deliver(ledger: Ledger, options: Options, channel: Channel): Promise<void> {
  if ((await ledger.due(1)).length === 0) return
  const pause = await ledger.open()
  if (pause !== null && pause.until > ledger.now()) return ledger.giveUpOld(pause.error)
  if ((await ledger.due(1)).length === 0) return
  const sender = await openOrPause(ledger, options, channel)
  if (sender === null) return
  try {
    const build = await messageBuilder(options.store.db, options.config)
    const attempt: Attempt = (due) => attemptOne(due, { ledger, sender, build, lease: channel.longest + LEASE_RESERVE })
    if (pause !== null && !(await probe(ledger, attempt))) return
    await sendAll(ledger, attempt, { concurrency: channel.concurrency, signal: options.signal })
  } finally {
    await sender.close()
  }
}

/** Null, with the channel paused, where it is not set up or cannot be right: only a person mends that. */
async function openOrPause(ledger: Ledger, { config, env }: Options, channel: Channel): Promise<Sender | null> {
  let why = `${channel.name === 'email' ? 'E-mail' : 'ntfy'} is not set up`
  try {
    const sender = await channel.open(config, env)
    if (sender !== null) return sender
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    why = error.message
  }
  await ledger.pauseChannel(why, null)
  return null
}

/**
 * After a pause one message decides, the oldest, so that a service that is still down costs one attempt and not one for each
 * message.
 * @returns whether the channel works
 */
async function probe(ledger: Ledger, attempt: Attempt): Promise<boolean> {
  let reason: string | null = null
  for (const due of await ledger.due(MOST_DOUBTFUL)) {
    const { verdict, why } = await attempt(due)
    if (verdict === 'works') {
      await ledger.endPause()
      return true
    }
    if (verdict !== 'unclear') return false
    reason = why
  }
  if (reason !== null) await ledger.pauseChannel(reason, null)
  return false
}

async function sendAll(
  ledger: Ledger,
  attempt: Attempt,
  { concurrency, signal }: { concurrency: number; signal: AbortSignal | null },
): Promise<void> {
  const isStopped = () => ledger.isDown || signal?.aborted === true
  while (!isStopped()) {
    const page = await ledger.due(PAGE)
    if (page.length === 0) return
    const queues = [...Map.groupBy(page, ({ destination }) => destination).values()]
    const serve = async () => {
      for (let queue = queues.shift(); queue; queue = queues.shift()) {
        // One destination's messages go one after the other.
        for (const due of queue) {
          if (isStopped() || ledger.isAside(due.destination)) break
          await attempt(due)
        }
      }
    }
    await Promise.all(Array.from({ length: concurrency }, serve))
  }
}

interface Means {
  ledger: Ledger
  sender: Sender
  build: Build
  lease: number
}

async function attemptOne(due: Due, { ledger, sender, build, lease }: Means): ReturnType<Attempt> {
  const claimed = await ledger.claim(due, lease)
  if (claimed === null) return { verdict: 'busy', why: '' }
  const message = builtOrWhy(build, claimed)
  if (typeof message === 'string') return { verdict: await ledger.giveUp(claimed, message), why: message }
  const result = await sender.send(message, claimed.destination)
  return { verdict: await ledger.settle(claimed, result), why: result.ok ? '' : result.message }
}

/** The message, or why it cannot be built: that must not stop those behind it. */
function builtOrWhy(build: Build, { event }: Claimed): Message | string {
  try {
    return build(event)
  } catch (error) {
    return `The message can't be built: ${error instanceof Error ? error.message : String(error)}`
  }
}
