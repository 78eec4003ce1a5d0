import { describe, expect, it } from 'vitest'
import { readReportBody } from '../../src/duplicati/report-body.ts'
import { parseLogRow } from '../../src/duplicati/result.ts'
import { groupWriter } from '../../src/ingest/group.ts'
import { createIngest } from '../../src/ingest/index.ts'
import { addReported, toReported } from '../../src/ingest/reports.ts'
import type { WritableStore } from '../../src/store/index.ts'
import { quickAll } from '../../src/store/quick.ts'
import { Random } from '../support/duplicati/random.ts'
import { serverInfo } from '../support/run-facts.ts'
import { testStore } from '../support/store.ts'

/** All ways of telling must leave the same; more runs with ANY_ORDER_RUNS=10000. */
const RUNS = Number(process.env.ANY_ORDER_RUNS ?? 1_000)
const JOBS = 4
const SERVERS = 5
const RECEIVED = new Date('2026-11-24T12:00:00Z')
const FIRST = Date.parse('2026-11-01T00:00:00Z')

interface Telling {
  by: 'json' | 'text' | 'collect'
  server: number
  job: number
  data: ReturnType<typeof resultOf>
}

/** What Duplicati says of run `number`: many of them begin in one second, some with warnings, errors, interrupted or dry. */
function resultOf(number: number) {
  const begin = FIRST + Math.floor(number / (SERVERS * JOBS)) * 3_600_000
  const ticks = String((number * 7_919) % 10_000_000).padStart(7, '0')
  const seconds = 60 + (number % 50)
  const fraction = String((number * 104_729) % 10_000_000).padStart(7, '0')
  const warnings = number % 7 === 0 ? 25 : 0
  const errors = number % 31 === 0 ? 1 : 0
  const at = new Date(begin).toISOString().slice(0, 19)
  const end = new Date(begin + seconds * 1_000 + 1).toISOString().replace('Z', '5Z')
  return {
    MainOperation: number % 11 === 0 ? 'Test' : 'Backup',
    ParsedResult: errors > 0 ? 'Error' : warnings > 0 ? 'Warning' : 'Success',
    BeginTime: `${at}.${ticks}Z`,
    EndTime: end,
    Duration: `00:01:${String(seconds - 60).padStart(2, '0')}.${fraction}`,
    Interrupted: number % 13 === 0,
    PartialBackup: number % 17 === 0,
    Dryrun: false,
    ExaminedFiles: 100 + number,
    SizeOfExaminedFiles: 1_000 * number,
    MessagesActualLength: 2,
    WarningsActualLength: warnings,
    ErrorsActualLength: errors,
    Version: '2.3.0.4 (2.3.0.4_stable_2026-07-09)',
    BackendStatistics: { RemoteCalls: 4, BytesUploaded: number, KnownFileSize: 10 * number, BackupListCount: 3 },
    texts: { at, warnings, errors },
  }
}

function linesOf({ texts: { at, warnings, errors } }: Telling['data'], most: number) {
  const stamp = `${at.replace('T', ' ')} +00`
  const line = (level: string, text: string) => `${stamp} - [${level}-Duplicati.Library.Main.Test]: ${text}`
  const list = (level: string, count: number) =>
    Array.from({ length: Math.min(count, most) }, (_, i) => line(level, `${level} number ${i} of the run`))
  return { Messages: list('Information', 2), Warnings: list('Warning', warnings), Errors: list('Error', errors) }
}

const machine = (server: number) => ({ id: `machine-${server}`, name: `nas-${server}` })

/** A JSON report with all its lines. */
function jsonReport({ server, job, data }: Telling): string {
  const { texts: _, ...result } = data
  const lines = linesOf(data, 1_000)
  return JSON.stringify({
    Data: result,
    Extra: {
      OperationName: data.MainOperation,
      'machine-id': machine(server).id,
      'machine-name': machine(server).name,
      'backup-name': `Job ${job}`,
      'backup-id': `DB-${job}`,
    },
    LogLines: [...lines.Messages, ...lines.Warnings, ...lines.Errors],
    Exception: null,
  })
}

/** The text form: dates of a locale with the epoch in brackets, lists cut at ten, nothing of the destination. */
function textReport({ server, job, data }: Telling): string {
  const epoch = (text: string) => `23.11.2026 13.45.14 (${Math.floor(Date.parse(text) / 1_000)})`
  const { id, name } = machine(server)
  const { Messages, Warnings, Errors } = linesOf(data, 10)
  const list = (key: string, lines: string[]) => `${key}: [\n    ${lines.join(',\n    ')}\n]`
  return [
    `Duplicati ${data.MainOperation} report for Job ${job} (${id}, DB-${job}, ${name})`,
    '',
    `ExaminedFiles: ${data.ExaminedFiles}`,
    `SizeOfExaminedFiles: ${data.SizeOfExaminedFiles}`,
    `PartialBackup: ${data.PartialBackup ? 'True' : 'False'}`,
    'Dryrun: False',
    `MainOperation: ${data.MainOperation}`,
    `ParsedResult: ${data.ParsedResult}`,
    `Interrupted: ${data.Interrupted ? 'True' : 'False'}`,
    `Version: ${data.Version}`,
    `EndTime: ${epoch(data.EndTime)}`,
    `BeginTime: ${epoch(data.BeginTime)}`,
    `Duration: ${data.Duration}`,
    `MessagesActualLength: ${data.MessagesActualLength}`,
    `WarningsActualLength: ${data.WarningsActualLength}`,
    `ErrorsActualLength: ${data.ErrorsActualLength}`,
    list('Messages', Messages),
    list('Warnings', Warnings),
    list('Errors', Errors),
  ].join('\n')
}

