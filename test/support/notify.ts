import type { EventData, RunEvent } from '../../src/fleet/events.ts'
import type { ChannelName, Destination } from '../../src/fleet/rules.ts'
import { type NotifyConfig, notifyConfigOf } from '../../src/notify/config.ts'
import type { Message } from '../../src/notify/types.ts'
import type { WritableStore } from '../../src/store/index.ts'
import { addEvent } from '../../src/store/outbox.ts'
import type { NtfyServer } from './ntfy-server.ts'
import type { MailServer } from './smtp-server.ts'

export const SERVER = { name: 'nas', alias: 'Cellar', note: 'behind the door', url: 'https://nas.example:8200' }
export const T0 = Date.parse('2026-11-24T03:00:00Z')

/** A night's backup with two warnings. */
export function runEvent(given: Partial<RunEvent> = {}): RunEvent {
  return {
    kind: 'run',
    server: SERVER,
    job: { name: 'Documents' },
    status: 'Warning',
    beganAt: T0 - 600_000,
    durationSeconds: 605,
    uploadedBytes: 7_500_000,
    storageBytes: 240 * 1024 ** 3,
    sourceBytes: 300 * 1024 ** 3,
    files: 12_345,
    versions: 12,
    messages: 8,
    warnings: 2,
    errors: 0,
    log: { lines: ['Failed to process path: /data/a', 'Failed to process path: /data/b'], omitted: 0 },
    lastSuccessAt: T0,
    failuresInARow: 0,
    ...given,
  }
}

export function message(given: Partial<Message> = {}): Message {
  return {
    key: `run:1@${T0}`,
    title: 'Documents on Cellar: Warning',
    text: '2 warnings\nsecond line',
    html: '2 warnings<br>\nsecond line',
    priority: 4,
    tags: ['warning'],
    click: 'https://nas.example:8200',
    at: T0,
    ...given,
  }
}

interface Places {
  ntfy?: NtfyServer | { url: string }
  email?: MailServer | { host: string; port: number }
}

/** Settings that lead to these servers. */
export function configOf({ ntfy, email }: Places, settings: Record<string, unknown> = {}): NotifyConfig {
  return notifyConfigOf(
    {
      'ntfy.url': ntfy?.url ?? 'http://127.0.0.1:9',
      'ntfy.topic': 'backups',
      ...(email && { 'smtp.host': email.host, 'smtp.port': email.port }),
      'smtp.security': 'plain',
      'smtp.from': 'duplistatus@mail.example',
      'smtp.to': 'me@mail.example',
      ...settings,
    },
    {},
    { locale: 'en-GB', timeZone: 'UTC' },
  )
}

export const TO_TOPIC: Destination = { channel: 'ntfy', destination: 'backups' }
export const TO_ME: Destination = { channel: 'email', destination: 'me@mail.example' }

/** Writes events `run:1`, `run:2`, … a second apart, each with a message to each destination. */
export async function addMessages(
  store: WritableStore,
  count: number,
  destinations: Destination[],
  { from = T0, first = 1, data = (index: number): EventData => runEvent({ job: { name: `Job ${index}` } }) } = {},
): Promise<void> {
  await store.transaction(async (tx) => {
    for (let index = first; index < first + count; index++) {
      const at = from + (index - first) * 1000
      const event = {
        key: `run:${index}`,
        serverId: null,
        jobId: null,
        runId: null,
        alertId: null,
        at,
        data: data(index),
      }
      await addEvent(tx, event, destinations)
    }
  })
}

/** How many messages are in each state. */
export async function states(store: WritableStore, channel?: ChannelName): Promise<Record<string, number>> {
  const rows = await store.db
    .selectFrom('outbox')
    .$if(channel !== undefined, (query) => query.where('channel', '=', channel ?? 'ntfy'))
    .select((of) => ['state', of.fn.countAll<number>().as('count')])
    .groupBy('state')
    .execute()
  return Object.fromEntries(rows.map(({ state, count }) => [state, count]))
}
