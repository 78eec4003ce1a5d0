/** Durations as .NET writes them (`TimeSpan`, constant format): `[-][d.]hh:mm:ss[.fffffff]`. */

const TIMESPAN = /^(-?)(?:(\d{1,8})\.)?(\d\d):([0-5]\d):([0-5]\d)(?:\.(\d{1,7}))?$/
const TICKS_PER_SECOND = 10_000_000

/**
 * 100-ns ticks of a .NET duration. `1.02:03:04` is a day and two hours, not one hour: the part before the first dot counts days.
 * Null for any other text, and for durations of more ticks than a number holds exactly (28 years): no run takes that long.
 */
export function timespanTicks(text: string): number | null {
  const parts = TIMESPAN.exec(text)
  if (!parts || Number(parts[3]) > 23) return null
  const [, sign, days = '0', hours, minutes, seconds, fraction = ''] = parts
  const whole = ((Number(days) * 24 + Number(hours)) * 60 + Number(minutes)) * 60 + Number(seconds)
  const ticks = whole * TICKS_PER_SECOND + Number(fraction.padEnd(7, '0'))
  if (!Number.isSafeInteger(ticks)) return null
  return sign === '-' && ticks !== 0 ? -ticks : ticks
}

/** Seconds of a .NET duration: the number nearest to its seven digits. Null where there are no ticks. */
export function timespanSeconds(text: unknown): number | null {
  const ticks = typeof text === 'string' ? timespanTicks(text) : null
  return ticks === null ? null : ticks / TICKS_PER_SECOND
}
