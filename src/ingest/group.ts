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

type Disk = Pick<WritableStore, 'unsynced' | 'synced'>

/**
 * Group commit: many writers, one transaction, one wait for the disk. While the disk is at work the next group is written.
 */
export function groupWriter(store: Disk): GroupWriter {
  let waiting: Waiting[] = []
  let running: Promise<void> | null = null
  let written: Written[] = []
  let syncing: Promise<void> | null = null

  const run = async () => {
    // What the sockets bring in this turn of the event loop joins the group.
    await new Promise(setImmediate)
    while (waiting.length > 0) {
      const group = waiting.slice(0, MOST)
      waiting = waiting.slice(MOST)
      written.push(...(await writeGroup(store, group)))
      startSync()
      await new Promise(setImmediate)
    }
    running = null
  }
  /** What is written meanwhile waits for the next round: the disk takes as long for ten groups as for one. */
  const startSync = () => {
    if (syncing || written.length === 0) return
    const now = written
    written = []
    syncing = answerWhenSynced(store, now).then(() => {
      syncing = null
      startSync()
    })
  }
  return {
    write: <T>(work: (tx: Db) => Promise<T>) =>
      new Promise<T>((resolve, reject) => {
        waiting.push({ work, resolve: resolve as Waiting['resolve'], reject })
        running ??= run()
      }),
    drain: async () => {
      while (running || syncing) await Promise.all([running, syncing])
    },
  }
}

interface Written {
  one: Waiting
  result: unknown
}

/** Rejects those whose write failed; returns the others, which are committed and not yet on the disk. */
async function writeGroup(store: Disk, group: Waiting[]): Promise<Written[]> {
  try {
    return await store.unsynced(async (tx) => {
      const written: Written[] = []
      for (const one of group) written.push({ one, result: await one.work(tx) })
      return written
    })
  } catch (error) {
    if (group.length === 1 || isStorageFailure(error)) {
      for (const { reject } of group) reject(error)
      return []
    }
    // One bad write must not take the others with it.
    const written: Written[] = []
    for (const one of group) written.push(...(await writeGroup(store, [one])))
    return written
  }
}

async function answerWhenSynced(store: Disk, written: Written[]): Promise<void> {
  try {
    await store.synced()
    for (const { one, result } of written) one.resolve(result)
  } catch (error) {
    for (const { one } of written) one.reject(error)
  }
}