/** A row of the job's own log: at most twenty lines of each level. */
function logRow({ data }: Telling, id: number) {
  const { texts: _, ...result } = data
  return parseLogRow({
    ID: id,
    OperationID: id,
    Timestamp: Math.floor(Date.parse(data.EndTime) / 1_000),
    Type: 'Result',
    Message: JSON.stringify({ ...result, ...linesOf(data, 20) }),
    Exception: {},
  })
}

function tellings(ways: Telling['by'][]): Telling[] {
  return Array.from({ length: RUNS }, (_, number) => {
    const place = number % (SERVERS * JOBS)
    const run = { server: place % SERVERS, job: Math.floor(place / SERVERS) + 1, data: resultOf(number) }
    return ways.map((by) => ({ ...run, by }))
  }).flat()
}

/** Tells all of it, so many at a time, in this order. */
async function tellAll(store: WritableStore, all: Telling[], atOnce: number): Promise<void> {
  const writer = groupWriter(store)
  const ingest = createIngest(store)
  const tell = async (telling: Telling, at: number) => {
    if (telling.by === 'collect') {
      const url = `http://nas-${telling.server}:8200`
      const info = serverInfo({ machineId: null, machineName: machine(telling.server).name })
      const collection = await ingest.openCollection({ url, info, at: RECEIVED })
      await collection.addPage({ backupId: String(telling.job), name: `Job ${telling.job}` }, [logRow(telling, at + 1)])
      return
    }
    const body = Buffer.from(telling.by === 'json' ? jsonReport(telling) : textReport(telling))
    const read = readReportBody({ body }, RECEIVED)
    if (read.kind !== 'report') throw new Error('it is no report')
    await writer.write((tx) => addReported(tx, toReported(read.report, RECEIVED)))
  }
  for (let from = 0; from < all.length; from += atOnce)
    await Promise.all(all.slice(from, from + atOnce).map((telling, i) => tell(telling, from + i)))
  await writer.drain()
}

/** Runs by what makes them the same in every database, with the texts that are kept of them. */
async function seen(store: WritableStore, withTexts: boolean) {
  const { servers, jobs } = await store.read.status()
  const rows = quickAll<Record<string, unknown> & { id: number }>(
    store.db,
    `SELECT run.*, server.machine_name, job.backup_id, job.name FROM run JOIN job ON job.id = run.job_id
      JOIN server ON server.id = job.server_id ORDER BY machine_name, backup_id, began_at, began_ticks, duration_ticks`,
  )
  const runs = []
  for (const { id, job_id: _job, received_at: _received, ...row } of rows) {
    const log = withTexts ? await store.read.log(`r${id}`) : null
    runs.push({ ...row, log: log?.lines })
  }
  const state = jobs
    .map((job) => {
      const owner = servers.find(({ view }) => view.id === job.serverId)?.view.machineName
      const { lastSuccessAt, skippedAt, habits, failuresInARow } = job.facts
      const { backupId, name, runs: counted, uploadedBytes, recent, versions, warnings } = job
      const begins = job.lastRun?.beganAt
      return {
        owner,
        backupId,
        name,
        counted,
        uploadedBytes,
        recent,
        versions,
        warnings,
        lastSuccessAt,
        skippedAt,
        habits,
        failuresInARow,
        begins,
      }
    })
    .sort((a, b) => `${a.owner}${a.backupId}`.localeCompare(`${b.owner}${b.backupId}`))
  return { servers: servers.length, jobs: state, runs }
}

function shuffled<T>(items: T[], seed: number): T[] {
  const random = new Random(seed)
  return items
    .map((item) => ({ item, at: random.next() }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item)
}

async function told(all: Telling[], atOnce: number, withTexts = false) {
  const store = await testStore({ sync: 'close' })
  await tellAll(store, all, atOnce)
  return seen(store, withTexts)
}

const key = (run: Record<string, unknown>) => {
  const { machine_name, backup_id, name, operation, status, duration_ticks, messages, warnings, errors, counting } = run
  const { began_at, partial, interrupted, dry_run } = run
  const second = Math.floor(Number(began_at) / 1_000)
  return {
    machine_name,
    backup_id,
    name,
    operation,
    status,
    duration_ticks,
    messages,
    warnings,
    errors,
    counting,
    second,
    partial,
    interrupted,
    dry_run,
  }
}

describe(`the same ${RUNS} runs`, () => {
  it('are the same, each once, whatever way they come by', async () => {
    const ways = {
      json: await told(tellings(['json']), 16),
      text: await told(tellings(['text']), 16),
      collect: await told(tellings(['collect']), 16),
    }
    expect(ways.json.runs).toHaveLength(RUNS)
    const byKey = (runs: Record<string, unknown>[]) => runs.map((run) => JSON.stringify(key(run))).sort()
    expect(byKey(ways.text.runs)).toEqual(byKey(ways.json.runs))
    expect(byKey(ways.collect.runs)).toEqual(byKey(ways.json.runs))
    expect(ways.collect.jobs.map(({ counted, recent }) => ({ counted, recent }))).toEqual(
      ways.json.jobs.map(({ counted, recent }) => ({ counted, recent })),
    )
  }, 300_000)

  it('are the same to the last text in any order, one at a time or together', async () => {
    const all = tellings(['json', 'text', 'collect'])
    const expected = await told(all, 1, true)
    expect(expected.servers).toBe(SERVERS)
    expect(expected.runs).toHaveLength(RUNS)
    expect(expected.jobs).toHaveLength(SERVERS * JOBS)
    for (const [seed, atOnce] of [
      [1, 1],
      [2, 40],
      [3, 40],
    ] as const) {
      expect(await told(shuffled([...all, ...shuffled(all, seed).slice(0, RUNS / 4)], seed), atOnce, true)).toEqual(
        expected,
      )
    }
  }, 600_000)
})
