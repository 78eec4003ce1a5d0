/** What newly arrived runs tell people, written in the transaction that stores them (docs/notifications.md). */
import { UserError } from '../errors.ts'
import { excerptOf, type RunEvent } from '../fleet/events.ts'
import { type Destination, destinationsFor, type Globals, isNews, type RunOutcome } from '../fleet/rules.ts'
import { openAlert } from '../store/alerts.ts'
import { TICKS } from '../store/columns.ts'
import { idOf } from '../store/ids.ts'
import { linesOf, type PackableRun } from '../store/logs.ts'
import { addEvent } from '../store/outbox.ts'
import { quickGet } from '../store/quick.ts'
import type { Db, JobRecord, NewRun, RunRow, ServerRecord } from '../store/schema.ts'
import { effectiveSettingsOf } from '../store/settings.ts'
import { hostOf } from '../store/views.ts'

/** A counting run that was just stored, with what it says. */
export interface Arrived {
  id: number
  /** As it came; null where only the job's name is told. */
  backupId: string | null
  row: NewRun
  run: Pick<PackableRun, 'log'>
}

/** Writes the events of runs that were just stored. */
export type TellRuns = (tx: Db, arrived: readonly Arrived[]) => Promise<void>

export interface TellerOptions {
  /** Asked for each run; null: nothing is told. */
  globals(): Globals | null
  /** Messages were written; they are to be seen when the transaction has ended. */
  onTold?: () => void
  /** What a run tells must not keep it from being stored. */
  onFailure?: (error: unknown) => void
}

export function runTeller({ globals, onTold, onFailure }: TellerOptions): TellRuns {
  return async (tx, arrived) => {
    const standard = globals()
    if (standard === null) return
    const news = arrived.filter(({ row }) => row.counting === 1 && isRecent(row))
    for (const one of news.toSorted((a, b) => a.row.began_at - b.row.began_at)) {
      try {
        if (await tell(tx, one, standard)) onTold?.()
      } catch (error) {
        // What hits the database hits the run as well: that is for the one who stores it.
        if (error instanceof UserError) throw error
        onFailure?.(error)
      }
    }
  }
}

function isRecent({ ended_at, began_at, received_at }: NewRun): boolean {
  return isNews({ endedAt: ended_at ?? began_at, receivedAt: received_at })
}

type Owner = Pick<
  JobRecord,
  'id' | 'server_id' | 'name' | 'monitored' | 'snoozed_until' | 'last_success_at' | 'failures_in_a_row'
> &
  Pick<ServerRecord, 'alias' | 'note' | 'machine_name' | 'url'>

const OWNER = `SELECT job.id, job.server_id, job.name, job.monitored, snoozed_until, last_success_at, failures_in_a_row,
  server.alias, server.note, server.machine_name, server.url
  FROM run JOIN job ON job.id = run.job_id JOIN server ON server.id = job.server_id WHERE run.id = ? + 0`

/** @returns whether messages were written */
async function tell(tx: Db, arrived: Arrived, globals: Globals): Promise<boolean> {
  const { id, row } = arrived
  const owner = quickGet<Owner>(tx, OWNER, id)
  if (!owner || (owner.snoozed_until ?? 0) > row.received_at) return false
  const settings = await effectiveSettingsOf(tx, owner.id)
  const { status, warnings, errors } = row as RunRow
  const outcome = { kind: 'run', status, warnings, errors } as RunOutcome
  const destinations = destinationsFor(outcome, settings, globals)
  if (destinations.length === 0) return false
  const isWatched = settings.monitored && owner.monitored === 1
  const alertId = isWatched && hasFailed(row) ? await failedAlert(tx, owner, row) : null
  return write(tx, arrived, owner, { alertId, destinations })
}

function hasFailed({ status }: NewRun): boolean {
  return status === 'Error' || status === 'Fatal'
}

/** A failed job is an open state: who was told of its failures is told when it is well again. */
async function failedAlert(tx: Db, owner: Owner, row: NewRun): Promise<number | null> {
  const open = quickGet<{ id: number }>(
    tx,
    `SELECT id FROM alert WHERE kind = 'failed' AND job_id = ? AND resolved_at IS NULL`,
    owner.id,
  )
  if (open || owner.failures_in_a_row === 0) return open?.id ?? null
  return openAlert(tx, {
    kind: 'failed',
    serverId: idOf('s', owner.server_id),
    jobId: idOf('j', owner.id),
    since: row.began_at,
    at: row.received_at,
    data: { failures: owner.failures_in_a_row },
  })
}

async function write(
  tx: Db,
  { id, backupId, row, run }: Arrived,
  owner: Owner,
  { alertId, destinations }: { alertId: number | null; destinations: Destination[] },
): Promise<boolean> {
  const { messages, warnings, errors, exception } = row as RunRow
  const data: RunEvent = {
    kind: 'run',
    server: { name: owner.machine_name ?? hostOf(owner.url) ?? idOf('s', owner.server_id), ...addressOf(owner) },
    job: { name: owner.name },
    status: row.status as RunEvent['status'],
    beganAt: row.began_at,
    durationSeconds: row.duration_ticks == null ? null : row.duration_ticks / TICKS,
    uploadedBytes: row.uploaded_bytes ?? null,
    storageBytes: row.storage_bytes ?? null,
    sourceBytes: row.examined_bytes ?? null,
    files: row.examined_files ?? null,
    versions: row.versions ?? null,
    messages,
    warnings,
    errors,
    log: excerptOf(linesOf(run), { messages, warnings, errors, exception }),
    lastSuccessAt: owner.last_success_at,
    failuresInARow: owner.failures_in_a_row,
  }
  const about = { serverId: owner.server_id, jobId: owner.id, runId: id, alertId }
  return addEvent(tx, { ...about, key: runKey(id, backupId, row), at: row.received_at, data }, destinations)
}

function addressOf({ alias, note, url }: Owner) {
  return { alias, note, url }
}

/**
 * One run is one event whatever way it came, also to two servers that turn out to be one: what makes two tellings the same run
 * (docs/identity.md) makes them the same event. Without a duration nothing but the stored run itself is certain.
 */
function runKey(
  id: number,
  backupId: string | null,
  { operation, began_at, began_ticks, duration_ticks }: NewRun,
): string {
  const begin = `${began_at}.${began_ticks ?? '-'}`
  if (backupId === null || duration_ticks == null) return `run:#${id}:${begin}`
  return `run:${operation}:${backupId.slice(0, 100)}:${begin}:${duration_ticks}`
}
