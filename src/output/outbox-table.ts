/** Messages as rows: what waits, what was sent, what was given up. */
import type { MessageState, MessageView } from '../store/outbox-reading.ts'
import { clean } from './escape.ts'
import type { Format } from './format.ts'
import type { Look } from './look.ts'
import { type Column, drawTable, layOut, plainTable } from './table.ts'
import { prepareWidths } from './width.ts'

interface OutboxTableOptions {
  look: Look
  format: Format
  width: number
}

/** `notify outbox`: one row a message. */
export async function renderOutbox(messages: MessageView[], options: OutboxTableOptions): Promise<string[]> {
  await prepareWidths(
    messages.flatMap(({ server, job, destination, error }) => [
      server?.name ?? '',
      job?.name ?? '',
      destination,
      error ?? '',
    ]),
  )
  const table = layOut(outboxColumns(options), messages, options)
  return Number.isFinite(options.width) ? await drawTable(table, options.look) : plainTable(table)
}

/** The columns of a list of messages. */
export function outboxColumns(options: OutboxTableOptions): Column<MessageView>[] {
  const { look, format } = options
  const known = (text: string | undefined) => clean(text ?? look.symbols.unknown)
  return [
    { key: 'id', title: 'Id', drop: null, cell: ({ id }) => id },
    { key: 'state', title: 'State', drop: null, cell: ({ state }) => stateCell(state, look) },
    { key: 'event', title: 'Event', drop: 2, cell: ({ event }) => clean(event) },
    { key: 'server', title: 'Server', drop: 4, min: 6, soft: 24, cell: ({ server }) => known(server?.name) },
    { key: 'job', title: 'Job', drop: 1, min: 6, soft: 24, cell: ({ job }) => known(job?.name) },
    { key: 'channel', title: 'Channel', drop: 5, cell: ({ channel }) => channel },
    { key: 'to', title: 'To', drop: 0, min: 8, soft: 30, cell: ({ destination }) => clean(destination) },
    { key: 'tries', title: 'Tries', align: 'right', drop: 6, cell: ({ attempts }) => format.count(attempts) },
    { key: 'created', title: 'Created', align: 'right', drop: 3, cell: ({ createdAt }) => format.relative(createdAt) },
    { key: 'when', title: 'When', align: 'right', drop: 2, cell: (message) => whenOf(message, options) },
    { key: 'why', title: 'Why', drop: null, min: 8, soft: 28, cell: ({ error }) => clean(error ?? '') },
  ]
}

function stateCell(state: MessageState, { palette, symbols }: Look) {
  if (state === 'sent') return { text: `${symbols.ok} sent`, paint: palette.green }
  if (state === 'failed') return { text: `${symbols.bad} failed`, paint: palette.red }
  return { text: `${symbols.running} waiting`, paint: palette.yellow }
}

/** When it was sent, or is tried next. */
function whenOf({ sentAt, nextAttemptAt }: MessageView, { look, format }: OutboxTableOptions): string {
  const at = sentAt ?? nextAttemptAt
  return at === null ? look.symbols.unknown : format.relative(at)
}
