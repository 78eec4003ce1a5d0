/** Which jobs `status` shows, and in what order. */
import { UsageError } from '../errors.ts'
import { JOB_STATES, type JobView, type ServerView } from '../fleet/model.ts'
import { SEVERITY } from './status-words.ts'

export interface Selection {
  /** Part of an id, address, alias, server or job name, in any case. */
  text?: string | undefined
  /** Words of status or state, in any case. */
  words?: readonly string[] | undefined
  overdue?: boolean | undefined
}

const STATUSES = ['success', 'warning', 'error', 'fatal', 'unknown', 'none']

/**
 * The jobs that fit all of what is asked for.
 * @throws UsageError for a word that is neither a status nor a state
 */
export function selectJobs(jobs: JobView[], servers: ServerView[], selection: Selection): JobView[] {
  const words = selection.words?.map(statusWord)
  const text = selection.text?.toLowerCase()
  const texts = new Map(servers.map((server) => [server.id, searchable(server)]))
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
  const states: readonly string[] = JOB_STATES
  if (STATUSES.includes(lower) || states.includes(lower)) return lower
  throw new UsageError(`--status: ${JSON.stringify(word)} is no status`, {
    hint: `Statuses are ${STATUSES.join(', ')}; states are ${JOB_STATES.join(', ')}.`,
  })
}

type Key = string | number | null

const KEYS: Record<string, (job: JobView) => Key> = {
  server: (job) => job.server.name,
  job: (job) => job.name,
  status: (job) => SEVERITY.indexOf(job.state),
  last: (job) => job.lastRun?.beganAt ?? null,
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

/**
 * Sorted by several keys, the first one first; `-key` turns its order round, unknown values always come last.
 * `status` puts the worst first. Jobs that are alike come by server and job name.
 * @throws UsageError for an unknown key, listing those there are
 */
export function sortJobs(jobs: JobView[], keys: readonly string[], reverse = false): JobView[] {
  const orders = [...keys, 'server', 'job'].map((key) => {
    const name = key.replace(/^-/, '')
    const value = KEYS[name]
    if (!value) {
      throw new UsageError(`--sort: ${JSON.stringify(name)} is no sort key`, {
        hint: `The keys are ${SORT_KEYS.join(', ')}; -age turns the order round.`,
      })
    }
    return { value, sign: (key !== name) !== reverse ? -1 : 1 }
  })
  const ranked = jobs.map((job) => ({ job, values: orders.map(({ value }) => value(job)) }))
  ranked.sort((a, b) => {
    for (const [index, { sign }] of orders.entries()) {
      const order = compare(a.values[index] ?? null, b.values[index] ?? null, sign)
      if (order !== 0) return order
    }
    return 0
  })
  return ranked.map(({ job }) => job)
}

/** By parts of digits as numbers and in any case, without Intl's collation: `nas2` before `nas10`. */
function compare(a: Key, b: Key, sign: number): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1
  if (typeof a === 'number' && typeof b === 'number') return (a - b) * sign
  return natural(String(a).toLowerCase(), String(b).toLowerCase()) * sign
}

function natural(a: string, b: string): number {
  if (a === b) return 0
  const left = a.match(/\d+|\D+/g) ?? []
  const right = b.match(/\d+|\D+/g) ?? []
  for (let index = 0; index < Math.min(left.length, right.length); index++) {
    const [x = '', y = ''] = [left[index], right[index]]
    if (x === y) continue
    const difference = Number(x) - Number(y)
    if (difference !== 0 && !Number.isNaN(difference)) return difference
    return x < y ? -1 : 1
  }
  return left.length - right.length
}
