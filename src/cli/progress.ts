import type { CollectEvent } from '../collect/types.ts'
import { clean } from '../output/escape.ts'
import { plural } from '../output/format.ts'
import { cut, pad } from '../output/width.ts'
import type { Context } from './context.ts'
import { folded } from './fold.ts'

/** Often enough to look alive, seldom enough for a slow line. */
const REDRAW = 100
const BAR = 20
const LABEL = 24
/** More bars than these only flicker; the last line counts all. */
const MOST_LINES = 12

export interface Progress {
  onEvent(event: CollectEvent): void
  /** A remark that stays above the bars. */
  note(text: string): void
  /** Takes the bars off the screen. */
  end(): void
}

interface Bar {
  label: string
  state: 'waiting' | 'active' | 'done' | 'failed'
  jobs: number | null
  done: number
  rows: number
}

/** A bar for each server on stderr where that is a terminal; without one, with --quiet and in CI nothing but the remarks. */
export function createProgress(context: Context, labels: string[]): Progress {
  const { stderr, isTTY, quiet, env } = context
  if (!isTTY.stderr || quiet || env.CI || env.TERM === 'dumb') {
    const note = (text: string) => {
      if (!quiet) stderr.write(`${folded(clean(text), stderr)}\n`)
    }
    return { onEvent: () => {}, note, end: () => {} }
  }
  return new Bars(context, labels)
}

class Bars implements Progress {
  readonly #context: Context
  readonly #bars: Bar[]
  readonly #timer: NodeJS.Timeout
  #drawn = 0
  #changed = true

  constructor(context: Context, labels: string[]) {
    this.#context = context
    this.#bars = labels.map((label) => ({ label: clean(label), state: 'waiting', jobs: null, done: 0, rows: 0 }))
    this.#timer = setInterval(() => this.#draw(), REDRAW)
    this.#timer.unref()
    this.#draw()
  }

  onEvent(event: CollectEvent): void {
    const bar = this.#bars[event.index]
    if (!bar) return
    this.#changed = true
    if (event.type === 'started') bar.state = 'active'
    else if (event.type === 'named') bar.label = clean(event.label)
    else if (event.type === 'jobs') bar.jobs = event.jobs
    else if (event.type === 'rows') bar.rows += event.rows
    else if (event.type === 'job') bar.done = event.done
    else bar.state = event.result.ok ? 'done' : 'failed'
  }

  note(text: string): void {
    const { stderr } = this.#context
    stderr.write(`${this.#erased()}${folded(clean(text), stderr)}\n`)
    this.#changed = true
    this.#draw()
  }

  end(): void {
    clearInterval(this.#timer)
    this.#context.stderr.write(this.#erased())
  }

  #draw(): void {
    if (!this.#changed) return
    this.#changed = false
    const { stderr } = this.#context
    // A line that fills the last column wraps on some terminals.
    const width = Math.max(20, (stderr.columns || 80) - 1)
    const room = Math.max(1, Math.min(MOST_LINES, (stderr.rows || 24) - 3))
    const lines = progressLines(this.#bars, { width, room, unicode: this.#context.unicode })
    stderr.write(`${this.#erased()}${lines.join('\n')}\n`)
    this.#drawn = lines.length
  }

  /** Up to the first line of the bars, and all below it cleared. */
  #erased(): string {
    const text = this.#drawn === 0 ? '' : `\u001b[${this.#drawn}A\r\u001b[J`
    this.#drawn = 0
    return text
  }
}

/** All servers where they fit, else those that are being asked; then a line that counts. */
export function progressLines(
  bars: readonly Bar[],
  { width, room, unicode }: { width: number; room: number; unicode: boolean },
): string[] {
  const shown = bars.length <= room ? bars : bars.filter(({ state }) => state === 'active').slice(0, room)
  const count = (state: Bar['state']) => bars.filter((bar) => bar.state === state).length
  const [done, failed] = [count('done'), count('failed')]
  const rows = bars.reduce((sum, bar) => sum + bar.rows, 0)
  const sum = `${done + failed} of ${plural(bars.length, 'server')}`
  const trouble = failed > 0 ? `, ${failed} failed` : ''
  return [...shown.map((bar) => line(bar, unicode)), `${sum}${trouble}, ${plural(rows, 'log row')}`].map((text) =>
    cut(text, width, unicode ? '…' : '~'),
  )
}

function line(bar: Bar, unicode: boolean): string {
  const [full, empty, cutMark] = unicode ? ['█', '░', '…'] : ['#', '-', '~']
  const share = bar.state === 'done' ? 1 : bar.jobs ? bar.done / bar.jobs : 0
  const filled = Math.round(share * BAR)
  const drawn = full.repeat(filled) + empty.repeat(BAR - filled)
  return `${pad(cut(bar.label, LABEL, cutMark), LABEL)} ${drawn} ${words(bar)}`
}

function words({ state, jobs, done, rows }: Bar): string {
  if (state === 'waiting') return 'waiting'
  if (state === 'failed') return 'failed'
  if (jobs === null) return state === 'done' ? 'done' : 'connecting'
  const of = jobs === 0 ? 'no jobs' : `${done} of ${plural(jobs, 'job')}`
  return rows === 0 ? of : `${of}, ${plural(rows, 'row')}`
}
