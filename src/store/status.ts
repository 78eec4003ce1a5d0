import type { Database as Sqlite } from 'better-sqlite3'
import type { RunView } from '../fleet/model.ts'
import type { Downtime } from '../fleet/overdue/assess.ts'
import { type EffectiveSettings, effectiveSettings, settingsOf } from '../fleet/rules.ts'
import { explained } from './connection.ts'
import { idOf, rowsOf } from './ids.ts'
import type { JobParts, KnownJobs } from './known-jobs.ts'
import { prepared } from './prepared.ts'
import { readLastRun } from './run-values.ts'
import { type JobRecord, type ServerRecord, type SourceRecord, WAYS } from './schema.ts'
import type { JobFactsRow, JobRow, MonitorRow, NamesList, Reading, ServerRow } from './types.ts'
import { hostOf, jobFactsRow, jobRow, nameOf, runView, type StoredJob, serverFacts, serverView } from './views.ts'

type Filter = { serverIds?: string[]; jobIds?: string[]; archived?: boolean }

/**
 * What every start of `status` waits for, on the connection itself: to load the query builder alone takes half the time of
 * `node -e 0`. Nothing here reads the history.
 */
export function statusReading(
  db: Sqlite,
  file: string,
  now: () => Date,
): Pick<Reading, 'status' | 'facts' | 'names' | 'monitor'> {
  const told = <T>(work: () => T): T => {
    try {
      return work()
    } catch (error) {
      throw explained(error, file)
    }
  }
  return {
    status: async (filter = {}, known) => told(() => readStatus(db, filter, now().getTime(), known)),
    facts: async (serverIds, at, visit) => told(() => readFacts(db, serverIds, at, visit)),
    names: async () => told(() => readNames(db)),
    monitor: async () => told(() => readMonitor(db)),
  }
}

function readStatus(
  db: Sqlite,
  filter: Filter,
  now: number,
  known?: KnownJobs,
): { servers: ServerRow[]; jobs: JobRow[] } {
  const servers = readServers(db)
  const names = new Map(servers.map(({ view }) => [view.id, view.name]))
  const settings = readSettings(db)
  const make = ({ job, serverName, settings: own }: JobParts) => {
    // What is remembered stays as it was read.
    const stored = withRun(known ? { ...job } : job)
    return jobRow(stored, lastRunView(stored, serverName), now, own)
  }
  const jobs = Array.from(eachJob(db, filter), (job) => {
    const parts = { job, serverName: names.get(idOf('s', job.server_id)) ?? '', settings: settings(job) }
    return known ? known.row(parts, make) : make(parts)
  })
  known?.end()
  if (!filter.serverIds && !filter.jobIds) return { servers, jobs }
  const wanted = new Set([...(filter.serverIds ?? []), ...jobs.map(({ serverId }) => serverId)])
  return { servers: servers.filter(({ view }) => wanted.has(view.id)), jobs }
}

type Visit = (server: ServerRow, jobs: JobFactsRow[]) => void

/** What is not needed of one server is gone before the next is read. */
function readFacts(db: Sqlite, serverIds: string[] | null, now: number, visit: Visit): void {
  const settings = readSettings(db)
  const wanted = serverIds && new Set(serverIds)
  const servers = new Map(readServers(db).map((server) => [server.view.id, server]))
  let jobs: JobFactsRow[] = []
  const leave = (id: string) => {
    const server = servers.get(id)
    if (server && (wanted?.has(id) ?? true)) visit(server, jobs)
    servers.delete(id)
    jobs = []
  }
  for (const job of eachJob(db, serverIds ? { serverIds } : {}, 'ORDER BY server_id')) {
    const row = jobFactsRow(withRun(job), now, settings(job))
    const [before] = jobs
    if (before && before.serverId !== row.serverId) leave(before.serverId)
    jobs.push(row)
  }
  const [last] = jobs
  if (last) leave(last.serverId)
  for (const id of [...servers.keys()]) leave(id)
}

function readServers(db: Sqlite): ServerRow[] {
  const servers = prepared<[], ServerRecord>(db, 'SELECT * FROM server WHERE joined_into IS NULL').all()
  const sources = prepared<[], Pick<SourceRecord, 'server_id' | 'address' | 'machine_id' | 'told_id'>>(
    db,
    'SELECT server_id, address, machine_id, told_id FROM source ORDER BY id',
  ).all()
  const byServer = Map.groupBy(sources, ({ server_id }) => server_id)
  return servers.map((server) => {
    const own = byServer.get(server.id) ?? []
    const machineIds = distinct(own.flatMap(({ machine_id, told_id }) => [machine_id, told_id]))
    const addresses = distinct([server.url, ...own.map(({ address }) => address)])
    return { view: serverView(server, { machineIds, addresses }), facts: serverFacts(server) }
  })
}

function distinct(texts: (string | null)[]): string[] {
  return [...new Set(texts.filter((text): text is string => Boolean(text)))]
}

function eachJob(
  db: Sqlite,
  { serverIds, jobIds, archived = false }: Filter,
  order: '' | 'ORDER BY server_id' = '',
): IterableIterator<JobRecord> {
  const all = `SELECT * FROM job WHERE archived_at IS ${archived ? 'NOT NULL' : 'NULL'}`
  const these = `${all} AND (server_id IN (SELECT value FROM json_each(?)) OR id IN (SELECT value FROM json_each(?)))`
  return serverIds || jobIds
    ? prepared<string[], JobRecord>(db, `${these} ${order}`).iterate(rowList('s', serverIds), rowList('j', jobIds))
    : prepared<[], JobRecord>(db, `${all} ${order}`).iterate()
}

