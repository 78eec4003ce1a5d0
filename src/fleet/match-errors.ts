/** What is said when a name on the command line means nothing, or too much. */
import { UsageError } from '../errors.ts'
import type { JobName, ServerName } from './match.ts'
import { fold } from './name-index.ts'

const SHOWN = 10
const MAX_NEAR = 3
/** Names come from outside and may be of any length. */
const MAX_LENGTH = 60

/** Several things have the name; each candidate is told by what sets it apart. */
export function ambiguous(text: string, what: 'servers' | 'jobs', candidates: readonly string[]): UsageError {
  const rest = candidates.length - SHOWN
  const list = candidates.slice(0, SHOWN).map(shorten).join(', ')
  return new UsageError(
    `${quote(text)} matches ${candidates.length} ${what}: ${list}${rest > 0 ? `, and ${rest} more` : ''}`,
    {
      code: 'ambiguous',
      hint: 'Write more of the name, or the id.',
    },
  )
}

export function unknownServer(text: string, servers: readonly ServerName[]): UsageError {
  const near = nearest(
    text,
    servers.flatMap(({ name, alias, machineName, host }) => [name, alias, machineName, host]),
  )
  const otherwise =
    servers.length === 0
      ? 'No server is known yet: `duplistatus server add URL` adds one.'
      : '`duplistatus server list` names the servers.'
  return new UsageError(`No server is called ${quote(text)}`, {
    code: 'unknown_server',
    hint: didYouMean(near) ?? otherwise,
  })
}

/** `server` is null where several servers, or an unnamed one, were searched. */
export function unknownJob(text: string, server: ServerName | null, jobs: readonly JobName[]): UsageError {
  const near = nearest(
    text,
    jobs.map(({ name }) => name),
  )
  const where = server === null ? '' : ` on ${quote(server.name)}`
  return new UsageError(
    jobs.length === 0 ? `There is no job${where || ` on ${quote(text)}`}` : `No job${where} is called ${quote(text)}`,
    {
      code: 'unknown_job',
      hint: didYouMean(near) ?? '`duplistatus status` names the jobs.',
    },
  )
}

function didYouMean(near: readonly string[]): string | null {
  return near.length === 0 ? null : `Did you mean ${near.map(quote).join(' or ')}?`
}

/** The few names, the nearest first, that a slip of the keyboard away, or a word inside, could have been meant. */
export function nearest(text: string, names: readonly (string | null)[]): string[] {
  const wanted = fold(text).slice(0, MAX_LENGTH)
  const reach = Math.max(1, Math.floor(wanted.length / 3))
  const distances = [...new Set(names)]
    .filter((name) => name !== null && name !== '')
    .map((name) => ({ name: name ?? '', distance: distanceTo(wanted, fold(name ?? '').slice(0, MAX_LENGTH)) }))
    .filter(({ distance }) => distance <= reach)
  return distances
    .sort((a, b) => a.distance - b.distance)
    .slice(0, MAX_NEAR)
    .map(({ name }) => name)
}

/** Edits between two texts, two letters in the wrong order being one; a text inside the other counts as one too. */
function distanceTo(wanted: string, name: string): number {
  if (wanted.length >= 3 && name.includes(wanted)) return 1
  const rows = [Array.from({ length: name.length + 1 }, (_, at) => at)]
  const cell = (row: number, column: number): number => rows[row]?.[column] ?? Number.POSITIVE_INFINITY
  for (let row = 1; row <= wanted.length; row++) {
    rows[row] = [row]
    for (let column = 1; column <= name.length; column++) {
      const changed = wanted[row - 1] === name[column - 1] ? 0 : 1
      const swapped = wanted[row - 1] === name[column - 2] && wanted[row - 2] === name[column - 1]
      rows[row]?.push(
        Math.min(
          cell(row - 1, column - 1) + changed,
          cell(row - 1, column) + 1,
          cell(row, column - 1) + 1,
          swapped ? cell(row - 2, column - 2) + 1 : Number.POSITIVE_INFINITY,
        ),
      )
    }
  }
  return cell(wanted.length, name.length)
}

function quote(text: string): string {
  return JSON.stringify(shorten(text))
}

function shorten(text: string): string {
  return text.length > MAX_LENGTH * 2 ? `${text.slice(0, MAX_LENGTH * 2)}…` : text
}
