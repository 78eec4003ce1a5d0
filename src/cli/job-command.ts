import { UsageError, UserError } from '../errors.ts'
import { matchTargets } from '../fleet/match.ts'
import type { JobView, NameRef } from '../fleet/model.ts'
import { namesApart, rowsApart } from '../output/names.ts'
import { sortJobs } from '../output/status-select.ts'
import { jobName } from '../output/status-words.ts'
import { jobViews } from '../output/views.ts'
import type { NamesList, Store } from '../store/types.ts'
import { BaseCommand } from './base-command.ts'
import { judging } from './judging.ts'

/** What the commands about jobs share. */
export abstract class JobCommand extends BaseCommand {
  #names: Promise<NamesList> | null = null

  /**
   * The jobs that the words mean, as people see them; all without words.
   * @param archived whether those that were put aside are meant, or the others
   */
  protected async views(store: Store, words: string[], archived: boolean): Promise<JobView[]> {
    const meant = words.length > 0 ? matchTargets(words, await this.#namesIn(store)) : {}
    return this.viewsOf(store, { ...meant, archived })
  }

  protected async viewsOf(store: Store, filter: Parameters<Store['read']['status']>[0]): Promise<JobView[]> {
    const rows = await store.read.status(filter)
    return sortJobs(jobViews(rows, judging(this.context, await store.read.monitor())), [])
  }

  /** As `views`, for commands that change something: never all jobs because none was named. @throws UsageError, UserError */
  protected async named(store: Store, words: string[], archived = false): Promise<JobView[]> {
    if (words.length === 0) {
      throw new UsageError('No job was named', {
        hint: "Name jobs as SERVER/JOB, a whole server, or a pattern: 'nas/*'.",
      })
    }
    const jobs = await this.views(store, words, archived)
    if (jobs.length > 0) return jobs
    const other = await this.views(store, words, !archived)
    const [first] = other
    if (!first) throw new UserError(`${words.join(' ')} has no jobs`, { code: 'no_jobs' })
    throw new UserError(`${await this.namesOf(store, [first])} is ${archived ? 'not archived' : 'archived'}`, {
      code: archived ? 'not_archived' : 'archived',
      hint: archived ? null : `duplistatus job restore ${first.id}`,
    })
  }

  /** `nas/Documents`, or how many there are. */
  protected async namesOf(store: Store, jobs: JobView[]): Promise<string> {
    return jobs.length <= 3 ? (await this.apart(store, jobs)).map(jobName).join(', ') : `${jobs.length} jobs`
  }

  /** Rows as people tell their servers apart, also where others of the name are not among them. */
  protected async apart<T extends { server: NameRef }>(store: Store, rows: T[]): Promise<T[]> {
    return rowsApart(rows, namesApart((await this.#namesIn(store)).servers))
  }

  #namesIn(store: Store): Promise<NamesList> {
    this.#names ??= store.read.names()
    return this.#names
  }
}
