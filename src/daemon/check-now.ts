import { runOverdueCheck } from '../ingest/overdue-check.ts'
import { deliverDue } from '../notify/deliver.ts'
import type { WritableStore } from '../store/index.ts'
import { askServers } from './collect-task.ts'
import { sendHeartbeat } from './heartbeat.ts'
import type { TaskSettings } from './settings.ts'

/**
 * What the daemon does every few minutes, once: an overdue check with the servers that it has to ask, and the sign of life that
 * follows it, and the delivery of what waits. For those who run everything by cron.
 * @returns a line for what went wrong
 */
export async function checkNow(store: WritableStore, settings: TaskSettings, at: Date): Promise<string[]> {
  const { check: config, notify, env, heartbeatUrl } = settings
  const ask = (ids: string[]) => askServers({ store, settings, now: at }, ids)
  await runOverdueCheck({ store, config, now: () => at, ask })
  const failure = await sendHeartbeat(heartbeatUrl)
  const lines = failure === null ? [] : [failure]
  const began = performance.now()
  const now = () => new Date(at.getTime() + performance.now() - began)
  const { failed, deferred } = await deliverDue({ store, config: notify, now, env })
  const undelivered = failed + deferred
  if (undelivered === 0) return lines
  const messages = undelivered === 1 ? '1 message' : `${undelivered} messages`
  return [...lines, `${messages} could not be delivered: see duplistatus notify outbox`]
}
