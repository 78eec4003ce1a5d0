import { quickAll, quickGet, quickRun } from '../store/quick.ts'
import type { Kept } from '../store/rollup.ts'
import { startOfSecond } from '../store/runs.ts'
import type { Db } from '../store/schema.ts'
import { join } from './join.ts'
import { partedByHand } from './join-record.ts'
import { newServer, newSource, type Origin } from './servers.ts'

/** Who reports, and of which job. */
export interface Reporter {
  machineId: string
  machineName: string
  /** Without `DB-`. */
  backupId: string | null
  backupName: string
  at: number
}

/** A source that reported before, with all that a report needs to find. */
export interface KnownSource {
  id: number
  server_id: number
  last_seen_at: number
  last_report_at: number | null
  last_collected_at: number | null
  duplicati_version: string | null
  /** The job of this backup id, under its present name; null for a new one, or where only a name is told. */
  job_id: number | null
  job_name: string | null
  habits: Kept['habits'] | null
  runs: Kept['runs'] | null
  evidence_id: number | null
  /** Whether another server has a source of this name that lacks the id which this one has, or the other way round. */
  hasNamesake: 0 | 1
  /** Whether a run of this job began in the same second. */
  hasSecond: 0 | 1
  /** Whether any run began in the same millisecond, or in the same second without being known more exactly. */
  hasMoment: 0 | 1
}

/** One look for all that a report needs to find, as most do: `||` and `+` for the reason that `quick.ts` tells. */
const KNOWN = `SELECT source.id, source.server_id, last_seen_at, server.last_report_at, last_collected_at, duplicati_version,
    job.id AS job_id, job.name AS job_name, habits, runs, evidence.id AS evidence_id,
    EXISTS (SELECT 1 FROM source other WHERE other.machine_name = source.machine_name AND (other.machine_id = '') <> ?
      AND other.address = '' AND other.server_id <> source.server_id) AS hasNamesake,
    EXISTS (SELECT 1 FROM run WHERE job_id = job.id AND began_at >= ? + 0 AND began_at < ? + 0) AS hasSecond,
    EXISTS (SELECT 1 FROM run WHERE began_at = ? + 0) OR
      EXISTS (SELECT 1 FROM run WHERE began_at = ? + 0 AND began_ticks IS NULL) AS hasMoment
  FROM source JOIN server ON server.id = source.server_id
  LEFT JOIN job ON job.server_id = source.server_id AND job.backup_id = ? || ''
  LEFT JOIN evidence ON evidence.source_id = source.id AND evidence.backup_id = ? || '' AND backup_name = ? || ''
  WHERE address = '' AND machine_id = ? || '' AND source.machine_name = ? || ''`

/** @param beganAt of the run, in milliseconds */
export function knownSource(tx: Db, reporter: Reporter, beganAt: number): KnownSource | null {
  const { machineId, machineName, backupId, backupName } = reporter
  const second = startOfSecond(beganAt)
  const isNameless = machineId === '' ? 1 : 0
  const moments = [second, second + 1_000, beganAt, second]
  const about = [backupId, backupId ?? '', backupName, machineId, machineName]
  return quickGet<KnownSource>(tx, KNOWN, isNameless, ...moments, ...about) ?? null
}

/** Where a report comes from, and what is stored of it; null where it has just been made. */
export interface Reported extends Origin {
  known: KnownSource | null
}

/**
 * The source that a report comes from: the pair of machine id and name. A new pair is a new server (runs that agree join it with
 * an older one at once), unless one of two pairs of one machine name has no id and both have this job (identity.md, rule 2).
 */
export async function reportOrigin(tx: Db, reporter: Reporter, known: KnownSource | null): Promise<Reported> {
  if (!known) {
    const origin = await newOrigin(tx, reporter)
    return joinTwin(tx, { ...origin, known: null }, reporter)
  }
  const origin = { sourceId: known.id, serverId: known.server_id, known }
  return known.hasNamesake === 1 ? joinTwin(tx, origin, reporter) : origin
}

/** Notes that a source reports, to the second: many reports of one moment are one note. */
export function noteSource(tx: Db, { id, last_seen_at }: KnownSource, at: number): void {
  if (isJustBefore(last_seen_at, at)) return
  quickRun(tx, 'UPDATE source SET last_seen_at = max(last_seen_at, ?) WHERE id = ?', at, id)
}

/** The same of its server; one that is collected says its version itself. */
export function noteServer(
  tx: Db,
  { serverId, known }: Pick<Reported, 'serverId' | 'known'>,
  { at, version }: { at: number; version: string | null },
): void {
  const isNoted = known !== null && isJustBefore(known.last_report_at, at)
  if (isNoted && (version === null || known.last_collected_at !== null || known.duplicati_version === version)) return
  quickRun(
    tx,
    `UPDATE server SET last_report_at = max(coalesce(last_report_at, 0), ?),
      duplicati_version = CASE WHEN last_collected_at IS NULL THEN coalesce(?, duplicati_version) ELSE duplicati_version END
      WHERE id = ?`,
    at,
    version,
    serverId,
  )
}

function isJustBefore(time: number | null, at: number): boolean {
  return time !== null && time <= at && time > at - 1_000
}

async function joinTwin(tx: Db, origin: Reported, reporter: Reporter): Promise<Reported> {
  const twin = await twinWithoutId(tx, origin, reporter)
  if (twin === null) return origin
  const { machineName, backupName, at } = reporter
  const reason = `${machineName} reports the job ${backupName} with and without a machine id`
  return { ...origin, serverId: await join(tx, { one: origin.serverId, other: twin, reason, at }), known: null }
}

async function newOrigin(tx: Db, { machineId, machineName, at }: Reporter): Promise<Origin> {
  const serverId = await newServer(tx, { machineName, at })
  return { serverId, sourceId: await newSource(tx, { serverId, address: '', machineId, machineName, at }) }
}

/**
 * The other server that has this job and a source of this machine name, one of the two with an id and one without. Two machines
 * of one name that both have ids must not become one by way of a third source without: where it is not clear which of them
 * that one is, nothing is joined.
 */
async function twinWithoutId(tx: Db, origin: Origin, reporter: Reporter): Promise<number | null> {
  const { machineName, backupId, backupName } = reporter
  const rows = quickAll<{ server_id: number; machine_id: string }>(
    tx,
    `SELECT DISTINCT source.server_id, source.machine_id FROM source LEFT JOIN job
      ON job.server_id = source.server_id AND job.backup_id = ? AND job.name = ?
      WHERE source.machine_name = ? AND source.address = '' AND (source.server_id = ? OR job.id IS NOT NULL)`,
    backupId ?? '',
    backupName,
    machineName,
    origin.serverId,
  )
  const own = rows.filter(({ server_id }) => server_id === origin.serverId).map(({ machine_id }) => machine_id)
  own.push(reporter.machineId)
  const others = [...Map.groupBy(rows, ({ server_id }) => server_id)].filter(([id]) => id !== origin.serverId)
  const twins = others.filter(([, sources]) =>
    isTwin(
      own,
      sources.map(({ machine_id }) => machine_id),
    ),
  )
  const twin = twins.length === 1 ? (twins[0]?.[0] ?? null) : null
  return twin === null || (await partedByHand(tx, origin.serverId, twin)) !== null ? null : twin
}

/** One side has no id at all, and the other one has. */
function isTwin(own: string[], other: string[]): boolean {
  const isNameless = (ids: string[]) => ids.every((id) => id === '')
  return isNameless(own) !== isNameless(other)
}
