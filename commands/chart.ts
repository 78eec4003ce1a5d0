import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import { BaseCommand } from '../src/cli/base-command.ts'
import { noJobs } from '../src/cli/first-steps.ts'
import { formatOf, lookOf } from '../src/cli/screen.ts'
import { matchTargets } from '../src/fleet/match.ts'
import { METRICS, type Metric, RANGES, type Range } from '../src/fleet/metrics.ts'
import type { ChartValues } from '../src/output/chart-view.ts'
import { namesApart } from '../src/output/names.ts'
import type { NamesList } from '../src/store/types.ts'

/** A pipe has no size: what a mail or a page shows well. */
const PIPE_WIDTH = 80
const HEIGHT = 20

export default class Chart extends BaseCommand {
  static override summary = 'Draw how uploads, durations or sizes develop'
  static override description =
    `A value a day: the runs of a day are added up, of storage the last one counts, of versions the highest. A day without runs is a gap. Days begin at midnight of the zone that dates are shown in (--tz).

Several jobs are lines of one chart; of more than six those with the highest values are drawn. --sum adds them up. --json and --csv have them all.`
  static override examples = [
    '<%= config.bin %> <%= command.id %> nas/Documents',
    '<%= config.bin %> <%= command.id %> nas --metric storage --range 3mo',
    '<%= config.bin %> <%= command.id %> --sum --metric uploaded --style bar',
    '<%= config.bin %> <%= command.id %> "*/Documents" --range 1y --csv > documents.csv',
  ]
  static override usage = 'chart [SERVER[/JOB]...]'
  static override strict = false
  static override args = {
    target: Args.string({ description: 'server or job: name, id, prefix or pattern; all without', ignoreStdin: true }),
  }
  static override flags = {
    metric: Flags.string({ char: 'm', description: 'what is drawn', options: [...METRICS], default: 'uploaded' }),
    range: Flags.string({ char: 'r', description: 'how many days up to today', options: [...RANGES], default: '1mo' }),
    style: Flags.string({ description: 'how it is drawn', options: ['line', 'bar'], default: 'line' }),
    sum: Flags.boolean({ description: 'all jobs as one' }),
    csv: Flags.boolean({ description: 'comma-separated values (RFC 4180)', exclusive: ['json'] }),
  }

  async execute(): Promise<void> {
    const { flags, argv } = await this.parse(Chart)
    const { context } = this
    const { read } = await this.openStore('read')
    const names = await read.names()
    const { jobIds } = matchTargets(argv.map(String), names)
    const { loadChart, offsetOf } = await import('../src/cli/chart-data.ts')
    const values = await loadChart(read, named(jobIds, names), {
      metric: flags.metric as Metric,
      range: flags.range as Range,
      now: context.now.getTime(),
      offsetAt: await offsetOf(context.timeZone),
      sum: flags.sum,
    })
    if (context.json || flags.csv) {
      const { chartCsv, chartView } = await import('../src/output/chart-view.ts')
      const view = chartView(values)
      if (context.json) return this.emit(view)
      return void context.stdout.write(chartCsv(view))
    }
    if (values.series.length === 0) return this.note(noJobs({ named: argv.length > 0 }))
    await this.#draw(values, flags.style === 'bar' ? 'bar' : 'line')
  }

  async #draw({ metric, days, series }: ChartValues, style: 'line' | 'bar'): Promise<void> {
    const { context } = this
    const { highestFirst, MOST_SERIES, renderChart } = await import('../src/output/chart.ts')
    const names = namesApart(series.flatMap(({ server }) => server ?? []))
    const all = series.map(({ server, job, values }) => ({
      name: server && job ? `${names.get(server.id) ?? server.name}/${job.name}` : 'All jobs',
      values,
    }))
    const shown = all.length > MOST_SERIES ? highestFirst(all).slice(0, MOST_SERIES) : all
    const lines = await renderChart(
      { metric, days, series: shown },
      {
        look: lookOf(context),
        format: formatOf(context),
        locale: context.locale,
        width: Number.isFinite(context.width) ? context.width : PIPE_WIDTH,
        height: Math.min(HEIGHT, context.isTTY.stdout ? context.height - 1 : HEIGHT) + shown.length,
        style,
      },
    )
    this.print(lines.join('\n'))
    const more = all.length - shown.length
    if (more > 0) this.note(`The ${shown.length} of ${all.length} jobs with the highest values; --sum adds all up.`)
  }
}

function named(jobIds: string[], { servers, jobs }: NamesList) {
  const meant = new Set(jobIds)
  const serverNames = new Map(servers.map(({ id, name }) => [id, name]))
  return jobs
    .filter(({ id }) => meant.has(id))
    .map(({ id, name, serverId }) => ({
      server: { id: serverId, name: serverNames.get(serverId) ?? '' },
      job: { id, name },
    }))
}
