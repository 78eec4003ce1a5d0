/** The one place where the interface reads the state of the fleet: anew when the database changed, judged anew as time passes. */
import { namesApart, renamed, serversByName } from '../output/names.ts'
import { type JudgeOptions, jobViews, statusView } from '../output/views.ts'
import { prepareWidths } from '../output/width.ts'
import { KnownJobs } from '../store/known-jobs.ts'
import type { JobRow, MonitorRow, Reading, ServerRow } from '../store/types.ts'
import type { Snapshot } from './model.ts'

export interface Source {
  /** Reads the database. @throws UserError as the store does */
  read(now: number): Promise<Snapshot>
  /** The same rows at another moment: what was on time may be late by now. */
  judge(now: number): Snapshot | null
}

interface Rows {
  servers: ServerRow[]
  jobs: JobRow[]
  monitor: MonitorRow
}

/**
 * @param reading the reader of now: another one once the file was replaced
 * @param judging by what lateness is judged at a moment
 */
export function createSource(
  reading: () => Reading,
  judging: (monitor: MonitorRow, now: number) => JudgeOptions,
): Source {
  let rows: Rows | null = null
  const known = new KnownJobs()
  return {
    async read(now) {
      const read = reading()
      const { servers, jobs } = await read.status({}, known)
      rows = { servers: serversByName(toldApart(servers), ({ view }) => view), jobs, monitor: await read.monitor() }
      await prepareWidths([
        ...jobs.map(({ name }) => name),
        ...servers.flatMap(({ view }) => [view.name, ...view.tags]),
      ])
      return snapshotOf(rows, judging(rows.monitor, now))
    },
    judge: (now) => rows && snapshotOf(rows, judging(rows.monitor, now)),
  }
}

/** Two machines of one name are two wherever they stand. */
function toldApart(servers: ServerRow[]): ServerRow[] {
  const names = namesApart(servers.map(({ view }) => view))
  return servers.map((row) => {
    const view = renamed(row.view, names)
    return view === row.view ? row : { ...row, view }
  })
}

function snapshotOf(rows: Rows, options: JudgeOptions): Snapshot {
  const jobs = jobViews(rows, options)
  const servers = rows.servers.map(({ view }) => view)
  const { summary, monitor } = statusView(jobs, servers.length, options.now, rows.monitor)
  return {
    jobs,
    servers,
    jobById: new Map(jobs.map((job) => [job.id, job])),
    serverById: new Map(servers.map((server) => [server.id, server])),
    summary,
    monitor,
    newestAt: newest(servers.flatMap(({ lastCollectedAt, lastReportAt }) => [lastCollectedAt, lastReportAt])),
  }
}

function newest(times: readonly (string | null)[]): number | null {
  const known = times.filter((time) => time !== null)
  const last = known.reduce((latest, time) => (time > latest ? time : latest), '')
  return last === '' ? null : Date.parse(last)
}
