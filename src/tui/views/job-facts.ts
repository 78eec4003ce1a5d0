/** What is known of a job, as names and values: for the panel and the job's own page. */
import type { JobView } from '../../fleet/model.ts'
import { clean } from '../../output/escape.ts'
import { type Format, ifKnown, listed, millis, plural } from '../../output/format.ts'
import { issues, nextStart, strip } from '../../output/status-columns.ts'
import { lastRunAt, stateWords } from '../../output/status-words.ts'
import { formatAt } from '../env.ts'
import { optionsOf, type Painted, type Scene, serverOf } from './view.ts'

/** Everything that `status` knows, the most important first: what does not fit below is cut. */
export function jobFacts(scene: Scene, job: JobView): [string, string | Painted | null][] {
  const { env, state } = scene
  const format = formatAt(env, state)
  const server = serverOf(scene, job.server.id)
  const options = optionsOf(scene, 200)
  const run = job.lastRun
  return [
    ['Status', stateWords(job, server ?? undefined, options)],
    ['Progress', progressBar(scene, job)],
    ['Last run', run ? `${format.relative(lastRunAt(job))}, took ${format.duration(run.durationSeconds)}` : 'never'],
    [
      'Last OK',
      job.lastSuccessAt === null
        ? 'never'
        : `${format.relative(job.lastSuccessAt)} (${format.dateTime(job.lastSuccessAt)})`,
    ],
    ['Next', nextWords(scene, job)],
    ['Last ten', strip(job, env.look)],
    ['W/E', run && issues(job.warnings, job.errors, format, env.look)],
    ['Source', sizeAnd(job.sourceBytes, job.files, 'file', format)],
    ['Storage', sizeAnd(job.storageBytes, job.versions, 'version', format)],
    ['Uploaded', uploads(job, format)],
    ['Schedule', scheduleWords(job)],
    ['New version', job.lastVersionAt === null ? null : format.relative(job.lastVersionAt)],
    ['Skipped', job.skippedAt === null ? null : format.relative(job.skippedAt)],
    ['Snoozed', snoozed(scene, job)],
    ['Tags', job.tags.length > 0 ? clean(job.tags.join(', ')) : null],
    ['Asked', server?.lastCollectedAt ? format.relative(server.lastCollectedAt) : 'never'],
    ['Reported', server?.lastReportAt ? format.relative(server.lastReportAt) : null],
  ]
}

/** `1.5 GiB, 9,169 files`, or what is known of the two. */
function sizeAnd(bytes: number | null, count: number | null, word: string, format: Format): string {
  return listed(
    ifKnown(bytes, format.bytes),
    ifKnown(count, (known) => plural(known, word, format.count)),
  )
}

/** Of the last run, and of all. */
function uploads({ lastRun, uploadedBytes, runs }: JobView, format: Format): string | null {
  if (runs === 0) return null
  const last = ifKnown(lastRun?.uploadedBytes ?? null, format.bytes)
  return listed(last, `${format.bytes(uploadedBytes)} in ${plural(runs, 'run', format.count)}`)
}

function nextWords(scene: Scene, job: JobView): Painted {
  const format = formatAt(scene.env, scene.state)
  const next = nextStart(job, optionsOf(scene, 200))
  if (job.expectedAt === null) return next
  return { ...next, text: `${next.text} (${format.dateTime(job.expectedAt)})` }
}

/** `every 1D on mon, tue, Europe/Berlin`; that all days are allowed goes without saying. */
function scheduleWords({ schedule }: JobView): string | null {
  if (!schedule) return 'none'
  const { allowedDays } = schedule
  const days = allowedDays.length % 7 === 0 ? '' : ` on ${allowedDays.join(', ')}`
  return clean(`every ${schedule.repeat ?? '?'}${days}, ${schedule.timeZone}`)
}

function snoozed({ env, state }: Scene, { snoozedUntil }: JobView): string | null {
  if (snoozedUntil === null || millis(snoozedUntil) <= state.now) return null
  return `until ${formatAt(env, state).dateTime(snoozedUntil)}`
}

const BAR = 16

/** `████░░░░ 41%, 12 MiB/s, 5min left`. */
function progressBar({ env, state }: Scene, { running }: JobView): Painted | null {
  if (!running) return null
  const format = formatAt(env, state)
  const [full, empty] = env.look.symbols.rule === '─' ? ['█', '░'] : ['#', '.']
  const filled = Math.round((running.progress ?? 0) * BAR)
  const words = [
    running.progress === null ? clean(running.phase) : format.percent(running.progress),
    running.bytesPerSecond === null ? '' : `${format.bytes(running.bytesPerSecond)}/s`,
    running.remainingSeconds === null ? '' : `${format.duration(running.remainingSeconds)} left`,
  ].filter((word) => word !== '')
  const bar = running.progress === null ? '' : `${full.repeat(filled)}${empty.repeat(BAR - filled)} `
  return { text: `${bar}${words.join(', ')}`, paint: env.look.palette.blue }
}
