/**
 * Makes two servers again of what was joined (docs/collecting.md): runs go to the servers of their sources, also those that came
 * since, and what was joined of names, address, schedules and settings goes back to whose it was.
 */
import { idOf } from '../store/ids.ts'
import { quickAll, quickGet, quickRun } from '../store/quick.ts'
import type { Db, ServerRecord } from '../store/schema.ts'
import { type Joined, joinsInto } from './join-record.ts'
import { partJob } from './part-job.ts'
import { partServers } from './part-server.ts'

export type Side = 'keep' | 'gone'

/** What parting goes by. Servers are rows. */
export interface Parting {
  keep: number
  gone: number
  joined: Joined
  /** Milliseconds. */
  joinedAt: number
  /** Of the server that stands again; all others are the older one's. */
  sources: number[]
  /** Whose address the newest findings came from, if any came since the join. */
  finder: Side | null
}

/** @returns what was joined, or null where these two are not one by a join of their own */
export async function part(tx: Db, { keep, gone }: { keep: number; gone: number }): Promise<Parting | null> {
  const entry = (await joinsInto(tx, keep)).find(({ joined }) => joined.joined === idOf('s', gone))
  if (!entry) return null
  const { joined, at: joinedAt } = entry
  const sources = sourcesOf(tx, keep)
  const own = sources.filter(({ id }) => joined.sources.includes(id))
  const parting: Parting = {
    keep,
    gone,
    joined,
    joinedAt,
    sources: own.map(({ id }) => id),
    finder: await finderOf(tx, keep, joined, {
      keep: sources.filter(({ id }) => !joined.sources.includes(id)),
      gone: own,
    }),
  }
  await partServers(tx, parting)
  const jobs = await tx.selectFrom('job').selectAll().where('server_id', '=', keep).execute()
  for (const job of jobs) await partJob(tx, parting, job)
  for (const server of [keep, gone]) await seenAgain(tx, server)
  return parting
}

interface Seen {
  id: number
  address: string
  last_seen_at: number
}

function sourcesOf(tx: Db, server: number): Seen[] {
  return quickAll<Seen>(tx, 'SELECT id, address, last_seen_at FROM source WHERE server_id = ?', server)
}

/**
 * A collection that stored what it found noted its time with the server; one that failed only with its address. Where both were
 * collected at one time nobody can tell who was last.
 */
async function finderOf(tx: Db, keep: number, joined: Joined, sources: Record<Side, Seen[]>): Promise<Side | null> {
  const server = quickGet<ServerRecord>(tx, 'SELECT * FROM server WHERE id = ?', keep)
  const at = server?.last_collected_at ?? 0
  if (at <= Math.max(joined.server.last_collected_at ?? 0, joined.kept.server.last_collected_at ?? 0)) return null
  const looked = (side: Side) => sources[side].filter((one) => one.address !== '').map((one) => one.last_seen_at)
  const only = (isTime: (time: number) => boolean) => {
    const [side, ...more] = (['keep', 'gone'] as const).filter((one) => looked(one).some(isTime))
    return more.length === 0 ? (side ?? null) : null
  }
  return only((time) => time === at) ?? only((time) => time >= at)
}

/** When reports came last; what they say of the version counts where nobody collects. */
async function seenAgain(tx: Db, server: number): Promise<void> {
  quickRun(
    tx,
    `UPDATE server SET last_report_at =
      (SELECT max(last_seen_at) FROM source WHERE server_id = server.id AND address = '') WHERE id = ?`,
    server,
  )
  quickRun(
    tx,
    `UPDATE server SET duplicati_version = coalesce((SELECT run.duplicati_version FROM run JOIN job ON job.id = run.job_id
        WHERE job.server_id = server.id AND run.duplicati_version IS NOT NULL ORDER BY received_at DESC, run.id DESC LIMIT 1),
      duplicati_version) WHERE id = ? AND last_collected_at IS NULL`,
    server,
  )
}
