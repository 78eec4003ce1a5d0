import { describe, expect, it } from 'vitest'
import type { LiveStatus } from '../../src/duplicati/live-status.ts'
import type { RunFacts } from '../../src/duplicati/model.ts'
import { createIngest } from '../../src/ingest/index.ts'
import { noteLive } from '../../src/ingest/live.ts'
import { knownSource } from '../../src/ingest/report-source.ts'
import type { ReportedRun } from '../../src/ingest/reports.ts'
import { usualRun } from '../../src/ingest/usual.ts'
import type { WritableStore } from '../../src/store/index.ts'
import { packLog } from '../../src/store/log-pack.ts'
import { linesOf, PackedLog } from '../../src/store/logs.ts'
import { readLastRun } from '../../src/store/run-values.ts'
import { Random } from '../support/duplicati/random.ts'
import { exactRun, inWholeSeconds } from '../support/run-facts.ts'
import { testStore } from '../support/store.ts'

const DAY = 86_400_000
const FIRST = Date.parse('2026-11-01T02:00:00Z')
const nas = { machineId: 'A', machineName: 'nas' }
const STATUSES = ['Success', 'Success', 'Warning', 'Error', 'Fatal'] as const
const documents = { backupId: 'DB-1', backupName: 'Documents' }
const night = (day: number) => new Date(FIRST + day * DAY).toISOString()

function reportOf(run: RunFacts, change: Partial<ReportedRun> = {}): ReportedRun {
  return { ...nas, ...documents, run, receivedAt: new Date(Date.parse(run.beganAt) + 3_600_000), ...change }
}

describe('a usual report', () => {
  it.each([1, 2, 3, 4])('is stored as any other one is (seed %i)', async (seed) => {
    const reports = nights(new Random(seed), 45)
    const [usual, other] = [await testStore(), await testStore()]
    await storeAll(usual, reports)
    await storeAll(other, reports, async (report) => {
      // A run of another machine that began at the same moment: there is more to find out, and nothing to find.
      await createIngest(other).addReported({ ...report, machineId: 'B', machineName: 'other', backupId: 'DB-9' })
    })
    const stored = await allOfNas(usual)
    expect(stored.runs).toHaveLength(reports.length)
    expect(stored).toEqual(await allOfNas(other))
  })

  it('is one whose run is new, counts, and began last and alone', async () => {
    const store = await testStore()
    const isUsual = (report: ReportedRun) => wouldBeUsual(store, report)
    const next = exactRun(night(2), 77)
    expect(await isUsual(reportOf(next)), 'of a new server').toBe(false)
    await createIngest(store).addReported(reportOf(exactRun(night(0), 5)))
    await createIngest(store).addReported(reportOf(exactRun(night(1), 6)))
    expect(await isUsual(reportOf(next))).toBe(true)
    const unusual: Record<string, ReportedRun> = {
      'of a new job': reportOf(next, { backupId: 'DB-2' }),
      'of a job that is known by its name alone': reportOf(next, { backupId: null }),
      'under a new name': reportOf(next, { backupName: 'Papers' }),
      'of another operation': reportOf({ ...next, operation: 'Restore' }),
      'of a dry run': reportOf({ ...next, dryRun: true }),
      'of what a script stopped': reportOf({ ...next, interrupted: true }),
      'of a run that is stored': reportOf(exactRun(night(1), 6)),
      'of another run of that second': reportOf(exactRun(night(1), 7)),
      'of an older run': reportOf(exactRun(night(0.5), 9)),
      'of a run whose begin is known to the second': reportOf(inWholeSeconds(next)),
      'of 2.1, which names wrong jobs': reportOf({ ...next, duplicatiVersion: '2.1.0.5' }),
    }
    for (const [what, report] of Object.entries(unusual)) expect(await isUsual(report), what).toBe(false)
  })

  it('is none where another server told of a run of that moment', async () => {
    const store = await testStore()
    const other = { machineId: 'B', machineName: 'other', backupId: 'DB-2' }
    const next = exactRun(night(1), 77)
    await createIngest(store).addReported(reportOf(exactRun(night(0), 5)))
    await createIngest(store).addReported(reportOf(exactRun(night(1.5), 5), other))
    expect(await wouldBeUsual(store, reportOf(next))).toBe(true)
    const sameSecond = exactRun(night(1), 300 * 10_000)
    await createIngest(store).addReported(reportOf(sameSecond, other))
    expect(await wouldBeUsual(store, reportOf(next)), 'both are known exactly').toBe(true)
    await createIngest(store).addReported(
      reportOf(inWholeSeconds(exactRun(night(1), 0)), { ...other, backupId: 'DB-3' }),
    )
    expect(await wouldBeUsual(store, reportOf(next)), 'one of that second').toBe(false)
    const later = exactRun(night(2), 42)
    await createIngest(store).addReported(reportOf(exactRun(night(2), 43), other))
    expect(await wouldBeUsual(store, reportOf(later)), 'one of that millisecond').toBe(false)
  })
})

