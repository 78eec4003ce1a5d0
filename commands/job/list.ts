import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import { noJobs } from '../../src/cli/first-steps.ts'
import { JobCommand } from '../../src/cli/job-command.ts'
import { formatOf, lookOf } from '../../src/cli/screen.ts'
import { effectiveSettings } from '../../src/fleet/rules.ts'
import { jobsCsv } from '../../src/output/job-csv.ts'
import { renderJobs } from '../../src/output/job-table.ts'

export default class JobList extends JobCommand {
  static override summary = 'List jobs with what holds for them'
  static override description =
    'Schedule, tolerance, and who is told of what, after inheritance; "job show" says where each comes from. How the backups are: "status".'
  static override usage = 'job list [SERVER[/JOB]...]'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> nas --csv > jobs.csv',
    "<%= config.bin %> <%= command.id %> --json | jq -r '.jobs[] | select(.monitored | not) | .name'",
  ]
  static override strict = false
  static override args = {
    target: Args.string({ description: 'server or job: name, id, prefix or pattern; all without', ignoreStdin: true }),
  }
  static override flags = {
    archived: Flags.boolean({ description: 'those that were archived or removed, instead of the others' }),
    csv: Flags.boolean({ description: 'comma-separated values (RFC 4180)', exclusive: ['json'] }),
  }

  async execute(): Promise<void> {
    const { flags, argv } = await this.parse(JobList)
    const store = await this.openStore('read')
    const jobs = await this.views(store, argv.map(String), flags.archived)
    if (this.context.json) return this.emit({ schemaVersion: 1, jobs })
    const layers = await store.settings.of(jobs.map(({ id }) => id))
    const lines = jobs.map((job) => {
      const { own = {}, server = {} } = layers.get(job.id) ?? {}
      return { job, settings: effectiveSettings(own, server) }
    })
    if (flags.csv) return this.print(jobsCsv(lines))
    if (jobs.length === 0) return this.note(flags.archived ? 'No job is archived.' : noJobs({ named: argv.length > 0 }))
    const options = { look: lookOf(this.context), format: formatOf(this.context), width: this.context.width }
    this.print((await renderJobs(lines, options)).join('\n'))
  }
}
