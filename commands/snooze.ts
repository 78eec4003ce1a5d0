import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import { untilTime } from '../src/cli/future.ts'
import { JobCommand } from '../src/cli/job-command.ts'
import { formatOf, lookOf, offsetMinutesOf } from '../src/cli/screen.ts'
import { textOf } from '../src/cli/server-input.ts'
import { UsageError } from '../src/errors.ts'
import { parseDuration } from '../src/fleet/durations.ts'
import { renderSnoozes, type SnoozeView, snoozeViews } from '../src/output/job-snoozes.ts'
import type { Store } from '../src/store/types.ts'

const LONGEST_REASON = 200
const DAY = 86_400

export default class Snooze extends JobCommand {
  static override summary = 'Silence the alerts and messages of jobs for a while'
  static override description =
    `Nothing is told of a snoozed job until then; "status" and "check" go on showing how it is. Times are read in your time zone; a date means
its beginning. A job that is snoozed again gets the new time.`
  static override usage = 'snooze JOB... (--for DURATION | --until TIME | --clear) [--reason TEXT]\nsnooze --list'
  static override examples = [
    '<%= config.bin %> <%= command.id %> nas/Photos --for 3d --reason "disk on its way"',
    "<%= config.bin %> <%= command.id %> 'office/*' --until 2026-12-01",
    '<%= config.bin %> <%= command.id %> nas --until "tomorrow 08:00"',
    '<%= config.bin %> <%= command.id %> --list',
    '<%= config.bin %> <%= command.id %> nas/Photos --clear',
  ]
  static override strict = false
  static override args = {
    job: Args.string({ description: 'SERVER/JOB, server, id, prefix or pattern', ignoreStdin: true }),
  }
  static override flags = {
    for: Flags.string({ description: 'how long: 2h, 3d, 1w', helpValue: 'DURATION', exclusive: ['until'] }),
    until: Flags.string({ description: 'until when: 2026-12-01, 18:30, "mon 08:00"', helpValue: 'TIME' }),
    reason: Flags.string({ description: 'why, for those who wonder', helpValue: 'TEXT' }),
    list: Flags.boolean({
      description: 'the jobs that are snoozed now',
      exclusive: ['for', 'until', 'clear', 'reason'],
    }),
    clear: Flags.boolean({ description: 'tell of them again', exclusive: ['for', 'until', 'reason'] }),
  }

  async execute(): Promise<void> {
    const { flags, argv } = await this.parse(Snooze)
    const words = argv.map(String)
    if (flags.list) return this.#list(await this.openStore('read'), words)
    const until = flags.clear ? null : await this.#until(flags)
    const reason = textOf(flags.reason, '--reason', LONGEST_REASON) ?? null
    const store = await this.openStore('write')
    const jobs = await this.named(store, words)
    const ids = jobs.map(({ id }) => id)
    const changed = new Set(await store.settings.snooze(ids, until === null ? null : { until, reason }))
    if (this.context.json) return this.emit({ schemaVersion: 1, snoozes: await this.#snoozes(store, ids) })
    if (until !== null) {
      const { dateTime, duration, relative } = formatOf(this.context)
      const seconds = (until - this.context.now.getTime()) / 1000
      // 90 minutes are not said as hours.
      const left = seconds < DAY ? `in ${duration(seconds)}` : relative(until)
      return this.print(`Snoozed ${await this.namesOf(store, jobs)} until ${dateTime(until)} (${left})`)
    }
    const woken = jobs.filter(({ id }) => changed.has(id))
    const names = await this.namesOf(store, woken.length > 0 ? woken : jobs)
    this.print(woken.length > 0 ? `Snoozed no more: ${names}` : `Not snoozed: ${names}`)
  }

  async #until(flags: { for?: string | undefined; until?: string | undefined }): Promise<number> {
    const now = this.context.now.getTime()
    if (flags.for !== undefined) return now + parseDuration(flags.for) * 1000
    if (flags.until !== undefined) return untilTime(flags.until, now, await offsetMinutesOf(this.context))
    throw new UsageError('Until when is missing', {
      hint: 'Add --for 3d or --until 2026-12-01; --list shows what is snoozed.',
    })
  }

  async #list(store: Store, words: string[]): Promise<void> {
    const ids = words.length > 0 ? (await this.views(store, words, false)).map(({ id }) => id) : null
    const snoozes = await this.#snoozes(store, ids)
    if (this.context.json) return this.emit({ schemaVersion: 1, snoozes })
    if (snoozes.length === 0) return this.note('No job is snoozed.')
    const options = { look: lookOf(this.context), format: formatOf(this.context), width: this.context.width }
    this.print((await renderSnoozes(snoozes, options)).join('\n'))
  }

  /** @param ids null for all jobs */
  async #snoozes(store: Store, ids: string[] | null): Promise<SnoozeView[]> {
    const snoozed = await store.settings.snoozed(this.context.now.getTime())
    const wanted = snoozed.filter(({ jobId }) => ids === null || ids.includes(jobId))
    return snoozeViews(wanted, await this.viewsOf(store, { jobIds: wanted.map(({ jobId }) => jobId) }))
  }
}