function withRun(job: JobRecord): StoredJob {
  return Object.assign(job, { last_run: job.last_run === null ? null : readLastRun(job.last_run) })
}

type SettingRow = { owner: number; field: string; value: string }

/** What holds for a job: few jobs have settings of their own, and most servers none. */
function readSettings(db: Sqlite): (job: Pick<JobRecord, 'id' | 'server_id'>) => EffectiveSettings {
  const ofTable = (table: string, owner: string) => {
    const rows = prepared<[], SettingRow>(db, `SELECT ${owner} AS owner, field, value FROM ${table}`).all()
    return Map.groupBy(rows, (row) => row.owner)
  }
  const jobs = ofTable('job_setting', 'job_id')
  const servers = ofTable('server_setting', 'server_id')
  const builtIn = effectiveSettings({})
  return ({ id, server_id }) => {
    const own = jobs.get(id)
    const inherited = servers.get(server_id)
    return own || inherited ? effectiveSettings(settingsOf(own ?? []), settingsOf(inherited ?? [])) : builtIn
  }
}

function rowList(letter: 's' | 'j', ids: string[] = []): string {
  return JSON.stringify(rowsOf(letter, ids))
}

function lastRunView(job: StoredJob, serverName: string): RunView | null {
  const { last_run: run } = job
  if (run === null) return null
  const ways = WAYS.filter((_, way) => run.ways.includes(way))
  return runView(run, { serverId: job.server_id, serverName, jobId: job.id, jobName: job.name }, ways)
}

function readNames(db: Sqlite): NamesList {
  const servers = prepared<[], Pick<ServerRecord, 'id' | 'alias' | 'machine_name' | 'url'>>(
    db,
    'SELECT id, alias, machine_name, url FROM server WHERE joined_into IS NULL',
  ).all()
  const addresses = prepared<[], Pick<SourceRecord, 'server_id' | 'address'>>(
    db,
    `SELECT server_id, address FROM source JOIN server ON server.id = server_id
      WHERE address <> '' AND address IS NOT url ORDER BY source.id`,
  ).all()
  const others = Map.groupBy(addresses, ({ server_id }) => server_id)
  const jobs = prepared<[], Pick<JobRecord, 'id' | 'server_id' | 'backup_id' | 'name' | 'archived_at'>>(
    db,
    'SELECT id, server_id, backup_id, name, archived_at FROM job',
  ).all()
  return {
    servers: servers.map((server) => ({
      id: idOf('s', server.id),
      name: nameOf(server),
      alias: server.alias,
      machineName: server.machine_name,
      host: hostOf(server.url),
      otherHosts: distinct((others.get(server.id) ?? []).map(({ address }) => hostOf(address))),
    })),
    jobs: jobs.map((job) => ({
      id: idOf('j', job.id),
      serverId: idOf('s', job.server_id),
      backupId: job.backup_id,
      // A job that took the place of an archived one has the name for itself; the archived one's is a longer one.
      name: job.archived_at === null ? job.name : `${job.name} (archived)`,
    })),
  }
}

/** The key of the table `monitor` that holds the last overdue check as `{at, nextAt}`. */
export const LAST_CHECK = 'lastCheck'
/** When reports could be received last, and times in which they could not (`Downtime[]`, oldest first). */
export const LISTENING = 'listening'
export const STOPPED = 'stopped'
export const DOWNTIMES = 'downtimes'
/** Begins the keys of what `status` says of the monitor's own decisions. */
export const REMARK = 'remark:'

/** Report sources have no address. Those without an id are found by the index: in most fleets there are none. */
const WITHOUT_ID = `SELECT machine_name AS machineName, min(first_seen_at) AS since FROM source
  WHERE address = '' AND machine_id = '' AND NOT EXISTS (SELECT 1 FROM source other
    WHERE other.server_id = source.server_id AND other.address = '' AND other.machine_id <> '')
  GROUP BY server_id ORDER BY since`

function readMonitor(db: Sqlite): MonitorRow {
  const counts = prepared<[], Pick<MonitorRow, 'quarantined' | 'outboxWaiting' | 'outboxFailed'>>(
    db,
    `SELECT (SELECT count(*) FROM quarantine) AS quarantined,
        (SELECT count(*) FROM outbox WHERE state = 'waiting') AS outboxWaiting,
        (SELECT count(*) FROM outbox WHERE state = 'failed') AS outboxFailed`,
  ).get() ?? { quarantined: 0, outboxWaiting: 0, outboxFailed: 0 }
  const kept = prepared<string[], { key: string; value: string }>(
    db,
    'SELECT key, value FROM monitor WHERE key IN (?, ?, ?, ?) OR substr(key, 1, length(?)) = ?',
  )
  const values = new Map(
    kept
      .all(LAST_CHECK, LISTENING, STOPPED, DOWNTIMES, REMARK, REMARK)
      .map(({ key, value }) => [key, JSON.parse(value) as unknown]),
  )
  const check = (values.get(LAST_CHECK) ?? {}) as { at?: number; nextAt?: number | null }
  return {
    lastCheckAt: check.at ?? null,
    nextCheckAt: check.nextAt ?? null,
    listeningAt: (values.get(LISTENING) as number | undefined) ?? null,
    stoppedAt: (values.get(STOPPED) as number | undefined) ?? null,
    downtimes: (values.get(DOWNTIMES) as Downtime[] | undefined) ?? [],
    remarks: [...values]
      .flatMap(([key, value]) => (key.startsWith(REMARK) ? [value as MonitorRow['remarks'][number]] : []))
      .sort((a, b) => a.at - b.at),
    withoutId: prepared<[], MonitorRow['withoutId'][number]>(db, WITHOUT_ID).all(),
    ...counts,
  }
}
