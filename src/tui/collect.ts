/** Collecting from inside the interface: the same collection as `collect`, told line by line. */
import type { Context } from '../cli/context.ts'
import { tellingOf } from '../cli/notify-config.ts'
import { secretsOf } from '../cli/server-input.ts'
import { collectMany } from '../collect/collect-many.ts'
import { nameRef } from '../collect/joined.ts'
import { findTargets } from '../collect/targets.ts'
import type { CollectEvent } from '../collect/types.ts'
import { createClient } from '../duplicati/client.ts'
import { UserError } from '../errors.ts'
import { createIngest } from '../ingest/index.ts'
import { readSettings } from '../settings/reader.ts'
import { openStore } from '../store/index.ts'
import type { Collecting, CollectLine } from './model.ts'

export interface CollectRun {
  context: Context
  /** Null for all that have an address. */
  serverIds: string[] | null
  /** Epoch milliseconds. */
  now: number
  signal: AbortSignal
  onChange(collecting: Collecting): void
}

/** Ends when all servers were asked, or the signal came; what was read is stored. @throws UserError where there is nothing to ask */
export async function collectInside({ context, serverIds, now, signal, onChange }: CollectRun): Promise<Collecting> {
  const store = await openStore({ file: context.dbFile, mode: 'write', sync: 'close', now: () => new Date(now) })
  try {
    const { targets } = await findTargets(store, {
      hosts: serverIds ?? [],
      all: serverIds === null,
      env: context.env,
      password: null,
      secrets: secretsOf(context, () => {}),
      onNote: () => {},
    })
    if (targets.length === 0) throw noTargets()
    const lines = targets.map(
      ({ label }): CollectLine => ({ label, state: 'waiting', jobs: null, done: 0, rows: 0, error: null }),
    )
    const told = (running: boolean, results: Collecting['results'] = []): Collecting => {
      const collecting = { lines: lines.map((line) => ({ ...line })), running, cancelled: signal.aborted, results }
      onChange(collecting)
      return collecting
    }
    const steady = steadily(() => told(true))
    const concurrency = readSettings(context.configFile)['collect.concurrency']
    const results = await collectMany(targets, {
      at: new Date(now),
      ingest: createIngest(store, { notify: tellingOf(context, () => {}) }),
      connect: (address, ended) => createClient(address, { signal: ended, env: context.env }),
      nameOf: (id, url) => nameRef(store, id, url),
      failed: (id, { code, message }) => store.servers.setError(id, { code, message }),
      ...(concurrency === undefined ? {} : { concurrency }),
      signal,
      onEvent: (event) => {
        apply(lines, event)
        steady.touch()
      },
    })
    steady.end()
    return told(false, results)
  } finally {
    await store.close()
  }
}

/** Thousands of events a second would draw thousands of frames. */
const REDRAW = 100

function steadily(draw: () => void): { touch(): void; end(): void } {
  let timer: NodeJS.Timeout | null = null
  draw()
  return {
    touch() {
      timer ??= setTimeout(() => {
        timer = null
        draw()
      }, REDRAW)
    },
    end() {
      if (timer) clearTimeout(timer)
    },
  }
}

function apply(lines: CollectLine[], event: CollectEvent): void {
  const line = lines[event.index]
  if (!line) return
  if (event.type === 'started') line.state = 'active'
  else if (event.type === 'named') line.label = event.label
  else if (event.type === 'jobs') line.jobs = event.jobs
  else if (event.type === 'rows') line.rows += event.rows
  else if (event.type === 'job') line.done = event.done
  else {
    line.state = event.result.ok ? 'done' : 'failed'
    line.error = event.result.error?.message ?? null
  }
}

function noTargets(): UserError {
  return new UserError('No server has an address yet', {
    code: 'no_address',
    hint: 'duplistatus server add URL adds one.',
  })
}
