/** `server merge`: a person says that two servers are one machine, or takes that back. */
import { UserError } from '../errors.ts'
import { record } from '../store/audit.ts'
import { idOf, serverRow, unknownServer } from '../store/ids.ts'
import type { WritableStore } from '../store/index.ts'
import { quickAll, quickGet } from '../store/quick.ts'
import type { Db, ServerRecord } from '../store/schema.ts'
import { hostOf, nameOf } from '../store/views.ts'
import { join } from './join.ts'
import { joinsInto, PARTED } from './join-record.ts'
import { part } from './part.ts'
import { forgetJoin } from './recognise-parting.ts'

const DAY = 86_400_000

/** One of the two, with what belongs to it. */
export interface MergeSide {
  id: string
  name: string
  /** Where it is, or was, collected. */
  addresses: string[]
  /** Machine ids and names of its reports; empty where they tell none. */
  machines: { id: string; name: string }[]
  jobs: number
  /** Counting runs. */
  runs: number
}

/** Jobs of both with one backup id, which become one. */
export interface Together {
  backupId: string
  name: string
  mergedName: string
  /** Both ran beside each other, and lately within one interval: no machine does that under two names. */
  bothRun: boolean
  /** The other job has settings of its own, which do not hold any more. */
  settingsAside: boolean
}

/** What merging two servers comes to. */
export interface MergePlan {
  /** The older one: its id, alias and settings stay. */
  keep: MergeSide
  gone: MergeSide
  together: Together[]
}

/** A server that was merged into another one. */
export interface MergedIn {
  id: string
  name: string
  alias: string | null
  machineName: string | null
  host: string | null
  /** Milliseconds. */
  at: number
  reason: string | null
}

/** @throws UserError `same_server`, `unknown_server` */
export async function planMerge(db: Db, one: string, other: string): Promise<MergePlan> {
  const [a, b] = [serverRow(one), serverRow(other)]
  if (a === b) {
    throw new UserError(`${one} is one server already`, { code: 'same_server', hint: 'Name the other entry too.' })
  }
  const [keep, gone] = a < b ? [a, b] : [b, a]
  return { keep: await sideOf(db, keep), gone: await sideOf(db, gone), together: await togetherOf(db, keep, gone) }
}

/** Makes one server of two, in one transaction. @returns what it came to */
export function mergeServers(
  store: WritableStore,
  { one, other, reason, at }: { one: string; other: string; reason: string; at: number },
): Promise<MergePlan> {
  return store.transaction(async (tx) => {
    const plan = await planMerge(tx, one, other)
    await join(tx, { one: serverRow(one), other: serverRow(other), reason, at })
    return plan
  })
}

/** What was merged into a server, or into any, the last first: by hand or by itself, each can be undone. */
export async function mergedIn(db: Db, keep: string | null): Promise<(MergedIn & { into: string })[]> {
  const owners = quickAll<{ id: number }>(
    db,
    'SELECT DISTINCT joined_into AS id FROM server WHERE joined_into IS NOT NULL AND joined_into = coalesce(?, joined_into)',
    keep === null ? null : serverRow(keep),
  )
  const found: (MergedIn & { into: string })[] = []
  for (const { id } of owners) {
    for (const { at, reason, joined } of await joinsInto(db, id)) {
      const { server } = joined
      const { alias, machine_name: machineName } = server
      const names = { name: nameOf(server), alias, machineName, host: hostOf(server.url) }
      found.push({ into: idOf('s', id), id: joined.joined, ...names, at, reason })
    }
  }
  return found
}

/** What each of two servers has after they were parted. */
export interface Parted {
  keep: MergeSide
  gone: MergeSide
}

/**
 * Makes two servers again of what was merged, in one transaction.
 * @param dryRun says only what it would come to
 * @throws UserError `not_merged`
 */
