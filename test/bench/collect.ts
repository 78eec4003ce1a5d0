import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { openStore } from '../../src/store/index.ts'
import { ROOT, runProgram } from '../support/program.ts'
import { type Finding, median, peakMegabytes } from './measure.ts'

const SERVERS = 50
const JOBS = 4
const ROWS = 150
const DELAY = 20
/** How often what finds nothing new is timed. */
const PASSES = 5
const PASSWORD = 'bench-password'

/** Collecting from fifty simulated servers in another process: first pass, second pass, memory, bytes a run. */
export async function benchCollect(folder: string): Promise<Finding[]> {
  await using fleet = await serveFleet({ servers: SERVERS, jobs: JOBS, rows: ROWS, delay: DELAY })
  const database = join(folder, 'collect.db')
  const env = { HOME: folder, XDG_CONFIG_HOME: folder, XDG_DATA_HOME: folder, DUPLISTATUS_PASSWORD: PASSWORD }

  const first = await timed(['collect', ...fleet.urls, '--remember', '--json', '--db', database], env)
  const requestsBefore = await fleet.requests()
  const again = () => timed(['collect', '--all', '--json', '--db', database], env)
  const seconds = [await again()]
  const requests = (await fleet.requests()) - requestsBefore
  while (seconds.length < PASSES) seconds.push(await again())
  const roundTrips = await sequentialRoundTrips(fleet.urls[0] as string)

  const peak = peakMegabytes(['collect', ...fleet.urls, '--json', '--db', join(folder, 'peak.db')], env)
  return [
    {
      name: 'first collection',
      value: (SERVERS * JOBS * ROWS) / first,
      unit: 'rows/s',
      limit: 2_000,
      must: 'at least',
    },
    {
      name: 'second collection, nothing new',
      value: median(seconds) / roundTrips,
      unit: "× one server's own sequential round trips",
      limit: 3,
      must: 'at most',
    },
    {
      name: 'requests a job in the second collection',
      value: requests / SERVERS / JOBS,
      unit: 'requests',
      limit: 4,
      must: 'at most',
    },
    { name: 'collection memory', value: peak, unit: 'MB', limit: 250, must: 'at most' },
    { name: 'stored per run', value: await bytesPerRun(database), unit: 'bytes', limit: 1_500, must: 'at most' },
  ]
}

/** Seconds that the same requests to one server take, one after the other, by a client that does nothing else. */
async function sequentialRoundTrips(url: string): Promise<number> {
  const passes: number[] = []
  for (let pass = 0; pass < PASSES; pass++) {
    const started = performance.now()
    const login = await fetch(`${url}/api/v1/auth/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ Password: PASSWORD, RememberMe: false }),
    })
    const { AccessToken } = (await login.json()) as { AccessToken: string }
    const logs = Array.from({ length: JOBS }, (_, job) => `backup/${job + 1}/log?pagesize=10`)
    for (const path of [
      'systeminfo',
      'serversettings',
      'serverstate',
      'backups',
      ...logs,
      'notifications',
      'logdata/log?pagesize=100',
    ]) {
      const answer = await fetch(`${url}/api/v1/${path}`, { headers: { authorization: `Bearer ${AccessToken}` } })
      if (!answer.ok) throw new Error(`${path} was answered ${answer.status}`)
      await answer.arrayBuffer()
    }
    passes.push((performance.now() - started) / 1_000)
  }
  return median(passes)
}

async function timed(args: string[], env: NodeJS.ProcessEnv): Promise<number> {
  const started = process.hrtime.bigint()
  const { code, stderr, stdout } = await runProgram(args, { env, timeout: 300_000 })
  if (code !== 0) throw new Error(`collect ended with ${code}: ${stderr}\n${stdout.slice(0, 2_000)}`)
  return Number(process.hrtime.bigint() - started) / 1e9
}

async function bytesPerRun(database: string): Promise<number> {
  const store = await openStore({ file: database, mode: 'read', now: () => new Date() })
  try {
    const { runs, bytes } = await store.read.size()
    return bytes / runs
  } finally {
    await store.close()
  }
}

/** The simulated fleet in a process of its own, so that its work is not ours. */
async function serveFleet(size: { servers: number; jobs: number; rows: number; delay: number }) {
  const script = join(ROOT, 'test/support/duplicati/serve-fleet.ts')
  const args = Object.entries(size).flatMap(([name, value]) => [`--${name}`, String(value)])
  const child = spawn(process.execPath, [script, ...args, '--password', PASSWORD], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const lines = child.stdout.setEncoding('utf8')[Symbol.asyncIterator]()
  let buffered = ''
  const nextLine = async (): Promise<string> => {
    while (!buffered.includes('\n')) {
      const { value, done } = await lines.next()
      if (done) throw new Error('The simulated fleet ended early')
      buffered += value
    }
    const [line = '', ...rest] = buffered.split('\n')
    buffered = rest.join('\n')
    return line
  }
  const { servers } = JSON.parse(await nextLine()) as { servers: { url: string }[] }
  return {
    urls: servers.map(({ url }) => url),
    /** Requests answered so far, asked over the child's stdin. */
    requests: async (): Promise<number> => {
      child.stdin.write('requests\n')
      return JSON.parse(await nextLine()).requests
    },
    [Symbol.asyncDispose]: async () => {
      child.stdin.end()
      await new Promise((resolve) => child.once('exit', resolve))
    },
  }
}
