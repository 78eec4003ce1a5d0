/** From the state to the lines of the whole screen: exactly as many as the terminal has, none wider. Pure. */
import { clean } from '../output/escape.ts'
import type { Format } from '../output/format.ts'
import { cut, displayWidth } from '../output/width.ts'
import { type Env, formatAt, inverse, unpainted } from './env.ts'
import { bindingsOf, keyLabel, VIEW_TITLES } from './keymap.ts'
import { layoutOf, SMALLEST } from './layout.ts'
import type { Input, State } from './model.ts'
import { helpLines } from './views/help.ts'
import { VIEWS } from './views/index.ts'
import type { Scene, ViewModule } from './views/view.ts'

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
  const body = state.overlay?.kind === 'help' ? help(scene, state.overlay.top) : module.draw(scene)
  const filled = Array.from({ length: layout.bodyRows }, (_, at) => body[at] ?? '')
  return [title(scene, module), ...layout.summary, ...filled, statusLine(scene), footer(scene)]
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
  const about = module.about?.(scene) ?? ''
  const words = [name, about, ...listWords(scene)].filter((word) => word !== '').join('  ')
  const age = ageWords(scene)
  const room = columns - displayWidth(age.text) - NAME.length - 4
  const left = cut(words, Math.max(0, room), symbols.ellipsis)
  const gap = ' '.repeat(Math.max(1, columns - NAME.length - 2 - displayWidth(left) - displayWidth(age.text)))
  return `${palette.bold(palette.blue(NAME))}  ${palette.bold(left)}${gap}${age.paint(age.text)}`
}

/** How the list is narrowed and sorted, where that is not as usual. */
function listWords({ state, view }: Scene): string[] {
  const { list } = state
  if (view.name !== 'jobs' && view.name !== 'server') return []
  return [
    view.filter === '' ? '' : `filter ${JSON.stringify(clean(view.filter))}`,
    list.problemsOnly ? 'problems only' : '',
    list.sort === 'server' && !list.reverse ? '' : `by ${list.sort}${list.reverse ? ' (reverse)' : ''}`,
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
  return auto
    ? { text: `${age} ${symbols.running} live`, paint: palette.dim }
    : { text: `${age} ${symbols.paused} held`, paint: palette.yellow }
}

/** What is being typed, asked, told or done, in this order. */
function statusLine(scene: Scene): string {
  const { state, env } = scene
  const { palette, symbols } = env.look
  const { columns } = state.size
  const fitted = (text: string) => cut(clean(text), columns, symbols.ellipsis)
  if (state.overlay?.kind === 'confirm') return palette.bold(palette.yellow(fitted(`${state.overlay.question} [y/N]`)))
  if (state.input) return inputLine(scene)
  if (state.notice) return (state.notice.kind === 'error' ? palette.red : palette.blue)(fitted(state.notice.text))
  if (state.collecting?.running) return palette.blue(fitted(collectWords(scene)))
  return monitorWords(scene).map((text) => palette.yellow(fitted(text)))[0] ?? ''
}

const PROMPTS: Record<Input['kind'], string> = {
  filter: 'Filter: ',
  search: 'Search: ',
  snooze: 'Snooze for (1h, 3d, 1w) or until (mon 08:00): ',
  setting: '',
  jobSetting: '',
}

function inputLine({ state, env }: Scene): string {
  const { palette } = env.look
  const { kind = 'filter', text = '', about = '', hidden = false } = state.input ?? {}
  const prompt = PROMPTS[kind] || `${about}: `
  const shown = endOf(hidden ? '*'.repeat([...text].length) : clean(text), state.size.columns - prompt.length - 1)
  return `${palette.bold(prompt)}${shown}${inverse(' ')}`
}

/** The end of a long line, where the cursor is. */
function endOf(text: string, width: number): string {
  let shown = text
  while (displayWidth(shown) > width) shown = [...shown].slice(1).join('')
  return shown
}

function collectWords({ state }: Scene): string {
  const lines = state.collecting?.lines ?? []
  const ended = lines.filter((line) => line.state === 'done' || line.state === 'failed').length
  const failed = lines.filter((line) => line.state === 'failed').length
  return `Collecting: ${ended} of ${lines.length} servers${failed > 0 ? `, ${failed} failed` : ''}`
}

/** What is wrong with the monitor itself. */
function monitorWords({ state, env }: Scene): string[] {
  const monitor = state.snapshot?.monitor
  if (!monitor) return []
  const format = formatAt(env, state)
  const words = [
    monitor.stale && monitor.lastCheckAt ? `no overdue check since ${format.moment(monitor.lastCheckAt)}` : '',
    counted(monitor.outboxFailed, 'message', 'could not be delivered (B)', format),
    counted(monitor.quarantined, 'report', 'not understood', format),
  ].filter((word) => word !== '')
  return words.length === 0 ? [] : [`Monitor: ${words.join('; ')}`]
}

function counted(count: number, word: string, what: string, format: Format): string {
  return count === 0 ? '' : `${format.count(count)} ${word}${count === 1 ? '' : 's'} ${what}`
}

/** The keys of the view, as many as fit; help and quit always. */
function footer({ state, env }: Scene): string {
  const { palette } = env.look
  const hints = state.overlay || state.input ? asideHints(state) : hintsOf(state)
  const fixed = hints.slice(-2)
  const shown: string[] = []
  const size = (texts: string[]) => texts.reduce((sum, text) => sum + displayWidth(unpainted(text)) + 2, -2)
  const draw = ([key, word]: readonly [string, string]) => `${palette.bold(key)} ${word}`
  for (const hint of hints.slice(0, -2)) {
    if (size([...shown, draw(hint), ...fixed.map(draw)]) <= state.size.columns) shown.push(draw(hint))
  }
  return [...shown, ...fixed.map(draw)].join('  ')
}

function hintsOf(state: State): (readonly [string, string])[] {
  return bindingsOf(state).flatMap(({ keys, hint }) => (hint ? [[keyLabel(keys[0] ?? ''), hint] as const] : []))
}

/** What the keys mean while something is asked, typed or read. */
function asideHints({ overlay }: State): (readonly [string, string])[] {
  if (overlay?.kind === 'confirm')
    return [
      ['y', 'yes'],
      ['Esc', 'no'],
    ]
  return overlay?.kind === 'help'
    ? [
        ['j k', 'scroll'],
        ['Esc', 'leave'],
      ]
    : [
        ['Enter', 'take it'],
        ['Esc', 'leave'],
      ]
}

/** The help instead of the view. */
function help(scene: Scene, top: number): string[] {
  return helpLines(scene, scene.state.size.columns).slice(top, top + scene.layout.bodyRows)
}
