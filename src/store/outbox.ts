import type { EventData } from '../fleet/events.ts'
import type { ChannelName, Destination } from '../fleet/rules.ts'
import { quickAll, quickGet, quickRun } from './quick.ts'
import type { Db } from './schema.ts'

export interface NewEvent {
  /**
   * What the event is about, the same whatever way it came: `run:4711`, `alert:12:opened`, `alert:12:reminder:3`,
   * `alert:12:resolved`. A second event of one key is none.
   */
  key: string
  /** Row ids; null where there is none. */
  serverId: number | null
  jobId: number | null
  runId: number | null
  alertId: number | null
  /** Milliseconds. */
  at: number
  data: EventData
}

/**
 * Writes an event with one message for each destination, in the transaction that makes the event true. Without destinations
 * nothing is written; of an event whose key is known already nothing either, so that one thing is told once.
 * @returns whether it was written
 */
export async function addEvent(tx: Db, event: NewEvent, destinations: readonly Destination[]): Promise<boolean> {
  if (destinations.length === 0) return false
  const added = quickRun(
    tx,
    `INSERT INTO event (key, kind, server_id, job_id, run_id, alert_id, created_at, data)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (key) DO NOTHING`,
    ...[event.key, event.data.kind, event.serverId, event.jobId, event.runId, event.alertId, event.at],
    JSON.stringify(event.data),
  )
  if (added.changes === 0) return false
  for (const { channel, destination } of destinations) {
    quickRun(
      tx,
      `INSERT INTO outbox (event_id, channel, destination, state, created_at, next_attempt_at)
        VALUES (?, ?, ?, 'waiting', ?, ?) ON CONFLICT (event_id, channel, destination) DO NOTHING`,
      ...[added.id, channel, destination, event.at, event.at],
    )
  }
  return true
}

/** Whom the messages of an alert went to, or will go: those who are to hear of its end. Given up ones count too. */
export async function toldOf(db: Db, alertId: number): Promise<Destination[]> {
  return db
    .selectFrom('outbox')
    .innerJoin('event', 'event.id', 'outbox.event_id')
    .where('event.alert_id', '=', alertId)
    .select(['outbox.channel', 'outbox.destination'])
    .distinct()
    .orderBy('outbox.channel', 'desc')
    .orderBy('outbox.destination')
    .execute()
}

/** A message that this process may send until its claim ends. */
export interface Claimed {
  id: number
  channel: ChannelName
  destination: string
  /** How often it was tried before. */
  attempts: number
  createdAt: number
  event: { id: number; key: string; at: number; data: EventData }
}

/** What is due on a channel, oldest first. Messages that somebody sends now are not. */
export async function dueMessages(
  db: Db,
  {
    channel,
    now,
    limit,
    except = [],
  }: { channel: ChannelName; now: number; limit: number; except?: readonly string[] },
): Promise<{ id: number; destination: string }[]> {
  // By `id` alone all that was ever sent would be looked through: `+` leaves the order to the index of what waits.
  return quickAll(
    db,
    `SELECT id, destination FROM outbox
      WHERE state = 'waiting' AND channel = ? || '' AND next_attempt_at <= ? + 0
      AND destination NOT IN (SELECT value FROM json_each(?)) ORDER BY +id LIMIT ?`,
    ...[channel, now, JSON.stringify(except), limit],
  )
}

/**
 * Takes a message, in one statement, so that no other process takes it too. Nobody gets one to a destination that somebody is
 * sending to: its messages keep their order, and a process that is killed leaves at most one of which nobody knows whether it
 * arrived. A claim that is never freed is due again when it ends.
 * @param lease milliseconds, longer than a sending can take
 * @returns null when another process was quicker or is sending to the same destination
 */
export async function claim(
  db: Db,
  id: number,
  { now, by, lease }: { now: number; by: string; lease: number },
): Promise<Claimed | null> {
  const until = now + lease
  const { changes } = quickRun(
    db,
    `UPDATE outbox SET claimed_by = ?, claimed_until = ?, next_attempt_at = ?
      WHERE id = ? + 0 AND state = 'waiting' AND next_attempt_at <= ? + 0 AND NOT EXISTS (
        SELECT 1 FROM outbox AS busy WHERE busy.state = 'waiting' AND busy.next_attempt_at > ? + 0
          AND busy.claimed_until > ? + 0 AND busy.channel = outbox.channel AND busy.destination = outbox.destination)`,
    ...[by, until, until, id, now, now, now],
  )
  return changes === 1 ? readClaimed(db, id) : null
}

type ClaimedRow = Pick<Claimed, 'channel' | 'destination' | 'attempts'> & {
  created_at: number
  event_id: number
  key: string
  event_at: number
  data: string
}

