import type { ChannelName } from '../fleet/rules.ts'
import { quickAll } from './quick.ts'
import type { Db } from './schema.ts'

/** A channel, or one destination on it, that is left alone for a while because it failed: kept, so that all processes do so. */
export interface Pause {
  /** Milliseconds. */
  until: number
  since: number
  /** Failures in a row. */
  failures: number
  error: string
}

/** The pauses of one channel. */
export interface Pauses {
  /** Of the channel as a whole. */
  whole: Pause | null
  byDestination: ReadonlyMap<string, Pause>
}

const PREFIX = 'pause:'

export async function readPauses(db: Db, channel: ChannelName): Promise<Pauses> {
  const whole = keyOf(channel, null)
  // `;` follows `:`: all keys that begin with `whole:`.
  const rows = quickAll<{ key: string; value: string }>(
    db,
    "SELECT key, value FROM monitor WHERE key = ? OR (key >= ? || ':' AND key < ? || ';')",
    ...[whole, whole, whole],
  )
  const byDestination = new Map<string, Pause>()
  let ofChannel: Pause | null = null
  for (const { key, value } of rows) {
    if (key === whole) ofChannel = JSON.parse(value)
    else byDestination.set(key.slice(whole.length + 1), JSON.parse(value))
  }
  return { whole: ofChannel, byDestination }
}

/** @param destination null for the channel as a whole */
export async function setPause(db: Db, channel: ChannelName, destination: string | null, pause: Pause): Promise<void> {
  const value = JSON.stringify(pause)
  await db
    .insertInto('monitor')
    .values({ key: keyOf(channel, destination), value })
    .onConflict((conflict) => conflict.column('key').doUpdateSet({ value }))
    .execute()
}

export async function endPause(db: Db, channel: ChannelName, destination: string | null): Promise<void> {
  await db.deleteFrom('monitor').where('key', '=', keyOf(channel, destination)).execute()
}

/** All that is waited for is tried again. */
export async function endPauses(db: Db): Promise<void> {
  await db.deleteFrom('monitor').where('key', 'like', `${PREFIX}%`).execute()
}

function keyOf(channel: ChannelName, destination: string | null): string {
  return destination === null ? `${PREFIX}${channel}` : `${PREFIX}${channel}:${destination}`
}
