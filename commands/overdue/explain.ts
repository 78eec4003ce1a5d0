import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import { BaseCommand } from '../../src/cli/base-command.ts'
import { loadExplanation, momentOf } from '../../src/cli/overdue.ts'
import { formatOf, lookOf, offsetMinutesOf } from '../../src/cli/screen.ts'
import { renderExplanation } from '../../src/output/overdue-explain.ts'

export default class OverdueExplain extends BaseCommand {
  static override summary = 'Explain when a backup is expected, and why it is overdue or not'
  static override description =
    `Shows where the expectation comes from (set by hand, told by the server or a report, computed, learnt), each step to the expected start, the tolerance, and when the next alarm would go out.

--at judges as of another moment: it is taken for granted that somebody looks then, and that nothing ran but what is known now.`
  static override examples = [
    '<%= config.bin %> <%= command.id %> nas/Documents',
    '<%= config.bin %> <%= command.id %> nas/Documents --at +12h',
    '<%= config.bin %> <%= command.id %> nas/Documents --json',
  ]
  static override usage = 'overdue explain SERVER[/JOB] [--at TIME]'
  static override args = {
    job: Args.string({ description: 'the job, or a server that has only one', required: true, ignoreStdin: true }),
  }
  static override flags = {
    at: Flags.string({
      description: 'judge as of this moment: 2026-12-24T08:00, +3h for in 3 hours, 3h for 3 hours ago',
      helpValue: 'TIME',
    }),
  }

  async execute(): Promise<void> {
    const { args, flags } = await this.parse(OverdueExplain)
    const { context } = this
    const now = context.now.getTime()
    const at = flags.at === undefined ? now : momentOf(flags.at, now, await offsetMinutesOf(context))
    const { view, reason } = await loadExplanation(await this.openStore('read'), context, args.job, at)
    if (context.json) return this.emit(view)
    const options = { look: lookOf(context), format: formatOf(context, at), now: at, reason }
    this.print((await renderExplanation(view, options)).join('\n'))
  }
}
