import { UserError } from '../errors.ts'
import type { WritableStore } from '../store/index.ts'
import type { Db } from '../store/schema.ts'

/** Writes that share one transaction: it is the disk that takes time, and it takes as long for sixty as for one. */
const MOST = 64
/** What hits all writes alike: none of a group would do better alone. */
const STORAGE_FAILURES = new Set([
  'disk_full',
  'database_locked',
  'database_refused',
  'database_corrupt',
  'database_newer',
])

export interface GroupWriter {
  /**
   * Runs `work` in a transaction that it shares with what else is waiting; resolves when that is on the disk. `work` may be run a
   * second time, alone, after another one of its group has failed.
   * @throws what `work` threw, or a UserError that `isStorageFailure` knows
   */
  write<T>(work: (tx: Db) => Promise<T>): Promise<T>
  /** Resolves when nothing is waiting any more. */
  drain(): Promise<void>
}

interface Waiting {
  work: (tx: Db) => Promise<unknown>
  resolve: (result: unknown) => void
  reject: (error: unknown) => void
}

/** Whether a write failed because of the file or the disk, not of what was written. */
export function isStorageFailure(error: unknown): error is UserError {
  return error instanceof UserError && STORAGE_FAILURES.has(error.code)
}

/** Group commit: many writers, one transaction, one wait for the disk. */
export function groupWriter(store: Pick<WritableStore, 'transaction'>): GroupWriter {
  let waiting: Waiting[] = []
  let running: Promise<void> | null = null

  const run = async () => {
    // What the sockets bring in this turn of the event loop joins the group.
    await new Promise(setImmediate)
    while (waiting.length > 0) {
      const group = waiting.slice(0, MOST)
      waiting = waiting.slice(MOST)
      await writeGroup(store, group)
      await new Promise(setImmediate)
    }
    running = null
  }
  return {
    write: <T>(work: (tx: Db) => Promise<T>) =>
      new Promise<T>((resolve, reject) => {
        waiting.push({ work, resolve: resolve as Waiting['resolve'], reject })
        running ??= run()
      }),
    drain: async () => {
      while (running) await running
    },
  }
}

async function writeGroup(store: Pick<WritableStore, 'transaction'>, group: Waiting[]): Promise<void> {
  try {
    const results = await store.transaction(async (tx) => {
      const all: unknown[] = []
      for (const { work } of group) all.push(await work(tx))
      return all
    })
    for (const [i, { resolve }] of group.entries()) resolve(results[i])
  } catch (error) {
    if (group.length === 1 || isStorageFailure(error)) for (const { reject } of group) reject(error)
    // One bad write must not take the others with it.
    else for (const one of group) await writeGroup(store, [one])
  }
}
