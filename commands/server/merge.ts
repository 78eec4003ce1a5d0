import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import { canAsk, confirm } from '../../src/cli/prompt.ts'
import { ServerCommand } from '../../src/cli/server-command.ts'
import { reasonOf } from '../../src/cli/server-input.ts'
import { findMerged } from '../../src/cli/server-merge.ts'
import { SilentError, UsageError } from '../../src/errors.ts'
import type { MergePlan } from '../../src/ingest/merge.ts'
import { holdings, mergeWarnings, renderMerge, sideName } from '../../src/output/server-merge.ts'
import type { WritableStore } from '../../src/store/index.ts'

const BY_HAND = 'by hand'

export default class ServerMerge extends ServerCommand {
  static override summary = 'Make one server of two entries of one machine, or two again'
  static override description =
    `For a machine that is known twice, such as after it was set up anew. The older entry stays, with its id, alias and settings; jobs with the same
backup id become one job with one history. Reports and addresses of both belong to it from then on.

--undo gives back the other entry with its names, settings and password. Every run goes to the server that it came from, also those that came
since. It works for servers that were found to be one without you, too.`
  static override usage = 'server merge (SERVER OTHER [--reason TEXT] | --undo SERVER [OTHER])'
  static override examples = [
    '<%= config.bin %> <%= command.id %> nas s7 --dry-run',
    "<%= config.bin %> <%= command.id %> nas s7 --reason 'set up anew in May'",
    '<%= config.bin %> <%= command.id %> --undo nas',
  ]
  static override args = {
    server: Args.string({ description: 'name, id or unique prefix', required: true, ignoreStdin: true }),
    other: Args.string({ description: 'the other one; with --undo which of several', ignoreStdin: true }),
  }
  static override flags = {
    undo: Flags.boolean({ description: 'make two again of what was merged' }),
    reason: Flags.string({ description: 'why, for the audit log', helpValue: 'TEXT' }),
    yes: Flags.boolean({ char: 'y', description: 'do not ask' }),
    'dry-run': Flags.boolean({ description: 'only show what would be done' }),
  }

  async execute(): Promise<void> {
    const { flags, args } = await this.parse(ServerMerge)
    const options = { reason: reasonOf(flags.reason) ?? BY_HAND, yes: flags.yes, dryRun: flags['dry-run'] === true }
    if (flags.undo) return this.#undo(args.server, args.other, options)
    if (args.other === undefined) {
      throw new UsageError('Two servers are needed to merge', { hint: 'Name both: server merge SERVER OTHER' })
    }
    await this.#merge(args.server, args.other, options)
  }

  async #merge(one: string, other: string, { reason, yes, dryRun }: { reason: string; yes: boolean; dryRun: boolean }) {
    const store = await this.openStore(dryRun ? 'read' : 'write')
    const ids = { one: (await this.findServer(store, one)).id, other: (await this.findServer(store, other)).id }
    const { mergeServers, planMerge } = await import('../../src/ingest/merge.ts')
    const plan = await planMerge(store.db, ids.one, ids.other)
    const warnings = mergeWarnings(plan)
    for (const text of warnings) this.warning(text)
    if (!dryRun) {
      if (!yes) await this.#ask(plan)
      await mergeServers(store, { ...ids, reason, at: this.context.now.getTime() })
    }
    if (this.context.json) {
      const { keep, gone } = plan
      const { jobs, runs, id, name } = gone
      const server = await this.viewOf(store, keep.id)
      const together = plan.together.map(({ backupId, name, mergedName }) => ({ backupId, name, mergedName }))
      return this.emit({ schemaVersion: 1, server, merged: { id, name }, jobs, runs, together, warnings, dryRun })
    }
    if (dryRun) return this.print(renderMerge(plan).join('\n'))
    this.print(`Merged ${sideName(plan.gone)} into ${sideName(plan.keep)}: ${holdings(plan.gone)}`)
    this.note(`Undo: duplistatus server merge --undo ${plan.keep.id} ${plan.gone.id}`)
  }

  async #ask(plan: MergePlan): Promise<void> {
    const { context } = this
    const what = `${sideName(plan.gone)} into ${sideName(plan.keep)}`
    if (!canAsk(context)) {
      throw new UsageError(`Merging ${what} needs --yes where nobody can be asked`, {
        hint: 'Add --yes; --dry-run shows what it would do.',
      })
    }
    for (const line of renderMerge(plan)) context.stderr.write(`${line}\n`)
    if (!(await confirm(context, `Merge ${what}? --undo makes two of them again.`))) throw new SilentError(1)
  }

  async #undo(word: string, other: string | undefined, { reason, dryRun }: { reason: string; dryRun: boolean }) {
    const store: WritableStore = await this.openStore('write')
    const { mergedIn, undoMerge } = await import('../../src/ingest/merge.ts')
    const { servers } = await store.read.names()
    const { into, id } = findMerged(word, other, servers, await mergedIn(store.db, null))
    const at = this.context.now.getTime()
    const { keep, gone } = await undoMerge(store, { keep: into, gone: id, reason, at, dryRun })
    if (this.context.json) {
      const server = await this.viewOf(store, into)
      const parted = { id: gone.id, name: gone.name }
      return this.emit({ schemaVersion: 1, server, parted, jobs: gone.jobs, runs: gone.runs, dryRun })
    }
    const what = `${sideName(gone)} with ${holdings(gone)}, and ${sideName(keep)} with ${holdings(keep)}`
    this.print(dryRun ? `Would be two again: ${what}` : `Two again: ${what}`)
  }
}
