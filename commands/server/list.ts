import { BaseCommand } from '../../src/cli/base-command.ts'
import { formatOf, lookOf } from '../../src/cli/screen.ts'
import { serversByName } from '../../src/output/names.ts'
import { renderServers } from '../../src/output/server-tables.ts'

export default class ServerList extends BaseCommand {
  static override summary = 'List the servers'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    "<%= config.bin %> <%= command.id %> --json | jq -r '.servers[] | select(.error) | .name'",
  ]

  async execute(): Promise<void> {
    const store = await this.openStore('read')
    const { servers, jobs } = await store.read.status()
    const views = serversByName(servers, ({ view }) => view).map(({ view }) => view)
    if (this.context.json) return this.emit({ schemaVersion: 1, servers: views })
    if (views.length === 0) return this.note('No servers yet: `duplistatus server add URL` adds one.')
    const counts = new Map<string, number>()
    for (const { serverId, gone } of jobs) if (!gone) counts.set(serverId, (counts.get(serverId) ?? 0) + 1)
    const { width } = this.context
    const look = lookOf(this.context)
    this.print((await renderServers(views, counts, { look, format: formatOf(this.context), width })).join('\n'))
  }
}
