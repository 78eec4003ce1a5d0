/**
 * A small fleet of simulated Duplicati servers, with something of everything that a monitor shows: what `demo` runs on. It
 * reads no files and uses nothing of a test framework, so that it can be a part of the program.
 */
import type { SimNotification } from './answers.ts'
import { type History, historyLog, historyRun, type Special } from './history.ts'
import { type SimJob, type SimSchedule, simJob } from './job.ts'
import { Random } from './random.ts'
import { zoneOffset } from './release.ts'
import { reportBody } from './report.ts'
import { type SimOptions, SimulatedDuplicati } from './server.ts'

export interface Fleet {
  servers: { url: string; password: string; name: string }[]
  /** A machine that nobody can ask, but that reports: the body it posts when its backup has ended. */
  reporter: { name: string; report(): string }
  close(): Promise<void>
}

interface Plan extends Pick<History, 'files' | 'sourceBytes' | 'seconds' | 'keep' | 'count'> {
  name: string
  tags?: string[]
  description?: string
  /** Local time of a daily job, `02:30`, or the length of the interval in hours. */
  daily?: string
  everyHours?: number
  /** Hours by which the newest run is too old: it was planned and did not come. */
  lateHours?: number
  special?: (age: number) => Special | undefined
  /** How the schedule says the interval; null for a job without one. */
  repeat: string | null
}

const HOUR = 3_600_000
const DAY = 24 * HOUR
const MB = 1_000_000
const GB = 1000 * MB

/**
 * Starts the fleet on free ports of the loopback interface.
 *
 * @param now the moment at which the histories end; the servers' clocks go on from it
 * @param seed another one gives other numbers
 */
export async function demoFleet(now: Date, seed = 1): Promise<Fleet> {
  const began = performance.now()
  const clock = () => now.getTime() + (performance.now() - began)
  const random = new Random(seed)
  const shared = () => ({ machineId: random.hex(32), password: `demo-${random.hex(12)}`, now: clock })
  const builders = [nas, officePc, web, laptop, mail]
  const servers = await Promise.all(builders.map((build) => build(now.getTime(), seed, shared())))
  return {
    servers: servers.map(({ url, password, machineName }) => ({ url, password, name: machineName })),
    reporter: { name: VPS, report: () => vpsReport(clock(), seed, random.hex(32)) },
    close: async () => {
      await Promise.all(servers.map((server) => server.close()))
    },
  }
}

type Shared = Pick<SimOptions, 'machineId' | 'password' | 'now'>

const VPS = 'vps'
const VPS_RUNS = 20

/** Behind a provider's firewall: its backup has just ended. */
function vpsReport(now: number, seed: number, machineId: string): string {
  // It ended half a minute ago.
  const seconds = 290
  const startOf = (index: number) => now - (seconds + 30) * 1000 - (VPS_RUNS - 1 - index) * DAY
  const history: History = { ...size(18_240, 22.5 * GB, seconds / 1.3), seed, count: VPS_RUNS, startOf, keep: 7 }
  const run = historyRun(history, VPS_RUNS - 1)
  const context = { release: '2.3.0.4', zone: 'UTC', locale: 'en-US' } as const
  return reportBody(run, { ...context, machineId, machineName: VPS, backupId: '1', backupName: 'Databases' }, now + DAY)
}

/** Good, warned and running jobs. */
async function nas(now: number, seed: number, shared: Shared) {
  const zone = 'Europe/Berlin'
  const plans: Plan[] = [
    {
      name: 'Documents',
      tags: ['home'],
      daily: '02:30',
      repeat: '1D',
      count: 30,
      keep: 14,
      ...size(4210, 9.4 * GB, 74),
    },
    {
      name: 'Fotos & Vidéos – 写真 📷',
      daily: '03:15',
      repeat: '1D',
      count: 30,
      keep: 14,
      special: (age) => (age % 9 === 0 ? 'unreadable' : undefined),
      ...size(61_340, 412 * GB, 1530),
    },
    {
      name: 'System image',
      everyHours: 24,
      lateHours: 0.2,
      repeat: '1D',
      count: 30,
      keep: 7,
      ...size(188_400, 96 * GB, 2700),
    },
  ]
  const options = { release: '2.3.0.4', machineName: 'nas', timeZone: zone, locale: 'de-DE', ...shared } as const
  const server = await start(options, plans, now, seed + 10)
  server.running = {
    jobId: '3',
    taskId: 41,
    overall: 0.42,
    files: 81_200,
    bytes: 40 * GB,
    totalFiles: 188_400,
    totalBytes: 96 * GB,
    speed: 18 * MB,
    currentFile: '/srv/images/system.vhdx',
    transfer: 'duplicati-b6975d6d5f7c44705bc20dbe4a737609a.dblock.zip.aes',
  }
  warn(server, '2', 'Encountered 4 warnings.')
  return server
}

