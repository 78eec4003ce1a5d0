import { FORGOTTEN, type OpenAlert, type Reminder } from './types.ts'

const DAY = 86_400_000
const WEEK = 7 * DAY
const MONTH = 30 * DAY
/**
 * A reminder may come so much before its time: a check that cron makes once a day begins a moment sooner or later each time, and
 * would tell every other day only.
 */
export const EARLY = 3 * 60_000

/** When an open alert is to be told again; null for never. A failed run is told of by itself, each time. */
export function nextReminder(
  alert: Pick<OpenAlert, 'kind' | 'openedAt' | 'remindedAt' | 'reminders' | 'data'>,
  reminder: Reminder,
): number | null {
  if (alert.kind === 'failed') return null
  if (alert.remindedAt === FORGOTTEN) return FORGOTTEN
  const told = onTime(alert)
  switch (reminder) {
    case 'once':
      return null
    case 'daily':
      return told + DAY
    case 'weekly':
      return told + WEEK
    case 'monthly':
      return told + MONTH
    case 'default':
      return told + (alert.reminders > (alert.data.round ?? 0) ? WEEK : DAY)
  }
}

/** When it was told last; without the little that it came early or late, which would add up. */
function onTime({ openedAt, remindedAt }: Pick<OpenAlert, 'openedAt' | 'remindedAt'>): number {
  if (remindedAt === null) return openedAt
  const planned = openedAt + Math.round((remindedAt - openedAt) / DAY) * DAY
  return Math.abs(remindedAt - planned) <= EARLY ? planned : remindedAt
}
