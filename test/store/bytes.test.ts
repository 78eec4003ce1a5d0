import { statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { LogLine, RunFacts } from '../../src/duplicati/model.ts'
import { createIngest } from '../../src/ingest/index.ts'
import { openStore } from '../../src/store/index.ts'
import { Random } from '../support/duplicati/random.ts'
import { logRow, runFacts, serverInfo } from '../support/run-facts.ts'
import { temporaryFolder } from '../support/store.ts'

const RUNS = 2_000
const PAGE = 200
const MOST_BYTES_A_RUN = 1_500
const HOUR = 3_600_000
const start = Date.parse('2026-01-01T02:00:00Z')
const MAIN = 'Duplicati.Library.Main'
const EVENT = `${MAIN}.BasicResults-BackendEvent`
const FOLDERS = ['Documents', 'Pictures', 'src', 'mail', 'music', 'projects', 'archive', 'private', 'Downloads', 'tmp']
const ENDINGS = ['.bin', '.docx', '.jpg', '.pst', '.sqlite', '.log', '.tmp', '.lock']

/** The sixty lines that a log row holds at most, 20 of each level, as recorded servers write them; no two runs have the same. */
function sixtyLines(random: Random, beganAt: number): LogLine[] {
  const pick = (items: string[]) => items[random.between(0, items.length - 1)] ?? ''
  const path = () =>
    `/srv/data/${pick(FOLDERS)}/${pick(FOLDERS)}/file-${String(random.between(0, 9_999)).padStart(4, '0')}${pick(ENDINGS)}`
  let at = beganAt
  const line = (level: LogLine['level'], tag: string, text: string): LogLine => {
    at += random.between(0, 3) * 1_000
    return { level, at: new Date(at).toISOString(), tag, text }
  }
  const event = (text: string) => line('message', EVENT, `Backend event: ${text}`)
  const put = (name: string) => {
    const size = `${random.between(1, 99)}.${random.between(10, 99)} MiB`
    return ['Started', 'Completed'].map((what) => event(`Put - ${what}: duplicati-${name}.zip.aes (${size})`))
  }
  const day = new Date(beganAt).toISOString().replaceAll(/[-:]|\.\d+/g, '')
  const messages = [
    line('message', `${MAIN}.Controller-StartingOperation`, 'The operation Backup has started'),
    event('List - Started:  ()'),
    event(`List - Completed:  (${random.between(1, 9_999)} bytes)`),
    event('QuotaInfo - Started:  ()'),
    ...put(`b${random.hex(32)}.dblock`),
    ...put(`b${random.hex(32)}.dblock`),
    ...put(`i${random.hex(32)}.dindex`),
    ...put(`i${random.hex(32)}.dindex`),
    ...put(`${day}.dlist`),
    line(
      'message',
      `${MAIN}.Operation.DeleteHandler:RetentionPolicy-StartCheck`,
      'Start checking if backups can be removed',
    ),
    line('message', `${MAIN}.Database.LocalDeleteDatabase-CompactReason`, 'Compacting not required'),
    event('List - Started:  ()'),
    event(`List - Completed:  (${random.between(1, 9_999)} bytes)`),
    event('QuotaInfo - Started:  ()'),
    line('message', `${MAIN}.Operation.BackupHandler-VerificationCompleted`, 'Verified remote files'),
  ]
  const denied = () => {
    const where = path()
    return line(
      'warning',
      `${MAIN}.Operation.Backup.FileBlockProcessor.FileEntry-PermissionDenied`,
      `Excluding path due to permission denied: ${where}\nUnauthorizedAccessException: Access to the path '${where}' is denied.`,
    )
  }
  const failed = () =>
    line(
      'error',
      `${MAIN}.Operation.Backup.FileBlockProcessor.FileEntry-FileProcessingFailed`,
      `Failed to process path: ${path()}\nIOException: The process cannot access the file because it is being used by another process.`,
    )
  return [...messages, ...Array.from({ length: 20 }, denied), ...Array.from({ length: 20 }, failed)]
}

function run(index: number): RunFacts {
  const random = new Random(42, index)
  const beganAt = start + index * HOUR + random.between(0, 999)
  return runFacts({
    beganAt: new Date(beganAt).toISOString(),
    beganTicks: random.between(0, 9_999),
    durationSeconds: random.between(1e7, 9e10) / 1e7,
    status: 'Error',
    examinedFiles: random.between(1_000, 999_999),
    examinedBytes: random.between(1e9, 1e12),
    addedFiles: random.between(0, 999),
    addedBytes: random.between(0, 1e9),
    uploadedBytes: random.between(1e6, 1e9),
    storageBytes: random.between(1e9, 1e12),
    freeBytes: random.between(1e9, 1e12),
    totalBytes: 1e12,
    messages: 20,
    warnings: 300,
    errors: 20,
    log: sixtyLines(random, beganAt),
    versionDates: Array.from({ length: 7 }, (_, day) => new Date(beganAt - day * 24 * HOUR).toISOString()),
  })
}

it('stores a run of 60 log lines in at most 1,500 bytes, all things counted', async () => {
  const file = join(temporaryFolder(), 'duplistatus.db')
  await (await openStore({ file, mode: 'write' })).close()
  const empty = statSync(file).size
  const store = await openStore({ file, mode: 'write' })
  const at = new Date('2026-11-24T12:00:00Z')
  const collection = await createIngest(store).openCollection({ url: 'http://nas:8200', info: serverInfo(), at })
  const job = { backupId: '1', name: 'Documents' }
  for (let first = 0; first < RUNS; first += PAGE) {
    const rows = Array.from({ length: PAGE }, (_, i) => logRow(RUNS - first - i, run(RUNS - first - i)))
    await collection.addPage(job, rows)
  }
  const [newest] = (await store.read.status()).jobs
  const stored = await store.read.log(newest?.lastRun?.id ?? '')
  expect(stored).toEqual({ lines: run(RUNS).log, versionDates: run(RUNS).versionDates })
  await store.close()
  const bytes = (statSync(file).size - empty) / RUNS
  expect(run(RUNS).log).toHaveLength(60)
  expect(bytes).toBeLessThanOrEqual(MOST_BYTES_A_RUN)
})