/** A job that was planned hours ago and did not run. */
async function officePc(now: number, seed: number, shared: Shared) {
  const plans: Plan[] = [
    {
      name: 'Accounting',
      tags: ['office'],
      everyHours: 24,
      lateHours: 5,
      repeat: '1D',
      count: 30,
      keep: 10,
      ...size(890, 2.1 * GB, 31),
    },
    { name: 'Mail archive', everyHours: 6, repeat: '6h', count: 90, keep: 8, ...size(15_020, 22 * GB, 118) },
  ]
  const options = {
    release: '2.2.0.3',
    machineName: 'office-pc',
    timeZone: 'Europe/London',
    locale: 'en-ZA',
    ...shared,
  } as const
  return start(options, plans, now, seed + 20)
}

/** A job whose destination lost files. */
async function web(now: number, seed: number, shared: Shared) {
  const plans: Plan[] = [
    {
      name: 'Website',
      daily: '01:00',
      repeat: '1D',
      count: 30,
      keep: 14,
      special: (age) => (age < 2 ? 'missing' : undefined),
      ...size(23_400, 6.8 * GB, 96),
    },
    { name: 'Databases', everyHours: 1, repeat: '1h', count: 200, keep: 24, ...size(64, 1.9 * GB, 22) },
  ]
  const options = {
    release: 'canary',
    machineName: 'web1',
    timeZone: 'America/New_York',
    locale: 'en-ZA',
    ...shared,
  } as const
  const server = await start(options, plans, now, seed + 30)
  fail(server, '1', 'Found 2 files that are missing from the remote storage, please run repair')
  return server
}

/** A partial and a skipped backup, and a job that is only run by hand. */
async function laptop(now: number, seed: number, shared: Shared) {
  const newest = (special: Special) => (age: number) => (age === 0 ? special : undefined)
  const plans: Plan[] = [
    {
      name: 'Home folder',
      everyHours: 12,
      repeat: '12h',
      count: 40,
      keep: 10,
      special: newest('partial'),
      ...size(30_100, 48 * GB, 410),
    },
    {
      name: 'Projects',
      everyHours: 24,
      repeat: '1D',
      count: 28,
      keep: 7,
      special: newest('skipped'),
      ...size(9_870, 3.3 * GB, 52),
    },
    {
      name: 'Old projects',
      everyHours: 24 * 20,
      lateHours: 24 * 4,
      repeat: null,
      count: 1,
      keep: 3,
      ...size(2_310, 14 * GB, 260),
    },
  ]
  const options = {
    release: '2.1.0.5',
    machineName: 'laptop',
    timeZone: 'Asia/Kolkata',
    locale: 'en-ZA',
    ...shared,
  } as const
  return start(options, plans, now, seed + 40)
}

/** A paused server, with a job that waits and one that never ran. */
async function mail(now: number, seed: number, shared: Shared) {
  const plans: Plan[] = [
    {
      name: 'Mailboxes',
      everyHours: 24,
      lateHours: 1.5,
      repeat: '1D',
      count: 30,
      keep: 14,
      ...size(120_800, 77 * GB, 640),
    },
    { name: 'New volume', everyHours: 24, repeat: '1D', count: 0, keep: 7, ...size(100, GB, 60) },
  ]
  const options = {
    release: '2.3.0.4',
    machineName: 'mail',
    timeZone: 'America/Sao_Paulo',
    locale: 'en-ZA',
    ...shared,
  } as const
  const server = await start(options, plans, now, seed + 50)
  server.paused = { until: now + 2 * HOUR }
  server.queue = [{ taskId: 12, jobId: '1' }]
  return server
}

