import { close, fdatasync, open } from 'node:fs'
import { explained } from './connection.ts'

/**
 * Brings committed transactions to the disk without stopping the process. With `synchronous = FULL` SQLite does nothing else at the
 * end of a commit than to sync its write-ahead log, and everything waits for the disk meanwhile; here that is left to another
 * thread, and only those wait who were promised that their data are safe.
 */
export interface WalSync {
  /** Resolves when all that was committed before the call is on the disk. @throws UserError `database_refused` */
  sync(): Promise<void>
  close(): Promise<void>
}

/** @param file the database */
export function walSync(file: string): WalSync {
  let log: Promise<number> | null = null
  return {
    async sync() {
      try {
        // The file stays the same one as long as a connection is open.
        log ??= opened(`${file}-wal`)
        const descriptor = await log
        await new Promise<void>((resolve, reject) =>
          fdatasync(descriptor, (error) => (error ? reject(error) : resolve())),
        )
      } catch (error) {
        log = null
        throw explained(Object.assign(error as Error, { code: 'SQLITE_IOERR_FSYNC' }), file)
      }
    },
    async close() {
      const descriptor = await log?.catch(() => null)
      log = null
      if (descriptor != null) await new Promise<void>((resolve) => close(descriptor, () => resolve()))
    },
  }
}

function opened(file: string): Promise<number> {
  return new Promise((resolve, reject) =>
    open(file, 'r+', (error, descriptor) => (error ? reject(error) : resolve(descriptor))),
  )
}
