import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { App } from '../../src/tui/app.ts'
import { startPulse } from '../../src/tui/pulse.ts'
import { NOW } from '../support/views.ts'
import { ENV, manyJobs } from './support.ts'

beforeEach(() => {
  vi.useFakeTimers({ now: NOW })
})
afterEach(() => {
  vi.useRealTimers()
})

/** What happens to a database, look by look, and what is read for the view on the screen. */
function session(changes: 'gone'[]) {
  const snapshot = manyJobs(1)
  const read: string[] = []
  const app = new App({
    size: { columns: 80, rows: 24 },
    env: ENV,
    clock: Date.now,
    load: async (key) => {
      read.push(key)
      return []
    },
    run() {},
  })
  app.dispatch({ type: 'snapshot', snapshot, now: NOW })
  const { stop } = startPulse({
    app,
    source: { read: async () => snapshot, judge: () => manyJobs(1) },
    watch: { changed: () => changes.shift() ?? null, close() {} },
    clock: Date.now,
    reopen: async () => {},
  })
  return { app, read, stop }
}

describe('time that passes', () => {
  it('does not bring a lost database back', async () => {
    const { app, stop } = session(['gone'])
    await vi.advanceTimersByTimeAsync(1_000)
    expect(app.state.trouble).toContain('The database is gone')
    await vi.advanceTimersByTimeAsync(60_000)
    expect(app.state.trouble).toContain('The database is gone')
    expect(app.lines()[0]).toContain('lost')
    stop()
  })

  it('has what a view has read told anew, but not while it stands still', async () => {
    const { app, read, stop } = session([])
    app.press(['e'])
    expect(read).toEqual(['explain:j1'])
    await vi.advanceTimersByTimeAsync(31_000)
    expect(read).toEqual(['explain:j1', 'explain:j1'])
    app.press(['a'])
    await vi.advanceTimersByTimeAsync(60_000)
    expect(read).toHaveLength(2)
    stop()
  })
})
