import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect, it } from 'vitest'
import { keyOf } from '../bench/serve/bodies.ts'
import { Random } from '../support/duplicati/random.ts'
import { temporaryFolder } from '../support/program.ts'
import { POST_DEFAULTS, postReports, Serving } from '../support/serving.ts'

/** How often it is killed; the acceptance takes 50. */
const KILLS = Number(process.env.KILLS ?? 8)
const SEED = Number(process.env.SEED ?? Date.now() % 1_000_000)
/** More than can be answered before the kill. */
const COUNT = 20_000

it(`loses and doubles no report that was answered, killed ${KILLS} times (SEED=${SEED})`, async () => {
  using folder = temporaryFolder()
  const database = join(folder.path, 'serve.db')
  const random = new Random(SEED)
  const acknowledged: number[] = []
  for (let kill = 0; kill < KILLS; kill++) {
    const serving = await Serving.start(folder.path, database)
    const posting = postReports({ url: `${serving.url}/api/upload`, from: kill * COUNT, count: COUNT, listed: true })
    // The client makes its first 2,000 bodies before it begins.
    const timer = setTimeout(() => void serving.end('SIGKILL'), random.between(900, 2_500))
    const posted = await posting
    clearTimeout(timer)
    acknowledged.push(...(posted.acknowledged ?? []))
  }
  await (await Serving.start(folder.path, database)).end('SIGTERM')

  // Each kill has to hit it at work.
  expect(acknowledged.length).toBeGreaterThan(KILLS * 50)
  const db = new Database(database, { readonly: true })
  expect(db.pragma('integrity_check', { simple: true })).toBe('ok')
  const stored = new Map<string, number>()
  const rows = db
    .prepare<[], { machine: string; backup: string; began: number; ticks: number }>(
      `SELECT server.machine_name AS machine, job.backup_id AS backup, began_at AS began, began_ticks AS ticks
        FROM run JOIN job ON job.id = run.job_id JOIN server ON server.id = job.server_id`,
    )
    .all()
  db.close()
  for (const { machine, backup, began } of rows) {
    const key = `${machine} ${backup} ${began}`
    stored.set(key, (stored.get(key) ?? 0) + 1)
  }
  const missing = acknowledged.filter((number) => !stored.has(storedKey(number)))
  expect(missing).toEqual([])
  expect([...stored].filter(([, times]) => times > 1)).toEqual([])
}, 240_000)

function storedKey(number: number): string {
  const { machine, backupId, beginTime } = keyOf(number, POST_DEFAULTS)
  return `${machine} ${backupId.replace('DB-', '')} ${Date.parse(beginTime)}`
}
