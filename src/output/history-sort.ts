import { UsageError } from '../errors.ts'
import type { RunView } from '../fleet/model.ts'
import { bySeveral, type Key } from './sort.ts'

export const RUN_STATUSES: readonly RunView['status'][] = ['Success', 'Warning', 'Error', 'Fatal', 'Unknown']
const BAD_FIRST: RunView['status'][] = ['Fatal', 'Error', 'Warning', 'Unknown', 'Success']

const KEYS: Record<string, (run: RunView) => Key> = {
  date: (run) => run.beganAt,
  server: (run) => run.server.name,
  job: (run) => run.job.name,
  status: (run) => BAD_FIRST.indexOf(run.status),
  duration: (run) => run.durationSeconds,
  files: (run) => run.examinedFiles,
  size: (run) => run.examinedBytes,
  storage: (run) => run.storageBytes,
  uploaded: (run) => run.uploadedBytes,
  versions: (run) => run.versions,
  warnings: (run) => run.warnings,
  errors: (run) => run.errors,
}

export const RUN_SORT_KEYS: readonly string[] = Object.keys(KEYS)

/**
 * Runs by several keys, the first one first; `-key` turns its order round, unknown values come last. `status`: worst first.
 * @throws UsageError for an unknown key, listing those there are
 */
export function sortRuns(runs: RunView[], keys: readonly string[]): RunView[] {
  const orders = keys.map((key) => {
    const name = key.replace(/^-/, '')
    const value = Object.hasOwn(KEYS, name) ? KEYS[name] : undefined
    if (value) return { value, descending: key !== name }
    throw new UsageError(`--sort: ${JSON.stringify(name)} is no sort key`, {
      hint: `The keys are ${RUN_SORT_KEYS.join(', ')}; -size turns the order round.`,
    })
  })
  return bySeveral(runs, orders)
}
