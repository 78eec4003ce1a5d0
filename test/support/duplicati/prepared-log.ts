/** A log whose rows cost next to nothing to make: for measuring what reads it. */
import type { SimLog } from './log.ts'
import { RunLog } from './log.ts'
import { isoTicks, lineTime, timespan } from './release.ts'
import type { ResultContext, SimRun } from './result.ts'

/** What differs from row to row, in the order in which the pieces of the template are searched. */
type Slot = 'id' | 'timestamp' | 'begin' | 'end' | 'duration' | 'line'

/** When a run was, and for how long (100-ns ticks). */
export type SimTimes = Required<Pick<SimRun, 'beganAt' | 'beganTicks' | 'duration'>>

const PATTERN_ID = 987654321

/** Rows 1 to `count`, equal but for ids, times and durations, which are those of `timesOf`. */
export class PreparedLog implements SimLog {
  readonly last: number
  readonly #pattern: SimRun & SimTimes
  readonly #timesOf: (index: number) => SimTimes
  #pieces: (string | { slot: Slot })[] | null = null

  constructor(count: number, pattern: SimRun & SimTimes, timesOf: (index: number) => SimTimes) {
    this.last = count
    this.#pattern = pattern
    this.#timesOf = timesOf
  }

  run(id: number): SimRun | null {
    return id >= 1 && id <= this.last ? { ...this.#pattern, ...this.#timesOf(id - 1) } : null
  }

  row(id: number, context: ResultContext): string | null {
    if (id < 1 || id > this.last) return null
    this.#pieces ??= this.#prepare(context)
    const values = slotValues(id, this.#timesOf(id - 1), context)
    let text = ''
    for (const piece of this.#pieces) text += typeof piece === 'string' ? piece : values[piece.slot]
    return text
  }

  #prepare(context: ResultContext): (string | { slot: Slot })[] {
    const log = new RunLog()
    log.add({ ...this.#pattern, lines: (this.#pattern.lines ?? []).map((line) => ({ ...line, after: 0 })) })
    const text = (log.row(1, context) ?? '').replaceAll(/"(ID|OperationID)":1,/g, `"$1":${PATTERN_ID},`)
    const slots = Object.entries(slotValues(PATTERN_ID, this.#pattern, context)) as [Slot, string][]
    const literal = (value: string) => value.replaceAll(/[.+]/g, '\\$&')
    const names = new Map(slots.map(([slot, value]) => [value, slot]))
    const found = text.split(new RegExp(`(${slots.map(([, value]) => literal(value)).join('|')})`))
    return found.map((piece) => {
      const slot = names.get(piece)
      return slot ? { slot } : piece
    })
  }
}

function slotValues(id: number, run: SimTimes, context: ResultContext): Record<Slot, string> {
  const end = run.beganAt + run.duration / 1e4
  return {
    id: String(id),
    timestamp: String(Math.floor(end / 1000)),
    begin: isoTicks(run.beganAt, run.beganTicks),
    end: endText(run),
    duration: timespan(run.duration),
    line: lineTime(context.zone, run.beganAt),
  }
}

function endText({ beganAt, beganTicks, duration }: SimTimes): string {
  const ticks = beganTicks + (duration % 1e4)
  return isoTicks(beganAt + Math.floor(duration / 1e4) + Math.floor(ticks / 1e4), ticks % 1e4)
}
