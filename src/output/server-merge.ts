/** `server merge`: what becomes one, and what becomes two again, in words. */

import { clean } from './escape.ts'
import { plural } from './format.ts'

/** One of the two servers, as far as it is shown. */
export interface MergedSide {
  id: string
  name: string
  addresses: string[]
  machines: { id: string; name: string }[]
  jobs: number
  runs: number
}

export interface MergeView {
  keep: MergedSide
  gone: MergedSide
  together: { backupId: string; name: string; mergedName: string; bothRun: boolean; settingsAside: boolean }[]
}

/** What is shown before anything is done. */
export function renderMerge({ keep, gone, together }: MergeView): string[] {
  return [
    ...sideLines('Stays', keep),
    ...sideLines('Joins it', gone),
    together.length === 0 ? 'No jobs fall together.' : 'Jobs that become one:',
    ...together.map(({ backupId, name, mergedName }) =>
      name === mergedName
        ? `  ${clean(name)} (backup ${clean(backupId)})`
        : `  ${clean(name)} and ${clean(mergedName)} (backup ${clean(backupId)})`,
    ),
    ...together
      .filter(({ settingsAside }) => settingsAside)
      .map(
        ({ mergedName }) =>
          `Settings of ${clean(gone.name)}/${clean(mergedName)} are put aside; those of ${keep.id} hold.`,
      ),
    ...addressLines(keep, gone),
  ]
}

/** What speaks against it, in plain text. */
export function mergeWarnings({ keep, gone, together }: MergeView): string[] {
  const unlike = together.filter(({ name, mergedName }) => name !== mergedName)
  const beside = together.filter(({ bothRun }) => bothRun)
  return [
    ...unlike.map(
      ({ backupId, name, mergedName }) =>
        `backup ${backupId} is called ${name} on ${keep.id} and ${mergedName} on ${gone.id}: they become one job`,
    ),
    ...(beside.length === 0
      ? []
      : [
          `${beside.map(({ name }) => name).join(', ')} ran on both within one interval: these may be two machines (${keep.id}, ${gone.id})`,
        ]),
  ]
}

/** `nas (s3)`. */
export function sideName({ name, id }: Pick<MergedSide, 'name' | 'id'>): string {
  return `${clean(name)} (${id})`
}

/** `2 jobs, 30 backup runs`. */
export function holdings({ jobs, runs }: Pick<MergedSide, 'jobs' | 'runs'>): string {
  return `${plural(jobs, 'job')}, ${plural(runs, 'backup run')}`
}

function sideLines(label: string, side: MergedSide): string[] {
  const machines = side.machines.map(
    ({ id, name }) => `reports as ${clean(name) || 'no name'} (${clean(id) || 'no id'})`,
  )
  return [
    `${label.padEnd(10)}${sideName(side)}: ${holdings(side)}`,
    ...[...side.addresses.map((address) => clean(address)), ...machines].map((place) => `${' '.repeat(10)}${place}`),
  ]
}

/** Only one address is collected. */
function addressLines(keep: MergedSide, gone: MergedSide): string[] {
  const [own, other] = [keep.addresses[0], gone.addresses[0]]
  if (own === undefined || other === undefined || own === other) return []
  return [`Collected at ${clean(own)} from now on; ${clean(other)} is kept for undoing.`]
}
