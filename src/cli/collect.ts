/** `collect`: from flags to targets, the collection with its progress, what is kept, and the table at the end. */
import { canLogIn } from '../collect/access.ts'
import { type CollectManyOptions, collectMany } from '../collect/collect-many.ts'
import { asTheyAreNow, nameRef } from '../collect/joined.ts'
import { keepCredentials, notKept, type Rememberable } from '../collect/remember.ts'
import { type CollectTarget, findTargets, type Targets } from '../collect/targets.ts'
import type { Target } from '../collect/types.ts'
import { createClient } from '../duplicati/client.ts'
import { UsageError, UserError } from '../errors.ts'
import { parseDuration } from '../fleet/durations.ts'
import type { CollectResultView } from '../fleet/model.ts'
import { createIngest } from '../ingest/index.ts'
import { collectedSummary, nameOf, oneServerLines, renderCollected } from '../output/collect-table.ts'
import { toJson } from '../output/json.ts'
import { namesApart, renamed } from '../output/names.ts'
import { readSettings } from '../settings/reader.ts'
import type { Secrets } from '../settings/secrets.ts'
import type { WritableStore } from '../store/index.ts'
import type { Context } from './context.ts'
import { interruptible } from './interrupt.ts'
import { tellingOf } from './notify-config.ts'
import { createProgress } from './progress.ts'
import { askHidden, canAsk, confirm, readSecretInput } from './prompt.ts'
import { formatOf, lookOf } from './screen.ts'
import { secretsOf } from './server-input.ts'

export interface CollectFlags {
  all?: boolean
  port?: number
  'password-stdin'?: boolean
  remember?: boolean
  concurrency?: number
  timeout?: string
  save?: string
}

export interface CollectRun {
  context: Context
  hosts: string[]
  flags: CollectFlags
  openStore(): Promise<WritableStore>
  print(text: string): void
  emit(value: object): void
  note(text: string): void
  warn(text: string): void
}

/** Returns the exit code: 0, 1 when a server failed or came in part, 130 after Ctrl-C. */
export async function runCollect(run: CollectRun): Promise<number> {
  const { context, flags, hosts } = run
  if (hosts.length === 0 && !flags.all) {
    throw new UsageError('Nothing was named to collect from', {
      hint: 'Name servers or addresses, or use --all for every known server.',
    })
  }
  const seconds = flags.timeout === undefined ? undefined : parseDuration(flags.timeout)
  const recorder = flags.save === undefined ? {} : { recorder: await recorderIn(flags.save, context.now) }
  const { password } = await readSecretInput(context, { password: flags['password-stdin'] === true, headers: false })
  const store = await run.openStore()
  const secrets = secretsOf(context, run.warn)
  const notes: string[] = []
  const found = await findTargets(store, {
    hosts,
    all: flags.all === true,
    port: flags.port,
    env: context.env,
    password,
    secrets,
    onNote: (text) => notes.push(text),
  })
  await askMissing(run, found, notes)
  const { results, opened, code } = await collect(run, store, found.targets, { seconds, notes, recorder })
  await report(run, store, results)
  await remember(run, store, secrets, found.targets, results, opened, code)
  return code ?? (results.every(({ ok }) => ok) ? 0 : 1)
}

/**
 * One question for all: several hosts with one password are the usual case. Of those that are not there it is not asked.
 * @param notes what has to be known before a password is given, such as that nothing is encrypted
 */
async function askMissing({ context, note }: CollectRun, { missing }: Targets, notes: string[]): Promise<void> {
  if (missing.length === 0 || !canAsk(context)) return
  const there = await reached(missing)
  for (const text of notes.splice(0)) note(`Note: ${text}`)
  if (there.length === 0) return
  const names = there.map(({ server, url, label }) => (server ? label : (url ?? label)))
  const whom = names.length > 3 ? `${names.slice(0, 3).join(', ')} and ${names.length - 3} more` : names.join(', ')
  const password = await askHidden(context, `Password of ${whom}: `)
  for (const target of there) target.given = { headers: {}, ...target.given, password }
}

/** Those that answer; the others will say why they do not, as they would be collected. */
async function reached(targets: CollectTarget[]): Promise<CollectTarget[]> {
  const there = targets.map(async (target) => {
    try {
      await target.reach()
      return target
    } catch (error) {
      if (!(error instanceof UserError)) throw error
      target.resolve = () => Promise.reject(error)
      return []
    }
  })
  return (await Promise.all(there)).flat()
}