async function readClaimed(db: Db, id: number): Promise<Claimed | null> {
  const row = quickGet<ClaimedRow>(
    db,
    `SELECT channel, destination, attempts, outbox.created_at, event_id, key, event.created_at AS event_at, data
      FROM outbox JOIN event ON event.id = event_id WHERE outbox.id = ? + 0`,
    id,
  )
  if (row === undefined) return null
  const { channel, destination, attempts, created_at: createdAt } = row
  const event = { id: row.event_id, key: row.key, at: row.event_at, data: JSON.parse(row.data) as EventData }
  return { id, channel, destination, attempts, createdAt, event }
}

/** Stays true when the claim has run out meanwhile: it did arrive. */
export async function markSent(db: Db, id: number, now: number): Promise<void> {
  quickRun(
    db,
    `UPDATE outbox SET state = 'sent', attempts = attempts + 1, sent_at = ?, error = NULL,
      claimed_by = NULL, claimed_until = NULL, next_attempt_at = NULL WHERE id = ?`,
    ...[now, id],
  )
}

/** Nothing more is tried until somebody asks for it (`putBack`). */
export async function markFailed(db: Db, id: number, error: string): Promise<void> {
  await db
    .updateTable('outbox')
    .set((of) => ({ state: 'failed', attempts: of('attempts', '+', 1), ...FREE, error }))
    .where('id', '=', id)
    .where('state', '=', 'waiting')
    .execute()
}

/** Another attempt at `nextAt`. */
export async function markWaiting(
  db: Db,
  id: number,
  { nextAt, error }: { nextAt: number; error: string },
): Promise<void> {
  await db
    .updateTable('outbox')
    .set((of) => ({ attempts: of('attempts', '+', 1), ...FREE, next_attempt_at: nextAt, error }))
    .where('id', '=', id)
    .where('state', '=', 'waiting')
    .execute()
}

const FREE = { claimed_by: null, claimed_until: null, next_attempt_at: null }

/** Moves the next attempt of messages that wait. */
export async function deferTo(db: Db, ids: readonly number[], nextAt: number): Promise<void> {
  if (ids.length === 0) return
  await db
    .updateTable('outbox')
    .set({ next_attempt_at: nextAt })
    .where('id', 'in', ids)
    .where('state', '=', 'waiting')
    .execute()
}

/** Gives up what has been due since before `since` and was never tried, because its channel was down. @returns how many */
export async function failOlder(
  db: Db,
  channel: ChannelName,
  { since, error }: { since: number; error: string },
): Promise<number> {
  const result = await db
    .updateTable('outbox')
    .set({ state: 'failed', ...FREE, error })
    .where('state', '=', 'waiting')
    .where('channel', '=', channel)
    .where('next_attempt_at', '<', since)
    .executeTakeFirst()
  return Number(result.numUpdatedRows)
}

/** Failed messages become due again, or those that wait for a later attempt; all of them, or those named. @returns how many */
export async function putBack(db: Db, { ids, now }: { ids: readonly number[] | null; now: number }): Promise<number> {
  const result = await db
    .updateTable('outbox')
    .set({ state: 'waiting', attempts: 0, next_attempt_at: now, claimed_by: null, claimed_until: null })
    .where((where) =>
      where.or([
        where('state', '=', 'failed'),
        where.and([
          where('state', '=', 'waiting'),
          where.or([where('claimed_until', 'is', null), where('claimed_until', '<=', now)]),
        ]),
      ]),
    )
    .$if(ids !== null, (query) => query.where('id', 'in', ids ?? []))
    .executeTakeFirst()
  return Number(result.numUpdatedRows)
}

/**
 * Sent and failed messages of events before `before` are history, but for those of open alerts: whom they went to is told when the
 * alert ends, however long it lasts.
 * @returns how many events went
 */
export async function pruneOutbox(tx: Db, before: number): Promise<number> {
  const { changes } = quickRun(
    tx,
    `DELETE FROM event WHERE created_at < ? AND id NOT IN (SELECT event_id FROM outbox WHERE state = 'waiting')
      AND (alert_id IS NULL OR alert_id NOT IN (SELECT id FROM alert WHERE resolved_at IS NULL))`,
    before,
  )
  return changes
}

/** When each destination's next message is due, whatever pauses hold. */
export async function dueTimes(db: Db, channel: ChannelName): Promise<{ destination: string; at: number }[]> {
  const rows = quickAll<{ destination: string; at: number | null }>(
    db,
    `SELECT destination, min(next_attempt_at) AS at FROM outbox
      WHERE state = 'waiting' AND channel = ? || '' GROUP BY destination`,
    channel,
  )
  return rows.map(({ destination, at }) => ({ destination, at: at ?? 0 }))
}
