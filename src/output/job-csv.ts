/** `job list --csv` (RFC 4180): exact seconds, UTC times; lists within a field have spaces between them. */
import { csvField } from './history-table.ts'
import type { JobLine } from './job-table.ts'

const FIELDS: [name: string, value: (line: JobLine) => string | number | boolean | null][] = [
  ['id', ({ job }) => job.id],
  ['server', ({ job }) => job.server.name],
  ['job', ({ job }) => job.name],
  ['backupId', ({ job }) => job.backupId],
  ['tags', ({ job }) => job.tags.join(' ')],
  ['state', ({ job }) => job.state],
  ['status', ({ job }) => job.status],
  ['lastRunAt', ({ job }) => job.lastRun?.beganAt ?? null],
  ['lastSuccessAt', ({ job }) => job.lastSuccessAt],
  ['expectedAt', ({ job }) => job.expectedAt],
  ['expectedFrom', ({ job }) => job.expectedFrom],
  ['toleranceSeconds', ({ job }) => job.toleranceSeconds],
  ['maxAgeSeconds', ({ settings }) => settings.maxAge],
  ['monitored', ({ job }) => job.monitored],
  ['snoozedUntil', ({ job }) => job.snoozedUntil],
  ['interval', ({ settings }) => settings.expectedInterval],
  ['weekdays', ({ settings }) => settings.allowedWeekDays.join(' ')],
  ['time', ({ settings }) => settings.time],
  ['notify', ({ settings }) => settings.notificationEvent],
  ['ntfy', ({ settings }) => settings.ntfyEnabled],
  ['email', ({ settings }) => settings.emailEnabled],
  ['additionalEmails', ({ settings }) => settings.additionalEmails.join(' ')],
  ['additionalNtfyTopic', ({ settings }) => settings.additionalNtfyTopic],
  ['additionalNotify', ({ settings }) => settings.additionalNotificationEvent],
]

export function jobsCsv(lines: JobLine[]): string {
  const rows = [FIELDS.map(([name]) => name), ...lines.map((line) => FIELDS.map(([, value]) => csvField(value(line))))]
  return rows.map((row) => `${row.join(',')}\r\n`).join('')
}
