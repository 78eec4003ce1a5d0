import type { Secrets } from '../settings/secrets.ts'
import type { Store } from '../store/types.ts'
import { type Credentials, openCredentials, sealCredentials } from './access.ts'

/** What let us into a server in this collection, and could be kept. */
export interface Rememberable {
  serverId: string
  given: Credentials
}

/** Keeps passwords and headers, sealed. Headers that are kept already stay unless new ones were given. */
export async function keepCredentials(store: Store, secrets: Secrets, items: Rememberable[]): Promise<void> {
  for (const { serverId, given } of items) {
    const [access] = await store.servers.access([serverId])
    if (!access) continue
    const fresh = {
      ...(given.password !== null && { password: given.password }),
      ...(Object.keys(given.headers).length > 0 && { headers: given.headers }),
    }
    await store.servers.setSecrets(serverId, sealCredentials(access, fresh, secrets))
  }
}

/** Those that are not kept yet, or differ from what is kept. */
export async function notKept(store: Store, secrets: Secrets, items: Rememberable[]): Promise<Rememberable[]> {
  const accesses = await store.servers.access(items.map(({ serverId }) => serverId))
  const byId = new Map(accesses.map((access) => [access.id, access]))
  return items.filter(({ serverId, given }) => {
    const access = byId.get(serverId)
    if (!access) return false
    try {
      const kept = openCredentials(access, secrets)
      const differs = Object.entries(given.headers).some(([name, value]) => kept.headers[name] !== value)
      return differs || (given.password !== null && given.password !== kept.password)
    } catch {
      // What cannot be opened any more is worth replacing.
      return true
    }
  })
}
