import type { DuplicatiApi } from '../duplicati/api.ts'
import type { LogRow } from '../duplicati/model.ts'
import { UserError } from '../errors.ts'
import type { LogMark } from '../ingest/types.ts'

/** Duplicati answers with ten rows at least (`pagesize` is clamped to 10…500): enough to see that nothing is new. */
const FIRST_PAGE = 10
/** At about 7 KB a row this keeps a page near 700 KB: memory is bounded by the pages in flight, one such a server. */
const PAGE = 100
/** A history of 30 days has 2,880 runs of a job that runs each quarter of an hour; beyond this a server is not telling the truth. */
const MOST_ROWS = 500_000

export interface WalkOptions {
  backupId: string
  /** Highest row of the last complete pass, or null: read all. */
  mark: LogMark | null
  /** Called with each page's rows that the last complete pass has not seen, newest first. */
  onRows(rows: LogRow[]): Promise<void>
  /** False: does not wait for a database that is in use. */
  patient: boolean
  /** Waits until this log may ask for whole pages; what it gives is called when it has asked for its last. */
  wholePages(): Promise<() => void>
  signal?: AbortSignal
}

/**
 * Follows a job's log from the newest row down to the mark, one page after the other (two calls for one job at a time are
 * refused as busy by Duplicati). Returns the newest row as the next mark (null: the log is empty), or `'gone'` when the server
 * does not know the job any more.
 *
 * The mark stands for a row of Duplicati's own database. That row with other content means that the database was made anew. So
 * do rows below it without it: old rows are deleted from the oldest on, so the mark cannot go before them. In both cases
 * all is read again. When the mark went together with all that was below it, the walk ends at the log's end anyway.
 */
export async function walkLog(api: DuplicatiApi, options: WalkOptions): Promise<LogMark | null | 'gone'> {
  const ends: (() => void)[] = []
  try {
    return await walk(api, options, async () => {
      if (ends.length === 0) ends.push(await options.wholePages())
    })
  } finally {
    for (const end of ends) end()
  }
}

async function walk(
  api: DuplicatiApi,
  options: WalkOptions,
  wholePages: () => Promise<void>,
): Promise<LogMark | null | 'gone'> {
  const { backupId, onRows, patient, signal } = options
  let { mark } = options
  let newest: LogMark | null = null
  let before: number | undefined
  let pageSize = mark ? FIRST_PAGE : PAGE
  let seen = 0
  for (;;) {
    if (pageSize === PAGE) await wholePages()
    signal?.throwIfAborted()
    const known = mark && { known: { id: mark.rowId, fingerprint: mark.fingerprint } }
    const page = await api.logPage(backupId, {
      ...(before === undefined ? known : { before }),
      pageSize,
      patient,
    })
    if (page === null) return 'gone'
    signal?.throwIfAborted()
    requireDescending(page.rows, before)
    const [first] = page.rows
    newest ??= first ? { rowId: first.id, fingerprint: first.fingerprint } : null
    const fresh = rowsAbove(page.rows, mark)
    if (fresh === null) mark = null
    const rows = fresh?.rows ?? page.rows
    if (rows.length > 0) await onRows(rows)
    const last = page.rows.at(-1)
    if (fresh?.reached || last === undefined || !page.more) return newest
    seen += page.rows.length
    if (seen > MOST_ROWS) throw untrue(`The log of this job does not end: more than ${MOST_ROWS} rows`)
    before = last.id
    pageSize = PAGE
  }
}

/** The rows above the mark and whether it was met; null when the mark is not true any more. */
function rowsAbove(rows: LogRow[], mark: LogMark | null): { rows: LogRow[]; reached: boolean } | null {
  if (mark === null) return { rows, reached: false }
  const at = rows.findIndex(({ id }) => id <= mark.rowId)
  const row = rows[at]
  if (row === undefined) return { rows, reached: false }
  const same = row.id === mark.rowId && row.fingerprint === mark.fingerprint
  return same ? { rows: rows.slice(0, at), reached: true } : null
}

/** Row ids are the key of paging: if they do not fall, following them would never end. */
function requireDescending(rows: LogRow[], before: number | undefined): void {
  let limit = before ?? Number.POSITIVE_INFINITY
  for (const { id } of rows) {
    if (!(id < limit)) throw untrue('The rows of this log are not in falling order')
    limit = id
  }
}

function untrue(message: string): UserError {
  return new UserError(message, { code: 'bad_answer', hint: 'Check that the address leads to Duplicati itself.' })
}
