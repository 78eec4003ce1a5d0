import { type ChildProcess, spawn } from 'node:child_process'
import { PROGRAM } from '../../support/program.ts'
import { endWithUs } from './leftovers.ts'
import { until } from './until.ts'
import type { User } from './user.ts'

/** `duplistatus serve` of a user, as a process of its own on a free port of loopback. */
export class Daemon {
  readonly url: string
  private readonly child: ChildProcess
  private readonly told: () => string

  private constructor(child: ChildProcess, url: string, told: () => string) {
    this.child = child
    this.url = url
    this.told = told
  }

  static async start(user: User, more: string[] = []): Promise<Daemon> {
    const args = [PROGRAM, 'serve', '--host', '127.0.0.1', '--port', '0', '--db', user.database, ...more]
    const child = spawn(process.execPath, args, {
      env: { PATH: process.env.PATH, ...user.env },
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    endWithUs(child)
    let text = ''
    child.stderr?.setEncoding('utf8').on('data', (more: string) => (text += more))
    const listening = () => {
      if (child.exitCode !== null) throw new Error(`serve ended with ${child.exitCode}: ${text}`)
      return /Listening on (http:\S+)/.exec(text)?.[1]
    }
    const url = await until('serve listens', listening)
    return new Daemon(child, String(url), () => text)
  }

  /** What it has written so far. */
  get log(): string {
    return this.told()
  }

  /** Ends it as a service manager does, and gives its exit code. */
  async stop(): Promise<number | null> {
    if (this.child.exitCode === null && this.child.signalCode === null) {
      const ended = new Promise((resolve) => this.child.once('close', resolve))
      this.child.kill('SIGTERM')
      await ended
    }
    return this.child.exitCode
  }
}
