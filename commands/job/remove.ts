import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import { JobCommand } from '../../src/cli/job-command.ts'
import { canAsk, confirm } from '../../src/cli/prompt.ts'
import { SilentError, UsageError } from '../../src/errors.ts'
import type { JobView } from '../../src/fleet/model.ts'
import { plural } from '../../src/output/format.ts'
import type { Store } from '../../src/store/types.ts'

export default class JobRemove extends JobCommand {
  static override summary = 'Remove jobs with their history, logs and settings'
  static override description =
    `Nothing is changed in Duplicati. A job that still exists there does not come back by itself: it stays archived, without history, until
"job restore". To keep the history use "job archive".`
  static override usage = 'job remove JOB...'
  static override examples = [
    '<%= config.bin %> <%= command.id %> nas/Documents',
    '<%= config.bin %> <%= command.id %> nas/Documents --yes',
  ]
  static override strict = false
  static override args = {
    job: Args.string({ description: 'SERVER/JOB, server, id, prefix or pattern', required: true, ignoreStdin: true }),
  }
  static override flags = {
    yes: Flags.boolean({ char: 'y', description: 'do not ask' }),
  }

  async execute(): Promise<void> {
    const { flags, argv } = await this.parse(JobRemove)
    const store = await this.openStore('write')
    const jobs = await this.#meant(store, argv.map(String))
    const runs = jobs.reduce((sum, job) => sum + job.runs, 0)
    const what = `${await this.namesOf(store, jobs)} with ${plural(runs, 'backup run')}`
    if (!flags.yes) {
      if (!canAsk(this.context)) {
        throw new UsageError(`Removing ${what} needs --yes where nobody can be asked`, { hint: 'Add --yes.' })
      }
      if (!(await confirm(this.context, `Remove ${what} from this monitor? It can't be undone.`)))
        throw new SilentError(1)
    }
    await store.settings.remove(jobs.map(({ id }) => id))
    if (this.context.json) {
      return this.emit({ schemaVersion: 1, jobs: jobs.map(({ id, name, server }) => ({ id, name, server })), runs })
    }
    this.print(`Removed ${what}`)
  }

  /** Archived jobs too, where they are named; a server or a pattern means those that are not. */
  async #meant(store: Store, words: string[]): Promise<JobView[]> {
    const shown = words.length > 0 ? await this.views(store, words, false) : []
    return shown.length > 0 ? shown : this.named(store, words, true)
  }
}
