import { randomUUID } from 'node:crypto'
import { openStore, type WritableStore } from '../../src/store/index.ts'
import { packLog } from '../../src/store/log-pack.ts'
import { rollUpAll } from '../../src/store/rollup.ts'
import type { NewRun } from '../../src/store/schema.ts'

export interface SeedOptions {
  servers: number
  jobsPerServer: number
  runsPerJob: number
  now: Date
}

const DAY = 86_400_000
const HOUR = 3_600_000
const PIECE = 500
const JOB_NAMES = ['Documents', 'Photos', 'Databases', 'Mail', 'Projects', 'Music', 'Videos', 'Home', 'Web', 'Archive']
const DURATION_TICKS = 10_000_000

/**
 * Fills a new database through the store's own tables, in bulk: daily backups that ended well but for every 17th job (Warning),
 * every 23rd (Error) and every 29th, which missed its last start. Everything follows from the options: no randomness.
 * Servers are called `server-1`…, jobs `Documents`, `Photos`… and with a number from the eleventh on.
 */
export async function seed(file: string, options: SeedOptions): Promise<void> {
  const store = await openStore({ file, mode: 'write', now: () => options.now })
  try {
    for (let server = 1; server <= options.servers; server++) {
      await store.transaction((tx) => seedServer(tx, server, options))
    }
  } finally {
    await store.close()
  }
}

type Tx = WritableStore['db']

async function seedServer(tx: Tx, server: number, options: SeedOptions): Promise<void> {
  const now = options.now.getTime()
  const url = `https://server-${server}.example:8200`
  const { id: serverId } = await tx
    .insertInto('server')
    .values({
      alias: `server-${server}`,
      url,
      machine_name: `SERVER${server}`,
      tags: '[]',
      secret_owner: randomUUID(),
      duplicati_version: '2.3.0.2',
      time_zone: 'UTC',
      keep_clock_time: 1,
      paused: 0,
      last_collected_at: now - 600_000,
      created_at: now - 400 * DAY,
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  const { id: sourceId } = await tx
    .insertInto('source')
    .values({
      server_id: serverId,
      address: url,
      machine_id: '',
      machine_name: '',
      first_seen_at: now,
      last_seen_at: now,
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  for (let job = 1; job <= options.jobsPerServer; job++) {
    await seedJob(tx, { serverId, sourceId, job, number: (server - 1) * options.jobsPerServer + job }, options)
  }
}

interface JobPlace {
  serverId: number
  sourceId: number
  /** Within the server, from 1. */
  job: number
  /** Within the fleet, from 1. */
  number: number
}

async function seedJob(tx: Tx, { serverId, sourceId, job, number }: JobPlace, options: SeedOptions): Promise<void> {
  const now = options.now.getTime()
  const name = `${JOB_NAMES[(job - 1) % JOB_NAMES.length]}${job > JOB_NAMES.length ? ` ${job}` : ''}`
  const missed = number % 29 === 0
  const newest = now - (1 + (number % 20)) * HOUR - (missed ? DAY : 0)
  const { id: jobId } = await tx
    .insertInto('job')
    .values({
      server_id: serverId,
      backup_id: String(job),
      name,
      tags: '[]',
      destination: 's3://backups',
      schedule_time: newest + DAY,
      schedule_repeat: '1D',
      schedule_days: '',
      schedule_last_run: newest,
      planned_at: newest + DAY,
      queued: 0,
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  const { id: evidenceId } = await tx
    .insertInto('evidence')
    .values({ source_id: sourceId, backup_id: String(job), backup_name: name })
    .returning('id')
    .executeTakeFirstOrThrow()
  const runs = Array.from({ length: options.runsPerJob }, (_, age) =>
    seedRun(jobId, number, age, newest - age * DAY),
  ).reverse()
  for (let from = 0; from < runs.length; from += PIECE) {
    const ids = await tx
      .insertInto('run')
      .values(runs.slice(from, from + PIECE))
      .returning('id')
      .execute()
    await tx
      .insertInto('run_source')
      .values(ids.map(({ id }) => ({ run_id: id, evidence_id: evidenceId, way: 1 })))
      .execute()
    const last = ids.at(-1)
    if (last && from + PIECE >= runs.length) await seedLog(tx, last.id, newest, runs.at(-1)?.warnings ?? 0)
  }
  await rollUpAll(tx, jobId)
}

function seedRun(jobId: number, number: number, age: number, beganAt: number): NewRun {
  const status =
    age > 0 && age % 11 === 0
      ? 'Warning'
      : age === 0 && number % 23 === 0
        ? 'Error'
        : age === 0 && number % 17 === 0
          ? 'Warning'
          : 'Success'
  const seconds = 60 + ((number * 7 + age) % 900)
  const files = 1_000 + ((number * 7_919) % 90_000) + 250 - age
  const bytes = files * 180_000
  return {
    job_id: jobId,
    operation: 'Backup',
    status,
    counting: 1,
    began_at: beganAt,
    began_ticks: 1234,
    ended_at: beganAt + seconds * 1_000,
    duration_ticks: seconds * DURATION_TICKS,
    partial: 0,
    interrupted: 0,
    dry_run: 0,
    examined_files: files,
    opened_files: 25,
    added_files: 12,
    modified_files: 13,
    deleted_files: 1,
    examined_bytes: bytes,
    added_bytes: 3_000_000,
    modified_bytes: 4_000_000,
    uploaded_bytes: 7_500_000 + age * 1_000,
    downloaded_bytes: 50_000,
    storage_bytes: Math.round(bytes * 0.7),
    free_bytes: null,
    total_bytes: null,
    versions: 12,
    messages: 8,
    warnings: status === 'Warning' ? 3 : 0,
    errors: status === 'Error' ? 2 : 0,
    exception: null,
    duplicati_version: '2.3.0.2',
    received_at: beganAt + seconds * 1_000 + 60_000,
  }
}

async function seedLog(tx: Tx, runId: number, newest: number, warnings: number): Promise<void> {
  const versionDates = Array.from({ length: 12 }, (_, age) => new Date(newest - age * DAY).toISOString())
  const at = new Date(newest).toISOString()
  const log = [
    {
      level: 'message' as const,
      at,
      tag: 'Duplicati.Library.Main.Controller-StartingOperation',
      text: 'The operation Backup has started',
    },
    ...Array.from({ length: warnings }, (_, index) => ({
      level: 'warning' as const,
      at,
      tag: 'Duplicati.Library.Main.Operation.Backup.FileEnumerationProcess-FileAccessError',
      text: `Failed to process path: /data/locked-${index}.tmp\nAccess denied`,
    })),
  ]
  await tx
    .insertInto('run_log')
    .values({ run_id: runId, body: packLog(log, versionDates) ?? new Uint8Array() })
    .execute()
}
