/** What the daemon remembers of itself, in the table `monitor`. Times in milliseconds. */
import type { Downtime } from '../fleet/overdue/assess.ts'
import { quickGet, quickRun } from './quick.ts'
import type { Db } from './schema.ts'
import { DOWNTIMES, LAST_CHECK, LISTENING, STOPPED } from './status.ts'

/** As far back as an expected report can matter: the longest usual interval, and some. */
const KEPT = 100 * 86_400_000
const MOST_KEPT = 50

export interface LastCheck {
  at: number
  /** Null where nobody plans one. */
  nextAt: number | null
}

export async function lastCheck(db: Db): Promise<LastCheck | null> {
  return read<LastCheck>(db, LAST_CHECK)
}

export async function setLastCheck(db: Db, check: LastCheck): Promise<void> {
  await write(db, LAST_CHECK, check)
}

/** When a process was last known to receive reports; null for never. */
export async function lastListening(db: Db): Promise<number | null> {
  return read<number>(db, LISTENING)
}

export async function setListening(db: Db, at: number): Promise<void> {
  await write(db, LISTENING, at)
}

/** When a process that received reports ended in good order last; null for never. */
export async function lastStopped(db: Db): Promise<number | null> {
  return read<number>(db, STOPPED)
}

export async function setStopped(db: Db, at: number): Promise<void> {
  await write(db, STOPPED, at)
}

/** Oldest first. */
export async function downtimes(db: Db): Promise<Downtime[]> {
  return (await read<Downtime[]>(db, DOWNTIMES)) ?? []
}

export async function addDowntime(db: Db, downtime: Downtime): Promise<void> {
  const known = (await downtimes(db)).filter(({ to }) => to > downtime.to - KEPT)
  await write(db, DOWNTIMES, [...known, downtime].slice(-MOST_KEPT))
}

async function read<T>(db: Db, key: string): Promise<T | null> {
  const row = quickGet<{ value: string }>(db, 'SELECT value FROM monitor WHERE key = ?', key)
  return row === undefined ? null : (JSON.parse(row.value) as T)
}

async function write(db: Db, key: string, content: unknown): Promise<void> {
  quickRun(
    db,
    'INSERT INTO monitor (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value',
    key,
    JSON.stringify(content),
  )
}
