/** Logs of simulated jobs. Rows are made when they are asked for, so that a history of any length costs nothing. */
import { type ResultContext, resultMessage, type SimRun } from './result.ts'

/** A row that is no result. */
export interface PlainRow {
  type: string
  message: string
  /** Epoch seconds. */
  timestamp: number
}

/** What a job's log offers to the server. */
export interface SimLog {
  /** The newest row id; 0 for an empty log. */
  readonly last: number
  /** JSON text of a row, or null where there is none (any more). */
  row(id: number, context: ResultContext): string | null
  /** The run behind a row, where there is one. */
  run(id: number): SimRun | null
}

/** A log of runs: a generated past (rows 1 to `count`), and what was added since. */
export class RunLog implements SimLog {
  #generated: number
  readonly #make: (index: number) => SimRun | PlainRow
  readonly #added: (SimRun | PlainRow | string)[] = []
  #first = 1

  /** @param make the run of index 0 (oldest) to `count` - 1 */
  constructor(count = 0, make: (index: number) => SimRun | PlainRow = () => ({ type: '', message: '', timestamp: 0 })) {
    this.#generated = count
    this.#make = make
  }

  get last(): number {
    return this.#generated + this.#added.length
  }

  /** Adds a run, a plain row, or the JSON text of a whole row; gives its row id. */
  add(row: SimRun | PlainRow | string): number {
    this.#added.push(row)
    return this.last
  }

  /** Duplicati's own retention: rows below `id` are deleted. */
  deleteBelow(id: number): void {
    this.#first = id
  }

  /** The database was made anew: row ids begin at 1 again. */
  recreate(): void {
    this.#generated = 0
    this.#added.length = 0
    this.#first = 1
  }

  run(id: number): SimRun | null {
    const row = this.#at(id)
    return row && typeof row !== 'string' && 'operation' in row ? row : null
  }

  row(id: number, context: ResultContext): string | null {
    const row = this.#at(id)
    if (row === null || typeof row === 'string') return row
    const result = 'operation' in row
    return JSON.stringify({
      ID: id,
      OperationID: id,
      Timestamp: result ? Math.floor((row.beganAt + row.duration / 1e4) / 1000) : row.timestamp,
      Type: result ? 'Result' : row.type,
      Message: result ? resultMessage(row, context) : row.message,
      Exception: {},
    })
  }

  #at(id: number): SimRun | PlainRow | string | null {
    if (id < this.#first || id > this.last) return null
    return id <= this.#generated ? this.#make(id - 1) : (this.#added[id - this.#generated - 1] ?? null)
  }
}

/**
 * A page as `GET /backup/{id}/log` gives it: newest first, `pagesize` clamped to 10…500, `offset` an id that rows are below of.
 *
 * @returns the JSON text of the answer
 */
export function logPage(log: SimLog, context: ResultContext, pageSize: number, offset?: number): string {
  const size = Math.min(500, Math.max(10, pageSize))
  const rows: string[] = []
  for (let id = Math.min(log.last, (offset ?? Number.POSITIVE_INFINITY) - 1); id > 0 && rows.length < size; id--) {
    const row = log.row(id, context)
    if (row !== null) rows.push(row)
  }
  return `[${rows.join(',')}]`
}
