/** What an overdue check tells, by the way that it goes everywhere: judged, queued, built. Only the channel is none. */
import { type CheckConfig, runOverdueCheck } from '../ingest/overdue-check.ts'
import { globalsOf, notifyConfigOf } from '../notify/config.ts'
import { deliverDue } from '../notify/deliver.ts'
import type { Channel, Message } from '../notify/types.ts'
import { loadConfig } from '../settings/config.ts'
import type { WritableStore } from '../store/index.ts'
import type { Context } from './context.ts'

const TOPIC = 'demo'

/** The messages of an overdue check now; nobody gets them. */
export async function alertMessages(
  store: WritableStore,
  { env, locale, timeZone, now }: Pick<Context, 'env' | 'locale' | 'timeZone' | 'now'>,
  configFile: string,
): Promise<Message[]> {
  const messages: Message[] = []
  const notify = notifyConfigOf({ 'ntfy.topic': TOPIC }, {}, { locale, timeZone })
  const { values, toleranceSeconds } = loadConfig({ configFile, env })
  const config: CheckConfig = {
    toleranceSeconds,
    zone: timeZone ?? Intl.DateTimeFormat().resolvedOptions().timeZone,
    reminder: values['overdue.reminder'],
    stormLimit: values['alerts.stormLimit'],
    globals: globalsOf(notify),
  }
  await runOverdueCheck({ store, config, now: () => now })
  const nowhere: Channel = {
    name: 'ntfy',
    longest: 0,
    concurrency: 1,
    open: async () => ({
      send: async (message) => {
        messages.push(message)
        return { ok: true }
      },
      close: async () => {},
    }),
  }
  const channels = { ntfy: nowhere, email: { ...nowhere, name: 'email' as const } }
  await deliverDue({ store, config: notify, now: () => now, channels })
  return messages
}
