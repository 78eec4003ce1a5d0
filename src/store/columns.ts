/** How values stand in columns. Apart from the tables' modules, so that reading a status loads no query builder. */
import type { RunStatus } from '../duplicati/model.ts'

/** 100-ns ticks of a second. */
export const TICKS = 10_000_000

/** What `recent` holds: one letter a status. */
const LETTERS = { Success: 'S', Warning: 'W', Error: 'E', Fatal: 'F', Unknown: 'U' } as const
const STATUSES = { S: 'Success', W: 'Warning', E: 'Error', F: 'Fatal', U: 'Unknown' } as const

export function packRecent(statuses: string[]): string {
  return statuses.map((status) => LETTERS[status as RunStatus] ?? 'U').join('')
}

export function readRecent(letters: string): RunStatus[] {
  return [...letters].map((letter) => STATUSES[letter as keyof typeof STATUSES] ?? 'Unknown')
}
