import * as Args from '@oclif/core/args'
import { BaseCommand } from '../../src/cli/base-command.ts'
import { matchTargets } from '../../src/fleet/match.ts'

export default class OverdueReset extends BaseCommand {
  static override summary = 'Forget which reminders were sent, so that the next check sends them again'
  static override description =
    'Open alerts stay open. Of the jobs named, or of all; a server named as a whole means its own alert too.'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> nas/Documents',
  ]
  static override usage = 'overdue reset [SERVER[/JOB]...]'
  static override strict = false
  static override args = {
    target: Args.string({ description: 'server or job: name, id, prefix or pattern; all without', ignoreStdin: true }),
  }

  async execute(): Promise<void> {
    const { argv } = await this.parse(OverdueReset)
    const { context } = this
    const store = await this.openStore('write')
    const meant = matchTargets(argv.map(String), await store.read.names())
    const { forgetReminders } = await import('../../src/store/forget-reminders.ts')
    const count = await store.transaction((tx) => forgetReminders(tx, meant, context.now.getTime()))
    if (context.json) return this.emit({ schemaVersion: 1, reset: count })
    this.note(
      count === 0
        ? 'There is no open alert to tell again.'
        : count === 1
          ? '1 open alert will be told again.'
          : `${count} open alerts will be told again.`,
    )
  }
}
