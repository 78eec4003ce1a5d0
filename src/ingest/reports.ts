import type { RunFacts } from '../duplicati/model.ts'
import type { Report } from '../duplicati/report.ts'
import { idOf } from '../store/ids.ts'
import { withPackedLog } from '../store/logs.ts'
import { quickAll, quickGet, quickRun } from '../store/quick.ts'
import type { Db } from '../store/schema.ts'
import type { TellRuns } from './events.ts'
import { type FoundJob, jobOf, plainBackupId } from './jobs.ts'
import { join } from './join.ts'
import { partedByHand } from './join-record.ts'
import { misnames, ownerOf } from './misnamed.ts'
import { storeRuns } from './runs.ts'
import { newServer, newSource, type Origin } from './servers.ts'
import type { IngestCounts } from './types.ts'

/** A run as a report tells it: who ran it, and what. */
export interface ReportedRun {
  /** Empty where it has none. */
  machineId: string
  machineName: string
  /** As the report writes it; null where only the name is told. */
  backupId: string | null
  backupName: string
  run: RunFacts
  receivedAt: Date
  /** ISO 8601; told by scheduled runs from 2.2 on. */
  nextScheduledRun?: string | null
  /** The time of receipt stands for the begin. */
  timeDoubted?: boolean
  /** Calls of the destination; null where the form does not tell them. */
  remoteCalls?: number | null
}

/**
 * A report that was read, ready to be stored.
 * @param packedLog its texts, where they were packed already; null for none
 */
export function toReported(report: Report, receivedAt: Date, packedLog?: Uint8Array | null): ReportedRun {
  const { source, backupId, backupName, nextScheduledRun, timeDoubted, remoteCalls } = report
  const run = packedLog === undefined ? report.run : withPackedLog(report.run, packedLog)
  return { ...source, backupId, backupName, run, receivedAt, nextScheduledRun, timeDoubted, remoteCalls }
}

/** What became of a report. */
export interface Stored extends IngestCounts {
  serverId: string
  /** Why the run changes no job's health. */
  setAside: string | null
}

/** Stores a run that a server told of itself, and what it tells people. Call it inside a transaction. */
export async function addReported(tx: Db, reported: ReportedRun, tell: TellRuns | null = null): Promise<Stored> {
  const { machineId, machineName, backupName, run, receivedAt } = reported
  const at = receivedAt.getTime()
  const backupId = reported.backupId === null ? null : plainBackupId(reported.backupId)
  const origin = await reportOrigin(tx, { machineId, machineName, backupId, backupName, at })
  const { serverId, known } = origin
  const telling = { serverId, backupId, name: backupName, toldAt: Date.parse(run.beganAt) }
  const named = await jobOf(tx, telling, known && jobFound(known))
  const { jobId, setAside } = misnames(run.duplicatiVersion)
    ? await ownerOf(tx, { serverId, jobId: named, run, remoteCalls: reported.remoteCalls ?? null })
    : { jobId: named, setAside: null }
  await noteServer(tx, origin, at, run.duplicatiVersion)
  const nextAt = reported.nextScheduledRun == null ? null : Date.parse(reported.nextScheduledRun)
  if (setAside === null) await noteJob(tx, jobId, { run, at, nextAt })
  const receipt = { receivedAt: at, setAside, doubted: reported.timeDoubted === true, nextAt }
  const arrival = { origin, jobId, backupId, backupName, way: 'report', receipt, tell } as const
  const counts = await storeRuns(tx, { ...arrival, evidenceId: known?.evidence_id }, [run])
  return { ...counts, serverId: idOf('s', origin.serverId), setAside }
}

/**
 * Notes that a server reports, to the second: many reports of one moment are one note. A server that is collected says its version
 * itself.
 */
