/** From a command's context to what the renderers ask for. */
import { type OffsetMinutes, sinceDate, untilDate } from '../fleet/durations.ts'
import { DEFAULT_TOLERANCE_SECONDS } from '../fleet/state.ts'
import { createFormat, type Format } from '../output/format.ts'
import { createLook, type Look } from '../output/look.ts'
import { readSettings, toleranceSeconds } from '../settings/reader.ts'
import type { Context } from './context.ts'

export function lookOf(context: Context): Look {
  return createLook(context)
}

/** @param now epoch milliseconds; the context's own moment unless told */
export function formatOf(context: Context, now: number = context.now.getTime()): Format {
  const { locale, timeZone } = context
  return createFormat({ locale, timeZone, now, unknown: lookOf(context).symbols.unknown })
}

/** Words of a flag such as `--columns a,b`; empty ones fall away. */
export function splitList(text: string): string[] {
  return text
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '')
}

/** As `splitList`, for what must name something: nothing at all is one empty word, which whoever checks the words refuses. */
export function wordsOf(text: string): string[] {
  const words = splitList(text)
  return words.length > 0 ? words : ['']
}

/** How late a backup may start before it is overdue, in seconds: the setting `overdue.tolerance`, else the default. */
export function toleranceOf(context: Context): number {
  const setting = readSettings(context.configFile)['overdue.tolerance']
  return setting === undefined ? DEFAULT_TOLERANCE_SECONDS : toleranceSeconds(setting)
}

/** Minutes east of UTC at an instant, in the zone that dates are shown in and read from a person. */
export async function offsetMinutesOf({ timeZone }: Pick<Context, 'timeZone'>): Promise<OffsetMinutes> {
  if (timeZone === null) return (at) => -new Date(at).getTimezoneOffset()
  const { offsetMinutes } = await import('../duplicati/zone.ts')
  return (at) => offsetMinutes(timeZone, at)
}

/**
 * `--since` and `--until` as epoch milliseconds, dates in the zone that dates are shown in.
 * @returns begin inclusive, end exclusive; null where not asked for
 */
export async function timeRange(
  context: Context,
  flags: { since?: string | undefined; until?: string | undefined },
): Promise<{ since: number | null; until: number | null }> {
  if (flags.since === undefined && flags.until === undefined) return { since: null, until: null }
  const now = context.now.getTime()
  const offset = await offsetMinutesOf(context)
  return {
    since: flags.since === undefined ? null : sinceDate(flags.since, now, offset),
    until: flags.until === undefined ? null : untilDate(flags.until, now, offset) + 1,
  }
}
