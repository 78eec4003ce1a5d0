import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import { BaseCommand } from '../../src/cli/base-command.ts'
import { UsageError } from '../../src/errors.ts'
import { clean } from '../../src/output/escape.ts'

export default class QuarantineReplay extends BaseCommand {
  static override summary = 'Try again to understand what was posted'
  static override description =
    'After an upgrade, say. What is understood now becomes a run, at the time at which it was posted, and leaves the quarantine; the rest stays.'
  static override examples = ['<%= config.bin %> <%= command.id %> q3', '<%= config.bin %> <%= command.id %> --all']
  static override strict = false
  static override usage = 'quarantine replay ID... | --all'
  static override args = {
    id: Args.string({ description: 'ids from the list', ignoreStdin: true }),
  }
  static override flags = {
    all: Flags.boolean({ description: 'all of it' }),
  }

  async execute(): Promise<number> {
    const { argv, flags } = await this.parse(QuarantineReplay)
    if (argv.length === 0 && !flags.all) {
      throw new UsageError('Nothing was named to try again', { hint: 'Name ids, or use --all.' })
    }
    if (argv.length > 0 && flags.all) {
      throw new UsageError('Ids and --all cannot be given together', { hint: 'Leave one of them out: ids, or --all.' })
    }
    const store = await this.openStore('write')
    const ids = flags.all ? (await store.quarantine.list()).map(({ id }) => id).reverse() : argv.map(String)
    const { replay } = await import('../../src/ingest/replay.ts')
    const results = []
    for (const id of ids) results.push(await replay(store, id))
    const understood = results.filter(({ reason }) => reason === null).length
    if (this.context.json) {
      this.emit({ schemaVersion: 1, understood, failed: results.length - understood, results })
    } else {
      for (const { id, reason } of results)
        if (reason !== null) this.note(`${id}: still not understood: ${clean(reason)}`)
      this.print(`Understood now: ${understood} of ${results.length}`)
    }
    return understood === results.length ? 0 : 1
  }
}
