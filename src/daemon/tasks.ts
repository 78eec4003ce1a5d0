/**
 * What the daemon does beside receiving: overdue checks, collections, delivery. Each is a loop of its own that never overlaps
 * itself, and whose failures end neither the others nor itself.
 */

import { noteListening } from '../ingest/overdue-check.ts'
import { plural } from '../output/format.ts'
import type { WritableStore } from '../store/index.ts'
import { setStopped } from '../store/monitor.ts'
import { pruneOutbox } from '../store/outbox.ts'
import { checkTask } from './check-task.ts'
import { collectServers } from './collect-task.ts'
import { deliveryLoop } from './deliver-task.ts'
import { nextTime, wait, waitUntil } from './schedule.ts'
import type { TaskSettings } from './settings.ts'

/** How often it is written down that reports can come in, in milliseconds. */
const LISTENING_EVERY = 60_000
/** Sent messages are history for so long, in milliseconds. */
const MESSAGES_KEPT = 90 * 86_400_000
const TIDY_AT = '17 3 * * *'

export interface TaskOptions {
  /** A connection of their own, so that no report waits for a collection; closed when the tasks have ended. */
  openStore: () => Promise<WritableStore>
  /** As they are now. */
  settings: () => TaskSettings
  log: TaskLog
  /** Ends the tasks: what is being sent is sent to its end, what is being collected is broken off between two pages. */
  signal: AbortSignal
  now: () => Date
  /** Whether this process receives reports. */
  isListening: boolean
}

/** Texts never hold secrets. */
export interface TaskLog {
  info(text: string): void
  warn(text: string): void
  error(text: string, error: unknown): void
}

export interface Tasks {
  /** Messages were written: they are delivered at once. */
  wake(): void
  /** Resolves when all have ended after the signal. */
  ended: Promise<void>
}

export async function startTasks(options: TaskOptions): Promise<Tasks> {
  const store = await options.openStore()
  const startedAt = options.now().getTime()
  const room: Room = { ...options, store, listeningSince: options.isListening ? startedAt : null }
  const delivery = deliveryLoop(room)
  const loops = [
    delivery.ended,
    judgeAndCollect(room, delivery.wake),
    ...(options.isListening ? [listening(room)] : []),
  ]
  return {
    wake: delivery.wake,
    ended: Promise.all(loops)
      .finally(() => store.close())
      .then(() => {}),
  }
}

/** What the loops share. */
export interface Room extends TaskOptions {
  store: WritableStore
  listeningSince: number | null
}

/** At start everything is collected before anything is judged: this monitor may have been away for long. */
async function judgeAndCollect(room: Room, wake: () => void): Promise<void> {
  const { signal, settings } = room
  const collect = guarded(room, 'collection', () => collectAll(room, wake))
  const check = guarded(room, 'overdue check', async () => {
    if ((await checkTask(room)).told > 0) wake()
  })
  if (settings().collectAt !== 'off') await collect()
  if (signal.aborted) return
  await check()
  await Promise.all([
    repeat(room, collect, ({ collectAt, zone }, last) =>
      collectAt === 'off' ? null : nextTime(collectAt, zone, last),
    ),
    repeat(room, check, ({ checkAt, zone }, last) => nextTime(checkAt, zone, last)),
    repeat(
      room,
      guarded(room, 'tidying up', () => tidyUp(room)),
      ({ zone }, last) => nextTime(TIDY_AT, zone, last),
    ),
  ])
}

async function collectAll({ store, settings, now, signal, log }: Room, wake: () => void): Promise<void> {
  const results = await collectServers({ store, settings: settings(), now: now(), signal }, null)
  if (results.length === 0) return
  const failed = results.filter(({ ok }) => !ok)
  const runs = results.reduce((sum, result) => sum + result.new, 0)
  log.info(`Collected from ${plural(results.length, 'server')}: ${plural(runs, 'new run')}, ${failed.length} failed`)
  for (const { server, url, error } of failed) log.warn(`${server?.name ?? url}: ${error?.message}`)
  if (runs > 0) wake()
}

async function tidyUp({ store, now }: Room): Promise<void> {
  await store.transaction((tx) => pruneOutbox(tx, now().getTime() - MESSAGES_KEPT))
}

/** A task that is late, because it took longer than its interval, runs once and not as often as it was due. */
async function repeat(
  { settings, now, signal }: Room,
  work: () => Promise<void>,
  next: (settings: TaskSettings, last: number) => number | null,
): Promise<void> {
  for (;;) {
    const last = now().getTime()
    await waitUntil(() => next(settings(), last), now, signal)
    if (signal.aborted) return
    await work()
  }
}

async function listening(room: Room): Promise<void> {
  const { store, now, signal, listeningSince } = room
  const since = listeningSince ?? now().getTime()
  const note = guarded(room, 'note that reports can come in', () =>
    store.transaction((tx) => noteListening(tx, { since, at: now().getTime() })),
  )
  while (!signal.aborted) {
    await note()
    await wait(LISTENING_EVERY, signal)
  }
  await note()
  await guarded(room, 'note of the end', () => store.transaction((tx) => setStopped(tx, now().getTime())))()
}

function guarded({ log, signal }: Room, name: string, work: () => Promise<void>): () => Promise<void> {
  return async () => {
    try {
      await work()
    } catch (error) {
      if (!signal.aborted) log.error(`The ${name} failed`, error)
    }
  }
}
