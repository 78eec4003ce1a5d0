import * as Args from '@oclif/core/args'
import { BaseCommand } from '../src/cli/base-command.ts'
import { noJobs } from '../src/cli/first-steps.ts'
import { loadOverdue } from '../src/cli/overdue.ts'
import { formatOf, lookOf } from '../src/cli/screen.ts'
import { renderOverdue } from '../src/output/overdue-table.ts'

export default class Overdue extends BaseCommand {
  static override summary = 'List the backups that are overdue'
  static override description =
    `The longest first, with the start that was expected and when somebody was told last. A job is overdue by evidence only: its server was asked after the expected start and the tolerance, or its reports stopped coming. Where nobody could look it is stale, which status shows.

overdue explain JOB says how the expectation came about.`
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> nas "*/Documents"',
    "<%= config.bin %> <%= command.id %> --json | jq -r '.jobs[].name'",
  ]
  static override usage = 'overdue [SERVER[/JOB]...]'
  static override strict = false
  static override args = {
    target: Args.string({ description: 'server or job: name, id, prefix or pattern; all without', ignoreStdin: true }),
  }

  async execute(): Promise<void> {
    const { argv } = await this.parse(Overdue)
    const { context } = this
    const { view, stale, canAsk, judged } = await loadOverdue(await this.openStore('read'), context, argv.map(String))
    if (context.json) return this.emit(view)
    if (view.jobs.length > 0) {
      const options = { look: lookOf(context), format: formatOf(context), width: context.width }
      this.print((await renderOverdue(view.jobs, { ...options, absolute: !context.isTTY.stdout })).join('\n'))
    } else {
      this.note(judged === 0 ? noJobs({ named: argv.length > 0 }) : 'No backup is overdue.')
    }
    if (stale > 0) this.note(staleNote(stale, canAsk))
  }
}

function staleNote(count: number, canAsk: boolean): string {
  const jobs = count === 1 ? '1 job is' : `${count} jobs are`
  const what = canAsk
    ? 'duplistatus collect --all asks the servers'
    : 'their servers only report, and duplistatus serve has to run to hear of it'
  return `${jobs} due, and nobody has looked since: ${what}.`
}
