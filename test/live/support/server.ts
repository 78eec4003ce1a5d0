import { type ChildProcess, spawn } from 'node:child_process'
import { chmodSync, chownSync, cpSync, lchownSync, mkdirSync, readdirSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { Api } from './api.ts'
import { endWithUs, makeFolder, removeFolder } from './leftovers.ts'
import { until } from './until.ts'

export const PASSWORD = 'Correct horse, battery – staple'

/** What a server's log lines are written in. */
export interface Surroundings {
  timeZone: string
  locale: string
}

const BERLIN: Surroundings = { timeZone: 'Europe/Berlin', locale: 'en_US.UTF-8' }

/** The user without rights of every Unix: root may read unreadable files, so as root the server runs as this one. */
const NOBODY = 65_534
const AS_ROOT = process.getuid?.() === 0

/** One real Duplicati server on loopback, with folders of its own that are gone after `destroy`. */
export class RealServer {
  readonly folder: string
  readonly port: number
  readonly api: Api
  readonly command: string
  readonly surroundings: Surroundings
  private child: ChildProcess | null = null
  private output = ''

  private constructor(command: string, folder: string, port: number, surroundings: Surroundings) {
    this.command = command
    this.surroundings = surroundings
    this.folder = folder
    this.port = port
    this.api = new Api(`http://127.0.0.1:${port}`, PASSWORD)
  }

  /** Starts the server that `command` names, and waits until it lets somebody in. */
  static async start(command: string, surroundings: Surroundings = BERLIN): Promise<RealServer> {
    const folder = makeFolder('duplistatus-live-')
    for (const name of ['', 'data', 'home', 'temp', 'src', 'dst']) mkdirSync(join(folder, name), { recursive: true })
    chmodSync(join(folder, 'data'), 0o700)
    const server = new RealServer(command, folder, await freePort(), surroundings)
    try {
      await server.resume()
    } catch (error) {
      await server.destroy()
      throw error
    }
    return server
  }

  /**
   * A machine restored from another one's image: the same ids, jobs and logs, in folders of its own. The other server is
   * stopped meanwhile, and both run afterwards.
   */
  static async clone(original: RealServer): Promise<RealServer> {
    const clone = new RealServer(
      original.command,
      makeFolder('duplistatus-live-'),
      await freePort(),
      original.surroundings,
    )
    try {
      await original.stop()
      cpSync(original.folder, clone.folder, { recursive: true })
      chmodSync(clone.path('data'), 0o700)
      clone.adopt(original.folder)
      await original.resume()
      await clone.resume()
    } catch (error) {
      await clone.destroy()
      throw error
    }
    return clone
  }

  /** Makes the jobs of a copied data folder use this server's folders. */
  private adopt(formerFolder: string): void {
    const database = new Database(this.path('data/Duplicati-server.sqlite'))
    for (const [table, column] of [
      ['Backup', 'DBPath'],
      ['Backup', 'TargetURL'],
      ['Source', 'Path'],
    ]) {
      database.prepare(`update ${table} set ${column} = replace(${column}, ?, ?)`).run(formerFolder, this.folder)
    }
    database.close()
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`
  }

  path(...names: string[]): string {
    return join(this.folder, ...names)
  }

  /** Starts the process (again) on the same port with the same data. */
  async resume(): Promise<void> {
    this.own()
    this.output = ''
    const child = spawn(this.command, this.arguments(), {
      env: this.environment(),
      cwd: this.folder,
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(AS_ROOT ? { uid: NOBODY, gid: NOBODY } : {}),
    })
    this.child = child
    endWithUs(child)
    child.on('error', (error) => (this.output += `${error.message}\n`))
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => (this.output = (this.output + text).slice(-20_000)))
    }
    this.api.forget()
    await this.answering(child)
  }

  /** Ends the process as a service manager would; true unless it had to be killed. */
  async stop(): Promise<boolean> {
    const child = this.child
    this.child = null
    if (!child || child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return true
    const ended = new Promise<void>((resolve) => child.once('close', () => resolve()))
    child.kill('SIGTERM')
    const timer = setTimeout(() => child.kill('SIGKILL'), 15_000)
    await ended
    clearTimeout(timer)
    return child.signalCode !== 'SIGKILL'
  }

  async restart(): Promise<void> {
    await this.stop()
    await this.resume()
  }

  async destroy(): Promise<void> {
    await this.stop()
    removeFolder(this.folder)
  }

  /** Makes everything below a folder the server's, where it runs as another user than the tests. */
  own(folder = this.folder): void {
    if (!AS_ROOT) return
    chownSync(folder, NOBODY, NOBODY)
    for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
      lchownSync(join(entry.parentPath, entry.name), NOBODY, NOBODY)
    }
  }

  private arguments(): string[] {
    return [
      `--server-datafolder=${this.path('data')}`,
      `--webservice-port=${this.port}`,
      '--webservice-interface=loopback',
      `--webservice-password=${PASSWORD}`,
      '--disable-db-encryption=true',
      `--tempdir=${this.path('temp')}`,
    ]
  }

  private environment(): NodeJS.ProcessEnv {
    const { timeZone, locale } = this.surroundings
    const kept = Object.entries(process.env).filter(([name]) => /^(PATH|DOTNET_.*|DUPLICATI_CACHE)$/.test(name))
    return { ...Object.fromEntries(kept), HOME: this.path('home'), TZ: timeZone, LANG: locale }
  }

  /**
   * 2.1.0.5 answers its log-in, and gives the list of jobs, before all of its services stand; until then it answers 500 to new jobs
   * (which it stores all the same), to runs, and last of all to the question for its state.
   */
  private async answering(child: ChildProcess): Promise<void> {
    const look = async () => {
      if (child.exitCode !== null || child.pid === undefined) return 'ended'
      await this.api.backups()
      await this.api.state()
      return 'up'
    }
    const seen = await until(`${this.command} answers`, look, Boolean, { timeout: 60_000 }).catch(
      (error: Error) => error,
    )
    if (seen !== 'up') throw new Error(`${this.command} does not run (${String(seen)}). It printed:\n${this.output}`)
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.on('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => (address && typeof address === 'object' ? resolve(address.port) : reject(new Error('no port'))))
    })
  })
}
