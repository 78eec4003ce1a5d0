import { matchTargets } from '../fleet/match.ts'
import { serversByName } from '../output/names.ts'
import { selectJobs, sortJobs } from '../output/status-select.ts'
import { PROBLEMS_SHOWN, type StatusScreen } from '../output/status-table.ts'
import { reasonOf } from '../output/status-words.ts'
import { type JudgeOptions, jobViews, statusView } from '../output/views.ts'
import type { MonitorRow, Reading } from '../store/types.ts'
import { wordsOf } from './screen.ts'

/** How long a decision of the monitor is told, in milliseconds. */
const SAID_FOR = 14 * 86_400_000

/** The flags of `status` that choose and order. */
export interface StatusFlags {
  filter?: string | undefined
  status?: string | undefined
  overdue: boolean
  sort: string
  reverse: boolean
}

/**
 * What `status` shows: the jobs that the words mean and the flags leave, judged and in order, with their servers.
 * @param targets words of the command line; all jobs without
 */
export async function loadStatus(
  read: Reading,
  targets: string[],
  flags: StatusFlags,
  options: JudgeOptions,
): Promise<StatusScreen> {
  const meant = targets.length > 0 ? matchTargets(targets, await read.names()) : undefined
  const rows = await read.status(meant)
  const all = serversByName(rows.servers, ({ view }) => view).map(({ view }) => view)
  const words = flags.status === undefined ? undefined : wordsOf(flags.status)
  const chosen = selectJobs(jobViews(rows, options), all, { text: flags.filter, words, overdue: flags.overdue })
  const jobs = sortJobs(chosen, wordsOf(flags.sort), flags.reverse)
  const shown = new Set(chosen.map(({ server }) => server.id))
  const servers = isNarrowed(flags) ? all.filter(({ id }) => shown.has(id)) : all
  const monitor = await read.monitor()
  const remarks = [...monitor.remarks, ...idRemarks(monitor.withoutId)]
    .filter(({ at }) => options.now - at < SAID_FOR)
    .map(({ text }) => text)
  return { view: statusView(jobs, servers.length, options.now, monitor), servers, remarks }
}

/** Machines of one name without ids are one server until one gets an id (docs/reports.md): nobody but the reader can tell. */
function idRemarks(servers: MonitorRow['withoutId']): MonitorRow['remarks'] {
  return servers.map(({ machineName, since }) => ({
    at: since,
    text: `${machineName} reports without a machine id: machines of that name cannot be told apart`,
  }))
}

/** Adds why the last runs of failed jobs failed, for as many as a terminal explains: their logs are read one by one. */
export async function withReasons(read: Reading, screen: StatusScreen): Promise<StatusScreen> {
  const runs = screen.view.jobs
    .filter(
      ({ state, failure, lastRun }) => state === 'failed' && failure === null && lastRun !== null && !lastRun.exception,
    )
    .slice(0, PROBLEMS_SHOWN)
    .flatMap(({ lastRun }) => (lastRun ? [lastRun.id] : []))
  const reasons = new Map<string, string>()
  for (const id of runs) {
    const reason = reasonOf((await read.log(id)).lines)
    if (reason) reasons.set(id, reason)
  }
  return { ...screen, reasons }
}

/** Whether flags leave jobs out: then servers without any are not meant either. */
export function isNarrowed(flags: Pick<StatusFlags, 'filter' | 'status' | 'overdue'>): boolean {
  return flags.filter !== undefined || flags.status !== undefined || flags.overdue
}
