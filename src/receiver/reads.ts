import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { ServerView } from '../fleet/model.ts'
import type { AssessOptions } from '../fleet/overdue/assess.ts'
import { summarise } from '../fleet/totals.ts'
import { jobViews } from '../output/views.ts'
import type { WritableStore } from '../store/index.ts'
import { serverCreatedAt } from '../store/web.ts'
import type { Access, Asking } from './access.ts'
import { sendAnswer } from './answer.ts'
import { webBackup, webServer, webSummary } from './web-views.ts'

export interface ReadOptions {
  store: WritableStore
  now: () => Date
  /** How lateness is judged now. */
  judging: (now: number) => Promise<AssessOptions>
}

/** What the web application answers about the fleet, under its paths. Each costs a row for each job, never the history. */
export function addReads(app: FastifyInstance, access: Access, options: ReadOptions): void {
  const { store, now } = options
  // Watchers of web services ask with HEAD.
  const reading = {
    async onRequest(request: FastifyRequest, reply: FastifyReply) {
      const refusal = await access(request as Asking, 'read')
      return refusal === null ? undefined : sendAnswer(reply, refusal)
    },
    exposeHeadRoute: true,
  }

  app.get('/api/summary', reading, async (_, reply) => {
    const at = now().getTime()
    const rows = await store.read.status()
    const jobs = jobViews(rows, await options.judging(at))
    return answer(reply, webSummary(summarise(jobs, rows.servers.length), jobs, at))
  })

  app.get<Named>('/api/lastbackup/:server', reading, async (request, reply) => {
    const found = await latestRuns(request, options)
    if (found === null) return notFound(reply, request.params.server)
    return answer(reply, { server: found.server, latest_backup: (await found.backups(1))[0] ?? null, status: 200 })
  })

  app.get<Named>('/api/lastbackups/:server', reading, async (request, reply) => {
    const found = await latestRuns(request, options)
    if (found === null) return notFound(reply, request.params.server)
    const backups = await found.backups(Number.POSITIVE_INFINITY)
    return answer(reply, {
      server: found.server,
      latest_backups: backups,
      backup_jobs_count: backups.length,
      backup_names: backups.map(({ name }) => name),
      status: 200,
    })
  })
}

interface Named {
  Params: { server: string }
}

function answer(reply: FastifyReply, body: object) {
  return reply.header('cache-control', 'no-store, no-cache, must-revalidate').send(body)
}

function notFound(reply: FastifyReply, name: string) {
  reply.code(404)
  return answer(reply, { error: 'Server not found', message: `No server found with identifier: ${name}`, status: 404 })
}

/** The server that is meant, and the last run of each of its jobs, newest first. */
async function latestRuns(request: FastifyRequest<Named>, { store }: ReadOptions) {
  const { servers, jobs } = await store.read.status()
  const meant = serverNamed(
    servers.map(({ view }) => view),
    request.params.server,
  )
  if (!meant) return null
  const runs = jobs
    .filter(({ serverId }) => serverId === meant.id)
    .flatMap(({ lastRun }) => (lastRun ? [lastRun] : []))
    .sort((a, b) => Date.parse(b.beganAt) - Date.parse(a.beganAt))
  const server = webServer(meant, await serverCreatedAt(store.db, meant.id))
  return {
    server,
    backups: async (most: number) => {
      const backups = []
      for (const run of runs.slice(0, most)) backups.push(webBackup(run, server.id, await store.read.log(run.id)))
      return backups
    },
  }
}

/** By any id that it has or had, the alias, the machine name; upper and lower case count, as there. */
function serverNamed(servers: ServerView[], name: string): ServerView | undefined {
  const ways: ((server: ServerView) => boolean)[] = [
    ({ id, machineIds }) => id === name || machineIds.includes(name),
    ({ alias }) => alias === name,
    ({ machineName }) => machineName === name,
    (server) => server.name === name,
  ]
  for (const isMeant of ways) {
    const found = servers.find(isMeant)
    if (found) return found
  }
  return undefined
}
