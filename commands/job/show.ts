import * as Args from '@oclif/core/args'
import { JobCommand } from '../../src/cli/job-command.ts'
import { formatOf, lookOf } from '../../src/cli/screen.ts'
import { UserError } from '../../src/errors.ts'
import { matchJob } from '../../src/fleet/match.ts'
import { effectiveSettings } from '../../src/fleet/rules.ts'
import { settingSources } from '../../src/output/job-settings.ts'
import { renderJob } from '../../src/output/job-table.ts'

export default class JobShow extends JobCommand {
  static override summary = 'Show what holds for a job, and where each setting comes from'
  static override examples = ['<%= config.bin %> <%= command.id %> nas/Documents']
  static override args = {
    job: Args.string({ description: 'SERVER/JOB, id, or a server with one job', required: true, ignoreStdin: true }),
  }

  async execute(): Promise<void> {
    const { args } = await this.parse(JobShow)
    const store = await this.openStore('read')
    const id = matchJob(args.job, await store.read.names())
    const [job] = [
      ...(await this.viewsOf(store, { jobIds: [id] })),
      ...(await this.viewsOf(store, { jobIds: [id], archived: true })),
    ]
    if (!job) throw new UserError(`${args.job} was removed meanwhile`, { code: 'unknown_job' })
    const { own = {}, server = {} } = (await store.settings.of([id])).get(id) ?? {}
    const settings = settingSources(effectiveSettings(own, server), own, server)
    const found = (await store.settings.snoozed(this.context.now.getTime())).find(({ jobId }) => jobId === id)
    const snooze = found
      ? { at: found.at === null ? null : new Date(found.at).toISOString(), reason: found.reason }
      : null
    if (this.context.json) return this.emit({ schemaVersion: 1, server: job.server, job, settings, snooze })
    const options = { look: lookOf(this.context), format: formatOf(this.context), width: this.context.width }
    this.print(renderJob(job, settings, snooze, options).join('\n'))
  }
}
