import type { EventData } from '../fleet/events.ts'
import type { ChannelName, Destination } from '../fleet/rules.ts'
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
  const added = await tx
    .insertInto('event')
    .values({
      key: event.key,
      kind: event.data.kind,
      server_id: event.serverId,
      job_id: event.jobId,
      run_id: event.runId,
      alert_id: event.alertId,
      created_at: event.at,
      data: JSON.stringify(event.data),
    })
    .onConflict((conflict) => conflict.column('key').doNothing())
    .returning('id')
    .executeTakeFirst()
  if (added === undefined) return false
  const message = { event_id: added.id, state: 'waiting' as const, created_at: event.at, next_attempt_at: event.at }
  await tx
    .insertInto('outbox')
    .values(destinations.map(({ channel, destination }) => ({ ...message, channel, destination })))
    .onConflict((conflict) => conflict.columns(['event_id', 'channel', 'destination']).doNothing())
    .execute()
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
  return db
    .selectFrom('outbox')
    .where('state', '=', 'waiting')
    .where('channel', '=', channel)
    .where('next_attempt_at', '<=', now)
    .$if(except.length > 0, (query) => query.where('destination', 'not in', except))
    .orderBy('id')
    .limit(limit)
    .select(['id', 'destination'])
    .execute()
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
  const result = await db
    .updateTable('outbox')
    .set({ claimed_by: by, claimed_until: until, next_attempt_at: until })
    .where('id', '=', id)
    .where('state', '=', 'waiting')
    .where('next_attempt_at', '<=', now)
    .where((where) =>
      where.not(
        where.exists(
          where
            .selectFrom('outbox as busy')
            .where('busy.state', '=', 'waiting')
            .where('busy.next_attempt_at', '>', now)
            .where('busy.claimed_until', '>', now)
            .whereRef('busy.channel', '=', 'outbox.channel')
            .whereRef('busy.destination', '=', 'outbox.destination')
            .select('busy.id'),
        ),
      ),
    )
    .executeTakeFirst()
  return result.numUpdatedRows === 1n ? readClaimed(db, id) : null
}

async function readClaimed(db: Db, id: number): Promise<Claimed | null> {
  const row = await db
    .selectFrom('outbox')
    .innerJoin('event', 'event.id', 'outbox.event_id')
    .where('outbox.id', '=', id)
    .select(['outbox.id', 'channel', 'destination', 'attempts', 'outbox.created_at', 'event_id', 'key', 'data'])
    .select('event.created_at as event_at')
    .executeTakeFirst()
  if (row === undefined) return null
  return {
    id: row.id,
    channel: row.channel,
    destination: row.destination,
    attempts: row.attempts,
    createdAt: row.created_at,
    event: { id: row.event_id, key: row.key, at: row.event_at, data: JSON.parse(row.data) },
  }
}

/** Stays true when the claim has run out meanwhile: it did arrive. */
export async function markSent(db: Db, id: number, now: number): Promise<void> {
  await db
    .updateTable('outbox')
    .set((of) => ({ state: 'sent', attempts: of('attempts', '+', 1), sent_at: now, ...FREE, error: null }))
    .where('id', '=', id)
    .execute()
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

/** Sent and failed messages of events before `before` are history. @returns how many events went */
export async function pruneOutbox(tx: Db, before: number): Promise<number> {
  const result = await tx
    .deleteFrom('event')
    .where('created_at', '<', before)
    .where('id', 'not in', tx.selectFrom('outbox').where('state', '=', 'waiting').select('event_id'))
    .executeTakeFirst()
  return Number(result.numDeletedRows)
}

/** When each destination's next message is due, whatever pauses hold. */
export async function dueTimes(db: Db, channel: ChannelName): Promise<{ destination: string; at: number }[]> {
  const rows = await db
    .selectFrom('outbox')
    .where('state', '=', 'waiting')
    .where('channel', '=', channel)
    .groupBy('destination')
    .select((of) => ['destination', of.fn.min('next_attempt_at').as('at')])
    .execute()
  return rows.map(({ destination, at }) => ({ destination, at: at ?? 0 }))
}
