/** `overdue explain`: how an expectation came about, in words. */
import { clean } from './escape.ts'
import type { Format } from './format.ts'
import type { Look } from './look.ts'
import type { ExplainView } from './overdue-views.ts'
import { keyValues } from './table.ts'
import { displayWidth, pad, prepareWidths } from './width.ts'

export interface ExplainOptions {
  look: Look
  format: Format
  /** Epoch milliseconds. */
  now: number
  /** Why nothing is expected, or nobody waits for it. */
  reason: string | null
}

export async function renderExplanation(view: ExplainView, options: ExplainOptions): Promise<string[]> {
  const { look, format } = options
  const name = `${clean(view.server.name)}/${clean(view.job.name)}`
  await prepareWidths([name, ...view.lookalikes.map(({ server }) => server.name)])
  const { mark, words } = verdictOf(view, options)
  return [
    `${look.palette.bold(name)}  ${mark} ${words}`,
    '',
    ...keyValues(facts(view, format), look),
    ...(view.steps.length + view.judgement.length > 0 ? ['', look.palette.bold('How it was reckoned')] : []),
    ...stepLines(view, format),
    ...view.lookalikes.flatMap((other) => ['', ...lookalikeLines(view, other, format)]),
  ]
}

function verdictOf(view: ExplainView, { look, format, now, reason }: ExplainOptions): { mark: string; words: string } {
  const { palette, symbols } = look
  if (view.overdue) {
    const { overdueAfter } = view
    const age = overdueAfter ? format.age((now - Date.parse(overdueAfter)) / 1000) : ''
    return { mark: palette.red(symbols.bad), words: palette.red(`overdue for ${age}`) }
  }
  if (reason !== null || view.expectedAt === null) return { mark: symbols.none, words: reason ?? 'nothing is expected' }
  if (view.stale) {
    const asked = view.lookedAt ? `nobody has looked since ${format.dateTime(view.lookedAt)}` : 'nobody has ever looked'
    return { mark: palette.yellow(symbols.warning), words: `due, but ${asked}` }
  }
  // What holds it back stands after the tolerance.
  const why = view.judgement[1]?.why ?? `not overdue: expected ${format.relative(view.expectedAt)}`
  return { mark: palette.green(symbols.ok), words: why }
}

const SOURCES = {
  manual: 'set by hand for this job',
  server: "the server's own next run",
  report: 'the next run that the last report told',
  computed: "computed from the server's schedule",
  learnt: 'learnt from the usual start times',
} as const

function facts(view: ExplainView, format: Format): [string, string][] {
  const { learnt, source } = view
  const sure = learnt ? `, ${learnt.agreeing} of ${learnt.of} runs agree` : ''
  const when = (time: string | null, never: string) =>
    time === null ? never : `${format.dateTime(time)} (${format.relative(time)})`
  return [
    ['Source', source ? `${SOURCES[source]}${sure}` : 'none'],
    ['Anchor', when(view.anchorAt, 'none')],
    ['Repeat', view.repeat ? clean(view.repeat) : 'unknown'],
    ['Weekdays', view.allowedDays.length % 7 === 0 ? 'every day' : clean(view.allowedDays.join(', '))],
    ['Time zone', view.timeZone ? clean(view.timeZone) : 'unknown'],
    ['Expected', when(view.expectedAt, 'nothing')],
    ['Tolerance', view.toleranceSeconds === 0 ? 'none' : format.duration(view.toleranceSeconds)],
    ['Overdue after', when(view.overdueAfter, 'never')],
    ['Last run began', when(view.lastRunAt, 'never')],
    ['Last success', when(view.lastSuccessAt, 'never')],
    ['Next alarm', when(view.nextAlarmAt, 'none')],
  ]
}

function stepLines({ steps, judgement }: ExplainView, format: Format): string[] {
  const all = [...steps, ...judgement]
  const times = all.map(({ at }) => format.dateTime(at))
  const width = Math.max(0, ...times.map(displayWidth))
  return all.map(({ why }, index) => `  ${pad(times[index] ?? '', width)}  ${clean(why)}`)
}

/** Two servers that look like one which changed: said, not decided. */
function lookalikeLines(view: ExplainView, other: ExplainView['lookalikes'][number], format: Format): string[] {
  const name = clean(other.server.name)
  const last = other.lastRunAt ? `, last run began ${format.dateTime(other.lastRunAt)}` : ''
  return [
    `${name} (${other.server.id}) may be this server after a change: ${clean(other.reason)}${last}.`,
    `If it is: duplistatus server merge ${view.server.id} ${other.server.id}`,
  ]
}
