/** Reports, collections and checks over a real store, for tests of what people are told. */
import type { Backup, RunFacts, ServerState } from '../../src/duplicati/model.ts'
import type { EventData } from '../../src/fleet/events.ts'
import type { Globals } from '../../src/fleet/rules.ts'
import { createIngest } from '../../src/ingest/index.ts'
import { type Checked, type OverdueCheck, runOverdueCheck } from '../../src/ingest/overdue-check.ts'
import type { ReportedRun } from '../../src/ingest/reports.ts'
import type { WritableStore } from '../../src/store/index.ts'
import { setListening } from '../../src/store/monitor.ts'
import { listedBackup, logRow, runFacts, serverInfo } from './run-facts.ts'

export const MINUTE = 60_000
export const HOUR = 60 * MINUTE
export const DAY = 24 * HOUR

/** A topic and an address. */
export const GLOBALS: Globals = {
  ntfy: { configured: true, topic: 'backups' },
  email: { configured: true, to: ['me@mail.example'] },
}
export const BOTH = ['email me@mail.example', 'ntfy backups']

export interface Machine {
  id: string
  name: string
}

export interface Told {
  key: string
  data: EventData
  /** Sorted, as `channel destination`. */
  to: string[]
}

/** Everything that is to be told, oldest first. */
export async function toldIn(store: WritableStore): Promise<Told[]> {
  const events = await store.db.selectFrom('event').selectAll().orderBy('id').execute()
  const outbox = await store.db.selectFrom('outbox').selectAll().execute()
  return events.map(({ id, key, data }) => ({
    key,
    data: JSON.parse(data),
    to: outbox
      .filter(({ event_id }) => event_id === id)
      .map(({ channel, destination }) => `${channel} ${destination}`)
      .sort(),
  }))
}

/** One word a message: `run Error of Documents`, `overdue of Documents`, `recovery overdue of Documents`. */
export async function wordsIn(store: WritableStore): Promise<string[]> {
  return (await toldIn(store)).map(({ data }) => {
    if (data.kind === 'storm') return `${data.recovered ? 'calm' : 'storm'} of ${data.count}`
    const name = 'job' in data && data.job ? data.job.name : 'server' in data ? data.server.name : ''
    const what = data.kind === 'run' ? ` ${data.status}` : data.kind === 'recovery' ? ` ${data.problem}` : ''
    const reminder = 'reminder' in data && data.reminder > 0 ? ` again ${data.reminder}` : ''
    return `${data.kind}${what}${reminder} of ${name}`
  })
}

/** A store with a clock that is set by hand, and the ways into it. */
export function pipeline(store: WritableStore, globals: Globals = GLOBALS) {
  let now = 0
  const ingest = createIngest(store, { notify: { globals: () => globals } })
  return {
    store,
    ingest,
    at: (time: string | number) => {
      now = typeof time === 'number' ? time : Date.parse(time)
    },
    pass: (milliseconds: number) => {
      now += milliseconds
    },
    now: () => new Date(now),
    /** A run that has just ended. */
    run: (change: Partial<RunFacts> = {}): RunFacts => {
      const durationSeconds = change.durationSeconds ?? 60.1234567
      return runFacts({
        beganAt: new Date(now - Math.ceil(durationSeconds * 1000)).toISOString(),
        durationSeconds,
        ...change,
      })
    },
    report: (machine: Machine, run: RunFacts, change: Partial<ReportedRun> = {}) =>
      ingest.addReported({
        ...{ machineId: machine.id, machineName: machine.name, backupId: 'DB-1', backupName: 'Documents' },
        ...{ run, receivedAt: new Date(now), ...change },
      }),
    async collect(url: string, runs: RunFacts[], backups: Partial<Backup>[] = [{}], state: Partial<ServerState> = {}) {
      const collection = await ingest.openCollection({ url, info: serverInfo(), at: new Date(now) })
      const listed = backups.map((backup) => listedBackup(backup))
      const [first] = listed
      if (runs.length > 0 && first) {
        await collection.addPage(
          first,
          runs.map((run, index) => logRow(runs.length - index, run)),
        )
      }
      await collection.finish({
        ...{ backups: listed, progress: null, notices: [] },
        state: { paused: null, activeBackupId: null, queuedBackupIds: [], proposed: {}, ...state },
      })
      return collection.serverId
    },
    /** By a daemon that has listened all the time, unless something else is said. */
    async check(change: Partial<OverdueCheck> = {}): Promise<Checked> {
      if (change.listeningSince === undefined) await store.transaction((tx) => setListening(tx, now - MINUTE))
      return runOverdueCheck({
        ...{ store, now: () => new Date(now), listeningSince: 0 },
        config: { toleranceSeconds: 3600, zone: 'UTC', reminder: 'default', stormLimit: 10, globals },
        ...change,
      })
    },
  }
}
