/**
 * Which servers and jobs the words of a command line mean (docs/json.md, "Naming things"): SERVER or SERVER/JOB, by exact name,
 * then in any case, then by pattern, then by a prefix that only one has. Names are labels: two machines with one name stay two.
 */
import type { UsageError } from '../errors.ts'
import { compileGlob, isGlob } from './glob.ts'
import { ambiguous, unknownJob, unknownServer } from './match-errors.ts'
import { NameIndex } from './name-index.ts'

/** What a server is called. */
export interface ServerName {
  id: string
  /** What people see: the alias, else the machine name, else the host. */
  name: string
  alias: string | null
  machineName: string | null
  host: string | null
  /** Those of the further addresses that it was collected at. */
  otherHosts?: readonly string[]
}

/** What a job is called. */
export interface JobName {
  id: string
  serverId: string
  /** As the API writes it (`2`); `DB-2` names it too. */
  backupId: string
  name: string
}

/** Everything that can be named, in the order in which it is listed. */
export interface Names {
  servers: readonly ServerName[]
  jobs: readonly JobName[]
}

/** What was meant, in the order of the lists. */
export interface Targets {
  /** Servers that were named as a whole. */
  serverIds: string[]
  /** Jobs that were named, and all jobs of those servers. */
  jobIds: string[]
}

/**
 * The union of what the arguments mean; everything where there are none.
 *
 * @throws {UsageError} `unknown_server`, `unknown_job`, or `ambiguous` with the candidates
 */
export function matchTargets(args: readonly string[], names: Names): Targets {
  const { servers, jobs } = names
  if (args.length === 0) return { serverIds: servers.map(({ id }) => id), jobIds: jobs.map(({ id }) => id) }
  const matcher = new Matcher(names)
  const serverIds = new Set<string>()
  const jobIds = new Set<string>()
  for (const arg of args) {
    const meant = matcher.resolve(arg)
    for (const { id } of meant.servers) serverIds.add(id)
    for (const { id } of meant.jobs) jobIds.add(id)
  }
  return {
    serverIds: servers.filter(({ id }) => serverIds.has(id)).map(({ id }) => id),
    jobIds: jobs.filter(({ id, serverId }) => jobIds.has(id) || serverIds.has(serverId)).map(({ id }) => id),
  }
}

/**
 * The servers that the arguments mean, for commands about servers alone; all where there are none.
 *
 * @throws {UsageError} `unknown_server` or `ambiguous`
 */
export function matchServers(args: readonly string[], servers: readonly ServerName[]): string[] {
  if (args.length === 0) return servers.map(({ id }) => id)
  const matcher = new Matcher({ servers, jobs: [] })
  const ids = new Set(args.flatMap((arg) => matcher.serversOf(arg).map(({ id }) => id)))
  return servers.filter(({ id }) => ids.has(id)).map(({ id }) => id)
}

/**
 * The one server that an argument means.
 *
 * @throws {UsageError} `unknown_server`, or `ambiguous` also where a pattern matches several
 */
export function matchServer(arg: string, servers: readonly ServerName[]): string {
  const [id, ...others] = matchServers([arg], servers)
  if (id === undefined) throw unknownServer(arg, servers)
  if (others.length === 0) return id
  const ids = new Set([id, ...others])
  throw ambiguous(arg, 'servers', servers.filter((server) => ids.has(server.id)).map(describeServer))
}

/**
 * The one job that an argument means: SERVER/JOB, or a SERVER that has only one.
 *
 * @throws {UsageError} as `matchTargets`; `ambiguous` where several jobs are meant, `unknown_job` where the server has none
 */
export function matchJob(arg: string, names: Names): string {
  const { jobIds } = matchTargets([arg], names)
  const [id, ...others] = jobIds
  if (id === undefined) throw unknownJob(arg, null, [])
  if (others.length === 0) return id
  const ids = new Set(jobIds)
  const serverNames = new Map(names.servers.map((server) => [server.id, server.name]))
  const meant = names.jobs.filter((job) => ids.has(job.id))
  throw ambiguous(
    arg,
    'jobs',
    meant.map((job) => describeJob(job, serverNames.get(job.serverId))),
  )
}

function describeServer({ id, name, host }: ServerName): string {
  return host === null || host === name ? `${name} (id ${id})` : `${name} (id ${id}, ${host})`
}

function describeJob({ id, name, backupId }: JobName, server: string | undefined): string {
  return `${server === undefined ? '' : `${server}/`}${name} (id ${id}, backup ${backupId})`
}

interface Meaning {
  servers: readonly ServerName[]
  jobs: readonly JobName[]
}

/** Looks names up in indexes that are built once, so that thousands of arguments cost no more than the lists are long. */
class Matcher {
  readonly #names: Names
  readonly #servers: NameIndex<ServerName>
  readonly #jobs = new Map<string, JobName[]>()
  readonly #jobIndexes = new Map<string, NameIndex<JobName>>()
  #jobsById: ReadonlyMap<string, JobName> | null = null

