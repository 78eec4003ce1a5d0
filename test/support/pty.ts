/** Drives the built program on a terminal of its own: what it writes is drawn by xterm's engine, what is seen is what is tested. */
import { createRequire } from 'node:module'
import type { IPty } from '@lydell/node-pty'
import type { Terminal as XTerm } from '@xterm/headless'
import { PROGRAM, ROOT } from './program.ts'

const require = createRequire(import.meta.url)

export interface PtyOptions {
  columns?: number
  rows?: number
  env?: NodeJS.ProcessEnv
  /** Milliseconds that a wait may take before it fails and prints the screen. */
  timeout?: number
  program?: string
  /** What is run in place of Node and the program. */
  command?: string
}

/** What is sent for keys that are no characters. */
export const KEYS = {
  up: '\u001b[A',
  down: '\u001b[B',
  right: '\u001b[C',
  left: '\u001b[D',
  pageUp: '\u001b[5~',
  pageDown: '\u001b[6~',
  home: '\u001b[H',
  end: '\u001b[F',
  enter: '\r',
  esc: '\u001b',
  tab: '\t',
  backspace: '\u007f',
  ctrlC: '\u0003',
} as const

/** The marks around what is to be shown at once (synchronised output). */
const FRAME_BEGIN = '\u001b[?2026h'
const FRAME_END = '\u001b[?2026l'

export type Wanted = string | RegExp

export class Pty implements AsyncDisposable {
  readonly #pty: IPty
  readonly #screen: XTerm
  readonly #timeout: number
  /** Pieces that the screen has not drawn yet. */
  #unseen = 0
  readonly #frames: ((at: number) => void)[] = []
  readonly #waiting = new Set<() => void>()
  /** Bytes that were written, for what a screen does not show. */
  raw = ''
  exit: { code: number; signal: number } | null = null

  constructor(args: readonly string[], options: PtyOptions = {}) {
    const { spawn } = require('@lydell/node-pty') as typeof import('@lydell/node-pty')
    const { Terminal } = require('@xterm/headless') as typeof import('@xterm/headless')
    const { columns: cols = 80, rows = 24 } = options
    this.#timeout = options.timeout ?? 10_000
    this.#screen = new Terminal({ cols, rows, allowProposedApi: true, scrollback: 1000 })
    const own = options.command === undefined ? [options.program ?? PROGRAM, ...args] : [...args]
    this.#pty = spawn(options.command ?? process.execPath, own, {
      cols,
      rows,
      cwd: ROOT,
      name: options.env?.TERM ?? 'xterm-256color',
      env: { PATH: process.env.PATH, LANG: 'en_GB.UTF-8', TZ: 'UTC', TERM: 'xterm-256color', ...options.env } as Record<
        string,
        string
      >,
    })
    this.#pty.onData((text) => {
      const at = performance.now()
      this.raw += text
      if (text.includes(FRAME_END)) for (const resolve of this.#frames.splice(0)) resolve(at)
      // A frame comes in several pieces, between the marks of a synchronised update: half a frame is not looked at.
      this.#unseen++
      this.#screen.write(text, () => {
        this.#unseen--
        this.#look()
      })
    })
    this.#pty.onExit(({ exitCode, signal }) => {
      this.exit = { code: exitCode, signal: signal ?? 0 }
      this.#look()
    })
  }

  get pid(): number {
    return this.#pty.pid
  }

  /** Whether the alternate screen is shown. */
  get isAlternate(): boolean {
    return this.#screen.buffer.active.type === 'alternate'
  }

  /** The lines that are seen, without spaces at their ends. */
  lines(): string[] {
    const buffer = this.#screen.buffer.active
    return Array.from(
      { length: this.#screen.rows },
      (_, row) => buffer.getLine(buffer.viewportY + row)?.translateToString(true) ?? '',
    )
  }

  text(): string {
    return this.lines().join('\n')
  }

  /** The line that is drawn in reverse video, without its mark. */
  selected(): string | null {
    const buffer = this.#screen.buffer.active
    for (let row = 0; row < this.#screen.rows; row++) {
      const line = buffer.getLine(buffer.viewportY + row)
      if (line?.getCell(0)?.isInverse()) return line.translateToString(true).slice(2)
    }
    return null
  }

  press(...keys: string[]): this {
    for (const key of keys) this.#pty.write(key)
    return this
  }

  resize(columns: number, rows: number): this {
    this.#screen.resize(columns, rows)
    this.#pty.resize(columns, rows)
    return this
  }

  kill(signal: NodeJS.Signals): void {
    this.#pty.kill(signal)
  }

  /** Until a text is on the screen. @throws with the screen when it does not come in time */
  async waitFor(wanted: Wanted, timeout = this.#timeout): Promise<string> {
    await this.until(
      (text) => (typeof wanted === 'string' ? text.includes(wanted) : wanted.test(text)),
      String(wanted),
      timeout,
    )
    return this.text()
  }

  /** Until a text is not on the screen any more. */
  async waitForNo(wanted: Wanted, timeout = this.#timeout): Promise<void> {
    const has = (text: string) => (typeof wanted === 'string' ? text.includes(wanted) : wanted.test(text))
    await this.until((text) => !has(text), `no ${wanted}`, timeout)
  }

  /** Until a condition on the screen holds. */
  until(holds: (text: string) => boolean, what: string, timeout = this.#timeout): Promise<void> {
    return new Promise((resolve, reject) => {
      const look = () => {
        if (!holds(this.text())) {
          if (this.exit)
            end(() =>
              reject(new Error(`The program ended (${JSON.stringify(this.exit)}) before ${what}\n${this.text()}`)),
            )
          return
        }
        end(resolve)
      }
      const end = (then: () => void) => {
        clearTimeout(timer)
        this.#waiting.delete(look)
        then()
      }
      const timer = setTimeout(
        () => end(() => reject(new Error(`Not seen in ${timeout} ms: ${what}\n--- screen\n${this.text()}\n---`))),
        timeout,
      )
      this.#waiting.add(look)
      this.#look()
    })
  }

  /** When the next frame is complete, by `performance.now()`. */
  nextFrame(): Promise<number> {
    return new Promise((resolve) => this.#frames.push(resolve))
  }

  /** Until the program has ended. */
  async ended(timeout = this.#timeout): Promise<{ code: number; signal: number }> {
    const started = Date.now()
    while (!this.exit) {
      if (Date.now() - started > timeout) throw new Error(`Still running\n--- screen\n${this.text()}\n---`)
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
    return this.exit
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.exit) this.#pty.kill('SIGKILL')
    await this.ended()
    this.#screen.dispose()
  }

  #look(): void {
    const inFrame = this.raw.lastIndexOf(FRAME_BEGIN) > this.raw.lastIndexOf(FRAME_END)
    if (!this.exit && (this.#unseen > 0 || inFrame)) return
    for (const look of [...this.#waiting]) look()
  }
}

/** Starts the interface on a database and waits until it shows its data. */
export async function openTui(file: string, options: PtyOptions = {}, args: readonly string[] = []): Promise<Pty> {
  const pty = new Pty(['tui', '--db', file, ...args], options)
  await pty.waitFor(/ (live|held)/)
  return pty
}
