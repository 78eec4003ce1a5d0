/** A fleet and all that goes wrong with it in a year, drawn from a seed. */
import type { Random } from '../support/duplicati/random.ts'
import type { Fate, JobPlan, Outcome, SimJob } from './duplicati.ts'

export const MINUTE = 60_000
export const HOUR = 60 * MINUTE
export const DAY = 24 * HOUR

export const ZONES = [
  ...['Europe/Berlin', 'America/New_York', 'America/Sao_Paulo', 'Australia/Lord_Howe', 'Asia/Kolkata', 'UTC'],
] as const
const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri']
const PATTERNS: { repeat: string; days: string[] }[] = [
  { repeat: '1D', days: [] },
  { repeat: '1D', days: [] },
  { repeat: '1D', days: WEEKDAYS },
  { repeat: '12h', days: [] },
  { repeat: '1W', days: [] },
  { repeat: '1D', days: ['tue', 'thu', 'sat'] },
  { repeat: '24h', days: [] },
  { repeat: '1M', days: [] },
]

export interface ServerPlan {
  name: string
  machineId: string
  timeZone: string
  version: string
  jobs: JobPlan[]
}

/** @param jobs how many in all */
export function drawFleet(random: Random, jobs: number, start: number): ServerPlan[] {
  const servers: ServerPlan[] = []
  for (let made = 0; made < jobs; ) {
    const number = servers.length + 1
    const name = `S${String(number).padStart(2, '0')}`
    const count = Math.min(jobs - made, random.between(1, 5))
    const plans = Array.from({ length: count }, (_, index) => drawJob(random, name, index, made + index, start))
    servers.push({
      name,
      machineId: random.hex(32),
      timeZone: ZONES[number % ZONES.length]!,
      version: number % 7 === 3 ? '2.1.0.5' : '2.3.0.4',
      jobs: plans,
    })
    made += count
  }
  return servers
}

function drawJob(random: Random, server: string, index: number, number: number, start: number): JobPlan {
  const pattern = number === 5 ? { repeat: '1h', days: [] } : PATTERNS[number % PATTERNS.length]!
  const first = start + 12 * HOUR + random.between(0, 24 * 4 - 1) * 15 * MINUTE
  return { name: `${server} job ${index + 1}`, backupId: String(index + 1), first, ...pattern }
}

/** How runs go: mostly well, with failures that like to come together. Each job draws from numbers of its own. */
export function drawFate(numbersOf: (job: SimJob) => Random, isCalm: (job: SimJob) => boolean): Fate {
  const failing = new Map<SimJob, Outcome>()
  return (job) => {
    const random = numbersOf(job)
    const [chance, again, length] = [random.next(), random.next(), random.next()]
    const rare = job.plan.repeat === '1h' ? 0.1 : 1
    const usual = usualLength(job)
    const isLong = random.next() < 0.002 * rare
    const milliseconds = Math.round(isLong ? 20 * HOUR : usual * (0.7 + 0.6 * length)) + random.between(0, 999)
    const before = failing.get(job)
    const outcome = isCalm(job) ? 'success' : before && again < 0.4 ? before : outcomeOf(chance / rare)
    if (outcome === 'error' || outcome === 'fatal' || outcome === 'early') failing.set(job, outcome)
    else failing.delete(job)
    return { outcome, milliseconds: outcome === 'early' || outcome === 'skipped' ? 1200 : milliseconds }
  }
}

function outcomeOf(chance: number): Outcome {
  if (chance < 0.03) return 'warning'
  if (chance < 0.045) return 'error'
  if (chance < 0.06) return 'fatal'
  if (chance < 0.07) return 'skipped'
  return chance < 0.077 ? 'early' : 'success'
}

function usualLength({ plan }: SimJob): number {
  return plan.repeat === '1h' ? 2 * MINUTE : (3 + ((plan.first / MINUTE) % 40)) * MINUTE
}

/** Times of trouble that do not touch each other. */
export function drawTimes(
  random: Random,
  { count, from, to, least, most }: { count: number; from: number; to: number; least: number; most: number },
): { from: number; to: number }[] {
  const times: { from: number; to: number }[] = []
  const length = (to - from) / Math.max(1, count)
  for (let index = 0; index < count; index++) {
    const begin = from + index * length + random.next() * length * 0.5
    // Short troubles are more frequent than long ones.
    const lasting = Math.min(least + (most - least) * random.next() ** 3, length * 0.4)
    times.push({ from: Math.round(begin), to: Math.round(begin + lasting) })
  }
  return times
}
