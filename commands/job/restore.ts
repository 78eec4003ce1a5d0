import * as Args from '@oclif/core/args'
import { JobCommand } from '../../src/cli/job-command.ts'

export default class JobRestore extends JobCommand {
  static override summary = 'Take jobs back that were archived or removed'
  static override description =
    "The next collection reads a job's whole log again, so that also a removed one has its history back as far as Duplicati keeps it."
  static override usage = 'job restore JOB...'
  static override examples = ['<%= config.bin %> <%= command.id %> nas/Documents']
  static override strict = false
  static override args = {
    job: Args.string({ description: 'SERVER/JOB, server, id, prefix or pattern', required: true, ignoreStdin: true }),
  }

  async execute(): Promise<void> {
    const { argv } = await this.parse(JobRestore)
    const store = await this.openStore('write')
    const jobs = await this.named(store, argv.map(String), true)
    await store.settings.restore(jobs.map(({ id }) => id))
    if (this.context.json)
      return this.emit({ schemaVersion: 1, jobs: jobs.map(({ id, name, server }) => ({ id, name, server })) })
    this.print(`Restored ${await this.namesOf(store, jobs)}`)
  }
}
