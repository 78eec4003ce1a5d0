/** Servers as rows, one server in detail, and the steps of a test. */
import type { JobView, ServerTestView, ServerView } from '../fleet/model.ts'
import type { JobSettings } from '../fleet/rules.ts'
import { clean } from './escape.ts'
import type { Format } from './format.ts'
import { NAMED_FIELDS, SETTING_NAMES, settingWords } from './job-settings.ts'
import type { Look } from './look.ts'
import { rowsApart } from './names.ts'
import { nextStart } from './status-columns.ts'
import { lastRunAt, stateName } from './status-words.ts'
import { type Column, drawTable, keyValues, layOut, plainTable } from './table.ts'
import { cut, displayWidth, pad, prepareWidths } from './width.ts'

export interface ServerTableOptions {
  look: Look
  format: Format
  width: number
}

type ServerOptions = ServerTableOptions & {
  /** Epoch milliseconds. */
  now: number
}

/** `server list`: one row a server. `jobs` counts jobs by server id. */
export async function renderServers(
  servers: ServerView[],
  jobs: ReadonlyMap<string, number>,
  options: ServerTableOptions,
): Promise<string[]> {
  await prepareWidths(
    servers.flatMap((server) => [server.name, server.note ?? '', server.error?.message ?? '', ...server.tags]),
  )
  const table = layOut(serverColumns(jobs, options), servers, options)
  return Number.isFinite(options.width) ? await drawTable(table, options.look) : plainTable(table)
}

/** The columns of a list of servers; `jobs` counts jobs by server id. */
export function serverColumns(jobs: ReadonlyMap<string, number>, options: ServerTableOptions): Column<ServerView>[] {
  const { look, format } = options
  return [
    { key: 'id', title: 'Id', drop: 6, cell: ({ id }) => id },
    { key: 'name', title: 'Server', drop: null, min: 8, cell: ({ name }) => clean(name) },
    { key: 'url', title: 'Address', drop: 2, min: 12, cell: ({ url }) => clean(url ?? look.symbols.unknown) },
    { key: 'jobs', title: 'Jobs', align: 'right', drop: 3, cell: ({ id }) => format.count(jobs.get(id) ?? 0) },
    {
      key: 'version',
      title: 'Duplicati',
      drop: 4,
      cell: ({ duplicatiVersion }) => clean(duplicatiVersion ?? look.symbols.unknown),
    },
    { key: 'tags', title: 'Tags', drop: 7, soft: 20, min: 6, cell: ({ tags }) => clean(tags.join(', ')) },
    {
      key: 'collected',
      title: 'Collected',
      align: 'right',
      drop: 1,
      cell: ({ lastCollectedAt }) => format.relative(lastCollectedAt),
    },
    {
      key: 'reported',
      title: 'Reported',
      align: 'right',
      drop: 5,
      cell: ({ lastReportAt }) => format.relative(lastReportAt),
    },
    { key: 'state', title: 'State', drop: null, min: 8, soft: 30, cell: (server) => stateOf(server, options) },
  ]
}

function stateOf(server: ServerView, { look, format }: ServerTableOptions) {
  const { error, paused, lastCollectedAt } = server
  const { palette, symbols } = look
  if (error) return { text: `${symbols.bad} ${clean(error.message)}`, paint: palette.red }
  if (paused) {
    const until = paused.until === null ? '' : ` until ${format.moment(paused.until)}`
    return { text: `${symbols.paused} paused${until}`, paint: palette.blue }
  }
  if (isOnlyReporting(server)) return { text: `${symbols.none} only reports`, paint: palette.dim }
  if (lastCollectedAt === null) return { text: `${symbols.none} not collected yet`, paint: palette.dim }
  return { text: `${symbols.ok} ok`, paint: palette.green }
}

/** Without an address it can be asked nothing: what it reports is all that there is to know. */
export function isOnlyReporting({ url, lastReportAt }: ServerView): boolean {
  return url === null && lastReportAt !== null
}

/**
 * `server show`: what is known of one server, and its jobs.
 * @param more `kept`: the secrets that are stored, in words; `defaults`: what its jobs inherit
 */
