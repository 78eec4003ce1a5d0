/** Moving through lists and pages, and keeping what is selected on the screen whatever changes. */
import type { Env } from './env.ts'
import type { State, View } from './model.ts'
import { sceneOf } from './screen.ts'
import type { Shape } from './views/view.ts'

export function shapeOf(state: State, env: Env): Shape {
  const { scene, module } = sceneOf(state, env)
  return module.shape(scene)
}

/** A view as it is when one comes to it. */
export function viewOf(name: View['name'], id: string | null): View {
  return { name, id, selected: null, index: 0, top: 0, filter: '' }
}

/** The state with its uppermost view changed. */
export function withView(state: State, changes: Partial<View>): State {
  const [view, ...behind] = state.views
  return { ...state, views: [{ ...view, ...changes }, ...behind] }
}

/**
 * The same state with a selection that exists and is seen: by its id, wherever that is now; where it is gone, what stands in its
 * place. A page never scrolls beyond its end.
 */
export function settled(state: State, env: Env): State {
  const [view] = state.views
  const shape = shapeOf(state, env)
  const { ids, room, lines } = shape
  if (ids.length === 0) {
    const top = clamp(view.top, 0, Math.max(0, lines - room))
    // What is not on the screen must not be acted on; but until a list has been read its selection is not forgotten.
    const selected = isRead(state) ? null : view.selected
    return top === view.top && selected === view.selected ? state : withView(state, { selected, top })
  }
  const found = view.selected === null ? -1 : ids.indexOf(view.selected)
  const index = found >= 0 ? found : clamp(view.index, 0, ids.length - 1)
  const line = shape.lineOf(index)
  // The headline above the first row of a group is shown with it.
  const first = index === 0 ? 0 : line
  const top = clamp(Math.min(Math.max(view.top, line - room + 1), first), 0, Math.max(0, lines - room))
  const selected = ids[index] ?? null
  if (selected === view.selected && index === view.index && top === view.top) return state
  return withView(state, { selected, index, top })
}

/** Lists of the snapshot are there with it; others are read when they are come to. */
function isRead({ snapshot, views: [{ name }] }: State): boolean {
  return snapshot !== null && (name === 'jobs' || name === 'server' || name === 'servers')
}

/** Moves by rows of a list, or lines of a page. */
export function moveBy(state: State, env: Env, rows: number): State {
  const [view] = state.views
  const { ids } = shapeOf(state, env)
  if (ids.length === 0) return settled(withView(state, { top: view.top + rows }), env)
  const index = clamp(view.index + rows, 0, ids.length - 1)
  return settled(withView(state, { index, selected: ids[index] ?? null }), env)
}

/** A screen further, less one line, so that one sees where one was. */
export function movePage(state: State, env: Env, direction: 1 | -1): State {
  const { room, across } = shapeOf(state, env)
  return moveBy(state, env, direction * Math.max(1, room - 1) * across)
}

/** To the beginning or the end. */
export function moveTo(state: State, env: Env, end: 'first' | 'last'): State {
  const { ids, lines } = shapeOf(state, env)
  return moveBy(state, env, (end === 'first' ? -1 : 1) * Math.max(ids.length, lines))
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value))
}
