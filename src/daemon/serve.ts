import { setFlagsFromString } from 'node:v8'
import { SEMI_SPACE_MB } from '../receiver/reader.ts'
import { openStore, type WritableStore } from '../store/index.ts'
import { firstToken, optionLines } from './first-start.ts'
import { type Daemon, startDaemon } from './index.ts'
import { createLog, type Logger } from './log.ts'
import type { TaskSettings } from './settings.ts'

/** Calls after which a function is compiled as well as V8 can. */
const COMPILED_AFTER = 300

export interface ServeOptions {
  dbFile: string
  host: string
  port: number
  open: boolean
  publicRead: boolean
  maxBody: number
  verbose: boolean
  stderr: NodeJS.WriteStream
  env: NodeJS.ProcessEnv
  startedAt: Date
  /** What checks, collections and messages go by; it may say in the log what it cannot read. */
  settings: (log: Logger) => () => TaskSettings
}

/**
 * Runs the daemon until the abort of a signal, and lets it finish what it has accepted.
 * @throws UserError when it cannot start
 */
export async function serve(options: ServeOptions, ending: AbortSignal): Promise<void> {
  tuneV8()
  const { dbFile: file, stderr, verbose, settings, host, port, open, publicRead, maxBody, env } = options
  const log = createLog(stderr, verbose ? 'debug' : 'info')
  const daemon = await startDaemon({
    ...{ log, host, port, open, publicRead, maxBody, env },
    openStore: () => openStore({ file, mode: 'write' }),
    settings: settings(log),
  })
  try {
    stderr.write(`Listening on ${daemon.url}\n`)
    await sayHowToReport(options, daemon)
    if (!ending.aborted) {
      await new Promise<void>((resolve) => ending.addEventListener('abort', () => resolve(), { once: true }))
    }
    log.info('Stopping')
  } finally {
    await daemon.stop()
  }
}

/**
 * What a report needs is thrown away at once: a young generation that grows with the load would hold a hundred megabytes of it, and
 * one of a single megabyte, with which a thread begins, is full every dozen reports. It is cleared by the thread that filled it, and
 * when it is full: to wake others for the little that is left in it takes longer.
 *
 * Most of the code runs once a report, and V8 compiles as well as it can what was called three thousand times. With three hundred a
 * report takes an eighth less processor time from the four thousandth on, for which the first two thousand pay.
 */
function tuneV8(): void {
  setFlagsFromString('--semi-space-growth-factor=1')
  setFlagsFromString(`--min-semi-space-size=${SEMI_SPACE_MB}`)
  setFlagsFromString('--no-parallel-scavenge')
  setFlagsFromString('--no-minor-gc-task')
  setFlagsFromString(`--invocation-count-for-turbofan=${COMPILED_AFTER}`)
}

/** The first start shows what to put into Duplicati; the token in it is never shown again, and not part of the log. */
async function sayHowToReport({ host, open, startedAt, stderr }: ServeOptions, { port, store }: Daemon): Promise<void> {
  if (open) stderr.write('Posts are accepted without a token (--open): whoever reaches this port can report.\n')
  const secret = open ? null : await firstToken(store, startedAt)
  if (secret === null && !(open && (await isEmpty(store)))) return
  const only = secret === null ? '' : ' The token is shown only now; "duplistatus token create" makes others.'
  const lines = optionLines({ host, port }, secret).map((line) => `  ${line}\n`)
  stderr.write(`To let a Duplicati server report, paste this into its Settings, Default options, "Edit as text".${only}
${lines.join('')}"duplistatus server setup-reporting" does it for a server that is known.\n`)
}

async function isEmpty(store: WritableStore): Promise<boolean> {
  return (await store.read.names()).servers.length === 0
}