async function collect(
  { context, flags, warn }: CollectRun,
  store: WritableStore,
  targets: CollectTarget[],
  { seconds, notes, recorder }: { seconds: number | undefined; notes: string[]; recorder: Recording },
) {
  const opened = new Set<number>()
  if (targets.some(({ server }) => server === null)) keepSmall()
  const progress = createProgress(
    context,
    targets.map(({ label }) => label),
  )
  const concurrency = flags.concurrency ?? readSettings(context.configFile)['collect.concurrency']
  try {
    const { result, code } = await interruptible((signal) =>
      collectMany(targets, {
        at: context.now,
        ingest: createIngest(store, { notify: tellingOf(context, warn) }),
        connect: (address, ended) => createClient(address, { signal: ended, env: context.env }),
        nameOf: (id, url) => nameRef(store, id, url),
        failed: (id, { code: kind, message }) => store.servers.setError(id, { code: kind, message }),
        ...(concurrency === undefined ? {} : { concurrency }),
        ...(seconds === undefined ? {} : { deadline: seconds }),
        signal,
        ...recorder,
        onEvent: (event) => {
          if (event.type === 'named') opened.add(event.index)
          if (event.type === 'rows') keepSmall()
          for (const note of notes.splice(0)) progress.note(`Note: ${note}`)
          progress.onEvent(event)
        },
      }),
    )
    return { results: await asTheyAreNow(store, result), code, opened }
  } finally {
    progress.end()
  }
}

/**
 * Called before the first new rows come. What a page leaves behind dies with it, and V8 would let the heap grow to a multiple before
 * it looks: from here on it looks earlier (first collection of 30,000 rows: 200 MB at its peak instead of 350).
 */
function keepSmall(): void {
  const { setFlagsFromString } = process.getBuiltinModule('node:v8')
  setFlagsFromString('--semi-space-growth-factor=1')
  setFlagsFromString('--heap-growing-percent=50')
}

type Recording = Pick<CollectManyOptions, 'recorder'>

async function recorderIn(dir: string, at: Date): Promise<NonNullable<Recording['recorder']>> {
  const { prepareFolder, SaveFile } = await import('../collect/save.ts')
  await prepareFolder(dir)
  return ({ server, label }: Target, secrets: string[]) =>
    new SaveFile({ dir, name: server?.name ?? null, label, at, secrets, toJson })
}

/** Keeps what opened a server; without --remember only when a person says so. */
async function remember(
  { context, flags, note }: CollectRun,
  store: WritableStore,
  secrets: Secrets,
  targets: CollectTarget[],
  results: CollectResultView[],
  opened: ReadonlySet<number>,
  interrupted: number | null,
): Promise<void> {
  if (flags.remember === false) return
  const items = targets.flatMap(({ given }, index): Rememberable[] => {
    const serverId = results[index]?.server?.id
    return serverId !== undefined && given !== null && canLogIn(given) && opened.has(index) ? [{ serverId, given }] : []
  })
  if (items.length === 0) return
  if (flags.remember) return keepCredentials(store, secrets, items)
  const fresh = await notKept(store, secrets, [...new Map(items.map((item) => [item.serverId, item])).values()])
  const what = fresh.length === 1 ? 'The password was' : `${fresh.length} passwords were`
  if (fresh.length === 0 || interrupted !== null) return
  const asked = canAsk(context) && !context.json && !context.quiet
  if (
    asked &&
    (await confirm(
      context,
      `Keep the password of ${fresh.length === 1 ? 'this server' : `these ${fresh.length} servers`}, encrypted?`,
    ))
  ) {
    await keepCredentials(store, secrets, fresh)
  } else if (!asked) note(`${what} not kept: --remember keeps what opened a server, encrypted.`)
}

async function report(
  { context, print, emit, note }: CollectRun,
  store: WritableStore,
  found: CollectResultView[],
): Promise<void> {
  if (context.json) return emit({ schemaVersion: 1, results: found })
  const names = namesApart(found.flatMap(({ server }) => server ?? []))
  const results = found.map((result) => ({ ...result, server: result.server && renamed(result.server, names) }))
  const format = formatOf(context)
  if (results.length === 0) return note('No server has an address yet: `duplistatus server add URL` adds one.')
  const { width } = context
  print((await renderCollected(results, { look: lookOf(context), format, width })).join('\n'))
  note(collectedSummary(results, format))
  const accesses = await store.servers.access([...names.keys()])
  for (const line of oneServerLines(results, new Map(accesses.map(({ id, url }) => [id, url])))) note(line)
  const hints = new Map<string, string>()
  for (const result of results) if (result.error?.hint) hints.set(result.error.hint, nameOf(result))
  for (const [hint, name] of hints) note(`Try (${name}): ${hint}`)
}
