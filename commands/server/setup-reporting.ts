import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import { interruptible } from '../../src/cli/interrupt.ts'
import { canAsk, confirm } from '../../src/cli/prompt.ts'
import { ServerCommand } from '../../src/cli/server-command.ts'
import {
  change,
  changeLines,
  firstReport,
  ownAddress,
  type Plan,
  planOf,
  receiverAnswers,
  receiverAt,
  type SetUpView,
  setUpView,
} from '../../src/cli/setup-reporting.ts'
import { addressOf, openCredentials } from '../../src/collect/access.ts'
import { type ReportingChange, reportsTo } from '../../src/duplicati/reporting.ts'
import { SilentError, UsageError, UserError } from '../../src/errors.ts'
import { parseDuration } from '../../src/fleet/durations.ts'
import { clean } from '../../src/output/escape.ts'
import type { WritableStore } from '../../src/store/index.ts'
import type { ServerAccess } from '../../src/store/types.ts'

export default class ServerSetupReporting extends ServerCommand {
  static override summary = 'Make a Duplicati server send its reports here'
  static override description =
    `Sets the reporting options among the settings of the server, where they hold for every job that has none of its own, and reads them back. What other receivers the server reports to stays. The changes are shown before they are made; the address gets a token of its own.

Without --url it is the address of this machine as the server sees it, with port 9666.`
  static override examples = [
    '<%= config.bin %> <%= command.id %> nas --url http://monitor:9666 --dry-run',
    '<%= config.bin %> <%= command.id %> nas --url https://monitor.example/backups --yes --verify',
    '<%= config.bin %> <%= command.id %> nas --url http://monitor:9666 --remove',
  ]
  static override args = {
    server: Args.string({ description: 'name, id or unique prefix', required: true, ignoreStdin: true }),
  }
  static override flags = {
    url: Flags.string({ description: 'address of "duplistatus serve", as the server reaches it', helpValue: 'URL' }),
    'dry-run': Flags.boolean({ description: 'only show what would change' }),
    yes: Flags.boolean({ char: 'y', description: 'do not ask' }),
    verify: Flags.boolean({ description: 'wait until the first report has come', exclusive: ['dry-run', 'remove'] }),
    timeout: Flags.string({ description: 'how long --verify waits', helpValue: 'DURATION', default: '10min' }),
    open: Flags.boolean({ description: 'no token in the address, for "serve --open"' }),
    live: Flags.boolean({ description: 'live status of running backups too (Duplicati after 2.3.0)' }),
    remove: Flags.boolean({ description: 'take the options away again', exclusive: ['live', 'open'] }),
  }

  async execute(): Promise<void> {
    const { flags, args } = await this.parse(ServerSetupReporting)
    const patience = parseDuration(flags.timeout) * 1000
    const store = await this.openStore('write')
    const access = await this.findServer(store, args.server)
    const stored = openCredentials(access, this.secrets())
    const address = addressOf(access, {
      ...stored,
      password: stored.password ?? (this.context.env.DUPLISTATUS_PASSWORD || null),
    })
    const receiver = receiverAt(flags.url ?? (await ownAddress(address.url)))
    const { createClient } = await import('../../src/duplicati/client.ts')
    const client = createClient(address, { env: this.context.env })
    try {
      const settings = await client.settings()
      const plan = await planOf(store, settings, receiver, { ...flags, now: this.context.now.getTime() })
      const applied = plan.changes.length > 0 && (await this.#agreed(access, plan.changes, flags))
      const tokenId = applied
        ? await this.#apply(store, access, plan, (changes) => change(client, changes))
        : plan.tokenId
      if (applied && !flags.remove && !(await receiverAnswers(receiver))) {
        this.warning(
          `Nothing answers at ${receiver.upload.origin} as seen from here: duplistatus serve has to run there.`,
        )
      }
      if (applied && flags.remove && tokenId !== null) {
        this.note(
          `The token ${tokenId}, which it used, is still valid. If no other server uses it: duplistatus token revoke ${tokenId}`,
        )
      }
      const verified = flags.verify ? await this.#verify(store, access, tokenId, patience) : null
      if (flags.remove && plan.changes.length === 0 && !this.context.json) {
        return this.#nothingToRemove(access, receiver.upload.href, reportsTo(settings))
      }
      this.#tell(plan.changes, setUpView(access, receiver, plan.changes, { applied, verified }))
    } finally {
      await client.close()
    }
  }

  /** Shows what would change. False for a dry run; without a terminal only --yes is an agreement. */
  async #agreed(
    { name }: ServerAccess,
    changes: ReportingChange[],
    { yes, 'dry-run': dryRun }: { yes: boolean; 'dry-run': boolean },
  ): Promise<boolean> {
    const lines = [`Settings of ${clean(name)}:`, ...changeLines(changes)]
    if (!this.context.json) this.note(lines.join('\n'))
    if (dryRun) return false
    if (yes) return true
    if (!canAsk(this.context)) {
      throw new UsageError(`Changing the settings of ${name} needs --yes where nobody can be asked`, {
        hint: 'Look at them with --dry-run, then add --yes.',
      })
    }
    if (!(await confirm(this.context, 'Change them?'))) throw new SilentError(1)
    return true
  }

  /** Makes the token that the plan leaves a place for, and changes the settings; without success no token stays. */
  async #apply(
    store: WritableStore,
    { name }: ServerAccess,
    plan: Plan,
    send: (changes: ReportingChange[]) => Promise<void>,
  ): Promise<string | null> {
    if (plan.withSecret === null) {
      await send(plan.changes)
      return plan.tokenId
    }
    const { createToken, revokeTokens } = await import('../../src/store/tokens.ts')
    const now = this.context.now.getTime()
    const { token, secret } = await createToken(store, {
      name: `reports of ${name}`,
      role: 'report',
      expiresAt: null,
      now,
    })
    try {
      await send(plan.withSecret(secret))
    } catch (error) {
      await revokeTokens(store, token.id, now)
      throw error
    }
    return token.id
  }

  async #verify(store: WritableStore, { id, name }: ServerAccess, tokenId: string | null, milliseconds: number) {
    this.note(
      `Waiting for the first report of ${clean(name)}: run one of its backups, or wait for the next. Ctrl-C ends it.`,
    )
    const since = this.context.now.getTime()
    const { result, code } = await interruptible((signal) =>
      firstReport(store, { serverId: id, tokenId, since }, { milliseconds, signal }).catch((error: unknown) => {
        if (signal.aborted) return null
        throw error
      }),
    )
    if (code !== null) throw new SilentError(code)
    if (result) return true
    throw new UserError(
      `No report of ${name} has come within ${Math.round(milliseconds / 1000)} s; the settings are made`,
      {
        code: 'no_report',
        hint: 'A job with reporting options of its own keeps those. Look whether the server reaches the address, and run a backup.',
      },
    )
  }

  #nothingToRemove({ name }: ServerAccess, address: string, others: string[]): void {
    this.print(`${clean(name)} does not report to ${address}: nothing to change`)
    if (others.length > 0) this.note(`It reports to ${clean(others.join(', '))}: name one of these with --url.`)
  }

  #tell(changes: ReportingChange[], view: SetUpView): void {
    if (this.context.json) {
      this.emit(view)
      return
    }
    const name = clean(view.server.name)
    if (changes.length === 0) this.print(`${name} is set up already: nothing to change`)
    else if (!view.applied) this.print('Nothing was changed')
    else this.print(`Changed ${changes.length === 1 ? 'a setting' : `${changes.length} settings`} of ${name}`)
    if (view.verified) this.print('A report has come')
  }
}
