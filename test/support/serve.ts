/** `duplistatus serve` as a process of its own, on a free port of loopback. */
import { type ChildProcess, spawn } from 'node:child_process'
import { PROGRAM, ROOT } from './program.ts'

export interface Served {
  url: string
  pid: number
  /** What was written to stderr so far. */
  said(): string
  /** Resolves with the exit code, or the signal that ended it. */
  stop(signal?: NodeJS.Signals): Promise<number | NodeJS.Signals | null>
  child: ChildProcess
}

export async function serveProcess(
  database: string,
  { args = ['--open'], env = {}, node = [] }: { args?: string[]; env?: NodeJS.ProcessEnv; node?: string[] } = {},
): Promise<Served> {
  const words = [...node, PROGRAM, 'serve', '--host', '127.0.0.1', '--port', '0', '--db', database, ...args]
  const child = spawn(process.execPath, words, {
    cwd: ROOT,
    env: { PATH: process.env.PATH, HOME: `${database}.home`, LANG: 'en_GB.UTF-8', TZ: 'UTC', ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let text = ''
  child.stderr?.setEncoding('utf8').on('data', (more: string) => (text += more))
  const ended = new Promise<number | NodeJS.Signals | null>((resolve) =>
    child.once('close', (code, signal) => resolve(signal ?? code)),
  )
  const url = await new Promise<string>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`serve did not listen:\n${text}`)), 30_000)
    child.stderr?.on('data', () => {
      const [, found] = /Listening on (http:\S+)/.exec(text) ?? []
      if (found === undefined) return
      clearTimeout(timer)
      resolve(found)
    })
    void ended.then((code) => {
      clearTimeout(timer)
      reject(new Error(`serve ended with ${code}:\n${text}`))
    })
  })
  return {
    url,
    pid: child.pid ?? 0,
    child,
    said: () => text,
    stop: async (signal = 'SIGTERM') => {
      if (child.exitCode === null && child.signalCode === null) child.kill(signal)
      return ended
    },
  }
}
