import { UserError } from '../errors.ts'
import type { Globals } from '../fleet/rules.ts'
import type { TellerOptions } from '../ingest/events.ts'
import { globalsOf, type NotifyConfig, notifyConfigOf } from '../notify/config.ts'
import { loadConfig } from '../settings/config.ts'
import type { SecretKey } from '../settings/schema.ts'
import type { Context } from './context.ts'

/**
 * What messages are built and sent by, read anew. A secret that cannot be opened stops its own channel only: that says why when
 * it is used.
 * @throws UserError `settings_unreadable`, `settings_invalid`
 */
export function loadNotifyConfig(context: Pick<Context, 'configFile' | 'env' | 'locale' | 'timeZone'>): NotifyConfig {
  const config = loadConfig(context)
  const open = (key: SecretKey) => {
    try {
      return config.secret(key)
    } catch (error) {
      if (error instanceof UserError) return error
      throw error
    }
  }
  const secrets = { 'ntfy.token': open('ntfy.token'), 'smtp.password': open('smtp.password') }
  return notifyConfigOf(config.values, secrets, { locale: context.locale, timeZone: context.timeZone })
}

/**
 * Whom newly collected runs are told to. Wrong settings keep no run from being stored: then nobody is told.
 * @param warn is told why
 */
export function tellingOf(
  context: Parameters<typeof loadNotifyConfig>[0],
  warn: (text: string) => void,
): TellerOptions {
  let globals: Globals | null = null
  try {
    globals = globalsOf(loadNotifyConfig(context))
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    warn(`${error.message}. No messages are written of what is collected now.`)
  }
  return { globals: () => globals, onFailure: (error) => warn(`A message could not be written: ${error}`) }
}

/**
 * The same, with a topic for ntfy: where none is set, one that nobody guesses is made and kept.
 * @returns whether it was made now
 */
export async function withTopic(
  config: NotifyConfig,
  configFile: string,
): Promise<{ config: NotifyConfig; topic: string; isNew: boolean }> {
  const { topic: known } = config.ntfy
  if (known !== null) return { config, topic: known, isNew: false }
  const { ensureTopic } = await import('../settings/config-write.ts')
  const { newTopic } = await import('../notify/channels/ntfy/config.ts')
  const { randomBytes } = await import('node:crypto')
  const topic = await ensureTopic(configFile, () => newTopic(randomBytes))
  return { config: { ...config, ntfy: { ...config.ntfy, topic } }, topic, isNew: true }
}
