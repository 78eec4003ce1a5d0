/** From the state to the lines of the whole screen: exactly as many as the terminal has, none wider. Pure. */
import type { SettingField } from '../fleet/rules.ts'
import { clean } from '../output/escape.ts'
import { type Format, plural } from '../output/format.ts'
import { SETTING_NAMES } from '../output/job-settings.ts'
import { cut, cutMiddle, displayWidth, endOf, wrap } from '../output/width.ts'
import { type Env, formatAt, inverse, unpainted } from './env.ts'
import { type Hint, hintsOf } from './hints.ts'
import { layoutOf, SMALLEST } from './layout.ts'
import type { Input, State } from './model.ts'
import { VIEW_TITLES } from './titles.ts'
import { helpWindow } from './views/help.ts'
import { VIEWS } from './views/index.ts'
import type { Painted, Scene, ViewModule } from './views/view.ts'

const NAME = 'duplistatus'

/** The view that is on top, with what drawing it needs. */
export function sceneOf(state: State, env: Env): { scene: Scene; module: ViewModule } {
  const [view] = state.views
  return { scene: { state, view, env, layout: layoutOf(state, env) }, module: VIEWS[view.name] }
}

export function screenLines(state: State, env: Env): string[] {
  const { columns, rows } = state.size
  if (columns < SMALLEST.columns || rows < SMALLEST.rows) return tooSmall(state)
  const { scene, module } = sceneOf(state, env)
  const { layout } = scene
  const body = state.overlay?.kind === 'help' ? helpWindow(scene, state.overlay.top).shown : module.draw(scene)
  const status = statusLines(scene, positionWords(scene, module))
  const filled = Array.from({ length: layout.bodyRows + 1 - status.length }, (_, at) => body[at] ?? '')
  return [title(scene, module), ...layout.summary, ...filled, ...status, footer(scene)]
}

function tooSmall({ size: { columns, rows } }: State): string[] {
  const text = `${NAME} needs ${SMALLEST.columns}x${SMALLEST.rows}, this is ${columns}x${rows}`
  return Array.from({ length: rows }, (_, at) => (at === rows >> 1 ? cut(text, columns) : ''))
}

/** Where one is at the left, how old the data is at the right. */
function title(scene: Scene, module: ViewModule): string {
  const { state, env, view } = scene
  const { palette, symbols } = env.look
  const { columns } = state.size
  const name = state.overlay?.kind === 'help' ? `Keys: ${VIEW_TITLES[view.name]}` : VIEW_TITLES[view.name]
  const age = ageWords(scene)
  const room = columns - displayWidth(age.text) - NAME.length - 4
  const list = listWords(scene).filter((word) => word !== '')
  const besides = displayWidth([name, ...list].join('  ')) + 2
  const about = cutMiddle(module.about?.(scene) ?? '', Math.max(LEAST_ABOUT, room - besides), symbols.ellipsis)
  const words = [name, about, ...list].filter((word) => word !== '').join('  ')
  const left = cut(words, Math.max(0, room), symbols.ellipsis)
  const gap = ' '.repeat(Math.max(1, columns - NAME.length - 2 - displayWidth(left) - displayWidth(age.text)))
  return `${palette.bold(palette.blue(NAME))}  ${palette.bold(left)}${gap}${age.paint(age.text)}`
}

/** What a view is about keeps at least so many columns in the title. */
const LEAST_ABOUT = 12

/** How the list is narrowed and sorted, where that is not as usual. */
function listWords({ state, view }: Scene): string[] {
  const { list } = state
  if (view.name !== 'jobs' && view.name !== 'server') return []
  return [
    view.filter === '' ? '' : `filter ${JSON.stringify(clean(view.filter))}`,
    list.problemsOnly ? 'problems only' : '',
    list.sort === 'server' && !list.reverse ? '' : `by ${list.sort}${list.reverse ? ' (reverse)' : ''}`,
    view.name === 'jobs' && list.group !== 'none' ? `grouped by ${list.group}` : '',
  ]
}

/** Never blank: since when nothing new came, and whether the database is followed. */
function ageWords({ state, env }: Scene): { text: string; paint: (text: string) => string } {
  const { palette, symbols } = env.look
  const { snapshot, auto, now } = state
  if (!snapshot) return { text: 'reading', paint: palette.dim }
  const age =
    snapshot.newestAt === null
      ? 'no data yet'
      : `data ${formatAt(env, state).relative(Math.min(now, snapshot.newestAt))}`
  if (state.trouble !== null) return { text: `${age} ${symbols.bad} lost`, paint: palette.red }
  return auto
    ? { text: `${age} ${symbols.running} live`, paint: palette.dim }
    : { text: `${age} ${symbols.paused} held`, paint: palette.yellow }
}

/** How much of a list or a page is on the screen, where that is not all of it. */
function positionWords(scene: Scene, module: ViewModule): string {
  const { state, env, view } = scene
  const { count } = formatAt(env, state)
  if (state.overlay?.kind === 'help') {
    const { top, room, lines } = helpWindow(scene, state.overlay.top)
    return linesWords(top, room, lines, count)
  }
  const { ids, lines, room } = module.shape(scene)
  if (lines <= room) return ''
  return ids.length > 0 ? `${count(view.index + 1)} of ${count(ids.length)}` : linesWords(view.top, room, lines, count)
}

function linesWords(top: number, room: number, lines: number, count: Format['count']): string {
  return lines <= room ? '' : `${count(top + 1)}-${count(Math.min(lines, top + room))} of ${count(lines)}`
}

