/**
 * All that can happen, as a pure function: state and event → state, and what is to be done beside it. Movement needs to know how
 * much is on the screen, which the views tell (`shape`).
 */
import { SETTING_FIELDS } from '../fleet/rules.ts'
import { ACTIONS, toMatch } from './actions.ts'
import type { Env } from './env.ts'
import { type Action, bindingOf } from './keymap.ts'
import { type Key, textOf } from './keys.ts'
import type { Effect, Event, Input, State, Step } from './model.ts'
import { moveBy, settled, viewOf, withView } from './move.ts'
import { jobIdOf } from './target.ts'
import { type HelpWindow, helpWindow } from './views/help.ts'

/** More than anybody types; a paste may bring anything. */
const LONGEST_INPUT = 200

/** What the interface begins with. */
export function initialState(size: State['size'], now: number): State {
  return {
    size,
    now,
    snapshot: null,
    views: [viewOf('jobs', null)],
    list: {
      sort: 'server',
      reverse: false,
      group: 'none',
      problemsOnly: false,
      layout: 'table',
      panel: null,
      metric: 'uploaded',
      range: '1mo',
    },
    search: '',
    level: 'all',
    input: null,
    overlay: null,
    notice: null,
    trouble: null,
    auto: true,
    collecting: null,
    loaded: new Map(),
  }
}

export function reduce(state: State, event: Event, env: Env): Step {
  if (event.type === 'key') return press({ ...state, notice: null }, event.key, env)
  if (event.type === 'paste') return only(state.input ? typed(state, event.text, env) : state)
  return only(settled(happened(state, event), env))
}

function happened(state: State, event: Exclude<Event, { type: 'key' | 'paste' }>): State {
  switch (event.type) {
    case 'resize':
      return { ...state, size: event.size }
    case 'tick':
      return { ...state, now: event.now }
    case 'snapshot':
      return { ...state, snapshot: event.snapshot, now: event.now, trouble: null }
    case 'judged':
      return { ...state, snapshot: event.snapshot, now: event.now }
    case 'loaded':
      return { ...state, loaded: new Map(state.loaded).set(event.key, event.loaded) }
    case 'forget':
      return { ...state, loaded: new Map([...state.loaded].filter(([key]) => event.keep.includes(key))) }
    case 'notice':
      return { ...state, notice: event.notice }
    case 'trouble':
      return { ...state, trouble: event.text }
    case 'collecting':
      return { ...state, collecting: event.collecting }
  }
}

function only(state: State): Step {
  return { state, effects: [] }
}

function press(state: State, key: Key, env: Env): Step {
  if (key === 'ctrl-c') return { state, effects: [{ type: 'quit' }] }
  if (state.overlay?.kind === 'confirm') return answer(state, key)
  if (state.overlay?.kind === 'help') return only(inHelp(state, key, env))
  if (state.input) return type(state, state.input, key, env)
  const binding = bindingOf(key, state)
  return binding ? ACTIONS[binding.action](state, env) : only(state)
}

/** Only a clear yes does it. */
function answer(state: State, key: Key): Step {
  const effect = state.overlay?.kind === 'confirm' ? state.overlay.effect : null
  const closed = { ...state, overlay: null }
  return (key === 'y' || key === 'Y') && effect ? { state: closed, effects: [effect] } : only(closed)
}

/** How far the keys that move in a view move in the help. */
const SCROLL: Partial<Record<Action, (window: HelpWindow) => number>> = {
  up: () => -1,
  down: () => 1,
  pageUp: ({ room }) => 1 - room,
  pageDown: ({ room }) => room - 1,
  first: ({ lines }) => -lines,
  last: ({ lines }) => lines,
}

/** Every other key leaves the help. */
function inHelp(state: State, key: Key, env: Env): State {
  const action = bindingOf(key, state)?.action
  const by = action && SCROLL[action]
  if (!by || state.overlay?.kind !== 'help') return settled({ ...state, overlay: null }, env)
  const window = helpWindow({ state, env }, state.overlay.top)
  return { ...state, overlay: { kind: 'help', top: helpWindow({ state, env }, window.top + by(window)).top } }
}

/** A line that is being typed; arrows move through the list meanwhile. */
function type(state: State, input: Input, key: Key, env: Env): Step {
  if (key === 'enter') return entered(state, input, env)
  if (key === 'esc') return only(left(state, input, env))
  if (key === 'up' || key === 'down') return only(moveBy(state, env, key === 'up' ? -1 : 1))
  if (key === 'backspace') return only(changed(state, [...input.text].slice(0, -1).join(''), env))
  if (key === 'ctrl-u') return only(changed(state, '', env))
  if (key === 'ctrl-w') return only(changed(state, input.text.replace(/\S*\s*$/, ''), env))
  return only(typed(state, textOf(key), env))
}

function typed(state: State, text: string, env: Env): State {
  const clean = text.replace(/[\u0000-\u001f\u007f-\u009f]+/g, ' ')
  return state.input && clean !== '' ? changed(state, (state.input.text + clean).slice(0, LONGEST_INPUT), env) : state
}

/** A filter works while it is typed. */
function changed(state: State, text: string, env: Env): State {
  if (!state.input) return state
  const input = { ...state.input, text }
  if (input.kind !== 'filter') return { ...state, input }
  return settled(withView({ ...state, input }, { filter: text }), env)
}

function left(state: State, input: Input, env: Env): State {
  const closed = { ...state, input: null }
  return input.kind === 'filter' ? settled(withView(closed, { filter: '' }), env) : closed
}

/** A field of a job that was typed. */
function typedFor(jobId: string, about: string, text: string): Effect {
  return { type: 'typeJob', jobId, field: SETTING_FIELDS.find((field) => field === about) ?? 'tolerance', text }
}

function entered(state: State, { kind, text, about = '' }: Input, env: Env): Step {
  const closed = { ...state, input: null }
  if (kind === 'search')
    return only(text === '' ? { ...closed, search: '' } : toMatch({ ...closed, search: text }, env, 1))
  if (kind === 'filter') return only(closed)
  const jobId = jobIdOf(state)
  if (kind === 'setting') return { state: closed, effects: [{ type: 'set', key: about, text }] }
  if (kind === 'jobSetting') return { state: closed, effects: jobId === null ? [] : [typedFor(jobId, about, text)] }
  const duration = text.trim()
  return {
    state: closed,
    effects: jobId === null ? [] : [{ type: 'snooze', jobIds: [jobId], duration: duration === '' ? null : duration }],
  }
}
