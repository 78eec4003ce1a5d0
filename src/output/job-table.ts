/** `job list` and `job show`: what holds for jobs. */
import type { JobView } from '../fleet/model.ts'
import type { EffectiveSettings } from '../fleet/rules.ts'
import { clean } from './escape.ts'
import type { Format } from './format.ts'
import { NAMED_FIELDS, SETTING_NAMES, type SettingSource, settingWords } from './job-settings.ts'
import type { Look } from './look.ts'
import { namesApart, renamed } from './names.ts'
import { lastRunAt, stateName } from './status-words.ts'
import { type Cell, type Column, drawTable, keyValues, layOut, plainTable } from './table.ts'
import { cut, prepareWidths } from './width.ts'

export interface JobTableOptions {
  look: Look
  format: Format
  width: number
}

/** A job with what holds for it. */
export interface JobLine {
  job: JobView
  settings: EffectiveSettings
}

export async function renderJobs(given: JobLine[], options: JobTableOptions): Promise<string[]> {
  const names = namesApart(given.map(({ job }) => job.server))
  const lines = given.map(({ job, settings }) => ({ job: { ...job, server: renamed(job.server, names) }, settings }))
  const { look, format, width } = options
  await prepareWidths(lines.flatMap(({ job, settings }) => [job.name, job.server.name, furtherOf(settings)]))
  const setting = (
    key: 'notificationEvent' | 'tolerance' | 'maxAge',
    title: string,
    drop: number,
  ): Column<JobLine> => ({
    key,
    title,
    drop,
    cell: ({ settings }) => settingWords(key, settings[key], format),
  })
  const columns: Column<JobLine>[] = [
    { key: 'id', title: 'Id', drop: 7, cell: ({ job }) => job.id },
    { key: 'server', title: 'Server', drop: null, min: 6, soft: 24, cell: ({ job }) => clean(job.server.name) },
    { key: 'job', title: 'Job', drop: null, min: 8, soft: 30, cell: ({ job }) => clean(job.name) },
    { key: 'state', title: 'State', drop: 0, cell: ({ job }) => stateName(job, look) },
    { key: 'schedule', title: 'Schedule', drop: 3, soft: 24, min: 8, cell: (line) => scheduleCell(line, look) },
    setting('tolerance', 'Tolerance', 4),
    setting('maxAge', 'Max age', 6),
    setting('notificationEvent', 'Tells', 1),
    { key: 'by', title: 'By', drop: 2, cell: ({ settings }) => channelsOf(settings, look) },
    { key: 'further', title: 'Also', drop: 5, soft: 30, min: 8, cell: ({ settings }) => clean(furtherOf(settings)) },
    { key: 'snoozed', title: 'Snoozed', drop: 0, cell: ({ job }) => snoozeCell(job, options) },
  ]
  const shown = lines.some(({ job }) => job.snoozedUntil !== null) ? columns : columns.slice(0, -1)
  const table = layOut(shown, lines, options)
  return Number.isFinite(width) ? drawTable(table, look) : plainTable(table)
}

/** A schedule set by hand is marked; else the server's own. */
function scheduleCell({ job, settings }: JobLine, { symbols, palette }: Look): Cell {
  if (settings.expectedInterval !== null) {
    return { text: clean(`${settings.expectedInterval}${daysOf(settings.allowedWeekDays)} (set)`) }
  }
  if (!job.schedule?.repeat) return { text: symbols.unknown, paint: palette.dim }
  return { text: clean(`${job.schedule.repeat}${daysOf(job.schedule.allowedDays)}`) }
}

/** Nothing where every day is allowed: Duplicati may list all seven. */
function daysOf(days: readonly string[]): string {
  return days.length % 7 === 0 ? '' : ` ${days.join(',')}`
}

function channelsOf({ ntfyEnabled, emailEnabled }: EffectiveSettings, { symbols }: Look): string {
  return [...(ntfyEnabled ? ['ntfy'] : []), ...(emailEnabled ? ['e-mail'] : [])].join(', ') || symbols.unknown
}

function furtherOf({
  additionalEmails,
  additionalNtfyTopic,
  additionalNotificationEvent: event,
}: EffectiveSettings): string {
  const places = [...(additionalNtfyTopic === '' ? [] : [additionalNtfyTopic]), ...additionalEmails]
  return places.length === 0 ? '' : `${event}: ${places.join(', ')}`
}

function snoozeCell({ snoozedUntil }: JobView, { format, look }: JobTableOptions): Cell {
  return snoozedUntil === null
    ? { text: '' }
    : { text: `until ${format.moment(snoozedUntil)}`, paint: look.palette.blue }
}

/** What is known of one job, and each setting with where it comes from. */
export function renderJob(
  job: JobView,
  settings: Record<string, SettingSource>,
  snooze: { reason: string | null; at: string | null } | null,
  options: JobTableOptions,
): string[] {
  const { look, format } = options
  const pairs: [string, string][] = [
    ['Job', clean(job.name)],
    ['Server', clean(job.server.name)],
    ['Id', `${job.id}, backup ${clean(job.backupId)}`],
    ['Tags', clean(job.tags.join(', ') || look.symbols.unknown)],
    ['State', stateName(job, look).text],
    ['Last run', job.lastRun ? `${format.dateTime(lastRunAt(job))}, ${job.status}` : 'none'],
    ['Last success', format.dateTime(job.lastSuccessAt)],
    ['Expected', job.expectedAt ? `${format.dateTime(job.expectedAt)} (${job.expectedFrom})` : look.symbols.unknown],
    ...(job.snoozedUntil === null
      ? []
      : [['Snoozed', snoozeWords(job.snoozedUntil, snooze, format)] as [string, string]]),
  ]
  const values = NAMED_FIELDS.map((field): [string, string] => {
    const { value, source } = settings[field] ?? { value: undefined, source: 'default' }
    const words = clean(settingWords(field, value, format))
    return [SETTING_NAMES[field], source === 'default' ? words : `${words}  (set for the ${source})`]
  })
  const cutTo = (list: [string, string][]) =>
    list.map(([name, value]): [string, string] => [
      name,
      cut(value, Math.max(10, options.width - 24), look.symbols.ellipsis),
    ])
  return [...keyValues(cutTo(pairs), look), '', ...keyValues(cutTo(values), look)]
}

function snoozeWords(until: string, snooze: { reason: string | null } | null, format: Format): string {
  const reason = snooze?.reason ? `: ${clean(snooze.reason)}` : ''
  return `until ${format.dateTime(until)}${reason}`
}
