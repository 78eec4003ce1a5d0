/** Durations as .NET writes them (`TimeSpan`, constant format): `[-][d.]hh:mm:ss[.fffffff]`. */

const TIMESPAN = /^(-?)(?:(\d{1,8})\.)?(\d\d):([0-5]\d):([0-5]\d)(?:\.(\d{1,7}))?$/
const TICKS_PER_SECOND = 10_000_000n

/**
 * 100-ns ticks of a .NET duration, exact over its whole range; null for any other text.
 * `1.02:03:04` is a day and two hours, not one hour: the part before the first dot counts days.
 */
export function timespanTicks(text: string): bigint | null {
  const parts = TIMESPAN.exec(text)
  if (!parts || Number(parts[3]) > 23) return null
  const [, sign, days = '0', hours = '0', minutes = '0', seconds = '0', fraction = ''] = parts
  const whole = ((BigInt(days) * 24n + BigInt(hours)) * 60n + BigInt(minutes)) * 60n + BigInt(seconds)
  const ticks = whole * TICKS_PER_SECOND + BigInt(fraction.padEnd(7, '0'))
  return sign === '-' ? -ticks : ticks
}

/**
 * Seconds of a .NET duration: the number nearest to its seven digits. Null for any other text, and for durations of more
 * ticks than a number holds exactly (28 years): no run takes that long.
 */
export function timespanSeconds(text: unknown): number | null {
  const ticks = typeof text === 'string' ? timespanTicks(text) : null
  if (ticks === null || !Number.isSafeInteger(Number(ticks))) return null
  return Number(ticks) / 1e7
}
