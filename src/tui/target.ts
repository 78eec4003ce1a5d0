/** Which job and which server an action means, whatever view one is in. */
import type { State } from './model.ts'

export function jobIdOf(state: State): string | null {
  const [view, ...behind] = state.views
  if (view.name === 'jobs' || view.name === 'server') return known(state, view.selected)
  if (view.name === 'alerts') return known(state, alertPart(view.selected, 'j'))
  if (view.name === 'job' || view.name === 'jobSettings' || view.name === 'overdue' || view.name === 'versions')
    return known(state, view.id)
  return view.name === 'run' ? known(state, behind.find(({ name }) => name === 'job')?.id ?? null) : null
}

export function serverIdOf(state: State): string | null {
  const [view] = state.views
  if (view.name === 'servers') return view.selected
  if (view.name === 'test') return view.id
  const job = jobIdOf(state)
  const server = job === null ? null : state.snapshot?.jobById.get(job)?.server.id
  if (server != null) return server
  if (view.name === 'alerts') return alertPart(view.selected, 's')
  return view.name === 'server' ? view.id : null
}

function known({ snapshot }: State, jobId: string | null): string | null {
  return jobId !== null && snapshot?.jobById.has(jobId) ? jobId : null
}

/** Rows of alerts are named after what they are about: `a3 s1 j7`. */
function alertPart(id: string | null, letter: 's' | 'j'): string | null {
  return id?.split(' ').find((part) => part.startsWith(letter)) ?? null
}
