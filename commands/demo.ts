import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as Flags from '@oclif/core/flags'
import { BaseCommand } from '../src/cli/base-command.ts'
import { runDemo } from '../src/cli/demo.ts'

export default class Demo extends BaseCommand {
  static override summary = 'See it all on a simulated fleet'
  static override description =
    'Starts five simulated Duplicati servers on this machine, collects from them over HTTP into a database of its own, and shows what ' +
    'a day with duplistatus looks like: states, a chart, an alert. Ends by itself, sends nothing and leaves nothing behind. With --json only the collected status is printed.'
  static override examples = ['<%= config.bin %> demo', '<%= config.bin %> demo --hold']
  static override flags = {
    hold: Flags.boolean({ description: 'keep the fleet running afterwards, to try commands on it, until Ctrl-C' }),
  }

  async execute(): Promise<void> {
    const { flags } = await this.parse(Demo)
    const folder = mkdtempSync(join(tmpdir(), 'duplistatus-demo-'))
    try {
      await runDemo({
        folder,
        context: this.context,
        hold: flags.hold,
        fleet: async (now) => (await import('../test/support/duplicati/fleet.ts')).demoFleet(now),
        run: (id, argv) => this.config.runCommand(id, argv),
      })
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  }
}
