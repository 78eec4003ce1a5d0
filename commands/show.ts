import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import { BaseCommand } from '../src/cli/base-command.ts'
import { formatOf, lookOf } from '../src/cli/screen.ts'
import { UsageError, UserError } from '../src/errors.ts'
import { matchJob } from '../src/fleet/match.ts'
import type { RunView } from '../src/fleet/model.ts'
import { renderRun } from '../src/output/run-details.ts'
import { type LogLevel, showView } from '../src/output/views.ts'
import type { Reading } from '../src/store/types.ts'

export default class Show extends BaseCommand {
  static override summary = 'Show one run: figures, versions, log'
  static override description =
    `The latest run of a job, or the run of an id (history lists them). Duplicati keeps only some texts of a long log: the true counts stand beside what is shown.`
  static override examples = [
    '<%= config.bin %> <%= command.id %> nas/Documents',
    '<%= config.bin %> <%= command.id %> nas/Documents --log all',
    '<%= config.bin %> <%= command.id %> r4711 --json',
  ]
  static override usage = 'show RUN | SERVER[/JOB]'
  static override args = {
    target: Args.string({ description: 'run id, or a job: then its latest run', required: true, ignoreStdin: true }),
  }
  static override flags = {
    log: Flags.string({
      description: 'which lines of the log: errors, errors and warnings, or all',
      options: ['warnings', 'errors', 'all'],
      default: 'warnings',
    }),
  }

  async execute(): Promise<void> {
    const { args, flags } = await this.parse(Show)
    const { context } = this
    const { read } = await this.openStore('read')
    const run = await findRun(read, args.target)
    const level = flags.log as LogLevel
    const view = showView(run, await read.log(run.id), context.json && !this.argv.some(isLogFlag) ? 'all' : level)
    if (context.json) return this.emit(view)
    const options = { look: lookOf(context), format: formatOf(context), width: context.width, level }
    this.print((await renderRun(view, options)).join('\n'))
  }
}

/** Programs get the whole log unless they ask for less. */
function isLogFlag(argument: string): boolean {
  return argument === '--log' || argument.startsWith('--log=')
}

/** What looks like a run id was most likely meant as one. */
function jobNamed(target: string, names: Parameters<typeof matchJob>[1]): string {
  try {
    return matchJob(target, names)
  } catch (error) {
    if (!/^r\d+$/i.test(target) || !(error instanceof UsageError) || error.code !== 'unknown_server') throw error
    throw new UsageError(`There is no run ${target}, and no server of that name`, {
      code: 'unknown_run',
      hint: '`duplistatus history SERVER/JOB` lists the runs of a job with their ids.',
    })
  }
}

/** A run id where there is such a run, else a job (docs/json.md, "Naming things"). */
async function findRun(read: Reading, target: string): Promise<RunView> {
  const named = target.includes('/') ? null : await read.run(target)
  if (named) return named
  const jobId = jobNamed(target, await read.names())
  const latest = await read.latestRun(jobId)
  if (latest) return latest
  throw new UserError(`No run of ${JSON.stringify(target)} is stored`, {
    code: 'no_runs',
    hint: 'duplistatus collect reads the logs of a server.',
  })
}
