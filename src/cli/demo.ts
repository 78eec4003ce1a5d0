import { join } from 'node:path'
import { Writable } from 'node:stream'
import type { Message } from '../notify/types.ts'
import { clean } from '../output/escape.ts'
import { openSecrets } from '../settings/secrets.ts'
import { openStore } from '../store/index.ts'
import { BaseCommand } from './base-command.ts'
import { type Context, processIo } from './context.ts'
import { judging } from './judging.ts'
import { lookOf } from './screen.ts'

export interface DemoFleet {
  servers: { url: string; password: string; name: string }[]
  /** A machine that nobody can ask: the report that it posts when its backup has ended. */
  reporter: { name: string; report(): string }
  close(): Promise<void>
}

export interface DemoOptions {
  /** For the database and the settings; the caller removes it. */
  folder: string
  context: Context
  hold: boolean
  fleet(now: Date): Promise<DemoFleet>
  /** Runs a command of the program in this process. */
  run(id: string, argv: string[]): Promise<unknown>
}

/** What a visitor should not miss, in the order of a morning's look. */
const SCENES: { title: string; line: string }[] = [
  { title: 'Read every job and run of the fleet, over HTTP', line: 'collect --all' },
  { title: 'The state of every backup', line: 'status' },
  { title: 'Only what did not happen when it should', line: 'status --overdue' },
  { title: 'Why a backup failed', line: 'show web1/Website --log errors' },
  { title: 'What a job uploaded, day by day', line: 'chart nas/Documents' },
]

/**
 * Plays the scenes on a simulated fleet; every screen comes from the very command that is printed above it, the message from the
 * check that sends them.
 */
export async function runDemo({ folder, context, hold, fleet: start, run }: DemoOptions): Promise<void> {
  const fleet = await start(context.now)
  const interrupted = onInterrupt()
  try {
    const database = join(folder, 'duplistatus.db')
    const settings = join(folder, 'config.json')
    const common = ['--db', database, '--config', settings]
    await register(folder, database, context.env, fleet)
    if (context.json) {
      await collectSilently(run, common)
      await run('status', ['--json', ...common])
      return
    }
    const say = (text: string) => context.stdout.write(`${text}\n`)
    say(
      `${fleet.servers.length} simulated Duplicati servers answer on this machine:\n${fleet.servers.map(({ name }) => name).join(', ')}.`,
    )
    for (const { title, line } of SCENES) {
      if (interrupted.signal.aborted) return
      const [id = '', ...argv] = line.split(' ')
      say(`\n# ${title}\n$ duplistatus ${line}\n`)
      await run(id, [...argv, ...common])
    }
    if (interrupted.signal.aborted) return
    say('\n# What you are told by ntfy and e-mail: here it goes to nobody\n')
    for (const message of await alerts(context, database, settings)) say(messageText(message, context))
    if (interrupted.signal.aborted) return
    say(`\n# ${fleet.reporter.name} cannot be asked from here: it posts a report to "duplistatus serve"\n`)
    await receive(context, database, fleet.reporter.report())
    say(`$ duplistatus status ${fleet.reporter.name}\n`)
    await run('status', [fleet.reporter.name, ...common])
    if (!hold) {
      say(`\nThat was the demo; nothing of it is left. ${NEXT}`)
      return
    }
    say(`\nThe fleet goes on until Ctrl-C. Try any command on it, in another terminal:`)
    say(`  export DUPLISTATUS_DB=${database}\n  export DUPLISTATUS_CONFIG=${settings}\n  duplistatus history nas`)
    await interrupted.aborted
    process.exitCode = 130
  } finally {
    interrupted.stop()
    await fleet.close()
  }
}

const NEXT = `What next:
  duplistatus server add https://nas:8200    make your own server known
  duplistatus collect --all                  read it
  duplistatus status --watch                 keep an eye on it
  duplistatus help                           everything else`

const nothing = () => {}
const SILENT = { debug: nothing, info: nothing, warn: nothing, error: nothing }

/** What `check --notify` would send. */
async function alerts(context: Context, file: string, configFile: string): Promise<Message[]> {
  const { alertMessages } = await import('./demo-alerts.ts')
  const store = await openStore({ file, mode: 'write' })
  try {
    return await alertMessages(store, context, configFile)
  } finally {
    await store.close()
  }
}

function messageText({ title, text }: Message, context: Context): string {
  return `${lookOf(context).palette.bold(clean(title))}\n${clean(text, { newlines: true })}`
}

/** What `serve` does with a report, on a free port of loopback. */
async function receive(context: Context, file: string, report: string): Promise<void> {
  const { createReceiver } = await import('../receiver/index.ts')
  const store = await openStore({ file, mode: 'write' })
  const receiver = await createReceiver({
    store,
    log: SILENT,
    open: true,
    judging: async (now) => judging(context, await store.read.monitor(), now),
  })
  try {
    const port = await receiver.listen({ host: '127.0.0.1', port: 0 })
    const headers = { 'content-type': 'application/json' }
    const answer = await fetch(`http://127.0.0.1:${port}/api/upload`, { method: 'POST', headers, body: report })
    if (!answer.ok) throw new Error(`the report was answered with ${answer.status}`)
  } finally {
    await receiver.close()
    await store.close()
  }
}

/** Makes the fleet known, its passwords sealed by a key that ends with the demo. */
async function register(folder: string, file: string, env: NodeJS.ProcessEnv, fleet: DemoFleet): Promise<void> {
  const secrets = openSecrets({ env, configDir: folder })
  const store = await openStore({ file, mode: 'write' })
  try {
    for (const { url, password } of fleet.servers) {
      const { id } = await store.servers.add({ url })
      const [access] = await store.servers.access([id])
      if (access)
        await store.servers.setSecrets(id, { password: secrets.seal(password, `${access.secretOwner}:password`) })
    }
  } finally {
    await store.close()
  }
}

/** Ctrl-C must not leave the folder and the servers behind, so the demo ends by itself on it. */
function onInterrupt(): { signal: AbortSignal; aborted: Promise<void>; stop(): void } {
  const controller = new AbortController()
  const abort = () => controller.abort()
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  for (const signal of signals) process.on(signal, abort)
  return {
    signal: controller.signal,
    aborted: new Promise((resolve) => controller.signal.addEventListener('abort', () => resolve(), { once: true })),
    stop: () => {
      for (const signal of signals) process.off(signal, abort)
    },
  }
}

/** With --json the status is the one object on stdout. */
async function collectSilently(run: DemoOptions['run'], common: string[]): Promise<void> {
  const before = BaseCommand.io
  const stdout = new Writable({ write: (_chunk, _encoding, done) => done() }) as unknown as NodeJS.WriteStream
  BaseCommand.io = { ...(before ?? processIo()), stdout }
  try {
    await run('collect', ['--all', '--quiet', ...common])
  } finally {
    BaseCommand.io = before
  }
}
