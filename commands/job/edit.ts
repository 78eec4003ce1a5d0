import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import { JobCommand } from '../../src/cli/job-command.ts'
import { type JobChange, jobChangeView, planEdit } from '../../src/cli/job-edit.ts'
import { fieldsOf, givenSettings, settingFlags, settingsFrom } from '../../src/cli/job-flags.ts'
import { formatOf, offsetMinutesOf } from '../../src/cli/screen.ts'
import { UsageError } from '../../src/errors.ts'
import { changeWords } from '../../src/output/job-settings.ts'
import { jobName } from '../../src/output/status-words.ts'

export default class JobEdit extends JobCommand {
  static override summary = 'Change what holds for jobs: watching, schedule, tolerance, who is told of what'
  static override description =
    `What is set for a job wins over its server's default ("server edit --default-notify …"), also when it is empty: --additional-emails ""
means nobody, whoever the server names. --inherit takes a setting away again, so that the default holds.

A whole server or a pattern changes many jobs at once.`
  static override usage = 'job edit JOB... [FLAGS]'
  static override examples = [
    '<%= config.bin %> <%= command.id %> nas/Documents --notify errors --tolerance 3h',
    "<%= config.bin %> <%= command.id %> '*/Photos' --no-monitored --dry-run",
    '<%= config.bin %> <%= command.id %> nas/Documents --interval 1D --weekdays mon-fri --time 02:00',
    '<%= config.bin %> <%= command.id %> nas --inherit notify,tolerance',
  ]
  static override strict = false
  static override args = {
    job: Args.string({ description: 'SERVER/JOB, server, id, prefix or pattern', required: true, ignoreStdin: true }),
  }
  static override flags = {
    ...settingFlags(''),
    inherit: Flags.string({
      description: 'settings that are to be inherited again, or all',
      helpValue: 'SETTINGS',
      multiple: true,
    }),
    'dry-run': Flags.boolean({ char: 'n', description: 'only say what would change' }),
  }

  async execute(): Promise<void> {
    const { flags, argv } = await this.parse(JobEdit)
    const at = { now: this.context.now.getTime(), offset: await offsetMinutesOf(this.context) }
    const set = settingsFrom(givenSettings('', flags), at)
    const changes = { set, inherit: fieldsOf(flags.inherit ?? [], set) }
    if (Object.keys(changes.set).length === 0 && changes.inherit.length === 0) {
      throw new UsageError('Nothing to change was given', { hint: 'See --help for what can be changed.' })
    }
    const dryRun = flags['dry-run']
    const store = await this.openStore(dryRun ? 'read' : 'write')
    const jobs = await this.named(store, argv.map(String))
    const plan = await planEdit(store, jobs, changes)
    if (!dryRun) {
      await store.settings.editJobs(
        jobs.map(({ id }) => id),
        changes,
      )
    }
    if (this.context.json) return this.emit({ schemaVersion: 1, dryRun, jobs: plan.map(jobChangeView) })
    this.#show(await this.apart(store, plan), dryRun)
  }

  #show(plan: JobChange[], dryRun: boolean): void {
    const format = formatOf(this.context)
    const changed = plan.filter(({ changes }) => changes.length > 0)
    for (const job of changed) {
      const words = job.changes.map((change) => changeWords(change, format)).join(', ')
      this.print(`${dryRun ? 'Would change' : 'Changed'} ${jobName(job)}: ${words}`)
    }
    const same = plan.length - changed.length
    if (same > 0) this.note(`${same} ${same === 1 ? 'job is' : 'jobs are'} so already.`)
  }
}
