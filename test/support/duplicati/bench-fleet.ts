/** Many simulated servers with long logs, for measuring the collector: rows of the recorded size that cost little to serve. */
import { historyRun } from './history.ts'
import { simJob } from './job.ts'
import { PreparedLog, type SimTimes } from './prepared-log.ts'
import { Random } from './random.ts'
import { SimulatedDuplicati } from './server.ts'

export interface BenchFleet {
  servers: { url: string; password: string; name: string }[]
  /** How many requests all servers got so far. */
  requests(): number
  close(): Promise<void>
}

export interface BenchSize {
  servers: number
  /** Jobs of each server, and log rows of each job. */
  jobs: number
  rows: number
  /** Every answer comes this much later. */
  delayMs?: number
  password?: string
  now?: number
}

const HOUR = 3_600_000

export async function benchFleet(size: BenchSize): Promise<BenchFleet> {
  const servers = await Promise.all(Array.from({ length: size.servers }, (_, index) => start(size, index)))
  return {
    servers: servers.map(({ url, password, machineName }) => ({ url, password, name: machineName })),
    requests: () => servers.reduce((sum, server) => sum + server.requests.length, 0),
    close: async () => {
      await Promise.all(servers.map((server) => server.close()))
    },
  }
}

function start(size: BenchSize, index: number): Promise<SimulatedDuplicati> {
  const now = Math.floor((size.now ?? Date.now()) / HOUR) * HOUR
  const jobs = Array.from({ length: size.jobs }, (_, job) =>
    simJob({
      id: String(job + 1),
      name: `Job ${job + 1}`,
      schedule: { time: new Date(now + 6 * HOUR).toISOString().replace('.000', ''), repeat: '6h' },
      log: benchLog(size.rows, now, index * 1000 + job),
    }),
  )
  return SimulatedDuplicati.start({
    machineName: `server-${String(index + 1).padStart(2, '0')}`,
    machineId: new Random(index + 1).hex(32),
    password: size.password ?? 'bench-password',
    delayMs: size.delayMs ?? 0,
    jobs,
  })
}

/** A backup every six hours up to now. No two jobs have a run in common: runs that agree are the same run to a monitor. */
function benchLog(rows: number, now: number, seed: number): PreparedLog {
  const startOf = (index: number) => now - (rows - index) * 6 * HOUR
  const sizes = { files: 12_000, sourceBytes: 35e9, seconds: 95, keep: 7 }
  const pattern = historyRun({ seed, count: rows, startOf, ...sizes }, rows - 1)
  const { retention: _, ...plain } = pattern
  const timesOf = (index: number): SimTimes => {
    const random = new Random(seed, index)
    const beganAt = startOf(index) + random.between(150, 1900)
    return { beganAt, beganTicks: random.between(0, 9999), duration: random.between(600_000_000, 1_400_000_000) }
  }
  return new PreparedLog(rows, { ...plain, ...timesOf(rows - 1) }, timesOf)
}
