import { join } from 'node:path'
import { type Ended, runProgram } from '../../support/program.ts'
import { makeFolder, removeFolder } from './leftovers.ts'
import { PASSWORD } from './server.ts'

/** Somebody at a terminal with the built program: a home of their own, a database, nothing else. */
export class User {
  readonly home = makeFolder('duplistatus-user-')
  readonly database = join(this.home, 'fleet.db')

  get env(): NodeJS.ProcessEnv {
    return {
      HOME: this.home,
      XDG_CONFIG_HOME: join(this.home, 'config'),
      XDG_DATA_HOME: join(this.home, 'data'),
      XDG_CACHE_HOME: join(this.home, 'cache'),
      NO_COLOR: '1',
    }
  }

  run(args: string[], input = ''): Promise<Ended> {
    return runProgram([...args, '--db', this.database], { env: this.env, input, timeout: 60_000 })
  }

  /** Runs a command that has to end with 0 and gives what it printed. */
  async text(args: string[], input = ''): Promise<string> {
    const ended = await this.run(args, input)
    if (ended.code !== 0) throw new Error(tell(args, ended))
    return ended.stdout
  }

  /** The object that a command prints with `--json`, whatever its exit code is. */
  async json<T>(args: string[], { input = '', code = 0 }: { input?: string; code?: number } = {}): Promise<T> {
    const ended = await this.run([...args, '--json'], input)
    if (ended.code !== code) throw new Error(tell(args, ended))
    return JSON.parse(ended.stdout) as T
  }

  /** Adds a server and keeps its password. */
  add(url: string, password = PASSWORD, more: string[] = []): Promise<string> {
    return this.text(['server', 'add', url, '--password-stdin', ...more], `${password}\n`)
  }

  leave(): void {
    removeFolder(this.home)
  }
}

function tell(args: string[], { code, signal, stdout, stderr }: Ended): string {
  return `duplistatus ${args.join(' ')} ended with ${code ?? signal}\nstdout:\n${stdout}\nstderr:\n${stderr}`
}
