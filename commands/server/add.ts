import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import { askHidden, canAsk, readSecretInput } from '../../src/cli/prompt.ts'
import { ServerCommand } from '../../src/cli/server-command.ts'
import { aliasOf, noteOf, shellWord, tagsOf } from '../../src/cli/server-input.ts'
import { type Credentials, canLogIn, sealCredentials } from '../../src/collect/access.ts'
import { normaliseAddress } from '../../src/duplicati/address.ts'
import { UserError } from '../../src/errors.ts'
import { clean } from '../../src/output/escape.ts'

export default class ServerAdd extends ServerCommand {
  static override summary = 'Make a Duplicati server known'
  static override description =
    `Finds out how the server is reached, logs in once, and keeps address and password (encrypted). When the test fails nothing is
kept, unless with --force.

The password comes from --password-stdin, DUPLISTATUS_PASSWORD or a question. A long-lived token of Duplicati will do as well.
With --headers-stdin every line of stdin is a header for an authentication proxy, "Name: value"; with both, the password is the
first line. A user name and password in the URL are kept as such a header, never in the address.

--trust accepts a certificate that does not verify: it shows the fingerprint and asks. Without a terminal it pins what the
server shows at this moment, so compare the fingerprint that it prints.`
  static override examples = [
    '<%= config.bin %> <%= command.id %> https://nas:8200 --alias nas --tag home',
    'pass show duplicati/nas | <%= config.bin %> <%= command.id %> nas --trust --password-stdin',
    "printf '%s\\n' \"$PASSWORD\" 'X-Auth: key' | <%= config.bin %> <%= command.id %> https://backup.example/duplicati --password-stdin --headers-stdin",
  ]
  static override args = {
    url: Args.string({ description: 'address, such as https://nas:8200', required: true, ignoreStdin: true }),
  }
  static override flags = {
    alias: Flags.string({ description: 'name to show instead of the machine name', helpValue: 'NAME' }),
    note: Flags.string({ description: 'remark to keep with it', helpValue: 'TEXT' }),
    tag: Flags.string({ description: 'tag to find it by (repeatable)', helpValue: 'TAG', multiple: true }),
    trust: Flags.boolean({ description: 'pin a certificate that does not verify, after showing it' }),
    'password-stdin': Flags.boolean({ description: 'read the password from the first line of stdin' }),
    'headers-stdin': Flags.boolean({ description: 'read extra headers from stdin' }),
    force: Flags.boolean({ description: 'keep it although it cannot be reached or does not let us in' }),
  }

  async execute(): Promise<void> {
    const { flags, args } = await this.parse(ServerAdd)
    const address = normaliseAddress(args.url)
    const fields = {
      alias: aliasOf(flags.alias) ?? null,
      note: noteOf(flags.note) ?? null,
      tags: tagsOf(flags.tag) ?? [],
    }
    const store = await this.openStore('write')
    const { reach, requireUnknown } = await import('../../src/collect/register.ts')
    await requireUnknown(store, address.candidates)
    const input = await readSecretInput(this.context, {
      password: flags['password-stdin'],
      headers: flags['headers-stdin'],
    })
    const { url, pin, note } = await this.#settle(
      () =>
        reach(address, {
          trust: flags.trust ? (certificate, at) => this.trust(certificate, at) : null,
          env: this.context.env,
        }),
      flags.force ? (address.candidates[0] ?? '') : null,
    )
    if (note) this.note(`Note: ${note}`)
    if (Object.keys(address.headers).length > 0) {
      this.note('Note: user name and password in the address are kept apart from it, encrypted')
    }
    const credentials: Credentials = {
      password: input.password ?? (this.context.env.DUPLISTATUS_PASSWORD || null),
      headers: { ...address.headers, ...input.headers },
    }
    if (!canLogIn(credentials) && canAsk(this.context)) {
      credentials.password = await askHidden(this.context, `Password of ${url}: `)
    }
    const found = await this.#test({ url, pin }, credentials, flags.force)
    const { id } = await store.servers.add({ ...fields, url, pin })
    const [access] = await store.servers.access([id])
    if (access && (credentials.password !== null || Object.keys(credentials.headers).length > 0)) {
      await store.servers.setSecrets(id, sealCredentials(access, credentials, this.secrets()))
    }
    if (this.context.json) return this.emit({ schemaVersion: 1, server: await this.viewOf(store, id) })
    const name = access?.name ?? id
    this.print(`Added ${clean(name)} (${clean(url)})${found ? `: ${clean(found)}` : ''}`)
    this.note(`Next: duplistatus collect ${shellWord(name)}`)
  }

  /** With --force an address that does not answer is taken as it is. */
  async #settle<T extends { url: string }>(work: () => Promise<T>, instead: string | null) {
    try {
      return { pin: null, note: null, ...(await work()) }
    } catch (error) {
      if (instead === null || !(error instanceof UserError) || error.code === 'not_trusted') throw error
      this.warning(error.message)
      return { url: instead, pin: null, note: null }
    }
  }

  async #test(
    at: { url: string; pin: string | null },
    credentials: Credentials,
    force: boolean,
  ): Promise<string | null> {
    if (!canLogIn(credentials)) {
      this.note('Note: without a password nothing was tested; collect asks for it, or takes DUPLISTATUS_PASSWORD')
      return null
    }
    try {
      return await this.requireLogin({ url: at.url, pin: at.pin, name: at.url }, credentials)
    } catch (error) {
      if (!(error instanceof UserError)) throw error
      if (!force) throw notKept(error)
      this.warning(error.message)
      return null
    }
  }
}

function notKept(error: UserError): UserError {
  return new UserError(`${error.message}. Nothing was kept`, {
    code: error.code,
    hint: `${error.hint ?? ''} With --force it is kept all the same.`.trim(),
    cause: error,
  })
}