/** The most that a message may cover of the view: errors come with what to do about them. */
const MOST_STATUS = 3

/** What is being typed, asked, told or done, in this order, with the place in the list at the right. */
function statusLines(scene: Scene, position: string): string[] {
  const { state, env } = scene
  const { palette, symbols } = env.look
  const width = state.size.columns - (position === '' ? 0 : displayWidth(position) + 2)
  const { text, paint } = statusWords(scene)
  if (state.input && state.overlay?.kind !== 'confirm') return [withPosition(inputLine(scene, width), position, scene)]
  const lines = wrap(text, width)
  const kept = lines.slice(0, MOST_STATUS - 1)
  if (lines.length >= MOST_STATUS) kept.push(cut(lines.slice(MOST_STATUS - 1).join(' '), width, symbols.ellipsis))
  const painted = kept.map((line) => (paint ?? palette.dim)(line))
  return [...painted.slice(0, -1), withPosition(painted.at(-1) ?? '', position, scene)]
}

function withPosition(left: string, position: string, { state, env }: Scene): string {
  if (position === '') return left
  const gap = state.size.columns - displayWidth(unpainted(left)) - displayWidth(position)
  return `${left}${' '.repeat(Math.max(1, gap))}${env.look.palette.dim(position)}`
}

function statusWords(scene: Scene): Painted {
  const { state, env } = scene
  const { palette } = env.look
  if (state.overlay?.kind === 'confirm')
    return { text: clean(`${state.overlay.question} [y/N]`), paint: (text) => palette.bold(palette.yellow(text)) }
  if (state.notice) {
    return { text: clean(state.notice.text), paint: state.notice.kind === 'error' ? palette.red : palette.blue }
  }
  if (state.trouble !== null) return { text: clean(state.trouble), paint: palette.red }
  if (state.collecting?.running) return { text: collectWords(scene), paint: palette.blue }
  return { text: monitorWords(scene), paint: palette.yellow }
}

const PROMPTS: Record<Input['kind'], string> = {
  filter: 'Filter: ',
  search: 'Search: ',
  snooze: 'Snooze for (1h, 3d, 1w) or until (mon 08:00): ',
  setting: '',
  jobSetting: '',
}

function inputLine({ state, env }: Scene, width: number): string {
  const { palette } = env.look
  const { kind = 'filter', text = '', about = '', hidden = false } = state.input ?? {}
  const prompt = PROMPTS[kind] || `${kind === 'jobSetting' ? (SETTING_NAMES[about as SettingField] ?? about) : about}: `
  const shown = endOf(hidden ? '*'.repeat([...text].length) : clean(text), width - prompt.length - 1)
  return `${palette.bold(prompt)}${shown}${inverse(' ')}`
}

function collectWords({ state }: Scene): string {
  const lines = state.collecting?.lines ?? []
  if (lines.length === 0) return 'Collecting'
  const ended = lines.filter((line) => line.state === 'done' || line.state === 'failed').length
  const failed = lines.filter((line) => line.state === 'failed').length
  return `Collecting: ${ended} of ${plural(lines.length, 'server')}${failed > 0 ? `, ${failed} failed` : ''}`
}

/** What is wrong with the monitor itself. */
function monitorWords({ state, env }: Scene): string {
  const monitor = state.snapshot?.monitor
  if (!monitor) return ''
  const format = formatAt(env, state)
  const words = [
    monitor.stale && monitor.lastCheckAt ? `no overdue check since ${format.moment(monitor.lastCheckAt)}` : '',
    counted(monitor.outboxFailed, 'message', 'could not be delivered (B)', format),
    counted(monitor.quarantined, 'report', 'not understood', format),
  ].filter((word) => word !== '')
  return words.length === 0 ? '' : `Monitor: ${words.join('; ')}`
}

function counted(count: number, word: string, what: string, format: Format): string {
  return count === 0 ? '' : `${plural(count, word, format.count)} ${what}`
}

/** The keys of the view, as many as fit; help and quit always. */
function footer({ state, env }: Scene): string {
  const { palette } = env.look
  const hints = state.overlay || state.input ? asideHints(state) : hintsOf(state)
  const fixed = hints.slice(-2)
  const shown: string[] = []
  const size = (texts: string[]) => texts.reduce((sum, text) => sum + displayWidth(unpainted(text)) + 2, -2)
  const draw = ({ keys, words }: Hint) => `${palette.bold(keys)} ${words}`
  for (const hint of hints.slice(0, -2)) {
    if (size([...shown, draw(hint), ...fixed.map(draw)]) <= state.size.columns) shown.push(draw(hint))
  }
  return [...shown, ...fixed.map(draw)].join('  ')
}

/** What the keys mean while something is asked, typed or read. */
function asideHints({ overlay }: State): Hint[] {
  if (overlay?.kind === 'confirm') return CONFIRM_HINTS
  return overlay?.kind === 'help' ? HELP_HINTS : INPUT_HINTS
}

const CONFIRM_HINTS: Hint[] = [
  { keys: 'y', words: 'yes' },
  { keys: 'Esc', words: 'no' },
]
const HELP_HINTS: Hint[] = [
  { keys: 'j k', words: 'scroll' },
  { keys: 'PgUp PgDn', words: 'a page' },
  { keys: 'Esc', words: 'leave' },
]
const INPUT_HINTS: Hint[] = [
  { keys: 'Enter', words: 'take it' },
  { keys: 'Esc', words: 'leave' },
]
