import type { ServerView } from '../../src/fleet/model.ts'
import { createLook } from '../../src/output/look.ts'
import { statusView } from '../../src/output/views.ts'
import { displayWidth } from '../../src/output/width.ts'
import { type Env, unpainted } from '../../src/tui/env.ts'
import type { Effect, Event, Size, Snapshot, State } from '../../src/tui/model.ts'
import { initialState, reduce } from '../../src/tui/reducer.ts'
import { screenLines } from '../../src/tui/screen.ts'
import { hostileFleet } from '../support/hostile-fleet.ts'
import { jobOf, NOW, QUIET, serverOf } from '../support/views.ts'

export const ENV: Env = { look: createLook({ color: false, unicode: true }), locale: 'en-GB', timeZone: 'UTC' }

export function snapshotOf(jobs: Snapshot['jobs'], servers: ServerView[] = [serverOf()]): Snapshot {
  const { summary, monitor } = statusView(jobs, servers.length, NOW, QUIET)
  return {
    jobs,
    servers,
    jobById: new Map(jobs.map((job) => [job.id, job])),
    serverById: new Map(servers.map((server) => [server.id, server])),
    summary,
    monitor,
    newestAt: NOW - 60_000,
  }
}

/** One job in each state, with hostile names. */
export function hostile(): Snapshot {
  const { view, servers } = hostileFleet()
  return snapshotOf(view.jobs, servers)
}

/** Healthy jobs of one server, called `Job 1`…. */
export function manyJobs(count: number): Snapshot {
  return snapshotOf(Array.from({ length: count }, (_, at) => jobOf({ id: `j${at + 1}`, name: `Job ${at + 1}` })))
}

/** A session without a terminal: keys in, state and screen out. */
export class Session {
  state: State
  readonly effects: Effect[] = []
  readonly env: Env

  constructor(snapshot: Snapshot | null, size: Size = { columns: 100, rows: 30 }, env: Env = ENV) {
    this.env = env
    this.state = initialState(size, NOW)
    if (snapshot) this.send({ type: 'snapshot', snapshot, now: NOW })
  }

  send(...events: Event[]): this {
    for (const event of events) {
      const { state, effects } = reduce(this.state, event, this.env)
      this.state = state
      this.effects.push(...effects)
    }
    return this
  }

  press(...keys: string[]): this {
    return this.send(...keys.map((key): Event => ({ type: 'key', key })))
  }

  type(text: string): this {
    return this.press(...Array.from(text, (character) => (character === ' ' ? 'space' : character)))
  }

  loaded(key: string, value: unknown): this {
    return this.send({ type: 'loaded', key, loaded: { value, error: null } })
  }

  get view() {
    return this.state.views[0]
  }

  /** Lines without paint; as many as rows, none wider than the screen, nothing in them that a terminal would obey. */
  lines(): string[] {
    const lines = screenLines(this.state, this.env)
    const { columns, rows } = this.state.size
    if (lines.length !== rows) throw new Error(`${lines.length} lines on ${rows} rows\n${lines.join('\n')}`)
    return lines.map((painted) => {
      const line = unpainted(painted)
      if (displayWidth(line) > columns) throw new Error(`${displayWidth(line)} of ${columns} columns: ${line}`)
      if (/[\u0000-\u001f\u007f-\u009f]/.test(line)) throw new Error(`a control character: ${JSON.stringify(line)}`)
      return line.trimEnd()
    })
  }

  text(): string {
    return this.lines().join('\n')
  }
}
