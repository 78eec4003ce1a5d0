import { join } from 'node:path'
import { type CollectManyOptions, collectMany } from '../../src/collect/collect-many.ts'
import type { Target } from '../../src/collect/types.ts'
import { createClient } from '../../src/duplicati/client.ts'
import type { CollectResultView } from '../../src/fleet/model.ts'
import { createIngest } from '../../src/ingest/index.ts'
import { openStore, type WritableStore } from '../../src/store/index.ts'
import { historyLog, type Special } from '../support/duplicati/history.ts'
import { simJob } from '../support/duplicati/job.ts'
import type { RunLog } from '../support/duplicati/log.ts'
import { type SimOptions, SimulatedDuplicati } from '../support/duplicati/server.ts'
import { temporaryFolder } from '../support/program.ts'

export const NOW = new Date('2026-11-24T12:00:00Z')
const HOUR = 3_600_000

/** A store in a folder of its own, and collecting into it as the command does. */
export async function lab() {
  const folder = temporaryFolder()
  const store = await openStore({ file: join(folder.path, 'test.db'), mode: 'write', now: () => NOW })
  return {
    folder: folder.path,
    store,
    collect: (servers: (SimulatedDuplicati | Target)[], options: Partial<CollectManyOptions> = {}) =>
      collectInto(store, servers, options),
    async [Symbol.asyncDispose]() {
      await store.close()
      folder[Symbol.dispose]()
    },
  }
}

export function collectInto(
  store: WritableStore,
  servers: (SimulatedDuplicati | Target)[],
  options: Partial<CollectManyOptions> = {},
): Promise<CollectResultView[]> {
  const targets = servers.map((server) => (server instanceof SimulatedDuplicati ? targetOf(server) : server))
  return collectMany(targets, {
    at: NOW,
    ingest: createIngest(store),
    connect: (address, signal) => createClient(address, { signal, busyDelay: 1, env: {} }),
    nameOf: async (id) => {
      const [access] = await store.servers.access([id])
      return access ? { id: access.id, name: access.name } : null
    },
    failed: (id, { code, message }) => store.servers.setError(id, { code, message }),
    ...options,
  })
}

export function targetOf({ url, password, machineName }: SimulatedDuplicati): Target {
  return { server: null, label: machineName, url, resolve: async () => ({ url, secret: password }) }
}

/** A job with `count` backups, one an hour, the newest an hour before `NOW`. */
export function jobWith(id: string, count: number, special?: (age: number) => Special | undefined) {
  return simJob({ id, name: `Job ${id}`, log: runs(Number(id), count, special) })
}

export function runs(seed: number, count: number, special?: (age: number) => Special | undefined): RunLog {
  return historyLog({
    seed,
    count,
    startOf: (index) => NOW.getTime() - (count - index) * HOUR,
    files: 1000,
    sourceBytes: 1e9,
    seconds: 60,
    keep: 3,
    ...(special ? { special } : {}),
  })
}

export function simulated(options: SimOptions = {}): Promise<SimulatedDuplicati> {
  return SimulatedDuplicati.start({ now: () => NOW.getTime(), ...options })
}

/** Log calls of a job, in order: `pagesize=10`, `pagesize=100&offset=811`. */
export function logCalls(server: SimulatedDuplicati, jobId: string): string[] {
  return server.requests.flatMap((request) => {
    const [, id, query = ''] = /\/backup\/([^/]+)\/log\?(.*)$/.exec(request) ?? []
    return id === jobId ? [query] : []
  })
}
