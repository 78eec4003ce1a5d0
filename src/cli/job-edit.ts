/** What an edit does to jobs, known before it is done: for `--dry-run`, and to say what was changed. */

import type { JobView, NameRef } from '../fleet/model.ts'
import { effectiveSettings } from '../fleet/rules.ts'
import { type SettingChange, settingChanges } from '../output/job-settings.ts'
import { jobName } from '../output/status-words.ts'
import type { SettingChanges, Store } from '../store/types.ts'
import { requireInterval } from './job-flags.ts'

export interface JobChange {
  id: string
  name: string
  server: NameRef
  changes: SettingChange[]
}

/** As JSON: what is not set is null. */
export function jobChangeView({ changes, ...job }: JobChange) {
  const given = changes.map(({ field, before = null, after = null }) => ({ field, before, after }))
  return { ...job, changes: given }
}

/** @throws UsageError where days or a time would stand without an interval */
export async function planEdit(store: Store, jobs: JobView[], changes: SettingChanges): Promise<JobChange[]> {
  const layers = await store.settings.of(jobs.map(({ id }) => id))
  return jobs.map((job) => {
    const { own = {}, server = {} } = layers.get(job.id) ?? {}
    const left = Object.entries(own).filter(([field]) => !changes.inherit.some((dropped) => dropped === field))
    const after = { ...Object.fromEntries(left), ...changes.set }
    requireInterval(changes.set, effectiveSettings(after, server).expectedInterval, jobName(job))
    return {
      id: job.id,
      name: job.name,
      server: job.server,
      changes: settingChanges(own, changes.set, changes.inherit),
    }
  })
}
