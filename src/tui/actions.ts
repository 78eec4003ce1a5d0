/** What each action of the keymap does. */
import { METRICS, RANGES } from '../fleet/metrics.ts'
import { SETTING_FIELDS } from '../fleet/rules.ts'
import type { Env } from './env.ts'
import type { Action } from './keymap.ts'
import { layoutOf } from './layout.ts'
import { type Effect, GROUPS, type ListOptions, PANELS, SORTS, type State, type Step, type ViewName } from './model.ts'
import { moveBy, movePage, moveTo, settled, shapeOf, viewOf, withView } from './move.ts'
import { sceneOf } from './screen.ts'
import { jobIdOf, serverIdOf } from './target.ts'
import { layersOf, nextValue } from './views/job-settings.ts'
import { messagesOf } from './views/outbox.ts'
import { settingRows } from './views/settings.ts'

type Act = (state: State, env: Env) => Step

export const ACTIONS: Record<Action, Act> = {
  up: (state, env) => only(moveBy(state, env, -shapeOf(state, env).across)),
  down: (state, env) => only(moveBy(state, env, shapeOf(state, env).across)),
  left: (state, env) => only(moveBy(state, env, -1)),
  right: (state, env) => only(moveBy(state, env, 1)),
  pageUp: (state, env) => only(movePage(state, env, -1)),
  pageDown: (state, env) => only(movePage(state, env, 1)),
  first: (state, env) => only(moveTo(state, env, 'first')),
  last: (state, env) => only(moveTo(state, env, 'last')),
  enter: (state, env) => open(state, env),
  back: (state, env) => only(back(state, env)),

  filter: (state) => only({ ...state, input: { kind: 'filter', text: state.views[0].filter } }),
  search: (state) => only({ ...state, input: { kind: 'search', text: '' } }),
  nextMatch: (state, env) => only(toMatch(state, env, 1)),
  previousMatch: (state, env) => only(toMatch(state, env, -1)),
  level: (state, env) =>
    only(settled(withView({ ...state, level: next(['all', 'warnings', 'errors'], state.level) }, { top: 0 }), env)),
  problems: (state, env) => listed(state, env, { problemsOnly: !state.list.problemsOnly }),
  sort: (state, env) => listed(state, env, { sort: next(SORTS, state.list.sort) }),
  reverse: (state, env) => listed(state, env, { reverse: !state.list.reverse }),
  group: (state, env) => listed(state, env, { group: next(GROUPS, state.list.group) }),

  layout: (state, env) =>
    only(withPanel(withList(state, env, { layout: state.list.layout === 'table' ? 'cards' : 'table' }), env)),
  panel: (state, env) => only(state.views[0].name === 'job' ? jobPanel(state, env) : panel(state, env)),
  metric: (state, env) => charted(state, env, { metric: next(METRICS, state.list.metric) }),
  range1: (state, env) => charted(state, env, { range: RANGES[0] }),
  range2: (state, env) => charted(state, env, { range: RANGES[1] }),
  range3: (state, env) => charted(state, env, { range: RANGES[2] }),
  range4: (state, env) => charted(state, env, { range: RANGES[3] }),
  range5: (state, env) => charted(state, env, { range: RANGES[4] }),

  server: (state, env) => withServer(state, (id) => only(serverOfJob(state, env, id))),
  versions: (state, env) => withJob(state, (id) => only(push(state, env, 'versions', id))),
  explain: (state, env) => withJob(state, (id) => only(push(state, env, 'overdue', id))),
  servers: (state, env) => only(push(state, env, 'servers', null)),
  alerts: (state, env) => only(push(state, env, 'alerts', null)),
  outbox: (state, env) => only(push(state, env, 'outbox', null)),
  jobSettings: (state, env) => withJob(state, (id) => only(push(state, env, 'jobSettings', id))),
  inherit: (state) => inherit(state),
  settings: (state, env) => only(push(state, env, 'settings', null)),
  log: (state, env) => only(push(state, env, 'log', null)),
  qr: (state, env) => only(push(state, env, 'qr', null)),

  collect: (state, env) => withServer(state, (id) => collect(state, env, [id])),
  collectAll: (state, env) => collect(state, env, null),
  cancel: (state) => ({
    state: told(state, 'Stopping: what was read is stored'),
    effects: [{ type: 'cancelCollect' }],
  }),
  test: (state, env) =>
    withServer(state, (id) => ({
      state: push(state, env, 'test', id),
      effects: [{ type: 'again', key: `test:${id}` }],
    })),
  open: (state) => withServer(state, (serverId) => ({ state, effects: [{ type: 'open', serverId, legacy: false }] })),
  openLegacy: (state) =>
    withServer(state, (serverId) => ({ state, effects: [{ type: 'open', serverId, legacy: true }] })),
  snooze: (state) => withJob(state, (id) => snooze(state, id)),

  refresh: (state) => ({ state, effects: [{ type: 'refresh' }] }),
  auto: (state) => ({
    state: {
      ...told(state, state.auto ? 'Standing still: a follows the database again' : 'Following the database'),
      auto: !state.auto,
    },
    effects: [{ type: 'auto', on: !state.auto }],
  }),
  help: (state) => only({ ...state, overlay: { kind: 'help', top: 0 } }),
  quit: (state) => quit(state),
}

