import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { PROGRAM, ROOT } from './program.ts'

/** `duplistatus serve --open` of the built program on a free port of loopback, in a process of its own. */
export class Serving {
  readonly url: string
  readonly child: ChildProcess
  private readonly closed: Promise<unknown>

  private constructor(child: ChildProcess, closed: Promise<unknown>, url: string) {
    this.child = child
    this.closed = closed
    this.url = url
  }

  /** @param folder home of the process, database included */
  static async start(folder: string, database = join(folder, 'serve.db'), more: string[] = []): Promise<Serving> {
    const args = ['serve', '--open', '--host', '127.0.0.1', '--port', '0', '--db', database, ...more]
    const child = spawn(process.execPath, [PROGRAM, ...args], {
      env: { PATH: process.env.PATH, HOME: folder, XDG_CONFIG_HOME: folder, XDG_DATA_HOME: folder, TZ: 'UTC' },
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    const closed = once(child, 'close')
    let said = ''
    const url = await new Promise<string>((resolve, reject) => {
      child.stderr?.setEncoding('utf8').on('data', (text: string) => {
        said = (said + text).slice(-10_000)
        const [, found] = /Listening on (http:\S+)/.exec(said) ?? []
        if (found) resolve(found)
      })
      void closed.then(() => reject(new Error(`serve ended before it listened: ${said}`)))
    })
    return new Serving(child, closed, url)
  }

  /** Ends it at once (`SIGKILL`) or as a service manager does (`SIGTERM`), and gives its exit code. */
  async end(signal: 'SIGKILL' | 'SIGTERM'): Promise<number | null> {
    this.child.kill(signal)
    await this.closed
    return this.child.exitCode
  }

  /** Largest resident memory so far in MB, as the kernel of Linux counts it; NaN elsewhere. */
  peakMegabytes(): number {
    try {
      const status = readFileSync(`/proc/${this.child.pid}/status`, 'utf8')
      return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1]) / 1024
    } catch {
      return Number.NaN
    }
  }
}

export interface PostOptions {
  url: string
  /** Number of the first report; reports of different numbers are of different runs. */
  from: number
  count: number
  connections?: number
  servers?: number
  jobsPerServer?: number
  lines?: number
  listed?: boolean
}

export const POST_DEFAULTS = { connections: 16, servers: 20, jobsPerServer: 5, lines: 60 }

export interface Posted {
  /** Reports answered a second. */
  rate: number
  p99: number
  statuses: Record<string, number>
  /** Connections that broke. */
  broken: number
  /** Numbers that were answered 200, where asked for. */
  acknowledged?: number[]
}

/** Posts reports from a process of its own. */
export async function postReports(options: PostOptions): Promise<Posted> {
  const script = join(ROOT, 'test/bench/serve/client.ts')
  const child = spawn(process.execPath, [script, JSON.stringify({ ...POST_DEFAULTS, ...options })], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let [out, err] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text))
  const [code] = await once(child, 'close')
  if (code !== 0) throw new Error(`the client ended with ${code}: ${err}`)
  return JSON.parse(out)
}
