import type { Report } from '../duplicati/report.ts'
import { idOf } from '../store/ids.ts'
import { type PackableRun, PackedLog } from '../store/logs.ts'
import type { Db } from '../store/schema.ts'
import type { TellRuns } from './events.ts'
import { type FoundJob, jobOf, plainBackupId } from './jobs.ts'
import { misnames, ownerOf } from './misnamed.ts'
import { noteJob } from './report-job.ts'
import { type KnownSource, knownSource, noteServer, noteSource, reportOrigin } from './report-source.ts'
import { storeRuns } from './runs.ts'
import type { IngestCounts } from './types.ts'
import { storeUsual, usualRun } from './usual.ts'

/** A run as a report tells it: who ran it, and what. */
export interface ReportedRun {
  /** Empty where it has none. */
  machineId: string
  machineName: string
  /** As the report writes it; null where only the name is told. */
  backupId: string | null
  backupName: string
  run: PackableRun
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
  const { machineId, machineName } = source
  const run: PackableRun = report.run
  if (packedLog !== undefined) run.log = new PackedLog(packedLog)
  return { machineId, machineName, backupId, backupName, run, receivedAt, nextScheduledRun, timeDoubted, remoteCalls }
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
  const [at, beganAt] = [receivedAt.getTime(), Date.parse(run.beganAt)]
  const backupId = reported.backupId === null ? null : plainBackupId(reported.backupId)
  const nextAt = reported.nextScheduledRun == null ? null : Date.parse(reported.nextScheduledRun)
  const reporter = { machineId, machineName, backupId, backupName, at }
  const receipt = { receivedAt: at, doubted: reported.timeDoubted === true, nextAt }
  const known = knownSource(tx, reporter, beganAt)
  if (known !== null) noteSource(tx, known, at)
  const usual = known && usualRun(known, { backupName, run, receipt })
  if (usual) {
    await storeUsual(tx, usual, { backupId, tell })
    return { new: 1, known: 0, updated: 0, serverId: idOf('s', usual.known.server_id), setAside: null }
  }
  const origin = await reportOrigin(tx, reporter, known)
  const { serverId } = origin
  const telling = { serverId, backupId, name: backupName, toldAt: beganAt }
  const named = await jobOf(tx, telling, origin.known && jobFound(origin.known))
  const { jobId, setAside } = misnames(run.duplicatiVersion)
    ? await ownerOf(tx, { serverId, jobId: named, run, remoteCalls: reported.remoteCalls ?? null })
    : { jobId: named, setAside: null }
  noteServer(tx, origin, { at, version: run.duplicatiVersion })
  if (setAside === null) noteJob(tx, jobId, { run, at, nextAt })
  const arrival = {
    origin,
    jobId,
    backupId,
    backupName,
    way: 'report',
    receipt: { ...receipt, setAside },
    tell,
  } as const
  const counts = await storeRuns(tx, { ...arrival, evidenceId: origin.known?.evidence_id }, [run])
  return { ...counts, serverId: idOf('s', origin.serverId), setAside }
}

function jobFound({ job_id: id, job_name: name }: KnownSource): FoundJob | null {
  return id === null || name === null ? null : { id, name }
}
