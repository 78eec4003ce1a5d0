import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import { BaseCommand } from '../../src/cli/base-command.ts'
import { canAsk, confirm } from '../../src/cli/prompt.ts'
import { SilentError, UsageError } from '../../src/errors.ts'
import { matchServer } from '../../src/fleet/match.ts'
import { clean } from '../../src/output/escape.ts'
import { plural } from '../../src/output/format.ts'
import { namesApart } from '../../src/output/names.ts'

export default class ServerRemove extends BaseCommand {
  static override summary = 'Remove a server with its jobs, runs and password'
  static override examples = [
    '<%= config.bin %> <%= command.id %> nas',
    '<%= config.bin %> <%= command.id %> nas --yes',
  ]
  static override args = {
    server: Args.string({ description: 'name, id or unique prefix', required: true, ignoreStdin: true }),
  }
  static override flags = {
    yes: Flags.boolean({ char: 'y', description: 'do not ask' }),
  }

  async execute(): Promise<void> {
    const { flags, args } = await this.parse(ServerRemove)
    const store = await this.openStore('write')
    const names = (await store.read.names()).servers
    const id = matchServer(args.server, names)
    const name = namesApart(names).get(id) ?? id
    const { servers, jobs } = await store.read.status({ serverIds: [id] })
    const runs = jobs.reduce((sum, job) => sum + job.runs, 0)
    const what = `${clean(name)} with ${plural(jobs.length, 'job')} and ${plural(runs, 'backup run')}`
    if (!flags.yes) {
      if (!canAsk(this.context)) {
        throw new UsageError(`Removing ${what} needs --yes where nobody can be asked`, { hint: 'Add --yes.' })
      }
      if (!(await confirm(this.context, `Remove ${what} from this monitor? It can't be undone.`)))
        throw new SilentError(1)
    }
    await store.servers.remove(id)
    if (this.context.json)
      return this.emit({ schemaVersion: 1, server: servers[0]?.view ?? null, jobs: jobs.length, runs })
    this.print(`Removed ${what}`)
  }
}
