import { UnreadableReport } from '../duplicati/report.ts'
import { readReportBody } from '../duplicati/report-body.ts'
import type { WritableStore } from '../store/index.ts'
import { readQuarantined, removeQuarantined } from '../store/quarantine.ts'
import { createIngest } from './index.ts'

export interface Replayed {
  id: string
  /** Why it is still not understood; null when it is a run now. */
  reason: string | null
}

/**
 * Reads a body of the quarantine again, as of the time at which it came. Understood, it becomes a run and leaves; live status tells
 * nothing any more and leaves too.
 * @throws UserError `unknown_quarantine`
 */
export async function replay(store: WritableStore, id: string): Promise<Replayed> {
  const unread = await readQuarantined(store.db, id)
  const receivedAt = new Date(unread.receivedAt)
  try {
    const query = Object.fromEntries(new URLSearchParams(unread.query))
    const { body, contentType } = unread
    const posted = readReportBody({ contentType: contentType ?? undefined, body, query }, receivedAt)
    if (posted.kind === 'report') {
      const { source, ...told } = posted.report
      await createIngest(store).addReported({ ...source, ...told, receivedAt })
    }
  } catch (error) {
    if (!(error instanceof UnreadableReport)) throw error
    return { id, reason: error.reason }
  }
  await store.transaction((tx) => removeQuarantined(tx, id))
  return { id, reason: null }
}