  constructor(names: Names) {
    this.#names = names
    // In this order: alias, machine name, host, the name shown, further hosts, id.
    this.#servers = new NameIndex(names.servers, {
      names: [
        ({ alias }) => [alias],
        ({ machineName }) => [machineName],
        ({ host }) => [host],
        ({ name }) => [name],
        ({ otherHosts = [] }) => otherHosts,
      ],
      // As lists tell servers of one name apart.
      ids: [({ id }) => [id], ({ id, name }) => [`${name} (${id})`]],
    })
    for (const job of names.jobs) {
      const jobs = this.#jobs.get(job.serverId)
      if (jobs) jobs.push(job)
      else this.#jobs.set(job.serverId, [job])
    }
  }

  /** Splits at the first `/` whose left side is a known server. Prefixes come last, so that they never hide a whole name. */
  resolve(arg: string): Meaning {
    let known: { job: string; servers: ServerName[] } | null = null
    for (const prefixes of [false, true]) {
      for (const { server, job } of splits(arg)) {
        const servers = this.#serversNamed(server, prefixes)
        if (servers.length === 0) continue
        const jobs = this.#jobsNamed(job, servers, arg, prefixes)
        if (jobs.length > 0) return { servers: [], jobs }
        known ??= { job, servers }
      }
      const servers = this.#serversNamed(arg, prefixes)
      if (servers.length > 0) return { servers, jobs: [] }
      // As lists show it, and hints name it: no server has such a name.
      const job = prefixes ? undefined : this.#jobOfId(arg)
      if (job) return { servers: [], jobs: [job] }
    }
    if (known) throw this.#noJob(known.job, known.servers)
    throw unknownServer(splits(arg)[0]?.server ?? arg, this.#names.servers)
  }

  serversOf(arg: string): ServerName[] {
    const servers = this.#serversNamed(arg, true)
    if (servers.length === 0) throw unknownServer(arg, this.#names.servers)
    return servers
  }

  /** Several only where a pattern means several; none where nothing has the name. */
  #serversNamed(text: string, prefixes: boolean): ServerName[] {
    const named = this.#servers.named(text)
    const matching = named.length === 0 && isGlob(text) ? this.#servers.matching(compileGlob, text) : []
    if (matching.length > 0) return matching
    const found = named.length === 0 && prefixes ? this.#servers.prefixed(text) : named
    if (found.length > 1) throw ambiguous(text, 'servers', found.map(describeServer))
    return found
  }

  /** On one server a name means one job; where a pattern names the servers, each may have its own. */
  #jobsNamed(text: string, servers: readonly ServerName[], arg: string, prefixes: boolean): JobName[] {
    const indexes = servers.map(({ id }) => this.#jobIndex(id))
    const single = (found: JobName[], at: number): JobName[] => {
      if (found.length <= 1) return found
      throw ambiguous(
        arg,
        'jobs',
        found.map((job) => describeJob(job, servers[at]?.name)),
      )
    }
    const named = indexes.map((index) => index.named(text)).flatMap(single)
    if (named.length > 0) return named
    const matching = isGlob(text) ? indexes.flatMap((index) => index.matching(compileGlob, text)) : []
    if (matching.length > 0 || !prefixes) return matching
    return indexes.map((index) => index.prefixed(text)).flatMap(single)
  }

  #jobOfId(id: string): JobName | undefined {
    this.#jobsById ??= new Map(this.#names.jobs.map((job) => [job.id, job]))
    return this.#jobsById.get(id)
  }

  #jobIndex(serverId: string): NameIndex<JobName> {
    let index = this.#jobIndexes.get(serverId)
    if (!index) {
      index = new NameIndex(this.#jobs.get(serverId) ?? [], {
        names: [({ name }) => [name]],
        ids: [({ backupId }) => [backupId, `DB-${backupId}`], ({ id }) => [id]],
      })
      this.#jobIndexes.set(serverId, index)
    }
    return index
  }

  #noJob(job: string, servers: readonly ServerName[]): UsageError {
    const [only = null, ...others] = servers
    const jobs = servers.flatMap(({ id }) => this.#jobs.get(id) ?? [])
    return unknownJob(job, others.length === 0 ? only : null, jobs)
  }
}

/** Every way to read an argument as SERVER/JOB, the shortest server first. */
function splits(arg: string): { server: string; job: string }[] {
  const found: { server: string; job: string }[] = []
  for (let at = arg.indexOf('/'); at >= 0; at = arg.indexOf('/', at + 1)) {
    if (at > 0 && at + 1 < arg.length) found.push({ server: arg.slice(0, at), job: arg.slice(at + 1) })
  }
  return found
}
