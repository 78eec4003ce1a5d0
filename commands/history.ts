import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import { BaseCommand } from '../src/cli/base-command.ts'
import { formatOf, lookOf, timeRange, wordsOf } from '../src/cli/screen.ts'
import type { RunStatus } from '../src/duplicati/model.ts'
import { OPERATIONS } from '../src/duplicati/operations.ts'
import { UsageError } from '../src/errors.ts'
import { matchTargets } from '../src/fleet/match.ts'
import type { NameRef } from '../src/fleet/model.ts'
import { RUN_SORT_KEYS, RUN_STATUSES, sortRuns } from '../src/output/history-sort.ts'
import { historyCsv, renderHistory } from '../src/output/history-table.ts'
import { historyView } from '../src/output/views.ts'
import type { NamesList, Reading } from '../src/store/types.ts'

const MOST_RUNS = 1_000_000

export default class History extends BaseCommand {
  static override summary = 'List the runs of a job, newest first'
  static override description =
    'Backup runs unless --operation names another one. Several jobs are merged by date; --csv gives exact bytes, seconds and UTC times.'
  static override examples = [
    '<%= config.bin %> <%= command.id %> nas/Documents',
    '<%= config.bin %> <%= command.id %> nas --since 2w --status warning,error',
    '<%= config.bin %> <%= command.id %> nas/Documents --operation all --limit 20',
    '<%= config.bin %> <%= command.id %> "*/Documents" --csv > runs.csv',
  ]
  static override usage = 'history SERVER[/JOB]...'
  static override strict = false
  static override args = {
    target: Args.string({
      description: 'server or job: name, id, prefix or pattern',
      required: true,
      ignoreStdin: true,
    }),
  }
  static override flags = {
    limit: Flags.integer({ char: 'n', description: 'at most so many runs', default: 50, min: 1, max: MOST_RUNS }),
    since: Flags.string({ description: 'begun since then: 2w, 2026-11-01, 2026-11-01T14:30', helpValue: 'TIME' }),
    until: Flags.string({ description: 'begun until then', helpValue: 'TIME' }),
    status: Flags.string({ description: `only these: ${RUN_STATUSES.join(', ')}`, helpValue: 'STATUS,...' }),
    operation: Flags.string({
      description: 'Backup, Restore, Test, Compact, ... or all',
      default: 'Backup',
      helpValue: 'NAME',
    }),
    sort: Flags.string({
      description: `keys with commas, -key turns one round: ${RUN_SORT_KEYS.join(', ')}; of the newest runs`,
      helpValue: 'KEY,...',
    }),
    csv: Flags.boolean({ description: 'comma-separated values (RFC 4180)', exclusive: ['json'] }),
  }

  async execute(): Promise<void> {
    const { flags, argv } = await this.parse(History)
    const { context } = this
    const range = await timeRange(context, flags)
    const status = flags.status === undefined ? null : wordsOf(flags.status).map(statusOf)
    const { read } = await this.openStore('read')
    const operation = await operationOf(flags.operation, read)
    const names = await read.names()
    const { jobIds } = matchTargets(argv.map(String), names)
    const newest = await read.history({ jobIds, ...range, status, operation, limit: flags.limit })
    const runs = flags.sort === undefined ? newest : sortRuns(newest, wordsOf(flags.sort))

    if (context.json) return this.emit(historyView(runs, about(jobIds, names)))
    if (flags.csv) return void context.stdout.write(historyCsv(runs))
    if (runs.length === 0) return this.note('No such runs are stored.')
    const options = {
      look: lookOf(context),
      format: formatOf(context),
      width: context.width,
      withJob: jobIds.length > 1,
      withOperation: operation?.toLowerCase() !== 'backup',
    }
    this.print((await renderHistory(runs, options)).join('\n'))
  }
}

function statusOf(word: string): RunStatus {
  const status = RUN_STATUSES.find((name) => name.toLowerCase() === word.toLowerCase())
  if (status) return status
  throw new UsageError(`--status: ${JSON.stringify(word)} is no status of a run`, {
    hint: `The statuses are ${RUN_STATUSES.join(', ')}.`,
  })
}

/** Null for all. What Duplicati has not, the history may hold: a newer Duplicati may have more. */
async function operationOf(word: string, read: Reading): Promise<string | null> {
  const isMeant = (name: string) => name.toLowerCase() === word.toLowerCase()
  if (isMeant('all')) return null
  if (OPERATIONS.some(isMeant)) return word
  const held = await read.operations()
  if (held.some(isMeant)) return word
  throw new UsageError(`--operation: ${JSON.stringify(word)} is no operation`, {
    hint: `The operations are ${[...new Set([...OPERATIONS, ...held])].join(', ')}; or all.`,
  })
}

/** The job, and the server, when only one is meant. */
function about(jobIds: string[], names: NamesList): { server: NameRef | null; job: NameRef | null } {
  const meant = new Set(jobIds)
  const jobs = names.jobs.filter(({ id }) => meant.has(id))
  const servers = new Set(jobs.map(({ serverId }) => serverId))
  const server = servers.size === 1 ? names.servers.find(({ id }) => servers.has(id)) : undefined
  const [job] = jobs
  return {
    server: server ? { id: server.id, name: server.name } : null,
    job: job && jobs.length === 1 ? { id: job.id, name: job.name } : null,
  }
}
