import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import { formatOf, lookOf } from '../../src/cli/screen.ts'
import { ServerCommand } from '../../src/cli/server-command.ts'
import { UsageError } from '../../src/errors.ts'
import { matchServers } from '../../src/fleet/match.ts'
import { renderTests } from '../../src/output/server-tables.ts'

export default class ServerTest extends ServerCommand {
  static override summary = 'Say what fails on the way to a server: name, connection, certificate, login, API'
  static override description =
    'The password is the stored one, else DUPLISTATUS_PASSWORD. Exit code 1 when a server failed.'
  static override usage = 'server test SERVER... | --all'
  static override examples = [
    '<%= config.bin %> <%= command.id %> nas',
    '<%= config.bin %> <%= command.id %> --all --json',
  ]
  static override strict = false
  static override args = {
    server: Args.string({ description: 'name, id, prefix or pattern', ignoreStdin: true }),
  }
  static override flags = {
    all: Flags.boolean({ description: 'every server that has an address' }),
  }

  async execute(): Promise<number> {
    const { flags, argv } = await this.parse(ServerTest)
    const words = argv.map(String)
    if (words.length === 0 && !flags.all) {
      throw new UsageError('No server was named', { hint: 'Name servers, or use --all for every known one.' })
    }
    if (words.length > 0 && flags.all) {
      throw new UsageError('Servers and --all cannot be given together', {
        hint: 'Leave one of them out: servers, or --all.',
      })
    }
    const store = await this.openStore('read')
    const { servers } = await store.read.names()
    const accesses = await store.servers.access(flags.all ? undefined : matchServers(words, servers))
    const { testServers } = await import('../../src/collect/test-servers.ts')
    const results = await testServers(accesses, this.secrets(), this.context.env)
    if (this.context.json) this.emit({ schemaVersion: 1, results })
    else if (results.length === 0) this.note('No server has an address yet: `duplistatus server add URL` adds one.')
    else {
      const options = { look: lookOf(this.context), format: formatOf(this.context), width: this.context.width }
      this.print((await renderTests(results, options)).join('\n'))
    }
    return results.every(({ ok }) => ok) ? 0 : 1
  }
}
