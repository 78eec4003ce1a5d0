import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import { NotifyCommand } from '../../src/cli/notify-command.ts'
import { loadNotifyConfig } from '../../src/cli/notify-config.ts'
import { UsageError, UserError } from '../../src/errors.ts'
import type { WritableStore } from '../../src/store/index.ts'
import { type MessageView, messageRow } from '../../src/store/outbox-reading.ts'

export default class NotifyRetry extends NotifyCommand {
  static override summary = 'Try messages again that failed or wait'
  static override description =
    'All of them, or those whose ids are given, as "notify outbox" has them. They are sent at once, oldest first; channels that are paused because they failed are tried too.'
  static override examples = ['<%= config.bin %> <%= command.id %>', '<%= config.bin %> <%= command.id %> m12 m13']
  static override strict = false
  static override args = {
    message: Args.string({ description: 'ids of messages', ignoreStdin: true }),
  }
  static override flags = {
    all: Flags.boolean({ description: 'all that failed or wait, as without ids' }),
  }

  async execute(): Promise<number> {
    const { flags, argv } = await this.parse(NotifyRetry)
    const ids = rowsOf(argv as string[], flags.all === true)
    const config = loadNotifyConfig(this.context)
    const store = await this.openStore('write')
    const { putBack } = await import('../../src/store/outbox.ts')
    const { endPauses } = await import('../../src/store/pauses.ts')
    const { deliverDue } = await import('../../src/notify/deliver.ts')
    const now = this.context.now.getTime()
    const count = await store.transaction(async (tx) => {
      await endPauses(tx)
      return putBack(tx, { ids, now })
    })
    if (count === 0 && ids !== null) throw nothingToTry(argv as string[])
    const { sent } = await deliverDue({ store, config, now: this.clock(), env: this.context.env })
    const left = await this.#left(store, ids)
    if (this.context.json) this.emit({ schemaVersion: 1, tried: count, sent, messages: left })
    else if (count === 0) this.note('No message waits or has failed.')
    else this.#show(sent, left)
    return left.length === 0 ? 0 : 1
  }

  /** Those that still wait or failed again. */
  async #left(store: WritableStore, ids: number[] | null): Promise<MessageView[]> {
    const messages = await store.outbox.list({ state: null, limit: null })
    return messages.filter(({ id, state }) => state !== 'sent' && (ids === null || ids.includes(messageRow(id) ?? 0)))
  }

  #show(sent: number, left: MessageView[]): void {
    this.print(`Sent: ${sent}, not sent: ${left.length}`)
    const reasons = new Set(left.map(({ error }) => error).filter((error) => error !== null))
    for (const reason of reasons) this.warning(reason)
  }
}

function rowsOf(ids: string[], all: boolean): number[] | null {
  if (all && ids.length > 0) throw new UsageError('Give ids or --all, not both')
  if (ids.length === 0) return null
  return ids.map((id) => {
    const row = messageRow(id)
    if (row === null) throw new UsageError(`${JSON.stringify(id)} is no id of a message`, { hint: 'Such as m12.' })
    return row
  })
}

function nothingToTry(ids: string[]): UserError {
  return new UserError(`None of these messages waits or has failed: ${ids.join(', ')}`, {
    code: 'unknown_message',
    hint: 'duplistatus notify outbox lists them.',
  })
}
