/**
 * One overdue check: every job judged, servers asked where the judgement hangs on what nobody has seen, what looks like one machine
 * that changed joined, and what follows from it stored with its messages in one transaction.
 */
import { type Check, checkFleet } from '../fleet/alerts/check.ts'
import { planOf } from '../fleet/alerts/step.ts'
import type { AlertSettings, Plan, Transition } from '../fleet/alerts/types.ts'
import type { AssessOptions } from '../fleet/overdue/assess.ts'
import { isListening, SILENT } from '../fleet/overdue/listening.ts'
import type { Globals } from '../fleet/rules.ts'
import { openAlerts } from '../store/alerts.ts'
import { rowsOf } from '../store/ids.ts'
import type { WritableStore } from '../store/index.ts'
import { addDowntime, downtimes, lastListening, lastStopped, setLastCheck, setListening } from '../store/monitor.ts'
import type { Db } from '../store/schema.ts'
import type { JobFactsRow, ServerRow } from '../store/types.ts'
import type { Known } from './alert-events.ts'
import { type Applied, applyPlan } from './alerts.ts'
import { recognise } from './recognise.ts'
import { hasRecognised, partWhereBothReport } from './recognise-parting.ts'
import { hasUntold, wakeUntold } from './untold.ts'

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
  if (await hasUntold(store.db)) await store.transaction((tx) => wakeUntold(tx, check.config.globals))
  const options = await deafness(check)
  let judged = await judge(check, options)
  const toAsk = ask ? judged.ask : []
  if (ask && toAsk.length > 0) {
    await ask(toAsk)
    judged = await judge(check, options)
  }
  const at = now().getTime()
  const result: Checked = {
    at,
    jobs: judged.jobs,
    overdue: judged.overdue,
    asked: toAsk.length,
    joined: 0,
    parted,
    ...{ opened: 0, reminded: 0, resolved: 0, told: 0 },
  }
  await store.transaction(async (tx) => {
    if (judged.plan.transitions.length > 0) Object.assign(result, await settle(tx, check, options, judged))
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
  const left = { listeningAt: last, stoppedAt: await lastStopped(store.db) }
  if (listeningSince === null && isListening(left, at)) return { downtimes: known }
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

/** What a look at the fleet came to. */
interface Judged {
  plan: Plan
  /** Servers that are to be asked. */
  ask: string[]
  jobs: number
  overdue: number
}

async function judge(check: OverdueCheck, options: Options): Promise<Judged> {
  return look(check, options, check.store.db, null, () => {})
}

/**
 * Server by server, so that of a large fleet no more is in memory than what changes.
 * @param serverIds only these; null for all
 * @param keep is given what each server was judged by
 */
async function look(
  { store, config, now }: OverdueCheck,
  options: Options,
  db: Db,
  serverIds: string[] | null,
  keep: (server: ServerRow, jobs: JobFactsRow[], check: Check) => void,
): Promise<Judged> {
  const { toleranceSeconds, zone } = config
  const alerts = Map.groupBy(await openAlerts(db, serverIds && rowsOf('s', serverIds)), ({ serverId }) => serverId)
  const assessing: AssessOptions = { now: now().getTime(), toleranceSeconds, zone, ...options }
  const transitions: Transition[] = []
  const result = { ask: [] as string[], jobs: 0, overdue: 0 }
  await store.read.facts(serverIds, assessing.now, (server, jobs) => {
    const { id } = server.view
    const fleet = { servers: [{ id, facts: server.facts }], jobs, open: alerts.get(id) ?? [] }
    const check = checkFleet(fleet, assessing, config)
    transitions.push(...check.plan.transitions)
    result.ask.push(...check.ask)
    result.jobs += jobs.length
    for (const { punctuality } of check.verdicts.values()) if (punctuality === 'overdue') result.overdue++
    keep(server, jobs, check)
  })
  return { ...result, plan: planOf(transitions, config) }
}

/**
 * Judged anew inside the transaction, for the servers where something changes: a report may have come since. Machines that changed
 * their id or name are joined first, which may leave nothing to open.
 */
async function settle(tx: Db, check: OverdueCheck, options: Options, before: Judged) {
  const { config } = check
  const now = check.now().getTime()
  const lookHere = async () => {
    const known = { servers: new Map(), jobs: new Map(), verdicts: new Map() }
    const { plan } = await look(check, options, tx, serversOf(before.plan), (server, jobs, { verdicts }) => {
      known.servers.set(server.view.id, server)
      for (const job of jobs) known.jobs.set(job.id, job)
      for (const [id, verdict] of verdicts) known.verdicts.set(id, verdict)
    })
    return { plan, known: known satisfies Known as Known }
  }
  let judged = await lookHere()
  const joined = await recognise(tx, judged, now)
  if (joined > 0) judged = await lookHere()
  const { globals } = config
  return { ...(await applyPlan(tx, judged.plan, judged.known, { globals, now })), joined }
}

function serversOf({ transitions }: Plan): string[] {
  const ids = transitions.map((one) => (one.type === 'open' ? one.serverId : one.alert.serverId))
  return [...new Set(ids)]
}
