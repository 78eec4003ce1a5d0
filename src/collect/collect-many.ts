import type { DuplicatiApi, ServerAddress } from '../duplicati/api.ts'
import { UserError } from '../errors.ts'
import type { CollectResultView, ErrorView, NameRef } from '../fleet/model.ts'
import type { Ingest } from '../ingest/types.ts'
import { type CollectProgress, collectServer, OUR_FAILURES, type Recorder } from './collect-server.ts'
import type { CollectEvent, Target } from './types.ts'

/** Servers side by side; each has its own database and disk, so what limits is this machine. */
export const DEFAULT_CONCURRENCY = 25
/** A first collection of a large server over a slow line takes minutes; a server that drips its answers takes for ever. */
export const DEFAULT_DEADLINE = 15 * 60

export interface CollectManyOptions {
  at: Date
  ingest: Ingest
  /** A client that `signal` ends. */
  connect(address: ServerAddress, signal: AbortSignal): DuplicatiApi
  /** The server that this one is now, after joins, and what people call it; null when it is gone. */
  nameOf(serverId: string, url: string | null): Promise<NameRef | null>
  /** Stores why a known server could not even be asked. */
  failed(serverId: string, error: ErrorView): Promise<void>
  concurrency?: number
  /** Seconds after which one server is given up. */
  deadline?: number
  /** Ends all: what is stored stays, servers that were not asked yet are not asked. */
  signal?: AbortSignal
  /** Keeps what is collected; `secrets` are the texts that must not be kept with it. */
  recorder?(target: Target, secrets: string[]): Recorder & { close(): Promise<void> }
  onEvent?(event: CollectEvent): void
}

/**
 * Collects from many servers side by side; one that fails, hangs or lies delays nobody. Results are in the order of the targets,
 * one for each, whatever happens.
 */
export async function collectMany(targets: Target[], options: CollectManyOptions): Promise<CollectResultView[]> {
  const results: CollectResultView[] = []
  const queue = targets.entries()
  const worker = async () => {
    for (const [index, target] of queue) {
      const result = await collectTarget(target, index, options)
      results[index] = result
      options.onEvent?.({ type: 'ended', index, result })
    }
  }
  const workers = Math.min(targets.length, Math.max(1, options.concurrency ?? DEFAULT_CONCURRENCY))
  await Promise.all(Array.from({ length: workers }, worker))
  return results
}

interface Tally {
  serverId: string | null
  jobs: number
  new: number
  known: number
  updated: number
}

async function collectTarget(target: Target, index: number, options: CollectManyOptions): Promise<CollectResultView> {
  const started = performance.now()
  const tally: Tally = { serverId: target.server?.id ?? null, jobs: 0, new: 0, known: 0, updated: 0 }
  const limit = new Limit(options.signal, options.deadline ?? DEFAULT_DEADLINE, target.label)
  let url = target.url
  let error: ErrorView | null
  options.onEvent?.({ type: 'started', index, label: target.label })
  try {
    limit.signal.throwIfAborted()
    const work = collectOne(target, index, tally, limit.signal, options, (settled) => {
      url = settled
    })
    error = await limit.race(work)
  } catch (failure) {
    error = describe(failure)
    await storeFailure(tally.serverId, error, options)
  } finally {
    limit.end()
  }
  const server = tally.serverId === null ? null : ((await options.nameOf(tally.serverId, url)) ?? target.server)
  const seconds = Math.round(performance.now() - started) / 1000
  const { jobs, new: fresh, known, updated } = tally
  return { server, url, ok: error === null, error, jobs, new: fresh, known, updated, seconds }
}

async function collectOne(
  target: Target,
  index: number,
  tally: Tally,
  signal: AbortSignal,
  options: CollectManyOptions,
  settled: (url: string) => void,
): Promise<ErrorView | null> {
  const address = await target.resolve(signal)
  settled(address.url)
  signal.throwIfAborted()
  const api = options.connect(address, signal)
  const recorder = options.recorder?.(target, secretsIn(address))
  try {
    const { error, serverId } = await collectServer(api, options.ingest, {
      ...(target.server ? { serverId: target.server.id } : {}),
      ...(recorder ? { recorder } : {}),
      at: options.at,
      signal,
      onProgress: (progress) => note(progress, target, index, tally, options),
    })
    tally.serverId = serverId
    return error
  } finally {
    await recorder?.close()
    await api.close()
  }
}

