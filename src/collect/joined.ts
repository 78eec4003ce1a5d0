/** Servers that turn out to be one while they are collected. */
import type { CollectResultView, NameRef } from '../fleet/model.ts'
import type { WritableStore } from '../store/index.ts'

/** Two may have been found to be one after the first of them was done. */
export async function asTheyAreNow(store: WritableStore, results: CollectResultView[]): Promise<CollectResultView[]> {
  const standing = await store.servers.access(results.flatMap(({ server }) => server?.id ?? []))
  const ids = new Set(standing.map(({ id }) => id))
  const now: CollectResultView[] = []
  for (const result of results) {
    const { server, url } = result
    now.push(
      server && !ids.has(server.id) ? { ...result, server: (await nameRef(store, server.id, url)) ?? server } : result,
    )
  }
  return now
}

/** A server that was joined with an older one in this collection is found by its address. */
export async function nameRef(store: WritableStore, id: string, url: string | null): Promise<NameRef | null> {
  const [server] = await store.servers.access([id])
  if (server) return { id, name: server.name }
  const joined = url === null ? null : await store.servers.findByUrl(url)
  return joined === null || joined === id ? null : nameRef(store, joined, null)
}
