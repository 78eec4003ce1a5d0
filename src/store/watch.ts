import { statSync } from 'node:fs'
import type { Database as Sqlite } from 'better-sqlite3'
import { connect } from './connection.ts'

/** Tells whether a database was changed, by whatever process, for microseconds a question. */
export interface DatabaseWatch {
  /**
   * Since it was asked last: `content` by a transaction; `file` when it is another file now, so that readers must open it anew;
   * `gone` when there is none any more.
   * @throws UserError as opening does, each time until it can be opened
   */
  changed(): 'content' | 'file' | 'gone' | null
  close(): void
}

/**
 * Watches by SQLite's `data_version`, which counts the commits of other connections; it has a connection of its own, so that no
 * reader's caching hides one. A file that does not exist yet is waited for.
 */
export function watchDatabase(file: string): DatabaseWatch {
  let sqlite: Sqlite | null = null
  let identity: string | null = null
  let version = -1
  const open = () => {
    sqlite?.close()
    sqlite = null
    identity = identityOf(file)
    if (identity !== null) sqlite = connect({ file, mode: 'read' })
    version = sqlite ? versionOf(sqlite) : -1
  }
  open()
  return {
    changed() {
      if (sqlite === null || identityOf(file) !== identity) {
        const wasThere = sqlite !== null
        open()
        return sqlite !== null ? 'file' : wasThere ? 'gone' : null
      }
      const now = versionOf(sqlite)
      if (now === version) return null
      version = now
      return 'content'
    },
    close() {
      sqlite?.close()
      sqlite = null
    },
  }
}

function versionOf(sqlite: Sqlite): number {
  return sqlite.pragma('data_version', { simple: true }) as number
}

/** A restored database is another file under the same name. */
function identityOf(file: string): string | null {
  const stats = statSync(file, { throwIfNoEntry: false })
  return stats ? `${stats.dev}:${stats.ino}` : null
}
