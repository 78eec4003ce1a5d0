import * as Args from '@oclif/core/args'
import { BaseCommand } from '../src/cli/base-command.ts'
import { formatOf, lookOf } from '../src/cli/screen.ts'
import { matchJob } from '../src/fleet/match.ts'
import { renderVersions } from '../src/output/versions-table.ts'
import { versionsView } from '../src/output/views.ts'

export default class Versions extends BaseCommand {
  static override summary = 'List the versions of a job at its destination'
  static override description =
    'As the newest backup run told them: with date and age where Duplicati logged the dates, else only how many there are.'
  static override examples = [
    '<%= config.bin %> <%= command.id %> nas/Documents',
    '<%= config.bin %> <%= command.id %> nas/Documents --json',
  ]
  static override usage = 'versions SERVER[/JOB]'
  static override args = {
    job: Args.string({ description: 'the job, or a server that has only one', required: true, ignoreStdin: true }),
  }

  async execute(): Promise<void> {
    const { args } = await this.parse(Versions)
    const { context } = this
    const { read } = await this.openStore('read')
    const names = await read.names()
    const jobId = matchJob(args.job, names)
    const job = names.jobs.find(({ id }) => id === jobId)
    const server = names.servers.find(({ id }) => id === job?.serverId)
    if (!job || !server) throw new Error(`job ${jobId} was named and is not listed`)
    const ref = ({ id, name }: { id: string; name: string }) => ({ id, name })
    const view = versionsView(ref(server), ref(job), await read.latestVersions(jobId), context.now.getTime())
    if (context.json) return this.emit(view)
    const options = { look: lookOf(context), format: formatOf(context), width: context.width }
    this.print((await renderVersions(view, options)).join('\n'))
  }
}
