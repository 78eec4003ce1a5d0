/**
 * One overdue check: every job judged, servers asked where the judgement hangs on what nobody has seen, what looks like one machine
 * that changed joined, and what follows from it stored with its messages in one transaction.
 */
import { type Check, checkFleet } from '../fleet/alerts/check.ts'
import type { AlertSettings, OpenAlert } from '../fleet/alerts/types.ts'
import type { AssessOptions } from '../fleet/overdue/assess.ts'
import type { Globals } from '../fleet/rules.ts'
import { openAlerts } from '../store/alerts.ts'
import { rowsOf } from '../store/ids.ts'
import type { WritableStore } from '../store/index.ts'
import { addDowntime, downtimes, lastListening, setLastCheck, setListening } from '../store/monitor.ts'
import type { Db } from '../store/schema.ts'
import type { JobFactsRow, ServerRow } from '../store/types.ts'
import type { Known } from './alert-events.ts'
import { type Applied, applyPlan } from './alerts.ts'
import { recognise } from './recognise.ts'
import { hasRecognised, partWhereBothReport } from './recognise-parting.ts'

/** A daemon says every minute that it listens: one that has been silent so long did not, in milliseconds. */
const SILENT = 15 * 60_000

export interface CheckConfig extends AlertSettings {
  /** Where a job has none of its own. */
  toleranceSeconds: number
  /** The monitor's zone. */
  zone: string
  globals: Globals
}

export interface OverdueCheck {
  /** Opened for writing. */
  store: WritableStore
  config: CheckConfig
  now: () => Date
  /**
   * Collects from these servers, and stores also that one could not be reached. Without it servers that need to be asked stay
   * unjudged.
   */
  ask?: (serverIds: string[]) => Promise<void>
  /** When the next check will be, in milliseconds; null where nobody plans one. */
  nextAt?: number | null
  /** Since when this process receives reports, in milliseconds; null: it does not. */
  listeningSince?: number | null
}

export interface Checked extends Applied {
  at: number
  jobs: number
  overdue: number
  /** Servers that were asked. */
  asked: number
  /** Servers that turned out to be another one that changed. */
  joined: number
  /** Servers that turned out to be two after all. */
  parted: number
}

/** Safe beside other processes that check: what one has opened or told is open and told for all. */
export async function runOverdueCheck(check: OverdueCheck): Promise<Checked> {
  const { store, now, ask, nextAt = null } = check
  const parted = (await hasRecognised(store.db))
    ? await store.transaction((tx) => partWhereBothReport(tx, now().getTime()))
    : 0
  const options = await deafness(check)
  let judged = await judge(check, options)
  const toAsk = ask ? judged.check.ask : []
  if (ask && toAsk.length > 0) {
    await ask(toAsk)
    judged = await judge(check, options)
  }
  const at = now().getTime()
  const result: Checked = {
    at,
    jobs: judged.rows.jobs.length,
    overdue: [...judged.check.verdicts.values()].filter(({ punctuality }) => punctuality === 'overdue').length,
    asked: toAsk.length,
    joined: 0,
    parted,
    ...{ opened: 0, reminded: 0, resolved: 0, told: 0 },
  }
  await store.transaction(async (tx) => {
    if (judged.check.plan.transitions.length > 0) Object.assign(result, await settle(tx, check, options, judged))
    const { listeningSince = null } = check
    if (listeningSince !== null) await noteListening(tx, { since: listeningSince, at })
    await setLastCheck(tx, { at, nextAt })
  })
  return result
}

type Options = Pick<AssessOptions, 'downtimes'>

/** When reports could not come in: before this process listened, and now if nobody does. */
async function deafness({ store, now, listeningSince = null }: OverdueCheck): Promise<Options> {
  const at = now().getTime()
  const known = await downtimes(store.db)
  const last = await lastListening(store.db)
  const since = listeningSince === null ? at : listeningAgain(last, listeningSince, at)
  if (listeningSince === null && last !== null && at - last <= SILENT) return { downtimes: known }
  return { downtimes: since > (last ?? 0) ? [...known, { from: last ?? 0, to: since }] : known }
}

/** Since when reports come in again: this process began to listen, or the machine slept until now. */
function listeningAgain(last: number | null, since: number, at: number): number {
  return last !== null && last > since && at - last > SILENT ? at : since
}

/**
 * Remembers that reports can come in, and since when they could not before: another process ended, or this machine slept.
 * @param since when this process began to listen, in milliseconds
 */
export async function noteListening(tx: Db, { since, at }: { since: number; at: number }): Promise<void> {
  const last = await lastListening(tx)
  const again = listeningAgain(last, since, at)
  if (last !== null && again > last) await addDowntime(tx, { from: last, to: again })
  await setListening(tx, at)
}

interface Judged {
  rows: { servers: ServerRow[]; jobs: JobFactsRow[] }
  open: OpenAlert[]
  check: Check
}

/** @param serverIds only these servers and their jobs */
async function judge(
  { store, config, now }: OverdueCheck,
  options: Options,
  { db = store.db, serverIds }: { db?: Db; serverIds?: string[] } = {},
): Promise<Judged> {
  const rows = await store.read.facts(serverIds && { serverIds })
  const open = await openAlerts(db, serverIds ? rowsOf('s', serverIds) : null)
  const { toleranceSeconds, zone } = config
  const check = checkFleet(
    { servers: rows.servers.map(({ view, facts }) => ({ id: view.id, facts })), jobs: rows.jobs, open },
    { now: now().getTime(), toleranceSeconds, zone, ...options },
    config,
  )
  return { rows, open, check }
}

/**
 * Judged anew inside the transaction, for the servers where something changes: a report may have come since. Machines that changed
 * their id or name are joined first, which may leave nothing to open.
 */
async function settle(tx: Db, check: OverdueCheck, options: Options, before: Judged) {
  const { config } = check
  const now = check.now().getTime()
  const judgeHere = () => judge(check, options, { db: tx, serverIds: serversOf(before.check) })
  let judged = await judgeHere()
  const joined = await recognise(tx, judged, now)
  if (joined > 0) judged = await judgeHere()
  const known: Known = {
    servers: new Map(judged.rows.servers.map((server) => [server.view.id, server])),
    jobs: new Map(judged.rows.jobs.map((job) => [job.id, job])),
    verdicts: judged.check.verdicts,
  }
  const { globals } = config
  return { ...(await applyPlan(tx, judged.check.plan, known, { globals, now })), joined }
}

function serversOf({ plan }: Check): string[] {
  const ids = plan.transitions.map((one) => (one.type === 'open' ? one.serverId : one.alert.serverId))
  return [...new Set(ids)]
}
