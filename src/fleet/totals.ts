/** The headline of a fleet. Every sum goes over jobs, never over servers: the jobs of one server add up (T49, T60). */
import type { JobView, StatusView } from './model.ts'

/**
 * Sums jobs into the summary of `status`: counting runs, files, bytes, and how many jobs are overdue or failed (Error, Fatal, or
 * a current failure that no run tells of). A job may be both; one that is not monitored is neither.
 */
export function summarise(jobs: readonly JobView[], serverCount: number): StatusView['summary'] {
  const summary = {
    servers: serverCount,
    jobs: jobs.length,
    runs: 0,
    files: 0,
    sourceBytes: 0,
    storageBytes: 0,
    uploadedBytes: 0,
    overdue: 0,
    failed: 0,
  }
  for (const job of jobs) {
    summary.runs += job.runs
    summary.files += job.files ?? 0
    summary.sourceBytes += job.sourceBytes ?? 0
    summary.storageBytes += job.storageBytes ?? 0
    summary.uploadedBytes += job.uploadedBytes
    if (job.overdue) summary.overdue++
    if (hasFailed(job)) summary.failed++
  }
  return summary
}

function hasFailed({ monitored, status, failure }: JobView): boolean {
  return monitored && (status === 'Error' || status === 'Fatal' || failure !== null)
}
