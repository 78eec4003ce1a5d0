import { SilentError } from '../errors.ts'

const CODES: Partial<Record<NodeJS.Signals, number>> = { SIGINT: 130, SIGTERM: 143 }

/**
 * Runs work that ends cleanly on Ctrl-C: the first signal aborts it and lets it finish what it has begun, a second one ends the
 * process at once. Returns the work's result and the exit code of the signal (128 + its number), null when none came.
 */
export async function interruptible<T>(
  work: (signal: AbortSignal) => Promise<T>,
): Promise<{ result: T; code: number | null }> {
  const controller = new AbortController()
  let code: number | null = null
  const stop = (signal: NodeJS.Signals) => {
    if (code !== null) {
      remove()
      process.kill(process.pid, signal)
      return
    }
    code = CODES[signal] ?? 1
    controller.abort(new SilentError(code))
  }
  const signals = Object.keys(CODES) as NodeJS.Signals[]
  const remove = () => {
    for (const signal of signals) process.off(signal, stop)
  }
  for (const signal of signals) process.on(signal, stop)
  try {
    return { result: await work(controller.signal), code }
  } finally {
    remove()
  }
}
