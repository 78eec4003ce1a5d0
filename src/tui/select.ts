/** Which jobs a list shows, in what order, and with which headlines between them. */
import type { JobState, JobView, ServerView } from '../fleet/model.ts'
import { clean } from '../output/escape.ts'
import { selectJobs, sortJobs } from '../output/status-select.ts'
import { SEVERITY } from '../output/status-words.ts'
import type { ListOptions, Snapshot, View } from './model.ts'

/** A line of a list: a job, or the headline of a group (which cannot be selected). */
export type JobLine = { job: JobView } | { group: string; count: number }

export interface Selected {
  lines: JobLine[]
  /** The jobs alone, in the order of the lines, and on which line each stands. */
  jobs: JobView[]
  lineOf: number[]
  /** How many there are without the filter. */
  of: number
}

/** States that nobody needs to look at. */
const HEALTHY: ReadonlySet<JobState> = new Set<JobState>(['ok', 'running', 'unmonitored', 'unscheduled', 'paused'])

/** The view that asks: its filter, and the server whose page it is. */
type Shown = Pick<View, 'filter' | 'id'>

interface Remembered {
  snapshot: Snapshot
  key: string
  selected: Selected
}

let remembered: Remembered[] = []

/**
 * The lines of the dashboard, or of one server's page. The same answer (the same objects) until the data or the options change, so
 * that moving through thousands of jobs sorts nothing.
 */
export function selectLines(snapshot: Snapshot, list: ListOptions, { filter, id: serverId }: Shown): Selected {
  const key = JSON.stringify([filter, list.sort, list.reverse, list.group, list.problemsOnly, serverId])
  const known = remembered.find((one) => one.snapshot === snapshot && one.key === key)
  if (known) return known.selected
  const selected = select(snapshot, list, filter, serverId)
  remembered = [{ snapshot, key, selected }, ...remembered.slice(0, 3)]
  return selected
}

function select(
  { jobs: all, servers }: Snapshot,
  list: ListOptions,
  filter: string,
  serverId: string | null,
): Selected {
  const here = serverId === null ? all : all.filter(({ server }) => server.id === serverId)
  const looked = list.problemsOnly ? here.filter(isProblem) : here
  const sorted = sortJobs(filtered(looked, servers, filter), [list.sort], list.reverse)
  const lines = grouped(sorted, serverId === null ? list.group : 'none')
  const jobs = lines.flatMap((line) => ('job' in line ? [line.job] : []))
  const lineOf = lines.flatMap((line, at) => ('job' in line ? [at] : []))
  return { lines, jobs, lineOf, of: here.length }
}

function isProblem({ state, failure, status }: JobView): boolean {
  return (
    !HEALTHY.has(state) || (state !== 'unmonitored' && (failure !== null || status === 'Error' || status === 'Fatal'))
  )
}

/** `!text` is what does not have the text, as in k9s. */
function filtered(jobs: JobView[], servers: ServerView[], filter: string): JobView[] {
  const inverse = filter.startsWith('!')
  const text = (inverse ? filter.slice(1) : filter).trim()
  if (text === '') return jobs
  const found = selectJobs(jobs, servers, { text })
  if (!inverse) return found
  const without = new Set(found)
  return jobs.filter((job) => !without.has(job))
}

function grouped(jobs: JobView[], group: ListOptions['group']): JobLine[] {
  if (group === 'none') return jobs.map((job) => ({ job }))
  const groups =
    group === 'server'
      ? // In the order of the jobs: by whatever they are sorted.
        [...Map.groupBy(jobs, ({ server }) => server.id).values()]
      : SEVERITY.flatMap((state) => {
          const of = jobs.filter((job) => job.state === state)
          return of.length > 0 ? [of] : []
        })
  return groups.flatMap((of): JobLine[] => [
    { group: title(of[0], group), count: of.length },
    ...of.map((job) => ({ job })),
  ])
}

function title(job: JobView | undefined, group: ListOptions['group']): string {
  return group === 'server' ? clean(job?.server.name ?? '') : (job?.state ?? '')
}
