import { setTimeout as pause } from 'node:timers/promises'
import { CronExpressionParser } from 'cron-parser'
import { wrongValue } from '../settings/check.ts'
import { invalid } from '../settings/config.ts'
import { isCronExpression } from '../settings/cron.ts'
import type { TaskSettings } from './settings.ts'

/** Clocks are set and machines sleep: no timer is trusted for longer, in milliseconds. */
const LONGEST_WAIT = 60_000

/**
 * The next time that a cron expression means after a moment, both in milliseconds.
 * @param zone IANA name
 */
export function nextTime(cron: string, zone: string, after: number): number {
  return CronExpressionParser.parse(cron, { tz: zone, currentDate: new Date(after) })
    .next()
    .getTime()
}

/**
 * The settings, if all tasks can go by them: a settings file that was written by hand is read by its form alone, and a cron
 * expression that means no time would end the daemon when a task asks for its next one.
 * @throws UserError `settings_invalid`
 */
export function requireSchedules(settings: TaskSettings, configFile: string): TaskSettings {
  const { checkAt, collectAt } = settings
  if (!isCronExpression(checkAt)) throw invalid(configFile, 'overdue.check', wrongValue('overdue.check', checkAt))
  if (collectAt !== 'off' && !isCronExpression(collectAt))
    throw invalid(configFile, 'collect.schedule', wrongValue('collect.schedule', collectAt))
  return settings
}

/** Resolves after so many milliseconds, or when the signal is aborted. */
export async function wait(milliseconds: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return
  await pause(Math.max(0, milliseconds), undefined, { signal }).catch(() => {})
}

/** Resolves when it is time or the signal is aborted; `at` is asked again now and then, as settings change. */
export async function waitUntil(at: () => number | null, now: () => Date, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const left = (at() ?? Number.POSITIVE_INFINITY) - now().getTime()
    if (left <= 0) return
    await wait(Math.min(left, LONGEST_WAIT), signal)
  }
}
