/** What `check` reads, and the collection that it may begin with. */
import { type AgeLimits, checkJob } from '../fleet/check.ts'
import { matchTargets } from '../fleet/match.ts'
import type { CollectResultView } from '../fleet/model.ts'
import type { Checked } from '../output/check.ts'
import { sortJobs } from '../output/status-select.ts'
import { type JudgeOptions, jobViews } from '../output/views.ts'
import type { WritableStore } from '../store/index.ts'
import type { Reading } from '../store/types.ts'
import type { Context } from './context.ts'

/** @param targets words of the command line; all jobs without */
export async function loadChecks(
  read: Reading,
  targets: string[],
  limits: AgeLimits,
  options: JudgeOptions,
): Promise<Checked[]> {
  const meant = targets.length > 0 ? matchTargets(targets, await read.names()) : undefined
  const rows = await read.status(meant)
  const servers = new Map(rows.servers.map(({ view, facts }) => [view.id, facts]))
  const jobs = new Map(rows.jobs.map((job) => [job.id, job.facts]))
  return sortJobs(jobViews(rows, options), []).flatMap((view) => {
    const server = servers.get(view.server.id)
    const facts = jobs.get(view.id)
    return server && facts ? [{ view, check: checkJob({ view, facts, server }, limits, options) }] : []
  })
}

/**
 * Collects from the servers that the words mean and that have an address, without a word and without a question.
 * @returns a line for each server that could not be asked
 */
export async function collectFirst(
  { context, openStore }: { context: Context; openStore(): Promise<WritableStore> },
  targets: string[],
): Promise<string[]> {
  const store = await openStore()
  const hosts = await serversWithAddress(store, targets)
  if (hosts.length === 0) return []
  const { runCollect } = await import('./collect.ts')
  const results: CollectResultView[] = []
  const warnings: string[] = []
  await runCollect({
    context: { ...context, quiet: true, json: true, isTTY: { stdin: false, stdout: false, stderr: false } },
    hosts,
    flags: {},
    openStore: async () => store,
    print: () => {},
    emit: (value) => results.push(...(value as { results: CollectResultView[] }).results),
    note: () => {},
    warn: (text) => warnings.push(text),
  })
  const failures = results.flatMap(({ error, server, url }) =>
    error === null ? [] : [`${server?.name ?? url} could not be collected: ${error.message}`],
  )
  return [...warnings, ...failures]
}

async function serversWithAddress(store: WritableStore, targets: string[]): Promise<string[]> {
  const names = await store.read.names()
  const { serverIds, jobIds } = matchTargets(targets, names)
  const wanted = new Set(jobIds)
  const ofJobs = names.jobs.filter(({ id }) => wanted.has(id)).map(({ serverId }) => serverId)
  const access = await store.servers.access([...new Set([...serverIds, ...ofJobs])])
  return access.filter(({ url }) => url !== null).map(({ id }) => id)
}
