/**
 * Reports as text, Duplicati's default form: `Duplicati Backup report for NAME (machine-id, backup-id, machine-name)`, an
 * exception if there was one, `Key: value` lines with lists in brackets, and `Log data:`. Dates are in the server's locale and
 * calendar, so that only the epoch seconds in brackets behind them are read. Own templates are taken as far as they carry this.
 */
import { failedResult, makeReport, type Report, reporterOf, type ToldNames, UnreadableReport } from './report.ts'
import { readTextSections, type TextSections } from './text-sections.ts'

const HEADER = /^Duplicati ([A-Za-z]{1,40}) report for (.+\))$/
/** What Duplicati makes ids of: `DB-` and a number for its jobs, hexadecimal digits otherwise. */
const BACKUP_ID = /^(?:DB-\w+|[0-9A-Fa-f]{16,128})$/
const MAX_HEADER = 8_192
const EPOCH = /\((-?\d{1,12})\)\s*$/
const COUNTS = /^\d{1,16}$/

interface Labels extends ToldNames {
  nextScheduledRun?: unknown
}

/** How own templates write the names: letters only, lower case. */
const NAME_KEYS: Record<string, keyof Labels> = {
  machineid: 'machineId',
  machinename: 'machineName',
  machine: 'machineName',
  server: 'machineName',
  servername: 'machineName',
  host: 'machineName',
  hostname: 'machineName',
  computer: 'machineName',
  computername: 'machineName',
  backupid: 'backupId',
  jobid: 'backupId',
  backupname: 'backupName',
  backupjob: 'backupName',
  jobname: 'backupName',
  job: 'backupName',
  nextscheduledrun: 'nextScheduledRun',
}

/**
 * A report as text.
 *
 * @param receivedAt stands for a begin time that is missing or cannot be believed (and then the run says so)
 * @param besides names that came beside the text, for own templates that leave them out
 * @throws UnreadableReport when machine or job cannot be read from it, or it tells no result
 */
export function parseTextReport(text: string, receivedAt: Date, besides: ToldNames = {}): Report {
  const sections = readTextSections(text)
  const header = findHeader(sections.loose)
  const labelled = labelledNames(sections.loose)
  const reporter = reporterOf({ ...besides, ...labelled, ...header?.names })
  const context = { endedBy: receivedAt.getTime(), isReport: true }
  const report = makeReport(reporter, resultOf(sections, header?.operation), context, labelled.nextScheduledRun)
  // Begin times are whole seconds here: nothing is known below them.
  report.run.beganTicks = null
  return report
}

interface Header {
  operation: string
  names: ToldNames
}

function findHeader(loose: string[]): Header | null {
  for (const line of loose) {
    const parts = line.length <= MAX_HEADER && line.startsWith('Duplicati ') ? HEADER.exec(line.trimEnd()) : null
    const names = parts && headerNames(parts[2] ?? '')
    if (names) return { operation: parts[1] ?? '', names }
  }
  return null
}

/** `NAME (machine-id, backup-id, machine-name)`, where each name may itself have brackets and commas in it. */
function headerNames(text: string): ToldNames | null {
  let found: ToldNames | null = null
  for (let at = text.lastIndexOf(' ('); at > 0; at = text.lastIndexOf(' (', at - 1)) {
    const [machineId = '', backupId = '', ...machine] = text.slice(at + 2, -1).split(', ')
    if (machine.length === 0) continue
    const names = { machineId, backupId, machineName: machine.join(', '), backupName: text.slice(0, at) }
    if (BACKUP_ID.test(backupId)) return names
    found ??= names
  }
  return found
}

/** Names in lines such as `machine-name: nas` or `Job = Documents`. */
function labelledNames(loose: string[]): Labels {
  const names: Labels = {}
  for (const line of loose) {
    const parts = /^\s*([A-Za-z][A-Za-z _-]{0,30}?)\s*[:=]\s*(\S.*)$/.exec(line.slice(0, MAX_HEADER))
    const key = NAME_KEYS[(parts?.[1] ?? '').replace(/[^A-Za-z]/g, '').toLowerCase()]
    if (key && !(key in names)) names[key] = parts?.[2]?.trim()
  }
  return names
}

function resultOf({ fields, lists, exception }: TextSections, operation: string | undefined): Record<string, unknown> {
  const data: Record<string, unknown> = Object.fromEntries([...fields].map(([key, value]) => [key, typed(key, value)]))
  const status = fields.get('ParsedResult') ?? fields.get('Result') ?? fields.get('Status')
  if (status === undefined && exception === null) throw new UnreadableReport('it tells no result')
  const known = fields.has('ParsedResult') || fields.has('MainOperation') || exception === null
  const result = known
    ? { MainOperation: operation ?? 'Backup', ParsedResult: status, ...data, Exception: exception }
    : failedResult(operation, exception)
  return { ...result, Messages: lists.message, Warnings: lists.warning, Errors: lists.error }
}

function typed(key: string, value: string): unknown {
  if (key === 'BeginTime' || key === 'EndTime') return epochDate(value) ?? value
  if (value === 'True' || value === 'False') return value === 'True'
  return COUNTS.test(value) ? Number(value) : value
}

function epochDate(value: string): string | null {
  const seconds = EPOCH.exec(value)?.[1]
  const at = new Date(Number(seconds) * 1000)
  return seconds === undefined || Number.isNaN(at.getTime()) ? null : at.toISOString()
}
