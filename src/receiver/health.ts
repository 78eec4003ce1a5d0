/**
 * Whether the receiver works, as `GET /api/health` says it in the web application's words. Nothing is asked of the database: what
 * its last write said is known, so that a probe costs microseconds (T61).
 */
export interface Health {
  noteStored(failure: Error | null): void
  answer(now: Date): { code: 200 | 503; body: object }
}

/** @param tables names of the database's tables */
export function healthOf(tables: string[]): Health {
  let failure: string | null = null
  return {
    noteStored(error) {
      failure = error?.message ?? null
    },
    answer(now) {
      const works = failure === null
      const body = {
        status: works ? 'healthy' : 'unhealthy',
        database: works ? 'connected' : 'failing',
        basicConnection: works,
        tablesFound: tables.length,
        tables,
        preparedStatements: true,
        initializationStatus: 'complete',
        initializationComplete: true,
        connectionHealth: works,
        timestamp: now.toISOString(),
        connectionDetails: { status: works ? 'ready' : 'failing' },
      }
      return { code: works ? 200 : 503, body }
    },
  }
}
