/** What happens by itself: the database is looked at several times a second, and time passes. */
import { UserError } from '../errors.ts'
import type { DatabaseWatch } from '../store/watch.ts'
import type { App } from './app.ts'
import type { Source } from './source.ts'

/** New data is to be seen within a second of being stored; a look costs microseconds. */
const LOOK = 250
/** Reading thousands of jobs takes a while: no more than this share of the time is spent on it, unless it made them late. */
const SHARE = 0.2
/** With a look, and the reading itself, still within the second. */
const LONGEST_PAUSE = 500
/** Ages are told to the minute; only what is new, or runs now, is told to the second. */
const SECOND = 1_000
const CALM = 10_000
/** After this the same data is judged anew: what was on time may be late. */
const JUDGE = 30_000

export interface PulseOptions {
  app: App
  source: Source
  watch: DatabaseWatch
  clock: () => number
  /** Opens the reader anew: the file is another one. */
  reopen(): Promise<void>
}

export interface Pulse {
  /** Reads the database now, whether it changed or not. */
  refresh(): Promise<void>
  stop(): void
}

export function startPulse({ app, source, watch, clock, reopen }: PulseOptions): Pulse {
  let changed = false
  let gone = false
  let reading = false
  let notBefore = 0
  let judgedAt = clock()

  const read = async () => {
    const began = performance.now()
    reading = true
    try {
      changed = false
      // The reader still has the file that was deleted: what it says is not how things are.
      if (gone) throw databaseGone()
      app.outdate()
      const now = clock()
      const snapshot = await source.read(now)
      judgedAt = now
      app.dispatch({ type: 'snapshot', snapshot, now })
    } catch (error) {
      app.lose(error)
    } finally {
      reading = false
      notBefore = performance.now() + Math.min(LONGEST_PAUSE, (performance.now() - began) / SHARE)
    }
  }
  const look = async () => {
    try {
      const what = app.state.auto ? watch.changed() : null
      if (what !== null) gone = what === 'gone'
      if (what === 'file') await reopen()
      if (what !== null) changed = true
      if (changed && !reading && performance.now() >= notBefore) await read()
    } catch (error) {
      app.lose(error)
    }
  }
  const tick = () => {
    const now = clock()
    const { snapshot, auto, trouble } = app.state
    if (now - judgedAt >= JUDGE) {
      judgedAt = now
      const judged = source.judge(now)
      // What the view has read tells ages, and a chart its last day, as of then.
      if (auto && trouble === null) app.outdate()
      if (judged) return app.dispatch({ type: 'judged', snapshot: judged, now })
    }
    const isNew = snapshot?.newestAt != null && now - snapshot.newestAt < 60 * SECOND
    if (isNew || now - app.state.now >= CALM) app.dispatch({ type: 'tick', now })
  }
  const timers = [setInterval(look, LOOK), setInterval(tick, SECOND)]
  return {
    refresh: read,
    stop: () => timers.forEach(clearInterval),
  }
}

function databaseGone(): UserError {
  return new UserError('The database is gone', {
    code: 'database_gone',
    hint: 'What is shown was read before: it goes on when the file is back.',
  })
}