function secretsIn({ secret, headers = {} }: ServerAddress): string[] {
  return [...(secret === null ? [] : [secret]), ...Object.values(headers)]
}

function note(
  progress: CollectProgress,
  target: Target,
  index: number,
  tally: Tally,
  { onEvent }: CollectManyOptions,
): void {
  if ('machineName' in progress) {
    tally.serverId = progress.serverId
    onEvent?.({ type: 'named', index, label: target.server?.name ?? progress.machineName ?? target.label })
  } else if ('jobs' in progress) {
    tally.jobs = progress.jobs
    onEvent?.({ type: 'jobs', index, jobs: progress.jobs })
  } else if ('rows' in progress) {
    tally.serverId = progress.serverId
    tally.new += progress.counts.new
    tally.known += progress.counts.known
    tally.updated += progress.counts.updated
    onEvent?.({ type: 'rows', index, rows: progress.rows })
  } else {
    onEvent?.({ type: 'job', index, done: progress.done })
  }
}

/** A server that was never reached has no collection to keep its failure: the caller stores it. */
async function storeFailure(serverId: string | null, error: ErrorView, options: CollectManyOptions): Promise<void> {
  if (serverId === null || OUR_FAILURES.has(error.code)) return
  try {
    await options.failed(serverId, error)
  } catch (failure) {
    if (!(failure instanceof UserError)) throw failure
  }
}

function describe(failure: unknown): ErrorView {
  if (failure instanceof UserError) {
    const { code, message, hint } = failure
    return { code, message, hint }
  }
  const message = `Something went wrong that should not: ${failure instanceof Error ? failure.message : String(failure)}`
  return { code: 'bug', message, hint: 'This is a bug of duplistatus: please report it.' }
}

/** How long a server that has been given up gets to end by itself before its result is told without it. */
const GRACE = 2_000

/** One server's time: ends by the deadline or by the caller's signal, with the failure to tell as the reason. */
class Limit {
  readonly signal: AbortSignal
  readonly #controller = new AbortController()
  readonly #timer: NodeJS.Timeout
  readonly #outer: AbortSignal | undefined
  readonly #interrupt = (): void => this.#controller.abort(interrupted())

  constructor(outer: AbortSignal | undefined, seconds: number, label: string) {
    this.signal = this.#controller.signal
    this.#timer = setTimeout(() => this.#controller.abort(tooLong(label, seconds)), seconds * 1_000)
    this.#outer = outer
    if (outer?.aborted) this.#interrupt()
    outer?.addEventListener('abort', this.#interrupt, { once: true })
  }

  /** The work's outcome; once the time is over its failure, at the latest when the grace is over too. */
  race<T>(work: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      let grace: NodeJS.Timeout | undefined
      const giveUp = () => {
        grace = setTimeout(() => reject(this.signal.reason), GRACE)
      }
      this.signal.addEventListener('abort', giveUp, { once: true })
      work
        .then(resolve, (error: unknown) => reject(this.signal.aborted ? this.signal.reason : error))
        .finally(() => {
          clearTimeout(grace)
          this.signal.removeEventListener('abort', giveUp)
        })
    })
  }

  end(): void {
    clearTimeout(this.#timer)
    this.#outer?.removeEventListener('abort', this.#interrupt)
  }
}

function interrupted(): UserError {
  return new UserError('Interrupted', {
    code: 'interrupted',
    hint: 'What was read so far is stored; collecting again goes on from there.',
  })
}

function tooLong(label: string, seconds: number): UserError {
  return new UserError(`${label} was not done after ${seconds} s`, {
    code: 'timed_out',
    hint: 'What was read so far is stored. Give it more time with --timeout, or collect this server alone.',
  })
}
