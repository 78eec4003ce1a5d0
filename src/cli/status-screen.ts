import { matchTargets } from '../fleet/match.ts'
import { selectJobs, sortJobs } from '../output/status-select.ts'
import type { StatusScreen } from '../output/status-table.ts'
import { type JudgeOptions, jobViews, statusView } from '../output/views.ts'
import type { Reading } from '../store/types.ts'
import { splitList } from './screen.ts'

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
  const all = rows.servers.map(({ view }) => view)
  const words = flags.status === undefined ? undefined : splitList(flags.status)
  const chosen = selectJobs(jobViews(rows, options), all, { text: flags.filter, words, overdue: flags.overdue })
  const jobs = sortJobs(chosen, splitList(flags.sort), flags.reverse)
  const shown = new Set(chosen.map(({ server }) => server.id))
  const servers = isNarrowed(flags) ? all.filter(({ id }) => shown.has(id)) : all
  return { view: statusView(jobs, servers.length, options.now), servers }
}

/** Whether flags leave jobs out: then servers without any are not meant either. */
export function isNarrowed(flags: Pick<StatusFlags, 'filter' | 'status' | 'overdue'>): boolean {
  return flags.filter !== undefined || flags.status !== undefined || flags.overdue
}
