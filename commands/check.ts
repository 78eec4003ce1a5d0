import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import { asksForJson, BaseCommand } from '../src/cli/base-command.ts'
import { collectFirst, loadChecks } from '../src/cli/check.ts'
import type { Io } from '../src/cli/context.ts'
import { describe } from '../src/cli/failure.ts'
import { judging } from '../src/cli/judging.ts'
import { formatOf } from '../src/cli/screen.ts'
import { SilentError } from '../src/errors.ts'
import { type AgeLimits, EXIT_CODES } from '../src/fleet/check.ts'
import { parseDuration } from '../src/fleet/durations.ts'
import { checkView, failedCheck, renderCheck } from '../src/output/check.ts'
import { toJson } from '../src/output/json.ts'
import type { WritableStore } from '../src/store/index.ts'

export default class Check extends BaseCommand {
  static override summary = 'Check backups for cron and monitoring systems (Nagios, Icinga, Zabbix)'
  static override description =
    `Prints one line with performance data and a line for each problem, and ends with 0 (OK), 1 (WARNING), 2 (CRITICAL) or 3 (UNKNOWN, wrong usage too). See docs/check.md.

CRITICAL: overdue, failed, never run although its first start is past, last success older than --max-age. WARNING: ended with warnings or in part, paused, last success older than --warn-age. UNKNOWN: due, and nobody has looked since.`
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> nas "*/Documents" --max-age 2d --warn-age 1d',
    '<%= config.bin %> <%= command.id %> --collect --notify',
  ]
  static override usage = 'check [SERVER[/JOB]...] [--max-age 2d] [--warn-age 1d] [--collect] [--notify]'
  static override strict = false
  static override args = {
    target: Args.string({ description: 'server or job: name, id, prefix or pattern; all without', ignoreStdin: true }),
  }
  static override flags = {
    'max-age': Flags.string({ description: 'CRITICAL when the last success is older', helpValue: 'DURATION' }),
    'warn-age': Flags.string({ description: 'WARNING when the last success is older', helpValue: 'DURATION' }),
    collect: Flags.boolean({ description: 'ask the servers first' }),
    notify: Flags.boolean({
      description: 'look for overdue backups as the daemon does, open and end alerts, and send their messages',
    }),
  }

  async execute(): Promise<number> {
    const { flags, argv } = await this.parse(Check)
    const { context } = this
    const limits: AgeLimits = { warning: secondsOf(flags['warn-age']), critical: secondsOf(flags['max-age']) }
    const targets = argv.map(String)
    const notes: string[] = []
    const openStore = () => this.openStore('write')
    if (flags.collect) notes.push(...(await collectFirst({ context, openStore }, targets)))
    if (flags.notify) notes.push(...(await this.#notify(await openStore())))
    const { read } = await this.openStore('read')
    const now = context.now.getTime()
    const checked = await loadChecks(read, targets, limits, judging(context, await read.monitor()))
    const view = checkView(checked, limits, now, formatOf(context))
    if (context.json) this.emit(view)
    else this.print(renderCheck(view, notes).join('\n'))
    return view.exitCode
  }

  async #notify(store: WritableStore): Promise<string[]> {
    const { loadNotifyConfig } = await import('../src/cli/notify-config.ts')
    const { loadTaskSettings } = await import('../src/daemon/settings.ts')
    const { checkNow } = await import('../src/daemon/check-now.ts')
    const { context } = this
    const settings = loadTaskSettings(context, () => loadNotifyConfig(context))
    return checkNow(store, settings, context.now)
  }

  /** Monitoring systems read stdout: what went wrong stands there too, as a plug-in says it. */
  protected override failed(error: unknown, io: Io): number {
    if (error instanceof SilentError) return super.failed(error, io)
    const { code, message, hint } = describe(error)
    const view = failedCheck({ code, message, hint }, io.now().getTime())
    const text = asksForJson(this.argv)
      ? toJson({ ...view, error: { code, message, hint } })
      : renderCheck(view).join('\n')
    io.stdout.write(`${text}\n`)
    if (code === 'bug') super.failed(error, { ...io, stdout: io.stderr })
    return EXIT_CODES.UNKNOWN
  }
}

function secondsOf(duration: string | undefined): number | null {
  return duration === undefined ? null : parseDuration(duration)
}
