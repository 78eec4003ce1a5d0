import { probe } from '../duplicati/probe.ts'
import { UserError } from '../errors.ts'
import type { ServerTestView } from '../fleet/model.ts'
import type { Secrets } from '../settings/secrets.ts'
import type { ServerAccess } from '../store/types.ts'
import { addressOf, openCredentials } from './access.ts'
import { DEFAULT_CONCURRENCY } from './collect-many.ts'

/** Tests servers side by side, in the order given; a server that cannot even be tried has no steps and says why. */
export async function testServers(
  accesses: ServerAccess[],
  secrets: Secrets,
  env: NodeJS.ProcessEnv,
): Promise<ServerTestView[]> {
  const results: ServerTestView[] = []
  const queue = accesses.entries()
  const worker = async () => {
    for (const [index, access] of queue) results[index] = await testServer(access, secrets, env)
  }
  await Promise.all(Array.from({ length: Math.min(accesses.length, DEFAULT_CONCURRENCY) }, worker))
  return results
}

async function testServer(access: ServerAccess, secrets: Secrets, env: NodeJS.ProcessEnv): Promise<ServerTestView> {
  const server = { id: access.id, name: access.name }
  try {
    const stored = openCredentials(access, secrets)
    const credentials = { ...stored, password: stored.password ?? (env.DUPLISTATUS_PASSWORD || null) }
    const { url, secret, pin = null, headers = {} } = addressOf(access, credentials)
    const { steps, error } = await probe(url, secret, { pin, headers, env })
    return { server, ok: error === null, steps, error: error && told(error) }
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    return { server, ok: false, steps: [], error: told(error) }
  }
}

function told({ code, message, hint }: UserError) {
  return { code, message, hint }
}
