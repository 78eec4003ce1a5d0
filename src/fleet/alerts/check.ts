/** One check of a fleet: every job judged, the servers to ask before anything is opened, and what would change now. */
import type { JobFacts, ServerFacts } from '../facts.ts'
import { type AssessOptions, assess, type Verdict } from '../overdue/assess.ts'
import { type JudgedJob, jobFindings, serverFinding } from './findings.ts'
import { step } from './step.ts'
import type { AlertSettings, OpenAlert, Plan } from './types.ts'

export interface FleetFacts {
  servers: readonly { id: string; facts: ServerFacts }[]
  jobs: readonly { id: string; serverId: string; facts: JobFacts; gone: boolean }[]
  /** Those of these servers and jobs. */
  open: readonly OpenAlert[]
}

export interface Check {
  /** Of each job, by its id. */
  verdicts: Map<string, Verdict>
  /** Servers whose answer would change a judgement: ask them, store what they say (also that they cannot be reached), check again. */
  ask: string[]
  plan: Plan
}

/**
 * Judges a fleet as it is known. A monitor that can ask servers checks twice: once for `ask`, and once with what they answered;
 * what is opened then rests on the newest evidence. After a downtime of the monitor that is all that is needed for collected jobs;
 * for those that report, name the downtime in `options.downtimes`.
 */
export function checkFleet(facts: FleetFacts, options: AssessOptions, settings: AlertSettings): Check {
  const servers = new Map(facts.servers.map((server) => [server.id, server]))
  const alertsOf = Map.groupBy(facts.open, ({ jobId, serverId }) => jobId ?? serverId)
  const judged = facts.jobs.flatMap((job): JudgedJob[] => {
    const server = servers.get(job.serverId)
    if (!server) return []
    const own = job.gone ? { ...job.facts, monitored: false } : job.facts
    return [{ ...job, verdict: assess(own, server.facts, options) }]
  })
  const jobsOf = Map.groupBy(judged, ({ serverId }) => serverId)
  const findings = facts.servers.flatMap((server) => {
    const jobs = jobsOf.get(server.id) ?? []
    const unreachable = serverFinding(server, jobs, alertsOf.get(server.id) ?? [])
    const found = jobs.flatMap((job) => jobFindings(job, server.facts, alertsOf.get(job.id) ?? [], options))
    return unreachable ? [unreachable, ...found] : found
  })
  return {
    verdicts: new Map(judged.map(({ id, verdict }) => [id, verdict])),
    ask: [...new Set(judged.filter(({ verdict }) => verdict.ask).map(({ serverId }) => serverId))],
    plan: step(facts.open, findings, settings, options.now),
  }
}
