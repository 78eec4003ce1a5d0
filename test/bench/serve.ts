import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { ROOT } from '../support/program.ts'
import { postReports, Serving } from '../support/serving.ts'
import { type Finding, median } from './measure.ts'

/** Reports of one measurement, and how often rates are compared: that of the bare server moves by half from second to second. */
const REPORTS = 2_000
const ROUNDS = 9
const PAIRS = 5
/** Runs after which memory is looked at; fewer for a quick look. */
const RUNS = Number(process.env.BENCH_REPORTS ?? 100_000)
const STORED = { servers: 100, runsPerJob: 250 }

/** What `serve` takes in, against a server that only parses; what that costs in memory, and with a long history. */
export async function benchServe(folder: string): Promise<Finding[]> {
  await using bare = await startBare()
  const serving = await Serving.start(folder)
  let from = 0
  const post = async (url: string) => {
    const posted = await postReports({ url: `${url}/api/upload`, from, count: REPORTS })
    from += REPORTS
    if (posted.statuses['200'] !== REPORTS) throw new Error(`Answered ${JSON.stringify(posted.statuses)}`)
    return posted
  }
  await post(serving.url)
  const rounds = []
  for (let round = 0; round < ROUNDS; round++) rounds.push({ bare: await post(bare.url), own: await post(serving.url) })
  const more = await postReports({ url: `${serving.url}/api/upload`, from, count: Math.max(0, RUNS - from) })
  from = Math.max(from, RUNS)
  if (more.broken > 0) throw new Error(`${more.broken} connections broke`)
  const memory = serving.peakMegabytes()

  const long = join(folder, 'long.db')
  seedInChild(long)
  /** Of a process that has just started: one that has run for longer has compiled more of its code. */
  const rateOn = async (database: string) => {
    const started = await Serving.start(folder, database)
    await post(started.url)
    const { rate } = await post(started.url)
    await started.end('SIGTERM')
    return rate
  }
  const pairs = []
  for (let pair = 0; pair < PAIRS; pair++) {
    const files = { empty: join(folder, `empty-${pair}.db`), long }
    const rates = { empty: 0, long: 0 }
    // Which of the two goes first takes turns.
    const order = pair % 2 === 0 ? (['empty', 'long'] as const) : (['long', 'empty'] as const)
    for (const which of order) rates[which] = await rateOn(files[which])
    pairs.push(rates.long / rates.empty)
  }
  await serving.end('SIGTERM')
  return [
    {
      name: 'reports, each on disk before its answer',
      value: median(rounds.map(({ bare, own }) => own.rate / bare.rate)),
      unit: `× a server that only parses (${Math.round(median(rounds.map(({ own }) => own.rate)))} a second)`,
      limit: 0.4,
      must: 'at least',
    },
    {
      name: 'p99 of an answer',
      value: median(rounds.map(({ own }) => own.p99)),
      unit: 'ms',
      limit: 60,
      must: 'at most',
    },
    { name: `memory of serve after ${RUNS} runs`, value: memory, unit: 'MB', limit: 200, must: 'at most' },
    {
      name: 'reports with 250,000 runs stored',
      value: median(pairs),
      unit: '× the rate on an empty database',
      limit: 0.9,
      must: 'at least',
    },
  ]
}

async function startBare() {
  const child = spawn(process.execPath, [join(ROOT, 'test/bench/serve/bare.ts')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const [port] = await once(child.stdout.setEncoding('utf8'), 'data')
  return {
    url: `http://127.0.0.1:${String(port).trim()}`,
    [Symbol.asyncDispose]: async () => {
      child.stdin.end()
      await once(child, 'close')
    },
  }
}

/** In a process of its own, as this one has to stay small. */
function seedInChild(file: string): void {
  const args = [join(ROOT, 'test/bench/seed.ts'), file, String(STORED.servers), String(STORED.runsPerJob)]
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`The database could not be made: ${stderr}`)
}
