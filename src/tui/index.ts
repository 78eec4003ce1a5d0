/** `tui`: wires the database, the clock and the terminal to the application. */
import { setFlagsFromString } from 'node:v8'
import { offsetOf } from '../cli/chart-data.ts'
import type { Context } from '../cli/context.ts'
import { judging } from '../cli/judging.ts'
import { lookOf } from '../cli/screen.ts'
import { openStore, type WritableStore } from '../store/index.ts'
import { watchDatabase } from '../store/watch.ts'
import { App } from './app.ts'
import { createEffects } from './effects.ts'
import { load } from './load.ts'
import { startPulse } from './pulse.ts'
import { createSource } from './source.ts'

/** Runs until somebody quits. Returns the exit code. */
export async function runTui(context: Context): Promise<number> {
  // Frames leave little behind: V8 need not wait for tens of megabytes of it before it looks. Said after the first frame, it had
  // taken sixty megabytes more by then in every third start.
  setFlagsFromString('--semi-space-growth-factor=1')
  const clock = clockOf(context)
  const file = context.dbFile
  const open = () => openStore({ file, mode: 'read', now: () => new Date(clock()) })
  const watch = watchDatabase(file)
  let store: WritableStore = await open()
  const source = createSource(
    () => store.read,
    (monitor, now) => judging(context, monitor, now),
  )
  const offsetAt = await offsetOf(context.timeZone)
  const env = { look: lookOf(context), locale: context.locale, timeZone: context.timeZone }
  const size = { columns: context.stdout.columns, rows: context.stdout.rows }
  const effects = createEffects({ context, clock })
  const app = new App({
    size,
    env,
    clock,
    load: (key) => load(key, { store, context, offsetAt, now: clock() }),
    run: effects.run,
  })
  const [{ showOn }, first] = await Promise.all([import('./terminal.ts'), source.read(clock())])
  app.dispatch({ type: 'snapshot', snapshot: first, now: clock() })
  const reopen = async () => {
    await store.close()
    store = await open()
  }
  const pulse = startPulse({ app, source, watch, clock, reopen })
  effects.attach({ pulse })
  const screen = showOn(context, app)
  effects.attach({ end: screen.end })
  try {
    await screen.ended
  } finally {
    pulse.stop()
    await effects.close()
    watch.close()
    await store.close()
  }
  return 0
}

/** One clock: the command's own moment and what has passed since. */
function clockOf({ now }: Context): () => number {
  const began = now.getTime()
  const started = performance.now()
  return () => began + Math.round(performance.now() - started)
}
