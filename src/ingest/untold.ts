/**
 * Alerts that were opened while nobody was to be told of them: on the first day no channel may have a destination yet. As soon as
 * somebody is to be told they are, whatever the schedule of reminders says.
 */
import { FORGOTTEN } from '../fleet/alerts/types.ts'
import { destinationsFor, effectiveSettings, type Globals } from '../fleet/rules.ts'
import { quickAll, quickGet, quickRun } from '../store/quick.ts'
import type { Db } from '../store/schema.ts'
import { effectiveServerSettings, effectiveSettingsOf } from '../store/settings.ts'

const UNTOLD = "resolved_at IS NULL AND data ->> 'untold'"

export async function hasUntold(db: Db): Promise<boolean> {
  return quickGet(db, `SELECT 1 FROM alert WHERE ${UNTOLD} LIMIT 1`) != null
}

/** The next plan tells those of which somebody is to be told by now. */
export async function wakeUntold(tx: Db, globals: Globals): Promise<void> {
  if (!(await isAnybodyToBeTold(tx, globals))) return
  const alerts = quickAll<{ id: number; server_id: number; job_id: number | null }>(
    tx,
    `SELECT id, server_id, job_id FROM alert WHERE ${UNTOLD}`,
  )
  for (const { id, server_id: server, job_id: job } of alerts) {
    const settings = await (job === null ? effectiveServerSettings(tx, server) : effectiveSettingsOf(tx, job))
    if (destinationsFor({ kind: 'alert' }, settings, globals).length === 0) continue
    quickRun(tx, 'UPDATE alert SET reminded_at = ? WHERE id = ?', FORGOTTEN, id)
  }
}

/** Without a channel there may be thousands of alerts: their settings need not be read at each check. */
async function isAnybodyToBeTold(tx: Db, globals: Globals): Promise<boolean> {
  if (destinationsFor({ kind: 'alert' }, effectiveSettings({}), globals).length > 0) return true
  const additional = "field IN ('additionalEmails', 'additionalNtfyTopic')"
  const set = quickGet(
    tx,
    `SELECT 1 FROM job_setting WHERE ${additional} UNION ALL SELECT 1 FROM server_setting WHERE ${additional} LIMIT 1`,
  )
  return set != null
}
