import * as Args from '@oclif/core/args'
import { judging } from '../../src/cli/judging.ts'
import { formatOf, lookOf } from '../../src/cli/screen.ts'
import { ServerCommand } from '../../src/cli/server-command.ts'
import { openCredentials } from '../../src/collect/access.ts'
import { UserError } from '../../src/errors.ts'
import { renderServer } from '../../src/output/server-tables.ts'
import { sortJobs } from '../../src/output/status-select.ts'
import { jobViews } from '../../src/output/views.ts'
import type { ServerAccess } from '../../src/store/types.ts'

export default class ServerShow extends ServerCommand {
  static override summary = 'Show what is known of a server, and its jobs'
  static override examples = ['<%= config.bin %> <%= command.id %> nas']
  static override args = {
    server: Args.string({ description: 'name, id or unique prefix', required: true, ignoreStdin: true }),
  }

  async execute(): Promise<void> {
    const { args } = await this.parse(ServerShow)
    const store = await this.openStore('read')
    const access = await this.findServer(store, args.server)
    const rows = await store.read.status({ serverIds: [access.id] })
    const server = rows.servers[0]?.view
    if (!server) throw new UserError(`${args.server} was removed meanwhile`, { code: 'unknown_server' })
    this.#sayWhatDoesNotOpen(access)
    const jobs = sortJobs(jobViews(rows, judging(this.context, await store.read.monitor())), [])
    if (this.context.json) return this.emit({ schemaVersion: 1, server, jobs })
    const defaults = await store.settings.ofServer(access.id)
    const kept = [
      ...(access.sealedPassword === null ? [] : ['password']),
      ...(access.sealedHeaders === null ? [] : ['headers']),
      ...(access.pin === null ? [] : [`certificate ${access.pin}`]),
    ]
    const { width, now } = this.context
    const options = { look: lookOf(this.context), format: formatOf(this.context), width, now: now.getTime() }
    this.print((await renderServer(server, { jobs, kept, defaults }, options)).join('\n'))
  }

  /** A lost key shows here, and not only when the server is asked the next time. */
  #sayWhatDoesNotOpen(access: ServerAccess): void {
    try {
      openCredentials(access, this.secrets())
    } catch (error) {
      if (!(error instanceof UserError)) throw error
      this.warning([error.message, error.hint].filter(Boolean).join('. '))
    }
  }
}
