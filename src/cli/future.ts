/** When something that a person puts off is to begin again. */
import { UsageError } from '../errors.ts'
import { dateOrNull, type OffsetMinutes } from '../fleet/durations.ts'

const DAY = 86_400_000
const WEEKDAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday']
const HINT = 'Write 2026-12-01, 2026-12-01T08:00, 18:30, tomorrow, "tomorrow 08:00" or "mon 08:00"; or use --for 3d.'

/**
 * The instant that `--until` means: a date begins at its midnight, a clock time alone is its next one, a weekday is the next such
 * day after today. Local is what `offset` says.
 * @throws UsageError `bad_time`, also for what is past
 */
export function untilTime(text: string, now: number, offset: OffsetMinutes): number {
  const at = read(text.trim().toLowerCase(), now, offset)
  if (at === null) throw new UsageError(`${JSON.stringify(text)} is no time`, { code: 'bad_time', hint: HINT })
  if (at > now) return at
  throw new UsageError(`${JSON.stringify(text)} is past`, { code: 'bad_time', hint: 'Give a time to come.' })
}

function read(text: string, now: number, offset: OffsetMinutes): number | null {
  if (/^\d{4}-/.test(text)) return dateOrNull(text.toUpperCase(), now, offset)
  const [, word, clock] = /^([a-z]+)?\s*(\d\d?:\d\d)?$/.exec(text) ?? []
  if (word === undefined && clock === undefined) return null
  const days = word === undefined ? 0 : daysUntil(word, new Date(now + offset(now) * 60_000).getUTCDay())
  if (days === null) return null
  const on = (day: number) => {
    const date = new Date(now + offset(now) * 60_000 + day * DAY).toISOString().slice(0, 10)
    return dateOrNull(`${date}T${(clock ?? '00:00').padStart(5, '0')}`, now, offset)
  }
  const at = on(days)
  return word === undefined && at !== null && at <= now ? on(1) : at
}

function daysUntil(word: string, today: number): number | null {
  if (word === 'today') return 0
  if (word === 'tomorrow') return 1
  const day = word.length >= 3 ? WEEKDAYS.findIndex((name) => name.startsWith(word)) : -1
  return day < 0 ? null : ((day - today + 6) % 7) + 1
}
