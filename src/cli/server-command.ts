import { addressOf, type Credentials } from '../collect/access.ts'
import { certificateLines } from '../collect/register.ts'
import type { Certificate } from '../duplicati/tls.ts'
import { UserError } from '../errors.ts'
import { matchServer } from '../fleet/match.ts'
import type { ServerView } from '../fleet/model.ts'
import type { Secrets } from '../settings/secrets.ts'
import type { ServerAccess, Store } from '../store/types.ts'
import { BaseCommand } from './base-command.ts'
import { canAsk, confirm } from './prompt.ts'
import { secretsOf } from './server-input.ts'

/** What the commands about one server share. */
export abstract class ServerCommand extends BaseCommand {
  /** The one server that a word means. @throws UsageError */
  protected async findServer(store: Store, word: string): Promise<ServerAccess> {
    const { servers } = await store.read.names()
    const id = matchServer(word, servers)
    const [access] = await store.servers.access([id])
    if (!access) throw new UserError(`${word} was removed meanwhile`, { code: 'unknown_server' })
    return access
  }

  protected async viewOf(store: Store, serverId: string): Promise<ServerView | null> {
    const { servers } = await store.read.status({ serverIds: [serverId] })
    return servers[0]?.view ?? null
  }

  protected secrets(): Secrets {
    return secretsOf(this.context, (text) => this.warning(text))
  }

  /** Shows a certificate that does not verify. A person is asked; without one, --trust alone is the answer. */
  protected async trust(certificate: Certificate, url: string): Promise<boolean> {
    // Never silent: what is pinned has to be comparable afterwards.
    for (const line of certificateLines(certificate, url)) this.context.stderr.write(`${line}\n`)
    if (canAsk(this.context)) return confirm(this.context, 'Trust this certificate, and only this one?')
    this.context.stderr.write('Trusted, because --trust was given.\n')
    return true
  }

  /** Whether the server can be reached and lets us in. @throws DuplicatiError */
  protected async requireLogin(
    access: Pick<ServerAccess, 'name' | 'url' | 'pin'>,
    credentials: Credentials,
  ): Promise<string> {
    const { probe } = await import('../duplicati/probe.ts')
    const { url, secret, pin = null, headers = {} } = addressOf(access, credentials)
    const { steps, error } = await probe(url, secret, { pin, headers, env: this.context.env })
    if (error) throw error
    return steps.at(-1)?.message ?? ''
  }
}
