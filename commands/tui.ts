import * as Flags from '@oclif/core/flags'
import { BaseCommand } from '../src/cli/base-command.ts'
import { FIRST_STEPS } from '../src/cli/first-steps.ts'
import { UsageError } from '../src/errors.ts'

export default class Tui extends BaseCommand {
  static override summary = 'Watch all backups on the full screen'
  static override description =
    `Jobs, servers, runs with their logs, versions, charts and alerts, always up to date: what is stored by a collection or a report shows at once. "duplistatus" alone opens it too, once a server is known.

? lists the keys, q quits. Nothing is changed but by the keys that say so.`
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --tz Europe/Berlin',
  ]

  static override flags = {
    begin: Flags.boolean({ description: 'say how to begin where no server is known yet', hidden: true }),
  }

  async execute(): Promise<number> {
    const { flags } = await this.parse(Tui)
    const { isTTY, json, env } = this.context
    if (json) throw new UsageError('tui has no --json', { hint: '"duplistatus status --json" has the same data.' })
    if (isTTY.stdin && isTTY.stdout && env.TERM === 'dumb') {
      throw new UsageError('This terminal (TERM=dumb) can not draw a full screen', {
        code: 'no_terminal',
        hint: '"duplistatus status" prints what it shows.',
      })
    }
    if (!isTTY.stdin || !isTTY.stdout) {
      throw new UsageError('tui needs a terminal', {
        code: 'no_terminal',
        hint: 'In a pipe or a script use "duplistatus status", or "duplistatus status --json".',
      })
    }
    if (flags.begin && !(await this.#knowsServers())) {
      this.print(FIRST_STEPS)
      return 0
    }
    const { runTui } = await import('../src/tui/index.ts')
    return runTui(this.context)
  }

  async #knowsServers(): Promise<boolean> {
    const { read } = await this.openStore('read')
    return (await read.names()).servers.length > 0
  }
}
