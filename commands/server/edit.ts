import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import { fieldsOf, givenSettings, requireInterval, settingFlags, settingsFrom } from '../../src/cli/job-flags.ts'
import { readSecretInput } from '../../src/cli/prompt.ts'
import { offsetMinutesOf } from '../../src/cli/screen.ts'
import { ServerCommand } from '../../src/cli/server-command.ts'
import { aliasOf, noteOf, tagsOf } from '../../src/cli/server-input.ts'
import { type Credentials, sealCredentials } from '../../src/collect/access.ts'
import { normaliseAddress } from '../../src/duplicati/address.ts'
import { UsageError } from '../../src/errors.ts'
import { clean } from '../../src/output/escape.ts'
import { SETTING_NAMES } from '../../src/output/job-settings.ts'
import type { ServerEdit as Changes, ServerAccess, SettingChanges, Store } from '../../src/store/types.ts'

export default class ServerEdit extends ServerCommand {
  static override summary = 'Change what is kept of a server'
  static override description =
    `An empty text clears: --alias "", --note "", --tag "". Nothing is asked of the server, but with --trust and where an address
without a scheme is given; "server test" tries the result.

--default-… sets what the server's jobs inherit where they have nothing set themselves ("job edit").`
  static override examples = [
    '<%= config.bin %> <%= command.id %> nas --alias "NAS, cellar" --tag home --tag office',
    'pass show duplicati/nas | <%= config.bin %> <%= command.id %> nas --password-stdin',
    '<%= config.bin %> <%= command.id %> nas --url https://nas.example:8200 --trust',
    '<%= config.bin %> <%= command.id %> nas --default-notify errors --default-additional-emails it@office.example',
  ]
  static override args = {
    server: Args.string({ description: 'name, id or unique prefix', required: true, ignoreStdin: true }),
  }
  static override flags = {
    url: Flags.string({ description: 'address', helpValue: 'URL' }),
    alias: Flags.string({ description: 'name to show instead of the machine name', helpValue: 'NAME' }),
    note: Flags.string({ description: 'remark to keep with it', helpValue: 'TEXT' }),
    tag: Flags.string({
      description: 'tags instead of the present ones (repeatable)',
      helpValue: 'TAG',
      multiple: true,
    }),
    trust: Flags.boolean({ description: 'pin a certificate that does not verify, after showing it' }),
    'password-stdin': Flags.boolean({ description: 'read the password from the first line of stdin' }),
    'headers-stdin': Flags.boolean({ description: 'read extra headers from stdin, instead of the present ones' }),
    'forget-password': Flags.boolean({ description: 'forget the password', exclusive: ['password-stdin'] }),
    'forget-headers': Flags.boolean({ description: 'forget the extra headers', exclusive: ['headers-stdin'] }),
    'forget-certificate': Flags.boolean({ description: 'forget the pinned certificate', exclusive: ['trust'] }),
    ...settingFlags('default-'),
    'forget-default': Flags.string({
      description: 'defaults to take away, such as notify,tolerance, or all',
      helpValue: 'SETTINGS',
      multiple: true,
    }),
  }

  async execute(): Promise<void> {
    const { flags, args } = await this.parse(ServerEdit)
    const [alias, note, tags] = [aliasOf(flags.alias), noteOf(flags.note), tagsOf(flags.tag)]
    const defaults = await this.#defaults(flags)
    const store = await this.openStore('write')
    const access = await this.findServer(store, args.server)
    await this.#checkInterval(store, access, defaults)
    const input = await readSecretInput(this.context, {
      password: flags['password-stdin'],
      headers: flags['headers-stdin'],
    })
    const place = await this.#place(access, flags)
    const changes: Changes = {
      ...place.changes,
      ...(alias !== undefined && { alias }),
      ...(note !== undefined && { note }),
      ...(tags !== undefined && { tags }),
    }
    const secrets: Partial<Credentials> = {
      ...(input.password !== null && { password: input.password }),
      ...(flags['forget-password'] && { password: null }),
      ...(Object.keys(place.headers).length > 0 && { headers: place.headers }),
      ...(input.headers !== null && { headers: { ...place.headers, ...input.headers } }),
      ...(flags['forget-headers'] && { headers: {} }),
    }
    await this.#apply(store, access, { changes, secrets, defaults })
  }

  async #defaults(
    flags: Parameters<typeof givenSettings<'default-'>>[1] & { 'forget-default'?: string[] | undefined },
  ) {
    const at = { now: this.context.now.getTime(), offset: await offsetMinutesOf(this.context) }
    const set = settingsFrom(givenSettings('default-', flags), at)
    return { set, inherit: fieldsOf(flags['forget-default'] ?? [], set) }
  }

  async #checkInterval(store: Store, { id, name }: ServerAccess, { set, inherit }: SettingChanges): Promise<void> {
    const before = await store.settings.ofServer(id)
    const kept = inherit.includes('expectedInterval') ? null : before.expectedInterval
    requireInterval(set, set.expectedInterval === undefined ? kept : set.expectedInterval, name)
  }

  async #apply(
    store: Store,
    access: ServerAccess,
    { changes, secrets, defaults }: { changes: Changes; secrets: Partial<Credentials>; defaults: SettingChanges },
  ): Promise<void> {
    const fields = [...Object.keys(defaults.set), ...defaults.inherit] as (keyof typeof SETTING_NAMES)[]
    const names = fields.map((field) => `default ${SETTING_NAMES[field]}`)
    if (Object.keys(changes).length + Object.keys(secrets).length + names.length === 0) {
      throw new UsageError('Nothing to change was given', { hint: 'See --help for what can be changed.' })
    }
    if (Object.keys(changes).length > 0) await store.servers.edit(access.id, changes)
    if (Object.keys(secrets).length > 0) {
      await store.servers.setSecrets(access.id, sealCredentials(access, secrets, this.secrets()))
    }
    const isSo = names.length > 0 && !(await store.settings.editServer(access.id, defaults))
    const server = await this.viewOf(store, access.id)
    if (this.context.json) return this.emit({ schemaVersion: 1, server })
    const changed = [...Object.keys(changes), ...Object.keys(secrets), ...(isSo ? [] : new Set(names))]
    if (changed.length === 0) return this.note(`${clean(server?.name ?? access.name)} is so already.`)
    this.print(`Changed ${clean(server?.name ?? access.name)}: ${changed.join(', ')}`)
  }

  /** Address and certificate; only these may need the server itself. */
  async #place(
    access: ServerAccess,
    flags: { url?: string | undefined; trust: boolean; 'forget-certificate': boolean },
  ): Promise<{ changes: Changes; headers: Record<string, string> }> {
    const forget = flags['forget-certificate'] ? { pin: null } : {}
    const text = flags.url ?? (flags.trust ? access.url : null)
    if (text === null) {
      if (flags.trust) throw new UsageError(`${access.name} has no address`, { hint: 'Give it too: --url URL.' })
      return { changes: forget, headers: {} }
    }
    const { candidates, headers } = normaliseAddress(text)
    if (!flags.trust && candidates.length === 1) return { changes: { url: candidates[0] ?? text, ...forget }, headers }
    const { reach } = await import('../../src/collect/register.ts')
    const trust = flags.trust ? this.trust.bind(this) : null
    const { url, pin, note } = await reach({ candidates, host: '', headers }, { trust, env: this.context.env })
    if (note) this.note(`Note: ${note}`)
    return { changes: { ...(flags.url !== undefined && { url }), ...forget, ...(flags.trust && { pin }) }, headers }
  }
}
