import { SilentError } from '../errors.ts'
import { plural } from '../output/format.ts'
import type { Context } from './context.ts'

const ENTER = '\u001b[?1049h\u001b[?25l'
const LEAVE = '\u001b[?25h\u001b[?1049l'
const HOME = '\u001b[H'
const CLEAR_LINE = '\u001b[K'
const CLEAR_BELOW = '\u001b[J'
const CTRL_C = '\u0003'
/** 128 + 15, as a shell reports a process that SIGTERM ended. */
const TERMINATED = 143

/**
 * Draws lines on the alternate screen every `seconds` until `q`, Ctrl-C or a signal, then the last ones on the normal screen.
 * The terminal is restored whatever happens. A resize draws anew at once.
 * @param draw the lines for a moment (epoch milliseconds) and a width
 */
export async function watch(
  context: Context,
  seconds: number,
  draw: (now: number, width: number) => Promise<string[]>,
): Promise<void> {
  const { stdout, stdin } = context
  const started = performance.now()
  const clock = () => context.now.getTime() + Math.round(performance.now() - started)
  let lines: string[] = []
  let wake: () => void = () => {}
  let isStale = false
  let ended: 'asked' | 'terminated' | null = null
  const end = (why: 'asked' | 'terminated') => {
    ended ??= why
    wake()
  }
  const asked = () => end('asked')
  const terminated = () => end('terminated')
  const resized = () => {
    isStale = true
    wake()
  }
  const pressed = (keys: Buffer) => {
    if (/[qQ]/.test(String(keys)) || String(keys).includes(CTRL_C)) end('asked')
  }
  const raw = context.isTTY.stdin && typeof stdin.setRawMode === 'function'

  process.on('SIGINT', asked).on('SIGTERM', terminated).on('SIGHUP', terminated)
  stdout.on('resize', resized)
  if (raw) stdin.setRawMode(true).on('data', pressed).resume()
  stdout.write(ENTER)
  try {
    while (!ended) {
      isStale = false
      lines = await draw(clock(), stdout.columns || context.width)
      stdout.write(frame(lines, seconds, stdout.rows || context.height))
      if (!ended && !isStale) await pause(seconds * 1000, (resume) => (wake = resume))
    }
  } finally {
    stdout.write(LEAVE)
    if (raw) stdin.setRawMode(false).off('data', pressed).pause()
    stdout.off('resize', resized)
    process.off('SIGINT', asked).off('SIGTERM', terminated).off('SIGHUP', terminated)
  }
  stdout.write(`${lines.join('\n')}\n`)
  if (ended === 'terminated') throw new SilentError(TERMINATED)
}

/** The lines that fit on the screen; the last one says how to leave. Lines are overwritten, so that nothing flickers. */
function frame(lines: string[], seconds: number, height: number): string {
  const room = Math.max(1, height - 1)
  const hidden = lines.length - room
  const footer = `every ${seconds}s, q ends${hidden > 0 ? `; ${plural(hidden, 'more line')}` : ''}`
  const shown = [...lines.slice(0, room), footer]
  return HOME + shown.map((line) => line + CLEAR_LINE).join('\r\n') + CLEAR_BELOW
}

/** Waits, or less when somebody calls what `expose` was given. */
function pause(milliseconds: number, expose: (resume: () => void) => void): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds)
    expose(() => {
      clearTimeout(timer)
      resolve()
    })
  })
}

/** oclif knows no optional values: `--watch` alone gets the default, `--watch 30` becomes `--watch=30`. */
export function withInterval(argv: string[], defaultSeconds: number): string[] {
  const at = argv.indexOf('--watch')
  const end = argv.indexOf('--')
  if (at === -1 || (end !== -1 && end < at)) return argv
  const value = argv[at + 1]
  const given = value !== undefined && /^\d+$/.test(value)
  return [...argv.slice(0, at), `--watch=${given ? value : defaultSeconds}`, ...argv.slice(at + (given ? 2 : 1))]
}
