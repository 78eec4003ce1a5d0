/** What the audit log keeps of servers that were joined and parted: it is what undoing and later decisions go by. */
import { idOf } from '../store/ids.ts'
import { quickAll, quickGet } from '../store/quick.ts'
import type { Db, JobRecord, JobSettingTable, ServerRecord } from '../store/schema.ts'

/** Names of the entries. */
export const JOINED = 'server.join'
export const PARTED = 'server.part'

type KnownServer = Omit<ServerRecord, 'sealed_password' | 'sealed_headers'>

/** Two servers as they were before they became one. Numbers are rows. */
export interface Joined {
  /** The id of the server that is no more. */
  joined: string
  server: KnownServer
  sources: number[]
  /** Servers that had been joined into it before. */
  members: number[]
  jobs: JobRecord[]
  /** Of its jobs. */
  settings: JobSettingTable[]
  alerts: { id: number; job_id: number | null }[]
  kept: { server: KnownServer; jobs: JobRecord[] }
}

/** One join that can be undone. */
export interface JoinEntry {
  at: number
  reason: string | null
  joined: Joined
}

/** Secrets stay in the server's row. */
export function withoutSecrets({
  sealed_password: _password,
  sealed_headers: _headers,
  ...rest
}: ServerRecord): KnownServer {
  return rest
}

/** What is rolled up can be made again of the runs. */
export function withoutRuns(job: JobRecord): JobRecord {
  return { ...job, last_run: null, recent: '', habits: '[]', runs: 0, uploaded_bytes: 0, failures_in_a_row: 0 }
}

/** The servers that were joined into this one and stand in it still, the last first. Rows. */
export async function joinsInto(db: Db, keep: number): Promise<JoinEntry[]> {
  const rows = quickAll<{ at: number; reason: string | null; data: string }>(
    db,
    `SELECT audit.at, reason, data FROM audit JOIN server ON 's' || server.id = data ->> 'joined'
      WHERE action = '${JOINED}' AND server_id = ? AND joined_into = audit.server_id ORDER BY audit.id DESC`,
    keep,
  )
  const entries = rows.map(({ at, reason, data }): JoinEntry => ({ at, reason, joined: JSON.parse(data) }))
  // One that was parted and joined again has two entries.
  return [...Map.groupBy(entries, ({ joined }) => joined.joined).values()].flatMap(([newest]) => newest ?? [])
}

/** When a person parted these two last, in milliseconds; null where nobody did. Rows, in any order. */
export async function partedByHand(db: Db, one: number, other: number): Promise<number | null> {
  const row = quickGet<{ at: number }>(
    db,
    `SELECT at FROM audit WHERE action = '${PARTED}' AND server_id = ? AND data ->> 'parted' = ? AND data ->> 'byHand' = 1
      ORDER BY id DESC LIMIT 1`,
    Math.min(one, other),
    idOf('s', Math.max(one, other)),
  )
  return row?.at ?? null
}
