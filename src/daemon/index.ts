import { UserError } from '../errors.ts'
import type { AssessOptions } from '../fleet/overdue/assess.ts'
import { runTeller } from '../ingest/events.ts'
import { createReceiver, type Receiver } from '../receiver/index.ts'
import type { WritableStore } from '../store/index.ts'
import { bracketed } from './first-start.ts'
import type { Logger } from './log.ts'
import type { TaskSettings } from './settings.ts'
import { systemd } from './systemd.ts'
import { startTasks, type Tasks } from './tasks.ts'

/** `status` and others judge by the same tolerance where no settings are read. */
const TOLERANCE_SECONDS = 3_600

export interface DaemonOptions {
  /** Another connection to the database; those who ask close it. */
  openStore: () => Promise<WritableStore>
  log: Logger
  host: string
  /** 0 takes a free one. */
  port: number
  open?: boolean
  publicRead?: boolean
  maxBody?: number
  env?: NodeJS.ProcessEnv
  now?: () => Date
  /** What checks, collections and messages go by; without it reports are received, and nothing else is done. */
  settings?: (() => TaskSettings) | null
}

export interface Daemon {
  readonly url: string
  readonly port: number
  readonly store: WritableStore
  /** Answers what was accepted, ends the tasks, closes the database. */
  stop(): Promise<void>
}

/**
 * Starts what `serve` does: receiver and tasks.
 * @throws UserError `port_taken`, `port_refused`, `address_unknown`, and what opening the database throws
 */
export async function startDaemon(options: DaemonOptions): Promise<Daemon> {
  const { host, log, env = {}, now = () => new Date(), settings = null } = options
  const store = await options.openStore()
  const ending = new AbortController()
  let tasks: Tasks | null = null
  try {
    await requireWritable(store)
    const receiver = await createReceiver({
      store,
      log,
      now,
      open: options.open === true,
      publicRead: options.publicRead === true,
      ...(options.maxBody === undefined ? {} : { maxBody: options.maxBody }),
      judging: (at) => judging(store, settings, at),
      tell: settings && runTeller(telling(settings, log, () => tasks?.wake())),
    })
    const port = await listen(receiver, options)
    const watch = systemd(env, () => !ending.signal.aborted)
    tasks = settings && (await startTasks(taskOptions(options, settings, ending.signal, now)))
    await watch.ready(`Listening on port ${port}`)
    return {
      url: `http://${bracketed(host)}:${port}`,
      port,
      store,
      async stop() {
        ending.abort()
        await watch.stopping()
        await receiver.close()
        await tasks?.ended
        watch.close()
        await store.close()
      },
    }
  } catch (error) {
    ending.abort()
    await tasks?.ended
    await store.close()
    throw error
  }
}

/**
 * A daemon that listens and may store nothing would cost every backup of the fleet a warning. One that waits for another writer is
 * let in: that passes.
 */
async function requireWritable(store: WritableStore): Promise<void> {
  try {
    // No row has this key. SQLite refuses even that where the file is read-only, and only when something would be written.
    await store.transaction(async (tx) => {
      await tx.deleteFrom('monitor').where('key', '=', '').execute()
    })
  } catch (error) {
    if (!(error instanceof UserError) || error.code !== 'database_locked') throw error
  }
}

async function judging(
  store: WritableStore,
  settings: (() => TaskSettings) | null,
  now: number,
): Promise<AssessOptions> {
  const { downtimes } = await store.read.monitor()
  const check = settings?.().check
  const zone = check?.zone ?? Intl.DateTimeFormat().resolvedOptions().timeZone
  return { now, toleranceSeconds: check?.toleranceSeconds ?? TOLERANCE_SECONDS, zone: () => zone, downtimes }
}

function telling(settings: () => TaskSettings, log: Logger, onTold: () => void) {
  return {
    globals: () => settings().check.globals,
    onTold,
    onFailure: (error: unknown) => log.error({ error }, 'What a run tells could not be written: a bug of duplistatus'),
  }
}

function taskOptions(
  { openStore, log }: DaemonOptions,
  settings: () => TaskSettings,
  signal: AbortSignal,
  now: () => Date,
) {
  return {
    openStore,
    settings,
    signal,
    now,
    isListening: true,
    log: {
      info: (text: string) => log.info(text),
      warn: (text: string) => log.warn(text),
      error: (text: string, error: unknown) => log.error({ error }, text),
    },
  }
}

async function listen(receiver: Receiver, { host, port }: DaemonOptions): Promise<number> {
  try {
    return await receiver.listen({ host, port })
  } catch (error) {
    await receiver.close()
    throw inWords(error as NodeJS.ErrnoException, host, port)
  }
}

function inWords(error: NodeJS.ErrnoException, host: string, port: number): unknown {
  if (error.code === 'EADDRINUSE') {
    return new UserError(`Port ${port} of ${host} is taken by another program, perhaps by another duplistatus serve`, {
      code: 'port_taken',
      hint: 'End that program, or take another port with --port.',
      cause: error,
    })
  }
  if (error.code === 'EACCES') {
    return new UserError(`Port ${port} may not be used without more rights`, {
      code: 'port_refused',
      hint: 'Take a port from 1024 on with --port, and let a reverse proxy answer at the other one.',
      cause: error,
    })
  }
  if (error.code === 'EADDRNOTAVAIL' || error.code === 'ENOTFOUND' || error.code === 'EAI_AGAIN') {
    return new UserError(`${host} is no address of this machine`, {
      code: 'address_unknown',
      hint: 'Name one of its addresses with --host; 0.0.0.0 stands for all of them.',
      cause: error,
    })
  }
  return error
}
