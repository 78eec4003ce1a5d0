/** What the footer says of the keys. */
import { type Action, bindingsOf, keyLabel } from './keymap.ts'
import type { State } from './model.ts'
import { jobIdOf, serverIdOf } from './target.ts'

/** A key of the footer, and what it does in a word. */
export interface Hint {
  keys: string
  words: string
}

/** What the footer says of the keys: what is of use just now, then the most used first. */
export function hintsOf(state: State): Hint[] {
  const [{ name }] = state.views
  const all = bindingsOf(state)
  const momentary = all.filter(({ hintWhen }) => hintWhen?.(state))
  const always = all.filter(({ hintWhen }) => hintWhen === undefined)
  return [...momentary, ...always].flatMap(({ action, keys: [key = ''], hint, hintKeys, to }) => {
    if (hint === undefined || to === name || !hasObject(action, state)) return []
    return [{ keys: hintKeys ?? keyLabel(key), words: typeof hint === 'string' ? hint : hint(state) }]
  })
}

const ON_JOBS: ReadonlySet<Action> = new Set<Action>(['explain', 'versions', 'snooze'])
const ON_SERVERS: ReadonlySet<Action> = new Set<Action>(['collect', 'test', 'open'])

/** Whether there is something that the key could be about: not in an empty list. */
function hasObject(action: Action, state: State): boolean {
  if (ON_JOBS.has(action)) return jobIdOf(state) !== null
  if (ON_SERVERS.has(action)) return serverIdOf(state) !== null
  return action !== 'enter' || state.views[0].selected !== null
}
