import * as Args from '@oclif/core/args'
import { JobCommand } from '../../src/cli/job-command.ts'

export default class JobArchive extends JobCommand {
  static override summary = 'Put jobs aside: shown nowhere, judged and told of no more, history kept'
  static override description =
    'What Duplicati goes on telling of them is stored with them. "job list --archived" shows them, "job restore" takes them back.'
  static override usage = 'job archive JOB...'
  static override examples = ['<%= config.bin %> <%= command.id %> nas/Documents']
  static override strict = false
  static override args = {
    job: Args.string({ description: 'SERVER/JOB, server, id, prefix or pattern', required: true, ignoreStdin: true }),
  }

  async execute(): Promise<void> {
    const { argv } = await this.parse(JobArchive)
    const store = await this.openStore('write')
    const jobs = await this.named(store, argv.map(String))
    await store.settings.archive(jobs.map(({ id }) => id))
    if (this.context.json)
      return this.emit({ schemaVersion: 1, jobs: jobs.map(({ id, name, server }) => ({ id, name, server })) })
    this.print(`Archived ${await this.namesOf(store, jobs)}`)
  }
}
