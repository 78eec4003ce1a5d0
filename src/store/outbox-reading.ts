import type { NameRef } from '../fleet/model.ts'
import type { ChannelName } from '../fleet/rules.ts'
import { idOf } from './ids.ts'
import { type Pauses, readPauses } from './pauses.ts'
import type { Db } from './schema.ts'
import { iso, nameOf } from './views.ts'

export const MESSAGE_STATES = ['waiting', 'sent', 'failed'] as const
export type MessageState = (typeof MESSAGE_STATES)[number]

/** One message to one destination (docs/json.md, `notify outbox`). */
export interface MessageView {
  id: string
  /** What it tells of: `run`, `overdue`, `recovery`, … */
  event: string
  server: NameRef | null
  job: NameRef | null
  channel: ChannelName
  destination: string
  state: MessageState
  attempts: number
  createdAt: string
  /** Null for what is sent or given up. */
  nextAttemptAt: string | null
  sentAt: string | null
  error: string | null
}

export interface OutboxQuery {
  /** Null for all. */
  state: MessageState | null
  /** The newest ones; null for all. */
  limit: number | null
}

export interface OutboxReading {
  /** Newest first. */
  list(query: OutboxQuery): Promise<MessageView[]>
}

export function outboxReading(db: Db): OutboxReading {
  return {
    async list({ state, limit }) {
      const [rows, ntfy, email] = await Promise.all([
        readRows(db, { state, limit }),
        readPauses(db, 'ntfy'),
        readPauses(db, 'email'),
      ])
      const pauses = { ntfy, email }
      return rows.map((row) => viewOf(row, pauses[row.channel]))
    },
  }
}

function readRows(db: Db, { state, limit }: OutboxQuery) {
  return db
    .selectFrom('outbox')
    .innerJoin('event', 'event.id', 'outbox.event_id')
    .leftJoin('server', 'server.id', 'event.server_id')
    .leftJoin('job', 'job.id', 'event.job_id')
    .$if(state !== null, (query) => query.where('outbox.state', '=', state ?? 'waiting'))
    .$if(limit !== null, (query) => query.limit(limit ?? 0))
    .orderBy('outbox.id', 'desc')
    .selectAll('outbox')
    .select(['event.kind', 'event.server_id', 'event.job_id', 'job.name as job_name'])
    .select(['server.alias', 'server.machine_name', 'server.url'])
    .execute()
}

type Row = Awaited<ReturnType<typeof readRows>>[number]

function viewOf(row: Row, { whole, byDestination }: Pauses): MessageView {
  // What waits behind a channel that is down has not been tried itself: it says what it waits for.
  const pause = row.state === 'waiting' ? (whole ?? byDestination.get(row.destination) ?? null) : null
  const nextAt = row.next_attempt_at === null ? null : Math.max(row.next_attempt_at, pause?.until ?? 0)
  return {
    id: messageId(row.id),
    event: row.kind,
    server: row.server_id === null ? null : serverOf(row, row.server_id),
    job: row.job_id === null ? null : { id: idOf('j', row.job_id), name: row.job_name ?? idOf('j', row.job_id) },
    channel: row.channel,
    destination: row.destination,
    state: row.state,
    attempts: row.attempts,
    createdAt: iso(row.created_at),
    nextAttemptAt: row.state === 'waiting' ? iso(nextAt) : null,
    sentAt: iso(row.sent_at),
    error: row.error ?? pause?.error ?? null,
  }
}

function serverOf({ alias, machine_name, url }: Row, id: number): NameRef {
  return { id: idOf('s', id), name: nameOf({ alias, machine_name, url, id }) }
}

function messageId(row: number): string {
  return `m${row}`
}

/** The row that a message's id names, or null where the text is no such id. */
export function messageRow(id: string): number | null {
  const [, digits] = /^m?([1-9]\d{0,14})$/.exec(id) ?? []
  return digits === undefined ? null : Number(digits)
}
