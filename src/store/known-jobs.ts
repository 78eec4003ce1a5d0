/**
 * What somebody who reads the same database again and again knows of its jobs: a row that is as it was is not taken apart anew, so
 * that of thousands of jobs only those cost time that changed.
 */
import type { EffectiveSettings } from '../fleet/rules.ts'
import type { JobRecord } from './schema.ts'
import type { JobRow } from './types.ts'

/** What a row of a job is made of. */
export interface JobParts {
  job: JobRecord
  serverName: string
  settings: EffectiveSettings
}

export class KnownJobs {
  #rows = new Map<number, { parts: JobParts; row: JobRow }>()
  #seen = new Map<number, { parts: JobParts; row: JobRow }>()

  /** The same object as long as nothing that it is made of changed. @param make must not change the parts */
  row(parts: JobParts, make: (parts: JobParts) => JobRow): JobRow {
    const { job } = parts
    const known = this.#rows.get(job.id)
    const row = known && isSame(known.parts, parts) ? known.row : make(parts)
    this.#seen.set(job.id, { parts, row })
    return row
  }

  /** All were read: those that did not come are forgotten. */
  end(): void {
    this.#rows = this.#seen
    this.#seen = new Map()
  }
}

function isSame(before: JobParts, after: JobParts): boolean {
  // Whether a snooze has ended depends on the clock.
  if (after.job.snoozed_until !== null || before.serverName !== after.serverName) return false
  return areEqual(before.job, after.job) && areEqual(before.settings, after.settings)
}

function areEqual<T extends object>(before: T, after: T): boolean {
  for (const key in after) if (before[key] !== after[key]) return false
  return true
}
