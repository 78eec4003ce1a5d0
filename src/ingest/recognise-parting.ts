/**
 * Two machines that were taken for one that had changed: when the old source reports again beside the new one they are parted
 * (docs/identity.md). The runs go back to the sources that they came from.
 */
import { record } from '../store/audit.ts'
import { idOf } from '../store/ids.ts'
import { quickGet, quickRun } from '../store/quick.ts'
import { addRemark } from '../store/remarks.ts'
import type { Db } from '../store/schema.ts'
import { nameOf } from '../store/views.ts'
import { PARTED } from './join-record.ts'
import { part } from './part.ts'

/** The key of the table `monitor` that holds the joins that may have to be undone. */
const JOINS = 'recognised'
const MOST_KEPT = 500

/** Row ids, times in milliseconds. */
export interface RecognisedJoin {
  keep: number
  gone: number
  at: number
  oldSources: number[]
  newSources: number[]
  /** Between two planned starts of the job that was recognised. */
  interval: number
}

export async function rememberJoin(tx: Db, join: RecognisedJoin): Promise<void> {
  await writeJoins(tx, [...(await readJoins(tx)), join].slice(-MOST_KEPT))
}

/** A join that a person undid is none to be undone any more. Rows. */
export async function forgetJoin(tx: Db, { keep, gone }: Pick<RecognisedJoin, 'keep' | 'gone'>): Promise<void> {
  const joins = await readJoins(tx)
  const left = joins.filter((join) => join.keep !== keep || join.gone !== gone)
  if (left.length < joins.length) await writeJoins(tx, left)
}

/** @returns how many servers were parted */
export async function partWhereBothReport(tx: Db, now: number): Promise<number> {
  const joins = await readJoins(tx)
  const left: RecognisedJoin[] = []
  for (const join of joins) {
    if (await bothReport(tx, join)) await partAgain(tx, join, now)
    else left.push(join)
  }
  if (left.length < joins.length) await writeJoins(tx, left)
  return joins.length - left.length
}

/** Whether there is anything to look for: a check need not write for it. */
export async function hasRecognised(db: Db): Promise<boolean> {
  return (await readJoins(db)).length > 0
}

/** Both were seen since they were joined, within one interval of each other. */
async function bothReport(tx: Db, { at, oldSources, newSources, interval }: RecognisedJoin): Promise<boolean> {
  const [old, fresh] = [await lastSeen(tx, oldSources), await lastSeen(tx, newSources)]
  return old > at && fresh > at && Math.abs(old - fresh) <= interval
}

async function lastSeen(tx: Db, sources: readonly number[]): Promise<number> {
  const row = quickGet<{ at: number | null }>(
    tx,
    `SELECT max(last_seen_at) AS at FROM source WHERE address = '' AND id IN (SELECT value FROM json_each(?))`,
    JSON.stringify(sources),
  )
  return row?.at ?? 0
}

async function partAgain(tx: Db, { keep, gone, oldSources }: RecognisedJoin, now: number): Promise<void> {
  const parting = await part(tx, { keep, gone })
  if (!parting) return
  const reason = 'both report beside each other: they are two machines'
  const names = await namesOf(tx, [keep, gone])
  await record(tx, now, {
    action: PARTED,
    serverId: idOf('s', keep),
    reason,
    data: { parted: idOf('s', gone), sources: parting.sources, oldSources },
  })
  const text = `${names.join(' and ')} report beside each other: they were taken for one machine, and are two servers again`
  await addRemark(tx, `parted:${gone}`, { at: now, text })
}

async function namesOf(tx: Db, ids: readonly number[]): Promise<string[]> {
  const names: string[] = []
  for (const id of ids) {
    const server = await tx.selectFrom('server').selectAll().where('id', '=', id).executeTakeFirstOrThrow()
    names.push(`${nameOf(server)} (${idOf('s', id)})`)
  }
  return names
}

async function readJoins(db: Db): Promise<RecognisedJoin[]> {
  const row = quickGet<{ value: string }>(db, 'SELECT value FROM monitor WHERE key = ?', JOINS)
  return row ? (JSON.parse(row.value) as RecognisedJoin[]) : []
}

async function writeJoins(tx: Db, joins: readonly RecognisedJoin[]): Promise<void> {
  quickRun(
    tx,
    'INSERT INTO monitor (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value',
    JOINS,
    JSON.stringify(joins),
  )
}