function size(files: number, sourceBytes: number, seconds: number) {
  return { files, sourceBytes, seconds }
}

function start(options: SimOptions & { timeZone: string }, plans: Plan[], now: number, seed: number) {
  const jobs = plans.map((plan, index) => planned(plan, String(index + 1), options.timeZone, now, seed * 100 + index))
  return SimulatedDuplicati.start({ ...options, jobs })
}

/** The job of a plan: its history up to now, and the next run that its schedule announces. */
function planned(plan: Plan, id: string, zone: string, now: number, seed: number): SimJob {
  const { name, description = '', tags = [] } = plan
  // Begin of the run that follows the newest one; the intervals are counted back from there.
  const next = nextStart(plan, zone, now, seed)
  const startOf = (index: number) => startBefore(plan, zone, next, plan.count - index)
  const log = historyLog({ ...plan, seed, startOf })
  const schedule = scheduleOf(plan, next, plan.count > 0 ? startOf(plan.count - 1) : null)
  return simJob({ id, name, description, tags, log, schedule, targetUrl: target(name) })
}

function target(name: string): string {
  const folder = encodeURIComponent(name.toLowerCase())
  return `s3://backups-demo/${folder}?auth-username=AKDEMO&auth-password=not-a-real-secret&s3-server-name=s3.example`
}

function nextStart(plan: Plan, zone: string, now: number, seed: number): number {
  const minute = 60_000
  if (plan.lateHours !== undefined) return Math.floor((now - plan.lateHours * HOUR) / minute) * minute
  if (plan.everyHours)
    return Math.floor(now / minute) * minute + new Random(seed).between(5, plan.everyHours * 59) * minute
  const today = localStart(plan, zone, now)
  return today > now ? today : localStart(plan, zone, now + DAY)
}

/** The start `steps` intervals before another one; daily jobs keep their local time. */
function startBefore(plan: Plan, zone: string, next: number, steps: number): number {
  if (plan.everyHours) return next - steps * plan.everyHours * HOUR
  return localStart(plan, zone, next - steps * DAY)
}

function localStart({ daily = '00:00' }: Plan, zone: string, day: number): number {
  const local = new Date(day + zoneOffset(zone, day) * 60_000).toISOString().slice(0, 10)
  const clock = Date.parse(`${local}T${daily}:00Z`)
  return clock - zoneOffset(zone, clock - zoneOffset(zone, clock) * 60_000) * 60_000
}

function scheduleOf(plan: Plan, next: number, last: number | null): SimSchedule | null {
  if (plan.repeat === null) return null
  const text = (at: number) => `${new Date(at).toISOString().slice(0, 19)}Z`
  return { time: text(next), repeat: plan.repeat, ...(last === null ? {} : { lastRun: text(last) }) }
}

function warn(server: SimulatedDuplicati, jobId: string, message: string): void {
  const job = server.job(jobId)
  const run = job?.log.run(job.log.last)
  if (job && run?.result === 'Warning') {
    server.notifications.push(notification(job, 'Warning', message, run.beganAt + run.duration / 1e4))
  }
}

function fail(server: SimulatedDuplicati, jobId: string, message: string): void {
  const job = server.job(jobId)
  const run = job?.log.run(job.log.last)
  if (!job || !run) return
  const at = run.beganAt + run.duration / 1e4
  const exception = `Duplicati.Library.Interface.RemoteListVerificationException: ${message}`
  const title = `Failed while executing Backup "${job.name}" (id: ${job.id})`
  server.notifications.push({ ...notification(job, 'Error', message, at), exception, messageId: 'MissingRemoteFiles' })
  server.serverLog.push({ backupId: Number(job.id), message: title, exception, at })
}

function notification(job: SimJob, type: SimNotification['type'], message: string, at: number): SimNotification {
  return {
    id: 1,
    type,
    title: `${type} while running ${job.name}`,
    message,
    backupId: job.id,
    at: Math.floor(at / 1000) * 1000,
  }
}