export async function undoMerge(
  store: WritableStore,
  { keep, gone, reason, at, dryRun }: { keep: string; gone: string; reason: string; at: number; dryRun: boolean },
): Promise<Parted> {
  const undone = store.transaction(async (tx) => {
    const rows = { keep: serverRow(keep), gone: serverRow(gone) }
    const parting = await part(tx, rows)
    if (!parting) throw new UserError(`${gone} is not merged into ${keep}`, { code: 'not_merged' })
    await forgetJoin(tx, rows)
    const data = { parted: gone, sources: parting.sources, byHand: true }
    await record(tx, at, { action: PARTED, serverId: keep, reason, data })
    const parted = { keep: await sideOf(tx, rows.keep), gone: await sideOf(tx, rows.gone) }
    if (dryRun) throw new NotMeant(parted)
    return parted
  })
  return undone.catch((error: unknown) => {
    if (error instanceof NotMeant) return error.parted
    throw error
  })
}

/** Rolls a transaction back whose result was all that was wanted. */
class NotMeant extends Error {
  readonly parted: Parted
  constructor(parted: Parted) {
    super('a dry run')
    this.parted = parted
  }
}

async function sideOf(db: Db, id: number): Promise<MergeSide> {
  const server = quickGet<ServerRecord>(db, 'SELECT * FROM server WHERE id = ? AND joined_into IS NULL', id)
  if (!server) throw unknownServer(idOf('s', id))
  const sources = quickAll<{ address: string; machine_id: string; machine_name: string }>(
    db,
    'SELECT address, machine_id, machine_name FROM source WHERE server_id = ? ORDER BY id',
    id,
  )
  const addresses = sources.map(({ address }) => address).filter(Boolean)
  const sums = quickGet<{ jobs: number; runs: number | null }>(
    db,
    'SELECT count(*) AS jobs, sum(runs) AS runs FROM job WHERE server_id = ?',
    id,
  )
  return {
    id: idOf('s', id),
    name: nameOf(server),
    addresses: [...new Set([...(server.url === null ? [] : [server.url]), ...addresses])],
    machines: sources
      .filter(({ address }) => address === '')
      .map(({ machine_id, machine_name }) => ({ id: machine_id, name: machine_name })),
    jobs: sums?.jobs ?? 0,
    runs: sums?.runs ?? 0,
  }
}

interface Pair {
  backup_id: string
  name: string
  other_name: string
  id: number
  other_id: number
  settings: number
}

async function togetherOf(db: Db, keep: number, gone: number): Promise<Together[]> {
  const pairs = quickAll<Pair>(
    db,
    `SELECT job.backup_id, job.name, other.name AS other_name, job.id, other.id AS other_id,
        (SELECT count(*) FROM job_setting WHERE job_id = other.id) AS settings
      FROM job JOIN job AS other ON other.backup_id = job.backup_id AND other.server_id = ? WHERE job.server_id = ?
      ORDER BY job.id`,
    gone,
    keep,
  )
  const together: Together[] = []
  for (const { backup_id, name, other_name, id, other_id, settings } of pairs) {
    together.push({
      backupId: backup_id,
      name,
      mergedName: other_name,
      bothRun: ranBeside(await timesOf(db, id), await timesOf(db, other_id)),
      settingsAside: settings > 0,
    })
  }
  return together
}

/** Of a job's counting runs. */
interface Times {
  first: number | null
  last: number | null
  count: number
}

async function timesOf(db: Db, job: number): Promise<Times> {
  const times = quickGet<Times>(
    db,
    'SELECT min(began_at) AS first, max(began_at) AS last, count(*) AS count FROM run WHERE job_id = ? AND counting = 1',
    job,
  )
  return times ?? { first: null, last: null, count: 0 }
}

/** One that began when the other had ended is what it became; two that go on side by side are two. */
function ranBeside(one: Times, other: Times): boolean {
  if (one.first === null || one.last === null || other.first === null || other.last === null) return false
  const interval = Math.max(usualGap(one), usualGap(other))
  return one.last > other.first && other.last > one.first && Math.abs(one.last - other.last) <= interval
}

function usualGap({ first, last, count }: Times): number {
  return first === null || last === null || count < 2 ? DAY : (last - first) / (count - 1)
}