function only(state: State): Step {
  return { state, effects: [] }
}

function told(state: State, text: string): State {
  return { ...state, notice: { kind: 'info', text } }
}

/** The one after, round and round. */
function next<T>(all: readonly T[], one: T): T {
  return all[(all.indexOf(one) + 1) % all.length] ?? one
}

function listed(state: State, env: Env, changes: Partial<ListOptions>): Step {
  return only(withList(state, env, changes))
}

function withList(state: State, env: Env, changes: Partial<ListOptions>): State {
  return settled({ ...state, list: { ...state.list, ...changes } }, env)
}

/** On a job's page the facts or the chart; elsewhere it is then as it was before the chart. */
function jobPanel(state: State, env: Env): State {
  return withList(state, env, { panel: state.list.panel === 'metrics' ? null : 'metrics' })
}

function panel(state: State, env: Env): State {
  const kind = next(PANELS, layoutOf(state, env).panel?.kind ?? state.list.panel ?? 'none')
  return withPanel(withList(state, env, { panel: kind }), env)
}

/** Another metric or range shows the chart, where it was not there. */
function charted(state: State, env: Env, changes: Partial<ListOptions>): Step {
  return only(withPanel(withList(state, env, { ...changes, panel: 'metrics' }), env))
}

/** The same state, and why the panel that is asked for is not seen. */
function withPanel(state: State, env: Env): State {
  const { panel } = state.list
  const isSeen = panel === null || panel === 'none' || layoutOf(state, env).panel !== null
  return isSeen || state.views[0].name === 'job' ? state : told(state, 'The panel needs a higher terminal here')
}

function withJob(state: State, act: (jobId: string) => Step): Step {
  const id = jobIdOf(state)
  return id === null ? only(told(state, 'No job is selected')) : act(id)
}

function withServer(state: State, act: (serverId: string) => Step): Step {
  const id = serverIdOf(state)
  return id === null ? only(told(state, 'No server is selected')) : act(id)
}

/** Goes to a view; back to it where it is one of those behind. */
export function push(state: State, env: Env, name: ViewName, id: string | null): State {
  const at = state.views.findIndex((view) => view.name === name && view.id === id)
  const fresh = viewOf(name, id)
  const [first = fresh, ...rest] = at >= 0 ? state.views.slice(at) : [fresh, ...state.views]
  return settled({ ...state, views: [first, ...rest], search: '' }, env)
}

/** The job that one comes from is the selected one there. */
function serverOfJob(state: State, env: Env, id: string): State {
  const there = push(state, env, 'server', id)
  const jobId = jobIdOf(state)
  return jobId === null ? there : settled(withView(there, { selected: jobId }), env)
}

/** One step: out of a filter, then out of the view. */
function back(state: State, env: Env): State {
  const [view, behind, ...rest] = state.views
  if (view.filter !== '') return settled(withView(state, { filter: '' }), env)
  if (behind) return settled({ ...state, views: [behind, ...rest], search: '' }, env)
  return view.name === 'jobs' ? state : push(state, env, 'jobs', null)
}

function open(state: State, env: Env): Step {
  const [{ name, selected }] = state.views
  if (name === 'qr') return only(askForTopic(state))
  if (selected === null) return only(state)
  if (name === 'jobs' || name === 'server') return only(push(state, env, 'job', selected))
  if (name === 'job') return only(push(state, env, 'run', selected))
  if (name === 'servers') return only(push(state, env, 'server', selected))
  if (name === 'alerts') return withJob(state, (id) => only(push(state, env, 'job', id)))
  if (name === 'settings') return only(openSetting(state, selected))
  if (name === 'jobSettings') return openField(state, selected)
  if (name === 'outbox') return only(openMessage(state, selected))
  return only(state)
}

