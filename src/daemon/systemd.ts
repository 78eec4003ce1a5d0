import { spawn } from 'node:child_process'

/**
 * Tells systemd how the daemon is (sd_notify). Node has no sockets of that kind, so the tool that comes with systemd says it, and
 * the unit needs `NotifyAccess=all`. Outside of systemd nothing is done.
 */
export interface Systemd {
  ready(status: string): Promise<void>
  stopping(): Promise<void>
  /** Ends the watchdog's signs of life. */
  close(): void
}

/** Milliseconds that the tool may take: a start does not wait for ever. */
const PATIENCE = 5_000

/** @param isAlive asked before each sign of life for the watchdog */
export function systemd(env: NodeJS.ProcessEnv, isAlive: () => boolean): Systemd {
  let beat: NodeJS.Timeout | null = null
  const notify = (...words: string[]) => (env.NOTIFY_SOCKET ? tell(words, env) : Promise.resolve())
  return {
    async ready(status) {
      await notify('--ready', `--status=${status}`)
      const microseconds = Number(env.WATCHDOG_USEC)
      const isOurs = !env.WATCHDOG_PID || Number(env.WATCHDOG_PID) === process.pid
      if (!env.NOTIFY_SOCKET || !(microseconds > 0) || !isOurs) return
      beat = setInterval(() => isAlive() && void notify('WATCHDOG=1'), microseconds / 1_000 / 2)
      beat.unref()
    },
    stopping: () => notify('--stopping'),
    close() {
      if (beat) clearInterval(beat)
    },
  }
}

/** A tool that is missing or fails costs a start-up time-out of systemd at worst: it is no reason not to receive reports. */
function tell(words: string[], env: NodeJS.ProcessEnv): Promise<void> {
  return new Promise((resolve) => {
    const child = spawn('systemd-notify', [`--pid=${process.pid}`, ...words], {
      env: { PATH: env.PATH, NOTIFY_SOCKET: env.NOTIFY_SOCKET },
      stdio: 'ignore',
      timeout: PATIENCE,
    })
    child.on('error', () => resolve())
    child.on('close', () => resolve())
  })
}
