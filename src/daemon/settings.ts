/** What the tasks of the daemon go by, read anew for each round: a changed setting holds from the next one on. */
import { dirname } from 'node:path'
import type { CheckConfig } from '../ingest/overdue-check.ts'
import { globalsOf, type NotifyConfig } from '../notify/config.ts'
import { loadConfig } from '../settings/config.ts'

/** Where the settings are, and who reads what follows from them. */
export interface Place {
  configFile: string
  env: NodeJS.ProcessEnv
  /** IANA name; null: the machine's own zone. */
  timeZone: string | null
}

export interface TaskSettings {
  check: CheckConfig
  notify: NotifyConfig
  /** Cron expressions; `off` for none. */
  checkAt: string
  collectAt: string
  /** Of the cron expressions. */
  zone: string
  concurrency: number
  heartbeatUrl: string | null
  env: NodeJS.ProcessEnv
  /** Where the key of the secrets is. */
  configDir: string
}

/** @throws UserError `settings_unreadable`, `settings_invalid` */
export function loadTaskSettings(place: Place, loadNotify: () => NotifyConfig): TaskSettings {
  const { configFile, env } = place
  const { values, toleranceSeconds } = loadConfig({ configFile, env })
  const notify = loadNotify()
  const zone = place.timeZone ?? Intl.DateTimeFormat().resolvedOptions().timeZone
  return {
    check: {
      toleranceSeconds,
      zone,
      reminder: values['overdue.reminder'],
      stormLimit: values['alerts.stormLimit'],
      globals: globalsOf(notify),
    },
    notify,
    checkAt: values['overdue.check'],
    collectAt: values['collect.schedule'],
    zone,
    concurrency: values['collect.concurrency'],
    heartbeatUrl: values['heartbeat.url'],
    env,
    configDir: dirname(configFile),
  }
}

/** So long a setting may take to hold, in milliseconds; each report asks for them. */
const FRESH = 5_000

/** Settings that are read again now and then; while they cannot be read those that were read last hold. */
export function settingsSource(
  load: () => TaskSettings,
  now: () => number,
  onFailure: (error: unknown) => void,
): () => TaskSettings {
  let settings = load()
  let readAt = now()
  let isBroken = false
  return () => {
    if (Math.abs(now() - readAt) < FRESH) return settings
    readAt = now()
    try {
      settings = load()
      isBroken = false
    } catch (error) {
      if (!isBroken) onFailure(error)
      isBroken = true
    }
    return settings
  }
}
