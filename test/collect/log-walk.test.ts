import { describe, expect, it } from 'vitest'
import { walkLog } from '../../src/collect/log-walk.ts'
import type { DuplicatiApi, LogPageOptions } from '../../src/duplicati/api.ts'
import type { LogRow } from '../../src/duplicati/model.ts'
import type { LogMark } from '../../src/ingest/types.ts'

function row(id: number, generation = 'a'): LogRow {
  return { id, timestamp: id, fingerprint: `${generation}${id}`, run: null, unreadable: null }
}

function range(from: number, to: number, generation?: string): LogRow[] {
  return Array.from({ length: to - from + 1 }, (_, index) => row(from + index, generation))
}

/** Pages as Duplicati gives them, over rows in memory. */
function logOf(rows: LogRow[]) {
  const calls: LogPageOptions[] = []
  const api = {
    logPage: async (_: string, options: LogPageOptions) => {
      calls.push(options)
      const below = rows.filter(({ id }) => options.before === undefined || id < options.before)
      const page = below.sort((a, b) => b.id - a.id).slice(0, options.pageSize)
      return { rows: page, more: page.length === options.pageSize }
    },
  } as unknown as DuplicatiApi
  return { api, calls }
}

const wholePages = async () => () => {}

async function walk(rows: LogRow[], mark: LogMark | null) {
  const { api, calls } = logOf(rows)
  const read: number[] = []
  const next = await walkLog(api, {
    backupId: '1',
    mark,
    patient: true,
    wholePages,
    onRows: async (page) => void read.push(...page.map(({ id }) => id)),
  })
  return { next, read, sizes: calls.map(({ pageSize }) => pageSize) }
}

const markAt = (id: number, generation = 'a') => ({ rowId: id, fingerprint: `${generation}${id}` })

describe('walking a log', () => {
  it('reads all rows of a log without a mark, in large pages', async () => {
    const { read, next, sizes } = await walk(range(1, 450), null)
    expect(read).toEqual(range(1, 450).map(({ id }) => 451 - id))
    expect(next).toEqual(markAt(450))
    expect(sizes).toEqual([100, 100, 100, 100, 100])
  })

  it('asks one small page where nothing is new', async () => {
    const { read, next, sizes } = await walk(range(1, 450), markAt(450))
    expect({ read, sizes, next }).toEqual({ read: [], sizes: [10], next: markAt(450) })
  })

  it('reads down to the mark and no further', async () => {
    const { read, sizes } = await walk(range(1, 450), markAt(425))
    expect(read).toEqual(range(426, 450).map(({ id }) => 876 - id))
    expect(sizes).toEqual([10, 100])
  })

  it('has nothing to mark in an empty log', async () => {
    expect((await walk([], null)).next).toBeNull()
    expect((await walk([], markAt(7))).next).toBeNull()
  })

  it('reads all again when the row of the mark is another one', async () => {
    const { read, next } = await walk(range(1, 450, 'b'), markAt(425))
    expect(read).toHaveLength(450)
    expect(next).toEqual(markAt(450, 'b'))
  })

  it('reads all again when a new database has fewer rows than the mark', async () => {
    const { read, next } = await walk(range(1, 12, 'b'), markAt(425))
    expect(read).toHaveLength(12)
    expect(next).toEqual(markAt(12, 'b'))
  })

  it('reads all again when there are rows below the mark and the mark is gone: retention deletes from the oldest on', async () => {
    const rows = range(1, 40).filter(({ id }) => id !== 25)
    expect((await walk(rows, markAt(25))).read).toHaveLength(39)
  })

  it('ends at the end of the log when the mark was deleted with all below it', async () => {
    const { read, next } = await walk(range(100, 130), markAt(25))
    expect(read).toEqual(range(100, 130).map(({ id }) => 230 - id))
    expect(next).toEqual(markAt(130))
  })

  it('does not follow ids that do not fall', async () => {
    const stuck = {
      logPage: async () => ({ rows: range(1, 10).reverse(), more: true }),
    } as unknown as DuplicatiApi
    const options = { backupId: '1', mark: null, patient: true, wholePages, onRows: async () => {} }
    await expect(walkLog(stuck, options)).rejects.toMatchObject({ code: 'bad_answer' })
  })

  it('says when the server does not know the job', async () => {
    const gone = { logPage: async () => null } as unknown as DuplicatiApi
    expect(await walkLog(gone, { backupId: '1', mark: null, patient: true, wholePages, onRows: async () => {} })).toBe(
      'gone',
    )
  })

  it('stops between two pages when it is interrupted', async () => {
    const { api, calls } = logOf(range(1, 450))
    const controller = new AbortController()
    const work = walkLog(api, {
      backupId: '1',
      mark: null,
      patient: true,
      wholePages,
      signal: controller.signal,
      onRows: async () => controller.abort(new Error('stop')),
    })
    await expect(work).rejects.toThrow('stop')
    expect(calls).toHaveLength(1)
  })
})