function asked(state: State, question: string, effect: Effect): State {
  return { ...state, overlay: { kind: 'confirm', question, effect } }
}

function askForTopic(state: State): State {
  const found = state.loaded.get('qr')?.value as { topic: unknown } | undefined
  return found?.topic === null
    ? asked(state, 'Make an ntfy topic and keep it in the settings?', { type: 'makeTopic' })
    : state
}

/** A test message is asked for, a value typed; a secret is never shown. */
function openSetting(state: State, id: string): State {
  const row = settingRows({ state })?.find((one) => one.id === id)
  if (id === 'test ntfy') return asked(state, 'Send a test message by ntfy?', { type: 'testChannel', channel: 'ntfy' })
  if (id === 'test email')
    return asked(state, 'Send a test message by e-mail?', { type: 'testChannel', channel: 'email' })
  if (!row?.setting) return state
  const { secret, isSet, value } = row.setting
  const text = secret || !isSet || value === null ? '' : String(value)
  return { ...state, input: { kind: 'setting', text, about: id, hidden: secret } }
}

/** Switches and choices change at once, to stop watching is asked for, the rest is typed. */
function openField(state: State, id: string): Step {
  const [view] = state.views
  const field = SETTING_FIELDS.find((one) => one === id)
  const layers = layersOf({ state, view })
  if (!field || !layers || view.id === null) return only(state)
  const set = nextValue(field, layers)
  if (!set) return only({ ...state, input: { kind: 'jobSetting', text: '', about: field } })
  const effect: Effect = { type: 'setJob', jobId: view.id, changes: { set, inherit: [] } }
  if (set.monitored === false)
    return only(asked(state, 'Stop watching this job? Nobody will be told when it fails.', effect))
  return { state, effects: [effect] }
}

function inherit(state: State): Step {
  const [view] = state.views
  const field = SETTING_FIELDS.find((one) => one === view.selected)
  if (!field || view.id === null) return only(told(state, 'Nothing is selected'))
  return { state, effects: [{ type: 'setJob', jobId: view.id, changes: { set: {}, inherit: [field] } }] }
}

function openMessage(state: State, id: string): State {
  const message = messagesOf({ state })?.find((one) => one.id === id)
  if (message?.state === 'sent') return told(state, 'This message was sent')
  return asked(state, 'Try this message again now?', { type: 'retry', messageId: id })
}

function collect(state: State, env: Env, serverIds: string[] | null): Step {
  const shown = push(state, env, 'collect', null)
  if (state.collecting?.running) return only(shown)
  // From now on, not from the first server on: a second press must not begin another.
  const collecting = { lines: [], running: true, cancelled: false, results: [] }
  return { state: { ...shown, collecting }, effects: [{ type: 'collect', serverIds }] }
}

function snooze(state: State, id: string): Step {
  const until = state.snapshot?.jobById.get(id)?.snoozedUntil
  const isSnoozed = until != null && Date.parse(until) > state.now
  if (!isSnoozed) return only({ ...state, input: { kind: 'snooze', text: '1d' } })
  const effect: Effect = { type: 'snooze', jobIds: [id], duration: null }
  return only(asked(state, 'Wake the alerts of this job?', effect))
}

function quit(state: State): Step {
  const effect: Effect = { type: 'quit' }
  if (!state.collecting?.running) return { state, effects: [effect] }
  return only(asked(state, 'Stop collecting and quit?', effect))
}

/** The next line that has the text, from the first one on the screen; round the end. */
export function toMatch(state: State, env: Env, direction: 1 | -1): State {
  if (state.search === '') return told(state, '/ searches')
  const { scene, module } = sceneOf(state, env)
  const found = module.matches?.(scene) ?? []
  const [{ top }] = state.views
  const ahead = direction === 1 ? found.find((line) => line > top) : found.findLast((line) => line < top)
  const line = ahead ?? (direction === 1 ? found[0] : found.at(-1))
  if (line === undefined) return told(state, `${JSON.stringify(state.search)} is not in the log`)
  const at = found.indexOf(line) + 1
  return settled(withView(told(state, `${JSON.stringify(state.search)}: ${at} of ${found.length}`), { top: line }), env)
}