async function wouldBeUsual(store: WritableStore, report: ReportedRun): Promise<boolean> {
  const { machineId, machineName, backupName, run } = report
  const backupId = report.backupId?.replace('DB-', '') ?? null
  const reporter = { machineId, machineName, backupId, backupName, at: report.receivedAt.getTime() }
  const known = knownSource(store.db, reporter, Date.parse(run.beganAt))
  return known !== null && usualRun(known, { backupName, run, receipt: { receivedAt: reporter.at } }) !== null
}

/** Reports of all that a night can bring, each of a run that counts. */
function nights(random: Random, count: number): ReportedRun[] {
  return Array.from({ length: count }, (_, day) => {
    const status = STATUSES[random.between(0, STATUSES.length - 1)] ?? 'Success'
    const text = { level: 'warning' as const, at: night(day), tag: 'T', text: `of day ${day}` }
    const run = exactRun(night(day), 1_000 + day * 37, {
      status,
      partial: random.next() < 0.2,
      durationSeconds: random.next() < 0.1 ? null : 60 + day / 1_000,
      uploadedBytes: random.next() < 0.1 ? null : day * 1_000,
      exception: status === 'Fatal' ? 'it broke' : null,
      duplicatiVersion: day < 20 ? '2.2.0.3' : '2.3.0.4',
      log: random.next() < 0.3 ? [] : [text],
    })
    const nextScheduledRun = random.next() < 0.3 ? null : night(day + 1)
    return reportOf(run, { nextScheduledRun, timeDoubted: random.next() < 0.05 })
  })
}

async function storeAll(
  store: WritableStore,
  reports: ReportedRun[],
  before: (report: ReportedRun) => Promise<void> = async () => {},
): Promise<void> {
  for (const [day, report] of reports.entries()) {
    // What was live is over with the report.
    if (day % 7 === 3) await store.transaction((tx) => noteLive(tx, liveOf(report), report.receivedAt))
    await before(report)
    const packed = day % 2 === 0 ? { log: new PackedLog(packLog(linesOf(report.run), report.run.versionDates)) } : {}
    await createIngest(store).addReported({ ...report, run: { ...report.run, ...packed } })
  }
}

function liveOf({ machineId, machineName, backupId, backupName, run }: ReportedRun): LiveStatus {
  const { beganAt: startedAt } = run
  return {
    ...{ source: { machineId, machineName }, backupId, backupName, operation: 'Backup', state: 'progress' },
    ...{ startedAt, reportedAt: startedAt, phase: 'Backup_Begin', progress: 0.5 },
    ...{ bytesPerSecond: null, remainingSeconds: null, errorMessage: null },
  }
}

/** All that is stored of the server, without ids. */
async function allOfNas(store: WritableStore) {
  const { db } = store
  const { id, ...server } = await db
    .selectFrom('server')
    .selectAll()
    .where('machine_name', '=', 'nas')
    .executeTakeFirstOrThrow()
  const {
    id: jobId,
    server_id: _,
    last_run,
    ...job
  } = await db.selectFrom('job').selectAll().where('server_id', '=', id).executeTakeFirstOrThrow()
  const { id: __, job_id: ___, ...last } = readLastRun(last_run ?? '{}')
  const runs = await db
    .selectFrom('run')
    .leftJoin('run_log', 'run_id', 'run.id')
    .selectAll()
    .where('job_id', '=', jobId)
    .orderBy('began_at')
    .execute()
  const sources = await db
    .selectFrom('run_source')
    .innerJoin('run', 'run.id', 'run_id')
    .select(['began_at', 'way'])
    .where('job_id', '=', jobId)
    .orderBy('began_at')
    .execute()
  const seen = await db
    .selectFrom('source')
    .select(['first_seen_at', 'last_seen_at', 'machine_id'])
    .where('server_id', '=', id)
    .execute()
  const withoutIds = runs.map(({ id: _id, job_id: _job, run_id: _run, ...run }) => run)
  return { server: { ...server, secret_owner: '' }, job, last, runs: withoutIds, sources, seen }
}
