/** Reads what a view asked for by a key (load-keys.ts). */
import { loadChart } from '../cli/chart-data.ts'
import type { OffsetAt } from '../fleet/metrics.ts'
import { showView, versionsView } from '../output/views.ts'
import type { Reading } from '../store/types.ts'
import { partsOf } from './load-keys.ts'

/** Runs of a job's page: a year of daily backups. */
const MOST_RUNS = 400

export interface LoadOptions {
  read: Reading
  offsetAt: OffsetAt
  /** Epoch milliseconds. */
  now: number
}

/** The value for a key, null where the thing is gone. @throws UserError as the store does */
export async function load(key: string, options: LoadOptions): Promise<unknown> {
  const { kind, id, metric, range } = partsOf(key)
  const { read, offsetAt, now } = options
  switch (kind) {
    case 'history':
      return read.history({ jobIds: [id], operation: null, limit: MOST_RUNS })
    case 'run':
      return loadRun(read, id)
    case 'versions':
      return loadVersions(read, id, now)
    case 'chart': {
      const refs = await jobRefs(read, id)
      return refs && loadChart(read, [refs], { metric, range, now, offsetAt, sum: false })
    }
    default:
      throw new Error(`nothing is known of ${key}`)
  }
}

async function loadRun(read: Reading, id: string) {
  const run = await read.run(id)
  return run && showView(run, await read.log(id), 'all')
}

async function loadVersions(read: Reading, jobId: string, now: number) {
  const refs = await jobRefs(read, jobId)
  return refs && versionsView(refs.server, refs.job, await read.latestVersions(jobId), now)
}

async function jobRefs(read: Reading, jobId: string) {
  const { servers, jobs } = await read.status({ jobIds: [jobId] })
  const [server, job] = [servers[0]?.view, jobs[0]]
  return server && job ? { server: { id: server.id, name: server.name }, job: { id: job.id, name: job.name } } : null
}