export async function renderServer(
  server: ServerView,
  { jobs, kept, defaults }: { jobs: JobView[]; kept: string[]; defaults: JobSettings },
  options: ServerOptions,
): Promise<string[]> {
  await prepareWidths([server.name, server.note ?? '', ...server.tags, ...jobs.map(({ name }) => name)])
  const { look, format, width } = options
  const known = (text: string | null) => clean(text ?? look.symbols.unknown)
  const others = server.addresses.filter((address) => address !== server.url)
  const pairs: [string, string][] = [
    ['Server', clean(server.name)],
    ['Id', server.id],
    ['Address', known(server.url)],
    ...(others.length > 0 ? [['Other addresses', clean(others.join(', '))] as [string, string]] : []),
    ['Machine', known(server.machineName)],
    ['Machine ids', known(server.machineIds.join(', ') || null)],
    ['Duplicati', known(server.duplicatiVersion)],
    ['Time zone', known(server.timeZone)],
    ['Tags', known(server.tags.join(', ') || null)],
    ['Note', known(server.note)],
    ['Kept', kept.join(', ') || 'nothing secret'],
    ['Collected', whenOf(server.lastCollectedAt, format)],
    ['Reported', whenOf(server.lastReportAt, format)],
    ['State', stateOf(server, options).text],
    ...NAMED_FIELDS.filter((field) => field in defaults).map((field): [string, string] => [
      `Default ${SETTING_NAMES[field]}`,
      clean(settingWords(field, defaults[field], format)),
    ]),
  ]
  const names = Math.max(...pairs.map(([name]) => displayWidth(name))) + 2
  const fitting = pairs.map(([name, value]): [string, string] => [
    name,
    cut(value, Math.max(10, width - names), look.symbols.ellipsis),
  ])
  const details = keyValues(fitting, look)
  if (jobs.length === 0) return details
  const table = layOut(jobColumns(options), jobs, options)
  return [...details, '', ...(Number.isFinite(width) ? await drawTable(table, look) : plainTable(table))]
}

function jobColumns({ look, format, now }: ServerOptions): Column<JobView>[] {
  return [
    { key: 'backup', title: 'Backup', align: 'right', drop: 2, cell: ({ backupId }) => clean(backupId) },
    { key: 'job', title: 'Job', drop: null, min: 8, cell: ({ name }) => clean(name) },
    { key: 'state', title: 'State', drop: null, cell: (job) => stateName(job, look) },
    { key: 'last', title: 'Last run', drop: 0, cell: (job) => format.relative(lastRunAt(job)) },
    { key: 'next', title: 'Next', drop: 1, cell: (job) => nextStart(job, { look, format, now, absolute: false }) },
    { key: 'runs', title: 'Runs', align: 'right', drop: 3, cell: ({ runs }) => format.count(runs) },
  ]
}

function whenOf(time: string | null, format: Format): string {
  return time === null ? 'never' : `${format.dateTime(time)} (${format.relative(time)})`
}

/** `server test`: the steps of each server, up to the one that failed. */
export async function renderTests(given: ServerTestView[], { look }: ServerTableOptions): Promise<string[]> {
  const results = rowsApart(given)
  await prepareWidths(results.map(({ server }) => server.name))
  const { palette, symbols } = look
  return results.flatMap(({ server, ok, steps, error }, index) => {
    const verdict = ok ? palette.green(`${symbols.ok} ok`) : palette.red(`${symbols.bad} failed`)
    const lines = steps.map((step) => {
      const mark = step.ok ? palette.green(symbols.ok) : palette.red(symbols.bad)
      return `  ${mark} ${pad(step.step, 5)}  ${clean(step.message)} ${palette.dim(`(${step.seconds.toFixed(2)} s)`)}`
    })
    const reason =
      error && steps.every((step) => step.ok) ? [`  ${palette.red(symbols.bad)} ${clean(error.message)}`] : []
    const hint = error?.hint ? [`  Try: ${clean(error.hint)}`] : []
    return [
      ...(index === 0 ? [] : ['']),
      `${palette.bold(clean(server.name))}  ${verdict}`,
      ...lines,
      ...reason,
      ...hint,
    ]
  })
}
