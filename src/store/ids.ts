import { UserError } from '../errors.ts'

/** A letter says what an id names, so that no id looks like a backup id or a count: `s3`, `j12`, `r4711`. */
type Letter = 's' | 'j' | 'r'

export function idOf(letter: Letter, row: number): string {
  return `${letter}${row}`
}

/** The row that an id names, or null where the text is no such id. */
export function rowOf(letter: Letter, id: string): number | null {
  const row = id.startsWith(letter) && /^[1-9]\d{0,14}$/.test(id.slice(1)) ? Number(id.slice(1)) : null
  return row
}

/** @throws UserError `unknown_server` */
export function serverRow(id: string): number {
  const row = rowOf('s', id)
  if (row === null) throw unknownServer(id)
  return row
}

export function unknownServer(id: string): UserError {
  return new UserError(`There is no server ${id}`, {
    code: 'unknown_server',
    hint: 'duplistatus server list shows them all.',
  })
}

export function unknownUnread(id: string): UserError {
  return new UserError(`There is nothing in quarantine with the id ${JSON.stringify(id)}`, {
    code: 'unknown_quarantine',
    hint: 'duplistatus quarantine list shows all of it.',
  })
}

export function rowsOf(letter: Letter, ids: string[]): number[] {
  return ids.map((id) => rowOf(letter, id)).filter((row) => row !== null)
}
