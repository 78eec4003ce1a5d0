import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import { openInBrowser } from '../../src/cli/browser.ts'
import { ServerCommand } from '../../src/cli/server-command.ts'
import { UserError } from '../../src/errors.ts'
import { clean } from '../../src/output/escape.ts'

export default class ServerOpen extends ServerCommand {
  static override summary = "Open Duplicati's web interface in the browser"
  static override description =
    'Prints the address; without a terminal or a browser that is all. No password is ever in it.'
  static override examples = [
    '<%= config.bin %> <%= command.id %> nas',
    '<%= config.bin %> <%= command.id %> nas --legacy',
  ]
  static override args = {
    server: Args.string({ description: 'name, id or unique prefix', required: true, ignoreStdin: true }),
  }
  static override flags = {
    legacy: Flags.boolean({ description: 'the older interface, at /ngax' }),
  }

  async execute(): Promise<void> {
    const { flags, args } = await this.parse(ServerOpen)
    const store = await this.openStore('read')
    const { id, name, url } = await this.findServer(store, args.server)
    if (url === null) {
      throw new UserError(`No address of ${name} is known: it only sends reports`, {
        code: 'no_address',
        hint: `duplistatus server edit ${id} --url URL`,
      })
    }
    const page = flags.legacy ? `${url}/ngax/` : `${url}/`
    if (this.context.json) return this.emit({ schemaVersion: 1, server: { id, name }, url: page })
    this.print(clean(page))
    if (this.context.isTTY.stdout) await openInBrowser(page, this.context.env)
  }
}
