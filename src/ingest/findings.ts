import type { JobRecord } from '../store/schema.ts'

/** What a collection finds of a job beside its runs, and what it says where nothing was found. */
const NOTHING = {
  tags: '[]',
  destination: null,
  schedule_time: null,
  schedule_repeat: null,
  schedule_days: '',
  schedule_last_run: null,
  planned_at: null,
  planned_seen_at: null,
  queued: 0,
  running: null,
  gone_at: null,
  last_finished_at: null,
  last_version_at: null,
  failure_at: null,
  failure_message: null,
  failure_source: null,
} satisfies Partial<JobRecord>

export type Found = Pick<JobRecord, keyof typeof NOTHING>

/** The columns of a job that collections write; of a job that nothing is known of as they are at first. */
export function findingsOf(job: Found | null): Found {
  const columns = Object.keys(NOTHING) as (keyof Found)[]
  return Object.fromEntries(columns.map((column) => [column, (job ?? NOTHING)[column]])) as Found
}
