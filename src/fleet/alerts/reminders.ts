import { FORGOTTEN, type OpenAlert, type Reminder } from './types.ts'

const DAY = 86_400_000
const WEEK = 7 * DAY
const MONTH = 30 * DAY

/** When an open alert is to be told again; null for never. A failed run is told of by itself, each time. */
export function nextReminder(
  alert: Pick<OpenAlert, 'kind' | 'openedAt' | 'remindedAt' | 'reminders' | 'data'>,
  reminder: Reminder,
): number | null {
  if (alert.kind === 'failed') return null
  if (alert.remindedAt === FORGOTTEN) return FORGOTTEN
  const told = alert.remindedAt ?? alert.openedAt
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