async function noteServer(tx: Db, { serverId, known }: Reported, at: number, version: string | null): Promise<void> {
  const isNoted = known !== null && isJustBefore(known.last_report_at, at)
  if (isNoted && (version === null || known.last_collected_at !== null || known.duplicati_version === version)) return
  await quickRun(
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

const IS_OVER = "live_at <= ? AND coalesce(running ->> 'startedAt', '') <= ?"
const NOTE_REPORT = `UPDATE job SET last_report_at = max(coalesce(last_report_at, 0), ?),
  running = CASE WHEN ${IS_OVER} THEN NULL ELSE running END, live_at = CASE WHEN ${IS_OVER} THEN NULL ELSE live_at END`
const OF_JOB = 'WHERE id = ?'
const IS_NEWEST = 'WHEN coalesce(reported_next_seen_at, 0) <= ?'
const NOTE_NEXT = `${NOTE_REPORT}, reported_next_at = CASE ${IS_NEWEST} THEN ? ELSE reported_next_at END,
  reported_next_seen_at = CASE ${IS_NEWEST} THEN ? ELSE reported_next_seen_at END ${OF_JOB}`
const NOTE_FIRST_NEXT = `${NOTE_REPORT}, reported_next_at = coalesce(reported_next_at, ?),
  reported_next_seen_at = CASE WHEN reported_next_at IS NULL THEN ? ELSE reported_next_seen_at END ${OF_JOB}`

/**
 * What a report tells of its job beside the run: that reports come, when the scheduler goes on, and that what was live is over. A
 * report that comes late, such as one that was replayed, takes back nothing that a newer one said. The start that a backup was told
 * for is waited for until one is made: what a script skipped, or a dry run, does not move it on (T66, T70).
 */
async function noteJob(
  tx: Db,
  jobId: number,
  { run, at, nextAt }: { run: RunFacts; at: number; nextAt: number | null },
): Promise<void> {
  const endedAt = run.endedAt ?? run.beganAt
  const over = [at, at, endedAt, at, endedAt]
  if (nextAt === null) await quickRun(tx, `${NOTE_REPORT} ${OF_JOB}`, ...over, jobId)
  else if (run.operation !== 'Backup' || run.interrupted || run.dryRun)
    await quickRun(tx, NOTE_FIRST_NEXT, ...over, nextAt, at, jobId)
  else await quickRun(tx, NOTE_NEXT, ...over, at, nextAt, at, at, jobId)
}

interface Reporter {
  machineId: string
  machineName: string
  /** Without `DB-`. */
  backupId: string | null
  backupName: string
  at: number
}

/**
 * The source that a report comes from: the pair of machine id and name. A new pair is a new server (runs that agree join it with
 * an older one at once), unless one of two pairs of one machine name has no id and both have this job (identity.md, rule 2).
 */
async function reportOrigin(tx: Db, reporter: Reporter): Promise<Reported> {
  const { machineId, machineName, backupId, backupName, at } = reporter
  const isNameless = machineId === '' ? 1 : 0
  const about = [backupId, backupId ?? '', backupName, machineId, machineName]
  const known = await quickGet<KnownSource>(tx, KNOWN, isNameless, ...about)
  if (!known) {
    const origin = await newOrigin(tx, reporter)
    return joinTwin(tx, { ...origin, known: null }, reporter)
  }
  if (!isJustBefore(known.last_seen_at, at))
    await quickRun(tx, 'UPDATE source SET last_seen_at = max(last_seen_at, ?) WHERE id = ?', at, known.id)
  const origin = { sourceId: known.id, serverId: known.server_id, known }
  return known.hasNamesake === 1 ? joinTwin(tx, origin, reporter) : origin
}

/** Where a report comes from, and what is stored of it; null where it has just been made. */
interface Reported extends Origin {
  known: KnownSource | null
}

interface KnownSource {
  id: number
  server_id: number
  last_seen_at: number
  last_report_at: number | null
  last_collected_at: number | null
  duplicati_version: string | null
  /** The job of this backup id, under its present name; null for a new one, or where only a name is told. */
  job_id: number | null
  job_name: string | null
  evidence_id: number | null
  /** Whether another server has a source of this name that lacks the id which this one has, or the other way round. */
  hasNamesake: 0 | 1
}

/** One look for all that a report needs to find, as most do: `||` for the reason that `quick.ts` tells. */
const KNOWN = `SELECT source.id, source.server_id, last_seen_at, server.last_report_at, last_collected_at, duplicati_version,
    job.id AS job_id, job.name AS job_name, evidence.id AS evidence_id,
    EXISTS (SELECT 1 FROM source other WHERE other.machine_name = source.machine_name AND (other.machine_id = '') <> ?
      AND other.address = '' AND other.server_id <> source.server_id) AS hasNamesake
  FROM source JOIN server ON server.id = source.server_id
  LEFT JOIN job ON job.server_id = source.server_id AND job.backup_id = ? || ''
  LEFT JOIN evidence ON evidence.source_id = source.id AND evidence.backup_id = ? || '' AND backup_name = ? || ''
  WHERE address = '' AND machine_id = ? || '' AND source.machine_name = ? || ''`

function jobFound({ job_id: id, job_name: name }: KnownSource): FoundJob | null {
  return id === null || name === null ? null : { id, name }
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
  const rows = await quickAll<{ server_id: number; machine_id: string }>(
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
