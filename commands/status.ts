import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import { BaseCommand } from '../src/cli/base-command.ts'
import type { Context } from '../src/cli/context.ts'
import { FIRST_STEPS, noJobs } from '../src/cli/first-steps.ts'
import { judging } from '../src/cli/judging.ts'
import { formatOf, lookOf, wordsOf } from '../src/cli/screen.ts'
import { isNarrowed, loadStatus, withReasons } from '../src/cli/status-screen.ts'
import { watch, withInterval } from '../src/cli/watch.ts'
import { UsageError } from '../src/errors.ts'
import type { JobView } from '../src/fleet/model.ts'
import { checkColumns, STATUS_COLUMNS } from '../src/output/status-columns.ts'
import { SORT_KEYS } from '../src/output/status-select.ts'
import { renderStatusTable, type StatusScreen } from '../src/output/status-table.ts'
import type { Reading } from '../src/store/types.ts'

const DEFAULT_INTERVAL_SECONDS = 60

export default class Status extends BaseCommand {
  static override summary = 'Show the state of every backup'
  static override description =
    `A line of sums, one row a job, and a sentence for each problem. On a terminal what does not fit is left out, the least important columns first; in a pipe everything is written in full, one job a line.

The strip "Last ten" has the oldest run left and the newest right; a higher mark is a worse status.`
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> nas "*/Documents" --sort status',
    '<%= config.bin %> <%= command.id %> --status warning,error --layout cards',
    '<%= config.bin %> <%= command.id %> --watch 30',
    "<%= config.bin %> <%= command.id %> --json | jq '.jobs[] | select(.overdue)'",
  ]
  static override usage = 'status [SERVER[/JOB]...] [--watch [SECONDS]]'
  static override strict = false
  static override args = {
    target: Args.string({ description: 'server or job: name, id, prefix or pattern; all without', ignoreStdin: true }),
  }
  static override flags = {
    layout: Flags.string({ description: 'how jobs are laid out', options: ['table', 'cards'], default: 'table' }),
    sort: Flags.string({
      description: `keys with commas, -key turns one round: ${SORT_KEYS.join(', ')}`,
      helpValue: 'KEY,...',
      default: 'server,job',
    }),
    reverse: Flags.boolean({ description: 'turn the whole order round' }),
    filter: Flags.string({
      description: 'only where id, address, alias, name or job has this text',
      helpValue: 'TEXT',
    }),
    status: Flags.string({ description: 'only these statuses or states', helpValue: 'STATUS,...' }),
    overdue: Flags.boolean({ description: 'only overdue jobs' }),
    columns: Flags.string({
      description: `these columns in this order: ${STATUS_COLUMNS.join(', ')}`,
      helpValue: 'COLUMN,...',
    }),
    watch: Flags.integer({
      description: `show it anew every so many seconds (${DEFAULT_INTERVAL_SECONDS}) until q or Ctrl-C`,
      helpValue: 'SECONDS',
      min: 1,
      max: 86_400,
    }),
  }

  override async run(): Promise<void> {
    this.argv = withInterval(this.argv, DEFAULT_INTERVAL_SECONDS)
    await super.run()
  }

  async execute(): Promise<void> {
    const { flags, argv } = await this.parse(Status)
    const { context } = this
    if (flags.watch !== undefined && context.json) {
      throw new UsageError('--watch and --json do not go together', { hint: 'Run --json at intervals instead.' })
    }
    if (flags.watch !== undefined && !context.isTTY.stdout) {
      throw new UsageError('--watch needs a terminal, and stdout is none', { hint: 'Leave --watch out in a pipe.' })
    }
    if (flags.layout === 'cards' && flags.columns !== undefined) {
      throw new UsageError('--columns is for the table, and cards have no columns', {
        hint: 'Leave --layout cards out.',
      })
    }
    const keys = flags.columns === undefined ? null : wordsOf(flags.columns)
    checkColumns(keys ?? [])
    const store = await this.openStore('read')
    const targets = argv.map(String)
    const load = async (now: number) =>
      loadStatus(store.read, targets, flags, judging(context, await store.read.monitor(), now))
    const screen = await load(context.now.getTime())
    if (context.json) return this.emit(screen.view)
    const draw = async (loaded: StatusScreen, now: number, width: number) => {
      const data = await withReasons(store.read, loaded)
      const format = formatOf(context, now)
      const absolute = !context.isTTY.stdout
      const columns = keys === null ? {} : { columns: keys }
      const sparks = keys?.includes('spark') ? await loadSparks(store.read, data.view.jobs, context, now) : null
      const options = { look: lookOf(context), format, now, width, absolute, ...columns, ...(sparks && { sparks }) }
      if (flags.layout !== 'cards') return renderStatusTable(data, options)
      const { renderStatusCards } = await import('../src/output/status-cards.ts')
      return renderStatusCards(data, options)
    }
    if (flags.watch === undefined) {
      const lines = await draw(screen, context.now.getTime(), context.width)
      return this.#show(screen, lines, { narrowed: isNarrowed(flags), named: targets.length > 0 })
    }
    await watch(context, flags.watch, async (now, width) => draw(await load(now), now, width))
  }

  #show({ view, servers }: StatusScreen, lines: string[], asked: { narrowed: boolean; named: boolean }): void {
    if (view.jobs.length > 0 || servers.some(({ error }) => error)) this.print(lines.join('\n'))
    if (view.jobs.length > 0) return
    const isEmpty = servers.length === 0 && !asked.narrowed && !asked.named
    this.note(isEmpty ? FIRST_STEPS : noJobs(asked))
  }
}

/** Uploads of the last two weeks, for the column `spark`. */
async function loadSparks(read: Reading, jobs: JobView[], { timeZone }: Context, now: number) {
  const { loadChart, offsetOf } = await import('../src/cli/chart-data.ts')
  const refs = jobs.map(({ id, name, server }) => ({ server, job: { id, name } }))
  const offsetAt = await offsetOf(timeZone)
  const chart = await loadChart(read, refs, { metric: 'uploaded', range: '2w', now, offsetAt, sum: false })
  return new Map(chart.series.map(({ job, values }) => [job?.id ?? '', values]))
}
