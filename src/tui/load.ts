/** Reads what a view asked for by a key (load-keys.ts). What few views need is loaded when they do. */
import { loadChart } from '../cli/chart-data.ts'
import type { Context } from '../cli/context.ts'
import { formatOf, lookOf } from '../cli/screen.ts'
import type { OffsetAt } from '../fleet/metrics.ts'
import { prepareRun } from '../output/run-details.ts'
import { showView, versionsView } from '../output/views.ts'
import { readSettingsFile } from '../settings/reader.ts'
import type { WritableStore } from '../store/index.ts'
import type { Reading } from '../store/types.ts'
import { partsOf } from './load-keys.ts'
import type { Topic } from './views/qr.ts'

/** Runs of a job's page: a year of daily backups. */
const MOST_RUNS = 400
const MOST_MESSAGES = 500

export interface LoadOptions {
  /** Opened for reading. */
  store: WritableStore
  context: Context
  offsetAt: OffsetAt
  /** Epoch milliseconds. */
  now: number
}

/** The value for a key, null where the thing is gone. @throws UserError as the store does */
export async function load(key: string, options: LoadOptions): Promise<unknown> {
  const { kind, id, metric, range } = partsOf(key)
  const { store, context, offsetAt, now } = options
  const { read } = store
  switch (kind) {
    case 'history':
      return read.history({ jobIds: [id], operation: null, limit: MOST_RUNS })
    case 'run':
      return loadRun(read, id)
    case 'versions':
      return loadVersions(read, id, now)
    case 'chart': {
      const refs = await jobRefs(read, id)
      return refs && loadChart(read, [refs], { metric, range, now, offsetAt, sum: false })
    }
    case 'alerts':
      return store.query((await import('../store/alerts.ts')).openAlerts)
    case 'outbox':
      return store.outbox.list({ state: null, limit: MOST_MESSAGES })
    case 'jobSettings':
      return (await store.settings.of([id])).get(id) ?? { own: {}, server: {} }
    case 'explain':
      return explanation(id, options)
    case 'settings':
      return settings(context)
    case 'test':
      return connectionTest(id, options)
    case 'qr':
      return { topic: await topicOf(context) }
    case 'log':
      return { lines: await (await import('./daemon-log.ts')).readDaemonLog(context) }
    default:
      throw new Error(`nothing is known of ${key}`)
  }
}

async function loadRun(read: Reading, id: string) {
  const run = await read.run(id)
  if (!run) return null
  const view = showView(run, await read.log(id), 'all')
  await prepareRun(view)
  return view
}

async function loadVersions(read: Reading, jobId: string, now: number) {
  const refs = await jobRefs(read, jobId)
  return refs && versionsView(refs.server, refs.job, await read.latestVersions(jobId), now)
}

async function jobRefs(read: Reading, jobId: string) {
  const { servers, jobs } = await read.status({ jobIds: [jobId] })
  const [server, job] = [servers[0]?.view, jobs[0]]
  return server && job ? { server: { id: server.id, name: server.name }, job: { id: job.id, name: job.name } } : null
}

/** The lines of `overdue explain`. */
async function explanation(jobId: string, { store, context, now }: LoadOptions): Promise<string[]> {
  const { loadExplanation } = await import('../cli/overdue.ts')
  const { renderExplanation } = await import('../output/overdue-explain.ts')
  const refs = await jobRefs(store.read, jobId)
  const word = refs ? `${refs.server.id}/${refs.job.id}` : jobId
  const { view, reason } = await loadExplanation(store, { ...context, now: new Date(now) }, word, now)
  return renderExplanation(view, { look: lookOf(context), format: formatOf(context, now), now, reason })
}

/** Every setting as it stands, wrong ones with what is wrong; never a secret. */
async function settings(context: Context) {
  const { stateOf } = await import('../settings/config.ts')
  const { definitionOf, SETTING_KEYS } = await import('../settings/schema.ts')
  const { settingView } = await import('../output/config-view.ts')
  const raw = readSettingsFile(context.configFile)
  return SETTING_KEYS.map((key) => settingView(stateOf(raw, key, context.env), definitionOf(key)))
}

async function connectionTest(serverId: string, { store, context }: LoadOptions) {
  const { testServers } = await import('../collect/test-servers.ts')
  const { secretsOf } = await import('../cli/server-input.ts')
  const accesses = await store.servers.access([serverId])
  const [result] = await testServers(
    accesses,
    secretsOf(context, () => {}),
    context.env,
  )
  return result ?? null
}

/** Null where none is set: none is made by looking. */
async function topicOf(context: Context): Promise<Topic | null> {
  const { loadNotifyConfig } = await import('../cli/notify-config.ts')
  const { subscribeUrl, topicUrl } = await import('../notify/channels/ntfy/config.ts')
  const { ntfy } = loadNotifyConfig(context)
  if (ntfy.topic === null) return null
  const { default: qrcode } = await import('qrcode')
  const url = topicUrl(ntfy, ntfy.topic)
  const { modules } = qrcode.create(url)
  const rows = Array.from({ length: modules.size }, (_, y) =>
    Array.from({ length: modules.size }, (_, x) => Boolean(modules.get(y, x))),
  )
  return { url, link: subscribeUrl(ntfy, ntfy.topic), modules: rows }
}
