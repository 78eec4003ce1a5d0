import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import { BaseCommand } from '../../src/cli/base-command.ts'
import { canAsk, confirm } from '../../src/cli/prompt.ts'
import { SilentError, UsageError } from '../../src/errors.ts'
import { parseDuration } from '../../src/fleet/durations.ts'

export default class QuarantinePrune extends BaseCommand {
  static override summary = 'Delete what was not understood'
  static override examples = [
    '<%= config.bin %> <%= command.id %> q3 q4',
    '<%= config.bin %> <%= command.id %> --older-than 30d --yes',
    '<%= config.bin %> <%= command.id %> --all --dry-run',
  ]
  static override strict = false
  static override usage = 'quarantine prune ID... | --older-than DURATION | --all'
  static override args = {
    id: Args.string({ description: 'ids from the list', ignoreStdin: true }),
  }
  static override flags = {
    'older-than': Flags.string({
      description: 'what came longer ago than this',
      helpValue: 'DURATION',
      exclusive: ['all'],
    }),
    all: Flags.boolean({ description: 'all of it' }),
    yes: Flags.boolean({ char: 'y', description: 'do not ask' }),
    'dry-run': Flags.boolean({ description: 'only say how much it would be' }),
  }

  async execute(): Promise<void> {
    const { argv, flags } = await this.parse(QuarantinePrune)
    const words = argv.map(String)
    if (words.length === 0 && !flags.all && flags['older-than'] === undefined) {
      throw new UsageError('Nothing was named to delete', { hint: 'Name ids, or use --older-than or --all.' })
    }
    if (words.length > 0 && (flags.all || flags['older-than'] !== undefined)) {
      const flag = flags.all ? '--all' : '--older-than'
      throw new UsageError(`Ids and ${flag} cannot be given together`, {
        hint: `Leave one of them out: ids, or ${flag}.`,
      })
    }
    const store = await this.openStore(flags['dry-run'] ? 'read' : 'write')
    const items = await store.quarantine.list()
    const before =
      this.context.now.getTime() - (flags['older-than'] === undefined ? 0 : parseDuration(flags['older-than']) * 1000)
    const named = await Promise.all(words.map(async (word) => (await store.quarantine.read(word)).id))
    const isMeant = ({ id, receivedAt }: { id: string; receivedAt: string }) =>
      named.includes(id) || flags.all || (flags['older-than'] !== undefined && Date.parse(receivedAt) < before)
    const ids = items.filter(isMeant).map(({ id }) => id)
    const what = `${ids.length} ${ids.length === 1 ? 'body' : 'bodies'} that could not be understood`
    if (!flags['dry-run'] && ids.length > 0) {
      if (!flags.yes) await this.#agree(what)
      const { removeQuarantined } = await import('../../src/store/quarantine.ts')
      await store.transaction(async (tx) => {
        for (const id of ids) await removeQuarantined(tx, id)
      })
    }
    if (this.context.json) return this.emit({ schemaVersion: 1, deleted: flags['dry-run'] ? 0 : ids.length, ids })
    this.print(`${flags['dry-run'] ? 'Would delete' : 'Deleted'} ${what}`)
  }

  async #agree(what: string): Promise<void> {
    if (!canAsk(this.context)) {
      throw new UsageError(`Deleting ${what} needs --yes where nobody can be asked`, { hint: 'Add --yes.' })
    }
    if (!(await confirm(this.context, `Delete ${what}? It can't be undone.`))) throw new SilentError(1)
  }
}
