/** Which jobs `status` shows, and in what order. */
import { UsageError } from '../errors.ts'
import { JOB_STATES, type JobView, type ServerView } from '../fleet/model.ts'
import { bySeveral, type Key } from './sort.ts'
import { lastRunAt, SEVERITY } from './status-words.ts'

export interface Selection {
  /** Part of an id, address, alias, server or job name, in any case. */
  text?: string | undefined
  /** Words of status or state, in any case. */
  words?: readonly string[] | undefined
  overdue?: boolean | undefined
}

const STATUSES = ['success', 'warning', 'error', 'fatal', 'unknown', 'none']
/** What `--status` takes. */
export const STATUS_WORDS: readonly string[] = [...new Set([...STATUSES, ...JOB_STATES])]

/**
 * The jobs that fit all of what is asked for.
 * @throws UsageError for a word that is neither a status nor a state
 */
export function selectJobs(jobs: JobView[], servers: ServerView[], selection: Selection): JobView[] {
  const words = selection.words?.map(statusWord)
  const text = selection.text?.toLowerCase()
  const texts = new Map(text === undefined ? [] : servers.map((server) => [server.id, searchable(server)]))
  return jobs.filter((job) => {
    if (selection.overdue && !job.overdue) return false
    if (words && !words.includes(job.status.toLowerCase()) && !words.includes(job.state)) return false
    if (text === undefined) return true
    return [job.id, job.backupId, job.name, ...job.tags, texts.get(job.server.id) ?? ''].some((part) =>
      part.toLowerCase().includes(text),
    )
  })
}

function searchable(server: ServerView): string {
  const parts = [server.id, server.name, server.alias, server.machineName, server.url, ...server.tags]
  return parts.filter((part) => part !== null).join('\n')
}

function statusWord(word: string): string {
  const lower = word.trim().toLowerCase()
  if (STATUS_WORDS.includes(lower)) return lower
  throw new UsageError(`--status: ${JSON.stringify(word)} is no status`, {
    hint: `Statuses are ${STATUSES.join(', ')}; states are ${JOB_STATES.join(', ')}.`,
  })
}

type Value = (job: JobView) => Key

const KEYS: Record<string, Value> = {
  server: (job) => job.server.name,
  job: (job) => job.name,
  status: (job) => SEVERITY.indexOf(job.state),
  last: lastRunAt,
  next: (job) => job.expectedAt,
  age: (job) => job.lastSuccessAgeSeconds,
  duration: (job) => job.lastRun?.durationSeconds ?? null,
  files: (job) => job.files,
  size: (job) => job.sourceBytes,
  storage: (job) => job.storageBytes,
  uploaded: (job) => job.uploadedBytes,
  versions: (job) => job.versions,
  warnings: (job) => job.warnings,
  errors: (job) => job.errors,
  runs: (job) => job.runs,
}

export const SORT_KEYS: readonly string[] = Object.keys(KEYS)

/** Servers of one name stay two: the jobs of each stand together. */
const NEXT_KEYS: Record<string, Value> = { server: (job) => job.server.id }

/**
 * Sorted by several keys, the first one first; `-key` turns its order round, unknown values always come last.
 * `status` puts the worst first. Jobs that are alike come by server and job name, so all of them without keys.
 * @throws UsageError for an unknown key, listing those there are
 */
export function sortJobs(jobs: JobView[], keys: readonly string[], reverse = false): JobView[] {
  const ties = ['server', 'job'].filter((key) => !keys.includes(key))
  const orders = [...keys, ...ties].flatMap((key) => {
    const name = key.replace(/^-/, '')
    const value = Object.hasOwn(KEYS, name) ? KEYS[name] : undefined
    const next = NEXT_KEYS[name]
    const descending = (key !== name) !== reverse
    if (value) return [value, ...(next ? [next] : [])].map((of) => ({ value: of, descending }))
    throw new UsageError(`--sort: ${JSON.stringify(name)} is no sort key`, {
      hint: `The keys are ${SORT_KEYS.join(', ')}; -age turns the order round.`,
    })
  })
  return bySeveral(jobs, orders)
}
